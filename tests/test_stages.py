from live.audio.arena import Arena
from live.control.desk import Desk
from live.patch import find_patch, load_patch
from live.stages import make_loader
from live.wires import Latest


def test_the_dream_follows_the_seed_of_the_patch():
    arena, prompts = Arena(48000), Latest(('',))
    desk = Desk(arena.board, arena.events, prompts)
    desk.use_patch(load_patch(find_patch('bflat')))
    load, condition = make_loader('random:tiny', lambda: desk.patch.seed, arena, prompts, desk.negative)
    engine = load()
    assert engine.seed == 466
    desk.use_patch(load_patch(find_patch('beats')))
    condition(engine)
    assert engine.seed == 3
