"""A controller at the other end of the wire, made with python-osc: what it sends and hears, over UDP and TCP."""
import socket
import time

from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder, build_msg


class Client:
    """Sends from a port and hears what comes back to it."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.connect(('127.0.0.1', server.port))

    def send(self, address, *arguments):
        self.socket.send(build_msg(address, list(arguments)).dgram)

    def hear(self):
        message = OscMessage(self.socket.recv(65536))
        return message.address, message.params

    def ask(self, address, *arguments):
        self.send(address, *arguments)
        return self.hear()

    def hear_until(self, address):
        """Return all that is heard before and with an address."""
        heard = [self.hear()]
        while heard[-1][0] != address:
            heard.append(self.hear())
        return heard


def wait_for(condition, seconds=10):
    """Wait until something is true, not for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'it did not happen in time'
        time.sleep(0.002)


def send(osc, address, *arguments):
    osc.handle(build_msg(address, list(arguments)).dgram)


def typed(address, kind, value):
    builder = OscMessageBuilder(address)
    builder.add_arg(value, kind)
    return builder.build().dgram


def bundle(when, *contents):
    builder = OscBundleBuilder(when)
    for content in contents:
        builder.add_content(content)
    return builder.build()
