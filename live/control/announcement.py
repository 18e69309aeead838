"""Zeroconf: other machines find the instrument by its name, for OSCQuery (_oscjson._tcp) and plain OSC (_osc._udp).

In: ports. Out: multicast on the local network, from the library's own thread; nothing is announced unless the
performer has let the network in. A network that does not take it costs nothing but the announcement.
"""
import socket
import threading
from typing import TYPE_CHECKING

from live.control.panel.announce import own_address

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, Zeroconf

OSC, OSC_QUERY = '_osc._udp.local.', '_oscjson._tcp.local.'


class Announcement:
    """The instrument's name in the network, while it plays. ports: by kind; error: why it is not there, ''."""

    def __init__(self, ports: dict[str, int], address: str | None = None) -> None:
        self.ports, self.address = ports, address or own_address()
        self.error = ''
        self._network: 'Zeroconf | None' = None
        self._thread = threading.Thread(target=self._announce, name='zeroconf start', daemon=True)

    def start(self) -> None:
        """[main] Begin to announce, without waiting: it takes a second or two until the name is known to be free."""
        self._thread.start()

    def wait(self) -> str:
        """Wait until it is announced; return why it is not, ''."""
        self._thread.join(10)
        return self.error

    def stop(self) -> None:
        """[main] Take the name back."""
        self.wait()
        if self._network:
            self._network.unregister_all_services()
            self._network.close()
            self._network = None

    def _announce(self) -> None:
        from zeroconf import Error, Zeroconf
        try:
            self._network = Zeroconf(interfaces=[self.address])
            for kind, port in self.ports.items():
                self._network.register_service(self._describe(kind, port), allow_name_change=True)
        except (OSError, Error) as error:
            self.error = f'the network does not let the instrument be announced: {error}'

    def _describe(self, kind: str, port: int) -> 'ServiceInfo':
        from zeroconf import ServiceInfo
        host = socket.gethostname().partition('.')[0] or 'live'
        return ServiceInfo(kind, f'live on {host}.{kind}', port, addresses=[socket.inet_aton(self.address)],
                           properties={'txtvers': '1'}, server=f'{host}-live.local.')
