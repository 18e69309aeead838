"""A desk with nothing behind it but a board, a ring and a slot, and what was sent to the sound."""
import pytest
from osc_hands import Client

from live.control.desk import Desk
from live.control.osc import OscServer
from live.params import Board
from live.patch import load_patch
from live.signals import EVENT
from live.wires import Latest, Ring

PATCH = '''
description = 'Nineteen steps.'
prompts = ['glass', 'forest']
[tuning]
divisions = 19
reference_note = 69
reference = 440
[drone]
root = 220
drift_cents = 33
'''


class TestDesk(Desk):
    """A desk that remembers where its events began."""
    __test__ = False

    def __init__(self, folder):
        super().__init__(Board(), Ring.make(64, EVENT), Latest(('', '')),
                         load=lambda name: load_patch(folder / f'{name}.toml'),
                         names=lambda: sorted(path.stem for path in folder.glob('*.toml')))
        self._sent = self.events.reader()

    def sent(self):
        """Return (kind, value) of the events since the last call."""
        return [tuple(event) for event in self._sent.get().tolist()]


@pytest.fixture
def desk(tmp_path):
    (tmp_path / 'nineteen.toml').write_text(PATCH)
    (tmp_path / 'broken.toml').write_text('[drone]\ndrift_cents = 1e6\n')
    return TestDesk(tmp_path)


@pytest.fixture
def osc(desk):
    """An OSC server with a free port, not started."""
    return OscServer(desk, port=0)


@pytest.fixture
def server(osc):
    osc.start()
    yield osc
    osc.stop()


@pytest.fixture
def client(server):
    one = Client(server)
    yield one
    one.socket.close()


@pytest.fixture
def fresh(desk, tmp_path):
    """Another desk with the same patches, as after a new start."""
    return TestDesk(tmp_path)
