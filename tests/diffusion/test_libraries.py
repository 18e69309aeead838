import gc
import subprocess
import sys
import weakref

import pytest

from live.diffusion.libraries import import_libraries
from live.diffusion.models import load_model
from live.diffusion.turbo import Turbo
from live.params import Board


HOLDING = """
import weakref
from live.diffusion.libraries import import_libraries

class Engine:
    pass

def load():
    import_libraries()
    engine = Engine()
    return engine

print(weakref.ref(load())())
"""


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


def test_what_the_libraries_bring_is_left_out_of_later_collections():
    import_libraries()
    assert gc.get_freeze_count() > 200_000 and gc.isenabled()


def test_who_imports_the_libraries_first_lets_go_of_what_he_holds():
    done = subprocess.run([sys.executable, '-c', HOLDING], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'None'


def test_an_engine_that_is_left_gives_its_memory_back_at_once(no_collector, conditioning):
    """Bent or not, and without a collection: among what follows a failure, none should be needed."""
    import_libraries()
    model, board = load_model('random:tiny', 'cpu'), Board()
    board['bend.down_noise'] = 1.0
    engine = Turbo(model)
    engine.dream(conditioning(), board)
    parts = [weakref.ref(part) for part in (engine, model.vae, model.text_encoder, *model.unet.down_blocks)]
    del engine, model
    assert [part() for part in parts] == [None] * len(parts)
