"""Priority for the threads that carry a performer's hands to the Board. [control]"""
import contextlib
import os
import sys
import threading

HASTE = -11     # nice value; negative ones need a right that desktop audio groups usually have


def hurry() -> None:
    """Let this thread go before window and dream, where the system grants it."""
    if sys.platform == 'linux':
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), HASTE)   # Linux: of this thread alone
