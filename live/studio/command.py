"""`live studio TOOL`: what is made off stage. One row a tool; its module is imported when it is used.

A tool's module has `add_arguments(parser)`, `run(arguments)` and, as EXAMPLES, lines to try. What cannot be read or
made is a StudioError, one sentence.
"""
import argparse
from importlib import import_module

#   tool           module                            what it does
TOOLS = (
    ('bflat',       'live.studio.bflat',               'seconds of syncopated B-flat with its blue motes, in one mp4'),
    ('tones',       'live.studio.tones.tones_command', 'pitches and chords to Hz, and to a sound of any depth'),
    ('scale',       'live.studio.tones.scale_command', 'a scale in any system, from one pitch to another, to a sound'),
    ('system',      'live.studio.tones.system_command', 'the tones of a frequency system in Hz and cents; Scala files'),
    ('effects',     'live.studio.effects.command',     'a chain of pedals: stretch, shift, delay, reverse, reverb ...'),
    ('features',    'live.studio.features',            'what sounds are like, frame by frame: .csv or .parquet'),
    ('plot',        'live.studio.plot',                'the same as a picture'),
    ('classify',    'live.studio.classify.command',    'learn kinds of sounds from folders, and tell them apart'),
    ('ghost',       'live.studio.ghost.command',       'learn how sounds go on, and go on by itself'),
    ('translate',   'live.studio.translation.command', 'a sound to a picture to art, and to sound by four readings'),
    ('match',       'live.studio.match.command',       'a sound to the parameters, and the patch, that make it'),
    ('audio2img',   'live.studio.art.audio2img',       'a picture with a sound as its prompt'),
    ('audio2video', 'live.studio.art.audio2video',     'a film of a sound, each frame dreamt on the one before'),
    ('train',       'live.studio.train.command',       'make the model that ships with the instrument, from nothing'),
)
MODULES = {tool: module for tool, module, _ in TOOLS}


class Parser(argparse.ArgumentParser):
    """Takes the words of a list also from behind an option: a.wav --out all.csv b.wav."""

    def parse_known_args(self, args=None, namespace=None):
        found, left = super().parse_known_args(args, namespace)
        lists = [action.dest for action in self._actions if not action.option_strings and action.nargs in ('*', '+')]
        if lists:
            getattr(found, lists[-1]).extend(word for word in left if not word.startswith('-'))
            left = [word for word in left if word.startswith('-')]
        return found, left


def main(words: list[str]) -> int:
    """Run a tool; return the exit code."""
    parser = make_parser(words[0] if words else '')
    arguments = parser.parse_args(words)
    import_module(MODULES[arguments.tool]).run(arguments)
    return 0


def make_parser(wanted: str = '') -> Parser:
    """Return the parser of all tools; only the wanted one's arguments are filled in."""
    parser = Parser(prog='live studio', description='What is made off stage, on the same kernels and the same picture '
                    'engine as the stage.')
    tools = parser.add_subparsers(dest='tool', required=True, metavar='TOOL')
    for tool, name, what in TOOLS:
        if tool == wanted:
            module = import_module(name)
            module.add_arguments(tools.add_parser(
                tool, help=what, description=module.__doc__, epilog=getattr(module, 'EXAMPLES', None),
                formatter_class=argparse.RawDescriptionHelpFormatter))
        else:
            tools.add_parser(tool, help=what)
    return parser
