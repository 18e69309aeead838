"""`--seed`, the same for every tool: a whole number that says which of all chances is taken."""
import argparse

MOST_SEED = 2 ** 31 - 1


def add_seed(parser: argparse.ArgumentParser, what: str = 'as every tool has; nothing here is drawn at random',
             default: int = 0) -> None:
    """Add --seed; what: it is drawn for."""
    parser.add_argument('--seed', type=read_seed, default=default, metavar='N', help=f'{what} (default {default})')


def read_seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or int(text) > MOST_SEED:
        raise argparse.ArgumentTypeError(f'{text} is no whole number in 0..{MOST_SEED}')
    return int(text)
