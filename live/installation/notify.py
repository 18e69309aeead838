"""sd_notify: how a service tells systemd that it is ready, that it lives, that it stops. Standard library only.

The protocol is one datagram to the socket that NOTIFY_SOCKET names (man 3 sd_notify); '@' begins an abstract name.
"""
import os
import socket
from collections.abc import Mapping


def notify(message: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send 'READY=1', 'WATCHDOG=1' and the like; False where nobody asked for it, or nobody listens."""
    address = environment.get('NOTIFY_SOCKET', '')
    if address[:1] not in ('/', '@') or not hasattr(socket, 'AF_UNIX'):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(1)
            channel.sendto(message.encode(), '\0' + address[1:] if address[0] == '@' else address)
    except OSError:
        return False
    return True
