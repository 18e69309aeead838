"""Frames as OSC messages, for whatever knows OSC: nothing is needed, and nothing is certain, as always with UDP.

    /frame  sample (int64)  width (int32)  height (int32)  JPEG (blob)

A datagram holds 64 KB, so frames are small and few; `websocket` carries more.
"""
import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import UDPClient

from live.share.jpeg import fit
from live.share.output import Output

ADDRESS = '/frame'
SIDE, MOST = 480, 60000         # pixels of the longer side, bytes of a JPEG


class OscOutput(Output):
    """Sends to one receiver, whether it is there or not."""

    def __init__(self, host: str, port: int) -> None:
        self.where_to = f'{host}:{port}'
        self._client = UDPClient(host, port)

    @property
    def where(self) -> str:
        return f'{ADDRESS} to {self.where_to}'

    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        data, (width, height) = fit(pixels, SIDE, MOST)
        message = OscMessageBuilder(ADDRESS)
        for value, kind in ((sample_index, 'h'), (width, 'i'), (height, 'i'), (data, 'b')):
            message.add_arg(value, kind)
        try:
            self._client.send(message.build())
        except ConnectionRefusedError:
            pass                # nobody listens yet; the next one may arrive

    def close(self) -> None:
        self._client._sock.close()


def open_output(argument: str, fps: float, lan: bool) -> Output:
    """Return the sender to HOST:PORT."""
    host, _, port = argument.rpartition(':')
    return OscOutput(host, int(port))
