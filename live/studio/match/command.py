"""`live studio match`: sounds from parameters, and parameters from sounds.

    render      parameters in, a sound out
    dataset     many parameters, random or stepped, as sounds with a manifest
    train       teach a network to hear which parameters made a sound
    generate    a new sound in; parameters, their sound, and a file that plays it out

With our own synthesizer (`--synth live`), with an orchestra of Csound that ships (`--synth fm`, `--synth additive`),
or with one of yours (`--synth mine.orc`), whose header says what can be steered.
"""
import argparse
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from live.studio.depth import tell_clipped, write_at_depth
from live.studio.files import DEPTHS, StudioError, check_sound
from live.studio.progress import progress_bar
from live.studio.seed import add_seed

EXAMPLES = """examples:
  live studio match generate voice.wav --out voice.toml       and then: live play voice.toml
  live studio match render --set source=saw root=110 filter=low cutoff=700 --out saw.wav
  live studio match dataset sounds --count 1000               or: --step cutoff:5 resonance:3
  live studio match train --out my-model --synth fm --sounds 8000
  live studio match generate voice.wav --model my-model --out voice.csd
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    tools = parser.add_subparsers(dest='task', required=True, metavar='render|dataset|train|generate')
    for name, (add, _, what) in TASKS.items():
        sub = tools.add_parser(name, help=what, description=what, epilog=EXAMPLES,
                               formatter_class=argparse.RawDescriptionHelpFormatter)
        add(sub)


def run(arguments: argparse.Namespace) -> None:
    TASKS[arguments.task][1](arguments)


def add_synth(parser: argparse.ArgumentParser, seed: str) -> None:
    parser.add_argument('--synth', default='live', metavar='NAME|FILE',
                        help='live (default), fm, additive, or an orchestra of Csound (.orc, .csd)')
    parser.add_argument('--steer', nargs='+', default=[], metavar='NAME',
                        help='parameters of the first layer that are steered, in place of the usual ones')
    add_seed(parser, seed, 1)


def add_render(parser: argparse.ArgumentParser) -> None:
    add_synth(parser, 'of drawn settings, of partials and noise')
    parser.add_argument('--set', nargs='+', default=[], metavar='NAME=VALUE', help='the others stand at their defaults')
    parser.add_argument('--random', action='store_true', help='settings drawn at random; --set comes over them')
    parser.add_argument('--seconds', type=positive, default=4.0)
    parser.add_argument('--samplerate', type=whole, default=48000)
    parser.add_argument('--bits', choices=DEPTHS, default='32')
    parser.add_argument('--out', required=True, metavar='FILE')


def run_render(arguments: argparse.Namespace) -> None:
    from live.studio.match.batches import draw_settings
    from live.studio.match.synth import open_synth
    check_sound(arguments.out)
    synth = open_synth(arguments.synth, arguments.steer)
    drawn = next(draw_settings(synth, 1, arguments.seed)) if arguments.random else synth.defaults()
    settings = synth.put(drawn, arguments.set)
    with progress_bar(1, Path(arguments.out).name) as bar:
        sound = synth.render(settings[None], [arguments.seed], arguments.seconds, arguments.samplerate, bar.update)[0]
    clipped = write_at_depth(arguments.out, sound, arguments.samplerate, arguments.bits)
    tell_clipped(arguments.out, clipped, 'use --bits 32')
    for line in describe_settings(synth, settings):
        print(line)


def add_dataset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('folder', help='where the sounds and manifest.csv go; new, or empty')
    add_synth(parser, 'of drawn settings')
    parser.add_argument('--count', type=whole, default=1000, help='sounds drawn at random (default: 1000)')
    parser.add_argument('--step', nargs='+', default=[], metavar='NAME:COUNT',
                        help='instead, every combination of so many steps of these; of a choice, all its names')
    parser.add_argument('--set', nargs='+', default=[], metavar='NAME=VALUE', help='of those that are not stepped')
    parser.add_argument('--batch', type=whole, default=256, help='sounds made at once (default: 256)')
    parser.add_argument('--use', metavar='COMMAND',
                        help='run after each batch, with the folder as its last word; then the batch is deleted, so '
                             'that no more than one is ever on the disk')


def run_dataset(arguments: argparse.Namespace) -> None:
    from live.studio.match.batches import count_steps, cut, draw_settings, make_folder, step_through, write_batch
    from live.studio.match.synth import open_synth
    synth = open_synth(arguments.synth, arguments.steer)
    folder = make_folder(Path(arguments.folder))
    count, settings = arguments.count, draw_settings(synth, arguments.count, arguments.seed)
    if arguments.step:
        steps, fixed = count_steps(synth, arguments.step), synth.put(synth.defaults(), arguments.set)
        count, settings = int(np.prod(list(steps.values()))), step_through(synth, fixed, steps)
    elif arguments.set:
        raise StudioError('--set says where parameters stand that --step does not name; give --step as well')
    first = 0
    with progress_bar(count, folder.name) as bar:
        for rows in cut(settings, arguments.batch):
            write_batch(synth, folder, rows, first, bar.update)
            first += len(rows)
            if arguments.use:
                use_batch(arguments.use, folder)
    print(f'{count} sounds of {synth.name}' + ('' if arguments.use else f' in {folder}'))


def use_batch(command: str, folder: Path) -> None:
    """Hand the folder to a command, then empty it."""
    from live.studio.match.batches import delete_batch
    try:
        code = subprocess.run([*shlex.split(command), str(folder)], check=False).returncode
    except OSError as error:
        raise StudioError(f'--use {command}: {error.strerror}') from error
    if code:
        raise StudioError(f'--use {command}: it ended with {code}; its batch is still in {folder}')
    delete_batch(folder)


def add_train(parser: argparse.ArgumentParser) -> None:
    add_synth(parser, 'of the sounds and of the network')
    parser.add_argument('--out', required=True, metavar='FOLDER', help='the model')
    parser.add_argument('--sounds', type=whole, default=16384, help='that are made, used and deleted (default: 16384)')
    parser.add_argument('--dataset', metavar='FOLDER', help='in place of them, what `dataset` made')
    parser.add_argument('--batch', type=whole, default=256, help='sounds on the disk at once (default: 256)')
    parser.add_argument('--rounds', type=whole, help='at most (default: one a batch, 60 with --dataset)')
    parser.add_argument('--scratch', metavar='FOLDER', help='where batches pass through (default: the temporary one)')


def run_train(arguments: argparse.Namespace) -> None:
    from live.studio.match.training import train_match
    trained = train_match(arguments.out, arguments.synth, arguments.sounds, arguments.dataset, arguments.batch,
                          arguments.rounds, arguments.seed, arguments.steer, arguments.scratch)
    print(f'{arguments.out}: {trained.sounds} sounds in {len(trained.losses)} rounds, loss {trained.losses[0]:.3f} to '
          f'{min(trained.losses):.3f} on sounds held out')


def add_generate(parser: argparse.ArgumentParser) -> None:
    from live.studio.match.generate import EVALUATIONS, LENGTH, SHIPPED
    parser.add_argument('wave', help='one period or more, at any rate; its loudest half second counts')
    parser.add_argument('--model', default=str(SHIPPED), metavar='FOLDER',
                        help='of `train` (default: the one that ships, of our own synthesizer)')
    parser.add_argument('--out', required=True, metavar='FILE',
                        help='a patch, .toml (of an orchestra, .csd); its sound and a picture go beside it')
    parser.add_argument('--evaluations', type=whole, default=EVALUATIONS,
                        help=f'sounds that the search plays (default: {EVALUATIONS}; 1 is the guess alone)')
    parser.add_argument('--seconds', type=positive, default=LENGTH, help=f'of the sound (default: {LENGTH:g})')
    add_seed(parser, 'of the search, and of the patch', 1)


def run_generate(arguments: argparse.Namespace) -> None:
    from live.studio.match.generate import generate_match
    made = generate_match(arguments.wave, arguments.out, arguments.model, arguments.seconds, arguments.evaluations,
                          arguments.seed)
    for line in describe_settings(made.synth, made.match.settings):
        print(line)
    print(f'distance {made.match.distance:.3f} (guess {made.match.guess_distance:.3f}); '
          f'{", ".join(map(str, made.files))}')


def describe_settings(synth, settings: np.ndarray) -> Iterator[str]:
    """Yield a line for each parameter that is heard."""
    heard = synth.heard(settings[None])[0]
    return (f'  {knob.name:20} {knob.param.text(value)}'
            for knob, value, there in zip(synth.knobs, settings, heard) if there)


def whole(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) < 2 ** 31:
        raise argparse.ArgumentTypeError(f'{text} is no whole number from 1 on')
    return int(text)


def positive(text: str) -> float:
    value = float(text)
    if not 0.01 <= value <= 3600:
        raise argparse.ArgumentTypeError(f'{text} is not a number of seconds from 0.01 to 3600')
    return value


#   task            arguments     what is done    in words
TASKS = {
    'render':      (add_render,   run_render,     'parameters in, a sound out'),
    'dataset':     (add_dataset,  run_dataset,    'many parameters, random or stepped, as sounds with a manifest'),
    'train':       (add_train,    run_train,      'teach a network to hear which parameters made a sound'),
    'generate':    (add_generate, run_generate,   'a new sound in; parameters, their sound, a file that plays it out'),
}
