"""Who may come in to the performer's page: tokens, Host and Origin, looked at before anything else.

On this machine alone (the default) whoever asks 127.0.0.1 is the player; for the whole network a token is needed, the
player's or the guest's, who may look but not touch. The token comes once in the address, is put into a cookie and
leaves the address. A Host that is a name we do not have is DNS rebinding; an Origin that is not our own is another
page that wants to steer. Nothing is said about why somebody stays outside but to the terminal's own counter.
"""
import contextlib
import hmac
import ipaddress
import json
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from live.control.autosave import state_folder

PLAYER, GUEST = 'player', 'guest'
TOKEN_BYTES = 15                # 20 characters
KEPT = 'page.json'              # in the user's folder for states
COOKIE = 'live'                 # and the port: cookies do not know ports
ROLE = web.RequestKey('role', str)
HEADERS = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin', 'Cross-Origin-Opener-Policy': 'same-origin'}
OUTSIDE = 'This page belongs to a performance. Open it with the whole address that the terminal shows.\n'
OPEN = '/health', '/metrics'        # figures for monitors, which have no token
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Stands before every request. refused: how many stayed outside. lan: other machines may ask, with a token."""

    def __init__(self, lan: bool = False, tokens: Mapping[str, str] | None = None) -> None:
        self.lan, self.refused = lan, 0
        self.tokens = tokens or make_tokens()
        name = socket.gethostname().lower()
        self._names = {'localhost', *((name, f'{name}.local') if lan else ())}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """[web] Let a request pass, or refuse it."""
        if not self.is_for_us(request.headers.get('Host', '')) or not self.is_our_page(request):
            return self._refuse(403)
        if 'token' in request.query:
            return self._welcome(request)
        if request.path in OPEN:
            return await handler(request)
        role = self.role(request.cookies.get(cookie_name(request), '')) or ('' if self.lan else PLAYER)
        if not role:
            return self._refuse(401)
        request[ROLE] = role
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    def is_for_us(self, host: str) -> bool:
        """Tell whether a Host header names this machine; a name from elsewhere is DNS rebinding."""
        name = (urlsplit(f'//{host}').hostname or '') if is_host(host) else ''
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return self.lan or address.is_loopback

    def is_our_page(self, request: web.Request) -> bool:
        """Tell whether a browser asks for our own page; programs that are no browsers send no Origin."""
        origin = request.headers.get('Origin')
        return origin is None or origin == f'http://{request.headers["Host"]}'

    def role(self, token: str) -> str:
        """Return what a token is good for, '' for nothing; takes the same time for every token of a length."""
        given = token.encode(errors='replace')
        return ''.join(role for role, known in self.tokens.items() if hmac.compare_digest(known.encode(), given))

    def _welcome(self, request: web.Request) -> web.StreamResponse:
        """Take the token out of the address, and into a cookie if it is good."""
        token = request.query['token']
        if not self.role(token):
            return self._refuse(401)
        response = web.HTTPSeeOther('/', headers=HEADERS)
        response.set_cookie(cookie_name(request), token, httponly=True, samesite='Lax', path='/')
        return response

    def _refuse(self, status: int) -> web.Response:
        self.refused += 1
        return web.Response(status=status, text=OUTSIDE, headers=HEADERS)


def make_tokens() -> dict[str, str]:
    return {role: secrets.token_urlsafe(TOKEN_BYTES) for role in (PLAYER, GUEST)}


def keep_tokens(again: bool, folder: Path | None = None) -> dict[str, str]:
    """[main] Return tokens and keep them for who takes the performance up again; `again`: those that were kept.

    So that phones find back by themselves after a crash. Only this user can read the file.
    """
    path = (folder or state_folder()) / KEPT
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads(path.read_text()) if again else {}
        if isinstance(kept, dict) and all(len(str(kept.get(role, ''))) >= TOKEN_BYTES for role in (PLAYER, GUEST)):
            return {role: str(kept[role]) for role in (PLAYER, GUEST)}
    tokens = make_tokens()
    with contextlib.suppress(OSError):      # without a place to keep them, they are for now alone
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as file:
            json.dump(tokens, file)
    return tokens


def is_host(host: str) -> bool:
    """Tell whether a Host header has the form of one."""
    try:
        parts = urlsplit(f'//{host}')
        parts.port      # raises ValueError for what is no number
        return parts.netloc == host and '@' not in host
    except ValueError:
        return False


def cookie_name(request: web.Request) -> str:
    return f'{COOKIE}-{request.url.port}'
