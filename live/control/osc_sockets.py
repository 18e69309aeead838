"""Sockets of the OSC port, over UDP and TCP, that do not wait."""
import os
import socket

RECEIVE_BUFFER = 4 << 20        # bytes asked of the system, which may grant less
ATTEMPTS = 20                   # to find a port that is free for UDP and TCP


class OscError(OSError):
    """The OSC port cannot be opened."""


def open_socket(host: str, port: int) -> socket.socket:
    """Return a UDP socket that does not wait; raise OscError that says what to do."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        opened.bind((host, port))
        opened.setblocking(False)
    except (OSError, OverflowError) as error:
        opened.close()
        raise OscError(f'OSC port {port} cannot be opened ({getattr(error, "strerror", error)}): '
                       'close the program that uses it, or choose another with --osc-port') from error
    return opened


def open_both(host: str, port: int) -> tuple[socket.socket, socket.socket | None]:
    """Return sockets for UDP and TCP on one port, None where TCP is taken; any port, 0, is one that has both."""
    for _ in range(ATTEMPTS):
        opened = open_socket(host, port)
        try:
            return opened, open_listener(host, opened.getsockname()[1])
        except OSError:
            if port:
                return opened, None
            opened.close()
    return open_socket(host, port), None


def open_listener(host: str, port: int) -> socket.socket:
    """Return a TCP socket that listens and does not wait; raise OSError."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == 'posix':      # elsewhere it would let two programs share the port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen()
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened
