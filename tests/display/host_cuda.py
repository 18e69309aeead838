"""What live/display/shared_upload.py calls of cuda.core, with the host's memory in the place of a device's."""
import ctypes
from contextlib import contextmanager
from types import SimpleNamespace

import moderngl

trouble: list[str] = []     # what the driver says when something is mapped
registered: list[int] = []  # names of buffers, as long as they are


class Device:
    def __init__(self, number):
        self.number = number

    def set_current(self):
        pass

    def create_stream(self):
        return SimpleNamespace(sync=lambda: None)


class Buffer:
    def __init__(self, name):
        self.name = name

    @staticmethod
    def from_handle(address, size):
        return ctypes.string_at(address, size)

    def copy_from(self, source, *, stream):
        moderngl.get_context().external_buffer(self.name, len(source)).write(source)


class GraphicsResource:
    def __init__(self, name):
        self.name = name
        registered.append(name)

    @classmethod
    def from_gl_buffer(cls, name, *, flags):
        assert flags == 'write_discard'
        return cls(name)

    @contextmanager
    def map(self, *, stream):
        if trouble:
            raise RuntimeError(trouble[0])
        yield Buffer(self.name)

    def close(self):
        registered.remove(self.name)
