"""When nobody reads on what is printed, as in `live params | head`, a program ends and says nothing of it. [main]"""
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ENDED = 128 + 13        # what a shell says of a program that such a pipe has ended (SIGPIPE)


@contextmanager
def pipe_may_shut() -> Iterator[None]:
    """Write out what was printed; raise SystemExit, with no more words, if it can go nowhere."""
    try:
        yield
    finally:
        if is_shut():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())      # Python writes once more at its end
            raise SystemExit(ENDED)


def is_shut() -> bool:
    """Return whether nobody reads our output any more; a write that failed may have left nothing to fail again."""
    if sys.stdout is None:      # `live ... >&-`
        return False
    try:
        sys.stdout.flush()
        return _is_hung_up(sys.stdout.fileno())
    except BrokenPipeError:
        return True
    except OSError:             # no file at all: what a test or a notebook listens with
        return False


def _is_hung_up(output: int) -> bool:
    if not hasattr(select, 'poll'):
        return False
    poll = select.poll()
    poll.register(output, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
