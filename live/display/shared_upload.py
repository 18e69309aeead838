"""Pixels from CUDA to OpenGL without the way through the host: `live play --share-gl`.

    memory of the model  --CUDA-->  a buffer of OpenGL  --OpenGL-->  the texture

In: pixels that know where the same bytes lie on the device, as diffusion/step.py gives them (`address`), and a texture.
Out: the texture, filled; or False, and it is to be uploaded from the host. Whatever fails, now or after hours, is said
once, in one sentence, and from then on all goes through the host. Pixels are made in the host's memory in any case: the
sound and the next dream's beginning want them there.

Threads. Everything here is done by the main thread, since registering and mapping want the context of OpenGL current.
The dream's thread maps nothing: it gives pixels away after it has waited for their copy to the host, so those on the
device are complete. The copy has a stream of its own. Mapping makes it wait for what OpenGL still reads, unmapping
makes OpenGL wait for it; and the main thread waits for it too, because as soon as the pixels are let go, torch gives
their memory to the next dream.

What happens without CUDA is tested, and so are the turns of the whole, on memory of the host. On CUDA it has never run
yet, for want of a device; it follows the documentation of cuda.core 1.2. Knows nothing of torch, models or windows.
"""
from collections.abc import Callable
from importlib import import_module
from typing import Any

import moderngl
import numpy as np

PACKAGE = 'cuda.core'


class SharedUpload:
    """The way while it is open, the reason once it is closed.

    say: told, in one sentence, when pictures begin to take this way, and why they do not.
    """

    def __init__(self, context: moderngl.Context, say: Callable[[str], None], package: str = PACKAGE) -> None:
        self._context, self._say, self._said = context, say, ''
        self._cuda: Any = None
        self._device: Any = None
        self._stream: Any = None
        self._buffer: moderngl.Buffer | None = None     # as large as one picture
        self._resource: Any = None                      # the same buffer, as CUDA knows it
        try:
            self._cuda = import_module(package)
            self._device = self._cuda.Device(0)         # torch's 'cuda'
        except ImportError as error:
            self._close(f'{package} cannot be imported ({first_line(error)}); pip install -e .[gl-share] brings it')
        except Exception as error:      # each version of package and driver has its own kind for "there is no CUDA"
            self._close(first_line(error))

    @property
    def is_open(self) -> bool:
        return self._device is not None

    def write(self, texture: moderngl.Texture, pixels: np.ndarray) -> bool:
        """[main] Fill a texture from what these pixels are on the device; False where that cannot be."""
        address = getattr(pixels, 'address', 0)
        if not self.is_open:
            return False
        if not address:
            self._tell('pictures come through the host, because the model does not dream on CUDA')
            return False
        try:
            self._copy(address, pixels.nbytes)
            texture.write(self._buffer)
        except Exception as error:      # whatever a driver does, the show goes on
            self._close(first_line(error))
            return False
        self._tell('pictures go from CUDA to OpenGL directly')
        return True

    def release(self) -> None:
        """[main] Give the buffer back; the next picture makes another."""
        try:
            self._drop()
        except Exception as error:      # what lies in a lost context cannot be given back
            self._tell(f'a buffer that CUDA and OpenGL shared is left behind: {first_line(error)}')

    def _copy(self, address: int, size: int) -> None:
        self._make(size)
        source = self._cuda.Buffer.from_handle(address, size)
        with self._resource.map(stream=self._stream) as target:
            target.copy_from(source, stream=self._stream)
        self._stream.sync()

    def _make(self, size: int) -> None:
        if self._stream is None:
            self._device.set_current()          # the context that torch is in too
            self._stream = self._device.create_stream()
        if self._buffer is None or self._buffer.size != size:
            self._drop()
            self._buffer = self._context.buffer(reserve=size, dynamic=True)
            self._resource = self._cuda.GraphicsResource.from_gl_buffer(self._buffer.glo, flags='write_discard')

    def _drop(self) -> None:
        resource, buffer, self._resource, self._buffer = self._resource, self._buffer, None, None
        if resource is not None:
            resource.close()
        if buffer is not None:
            buffer.release()

    def _close(self, reason: str) -> None:
        self._device = self._stream = None
        self._tell(f'pictures come through the host, because CUDA and OpenGL cannot share them: {reason}')
        self.release()

    def _tell(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._say(words)


def first_line(error: Exception) -> str:
    """Return an error as part of a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0][:200].rstrip('.') if lines else type(error).__name__
