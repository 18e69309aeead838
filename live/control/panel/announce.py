"""Where the performer's page is, for the terminal: an address, and a QR code for a phone where one can reach it."""
import io
import socket

from live.control.panel.guard import GUEST, PLAYER
from live.control.panel.server import Panel

TEST_NETWORK = '192.0.2.1', 9       # RFC 5737; nothing is sent there


def announcement(panel: Panel) -> str:
    """[main] Return what the terminal shows once the page is served."""
    if not panel.guard.lan:
        return f'http://127.0.0.1:{panel.port}/ (--lan lets a phone in)'
    address = f'http://{own_address()}:{panel.port}/?token='
    player, guest = (address + panel.guard.tokens[role] for role in (PLAYER, GUEST))
    return f'{player}\n         guests, who only look: {guest}\n{qr_code(player)}'


def qr_code(text: str) -> str:
    """Return a QR code in half-block characters."""
    import segno
    out = io.StringIO()
    segno.make(text, error='l', micro=False).terminal(out, compact=True, border=2)
    return out.getvalue().rstrip('\n')


def own_address() -> str:
    """Return the address of this machine in its network, 127.0.0.1 without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(TEST_NETWORK)
        except OSError:
            return '127.0.0.1'
        return probe.getsockname()[0]
