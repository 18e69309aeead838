"""An X server with monitors that nobody sees: Xorg with its dummy driver, and xrandr that plugs them in."""
import os
import shutil
import subprocess

import numpy as np
import pytest

PROGRAMS = {'Xorg': 'Xorg', 'xrandr': 'xrandr', 'ffmpeg': 'ffmpeg'}
FIRST, SECOND, THIRD = (0, 0, 1024, 768), (1024, 0, 800, 600), (1824, 0, 640, 480)
CONFIG = '''
Section "Device"
    Identifier "card"
    Driver "dummy"
    VideoRam 65536
EndSection
Section "Screen"
    Identifier "screen"
    Device "card"
    DefaultDepth 24
    SubSection "Display"
        Virtual 2560 1024
    EndSubSection
EndSection
'''


class XServer:
    """The server. name: for DISPLAY."""

    def __init__(self, folder) -> None:
        for program in PROGRAMS:
            if not shutil.which(program):
                pytest.skip(f'system program missing: {program}')
        (folder / 'xorg.conf').write_text(CONFIG)
        reader, writer = os.pipe()
        self._server = subprocess.Popen(
            ['Xorg', '-displayfd', str(writer), '-config', folder / 'xorg.conf', '-logfile', folder / 'log', '-noreset',
             '-nolisten', 'tcp', '-novtswitch', '-sharevts'], pass_fds=[writer], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        if not number:
            log = (folder / 'log').read_text() if (folder / 'log').exists() else ''
            errors = [line for line in log.splitlines() if '(EE)' in line]
            pytest.skip(f'system program missing: Xorg with xserver-xorg-video-dummy ({" ".join(errors)[:300]})')
        self.name = f':{number}'

    def plug(self, output: str, area) -> None:
        """Plug a monitor in."""
        left, top, width, height = area
        mode = f'{width}x{height}'
        self._xrandr('--addmode', output, mode)
        self._xrandr('--output', output, '--mode', mode, '--pos', f'{left}x{top}')
        self._xrandr()          # it looks what is there, and tells everybody

    def _xrandr(self, *words: str) -> None:
        subprocess.run(['xrandr', '-d', self.name, *words], check=True, capture_output=True)

    def grab(self) -> np.ndarray:
        """Return what all monitors show: (height, width, 3)."""
        size = subprocess.run(['xrandr', '-d', self.name], capture_output=True, text=True).stdout
        width, height = (int(word) for word in size.partition('current ')[2].split(',')[0].split(' x '))
        done = subprocess.run(['ffmpeg', '-v', 'error', '-f', 'x11grab', '-i', self.name, '-frames:v', '1', '-f',
                               'rawvideo', '-pix_fmt', 'rgb24', '-'], check=True, capture_output=True)
        return np.frombuffer(done.stdout, np.uint8).reshape(height, width, 3)

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(10)
