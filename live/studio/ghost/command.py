"""A memory of recordings: a network learns how their spectra go on, and goes on by itself.

train      a folder of recordings -> the network after 10, 30, 100 ... steps, and what it lives in
generate   random frames, and what follows after them: a sound, each stage of the training if you like; through a chain
           of effects; as a patch whose layers hold its spectra, to be played on stage
"""
import argparse
from typing import Any

from live.studio.seed import add_seed

EXAMPLES = """examples:
  live studio ghost train recordings --out memory
  live studio ghost generate memory --seconds 30 --out ghost.wav
  live studio ghost generate memory --stage all --out stages.wav --plot stages.png
  live studio ghost generate memory --out ghost.wav --effects 'reverse delay:1' --patch ghost.toml
  live play ./ghost.toml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest='action', required=True, metavar='ACTION')
    for name, (add, _, what) in ACTIONS.items():
        add(actions.add_parser(name, help=what, description=what, epilog=EXAMPLES,
                               formatter_class=argparse.RawDescriptionHelpFormatter))


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('folder', help='recordings, in folders or not')
    add('--out', required=True, metavar='FOLDER', help='where the ghost goes')
    add('--steps', type=int, default=2000, help='of training (default 2000)')
    add('--seconds', type=float, default=1.5, help='of the sequences it learns from (default 1.5)')
    add('--samplerate', type=int, default=24000, help='that it hears and sounds at (default 24000)')
    add('--directions', type=int, default=32, help='numbers that tell a frame (default 32)')
    add_seed(parser, 'of the first weights and the order')


def _add_generate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('ghost', help='a folder that train has written')
    add('--out', required=True, metavar='FILE', help='.wav, .flac ...; with --stage all, one for each: FILE-000010.wav')
    add('--seconds', type=float, default=20.0, help='default 20')
    add('--stage', default='last', metavar='STEPS', help='of the training: a number, all, or last (default)')
    add('--temperature', type=float, default=1.0, help='0 calm, 1 as it has learnt (default), above: restless')
    add('--cling', type=float, default=0.0,
        help='0 frames as the network draws them (default) .. 1 only what it remembers')
    add('--rounds', type=int, default=48, help='in which phases are found (default 48)')
    add('--effects', metavar='CHAIN', help="pedals of live studio effects, as 'reverse delay:1', or a chain by name")
    add('--patch', metavar='FILE', help='a patch whose layers hold its spectra')
    add('--plot', metavar='FILE', help='spectrograms of what was made, and how the training went')
    add_seed(parser, 'of the random frames it begins from')


def run(arguments: argparse.Namespace) -> None:
    ACTIONS[arguments.action][1](arguments)


def _train(arguments: argparse.Namespace) -> None:
    from live.studio.ghost.training import train_ghost
    said = train_ghost(arguments.folder, arguments.out, arguments.steps, arguments.seconds, arguments.samplerate,
                       arguments.directions, arguments.seed)
    first, last = (sum(part) / len(part) for part in (said['losses'][:10], said['losses'][-10:]))
    print(f'{arguments.out}: {said["recordings"]} recordings, {said["frames"]} frames; loss {first:.3f} at first, '
          f'{last:.3f} at last; stages {", ".join(map(str, said["stages"]))}')


def _generate(arguments: argparse.Namespace) -> None:
    from live.studio.depth import tell_clipped, write_at_depth
    from live.studio.figures import check_figure
    from live.studio.files import StudioError, check_folder, check_sound
    from live.studio.ghost.generating import distances, generate_ghost, load_ghost
    ghost, out = load_ghost(arguments.ghost), check_sound(arguments.out)
    if arguments.patch:
        check_folder(arguments.patch)
    if arguments.plot:
        check_figure(arguments.plot)
    if not 0 <= arguments.rounds <= 10000:
        raise StudioError(f'--rounds {arguments.rounds} is outside 0..10000')
    made: dict[int, Any] = {}
    for stage in find_stages(arguments.stage, ghost.stages):
        made[stage] = generate_ghost(ghost, arguments.seconds, stage, arguments.seed, arguments.temperature,
                                     arguments.cling, arguments.rounds)
        path = out.with_stem(f'{out.stem}-{stage:06d}') if arguments.stage == 'all' else out
        sound = apply_effects(made[stage], ghost.samplerate, arguments.effects)
        tell_clipped(path, write_at_depth(path, *sound, '24'), 'end the chain with normalise')
        apart, noise = distances(ghost, made[stage], arguments.seed)
        print(f'{path}: stage {stage}, {apart:.1f} dB from the recordings (white noise: {noise:.1f} dB)')
    if arguments.patch:
        from live.studio.ghost.patches import write_patch
        patch = write_patch(arguments.patch, made[max(made)], ghost.samplerate, arguments.seed)
        print(f'{patch}: live play ./{patch}' if not patch.is_absolute() else f'{patch}: live play {patch}')
    if arguments.plot:
        draw(arguments.plot, ghost, made)


def find_stages(text: str, stages: list[int]) -> list[int]:
    from live.studio.files import StudioError
    if text in ('all', 'last'):
        return stages if text == 'all' else stages[-1:]
    if not text.isdigit() or int(text) not in stages:
        raise StudioError(f'--stage {text} is none of {", ".join(map(str, stages))}, all, last')
    return [int(text)]


def apply_effects(sound: Any, samplerate: int, words: str | None) -> tuple[Any, int]:
    """Return a sound played through pedals, and its rate; words: of pedals, or the name of a chain, or nothing."""
    if not words or not words.split():
        return sound, samplerate
    from live.studio.effects.chain import load_chain, parse_words
    from live.studio.effects.command import apply_effects as play
    from live.studio.effects.pedals import PEDALS
    first = words.split()[0].partition(':')[0]
    known = any(pedal.name == first for pedal in PEDALS) or len(words.split()) > 1
    return play(sound, samplerate, parse_words(words.split()) if known else load_chain(words))


def draw(path: str, ghost: Any, made: dict[int, Any]) -> None:
    """Draw what was made, stage by stage, and the loss."""
    import numpy as np

    from live.studio.figures import FAINT, LIGHTS, draw_figure, show_spectrogram
    losses = np.array(ghost.said['losses'])
    size = 9.0, 1.9 * len(made) + 2.2
    with draw_figure(path, 'A ghost learns', rows=len(made) + 1, size=size) as axes:
        for upper, (stage, sound) in zip(axes, made.items()):
            show_spectrogram(upper, sound, ghost.samplerate, high=10000.0)
            upper.set(title=f'after {stage} steps', xlabel='')
        lower = axes[-1]
        width = max(1, len(losses) // 100)
        smooth = np.convolve(losses, np.ones(width) / width, 'valid')
        lower.plot(np.arange(1, len(losses) + 1), losses, color=FAINT, linewidth=.4, alpha=.6)
        lower.plot(np.arange(len(smooth)) + width / 2 + .5, smooth, color=LIGHTS[0])
        for stage in ghost.stages:
            lower.axvline(stage, color=LIGHTS[3], linewidth=.8, linestyle=':')
        lower.set(title='loss; dotted: stages that are kept', xlabel='step', xscale='log')


#   action        arguments       what is done    in words
ACTIONS = {
    'train':      (_add_train,    _train,         'learn from a folder of recordings'),
    'generate':   (_add_generate, _generate,      'let it go on by itself'),
}
