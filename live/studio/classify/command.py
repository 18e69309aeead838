"""Kinds of sounds: learnt from a folder for each, told apart off stage, and on it.

train     FOLDER/CLASS/sound.wav -> a classifier: classifier.json, classifier.safetensors, confusion.png
predict   a classifier and sounds -> how sure it is of each class; as a table or a picture over time, too
drones    a made data set to try it with: eight kinds of drones, rendered by the instrument

A classifier listens on stage with `live play --classifier OUT`: class1, class2 ... are then sources of routes.
"""
import argparse
from pathlib import Path

from live.studio.seed import add_seed

EXAMPLES = """examples:
  live studio classify drones drones --count 20
  live studio classify train drones --model dense --out heard
  live studio classify predict heard evening.wav --plot evening.png
  live play --classifier heard"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest='action', required=True, metavar='ACTION')
    for name, (add, _, what) in ACTIONS.items():
        add(actions.add_parser(name, help=what, description=what, epilog=EXAMPLES,
                               formatter_class=argparse.RawDescriptionHelpFormatter))


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('folder', help="holds a folder of sounds for each class, as GTZAN's genres are")
    add('--out', required=True, metavar='FOLDER', help='where the classifier goes')
    add('--model', default='dense', choices=('dense', 'cnn', 'lstm'), help='default dense')
    add('--seconds', type=float, default=2.0, help='of sound that it hears at once (default 2)')
    add('--samplerate', type=int, default=48000, help='that it hears at: that of the stage (default 48000)')
    add('--epochs', type=int, default=200, help='at most (default 200)')
    add('--patience', type=int, default=30, help='epochs without progress on the validation files (default 30)')
    add('--pictures', metavar='FOLDER', help='keep the pictures that the cnn reads, one a segment')
    add_seed(parser, 'of the dealing out, the first weights and the order')


def _add_predict(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('classifier', help='a folder that train has written')
    add('sounds', nargs='+', metavar='SOUND')
    add('--out', metavar='FILE', help='shares of each class over time: .csv or .parquet')
    add('--plot', metavar='FILE', help='the same of the first sound as a picture')
    add_seed(parser)


def _add_drones(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('folder', help='where the folders go')
    add('--count', type=int, default=20, help='files of each kind (default 20)')
    add('--seconds', type=float, default=4.0, help='of each (default 4)')
    add_seed(parser, 'of what is drawn anew for each')


def run(arguments: argparse.Namespace) -> None:
    ACTIONS[arguments.action][1](arguments)


def _train(arguments: argparse.Namespace) -> None:
    from live.studio.classify.making import train_classifier
    print(train_classifier(arguments.folder, arguments.out, arguments.model, arguments.seconds, arguments.samplerate,
                           arguments.epochs, arguments.patience, arguments.seed, arguments.pictures))


def _predict(arguments: argparse.Namespace) -> None:
    from live.studio.classify.predicting import predict_files
    print(predict_files(arguments.classifier, arguments.sounds, arguments.out, arguments.plot))


def _drones(arguments: argparse.Namespace) -> None:
    from live.studio.classify.drones import make_drones
    count = make_drones(arguments.folder, arguments.count, arguments.seconds, arguments.seed)
    print(f'{Path(arguments.folder)}: {count} drones')


#   action        arguments       what is done    in words
ACTIONS = {
    'train':      (_add_train,    _train,         'learn from a folder of sounds for each class'),
    'predict':    (_add_predict,  _predict,       'tell which class sounds are of'),
    'drones':     (_add_drones,   _drones,        'render a data set to try it with'),
}
