#!/usr/bin/env python3
"""Set up everything this instrument needs, then play it or test it.

    python3 start.py [PATCH] [options]     set up and play (`live play`)
    python3 start.py test [options]        set up and run the tests (pytest)
    python3 start.py setup                 only set up
    python3 start.py COMMAND [options]     any other command of `live --help`

Makes `.venv`, installs the project in it with the versions of constraints.txt, and on Debian and Ubuntu the
system packages that are missing. Does nothing the second time: a stamp remembers what was installed from which
files. Standard library only.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / '.venv'
BIN = VENV / ('Scripts' if os.name == 'nt' else 'bin')
PYTHON = BIN / ('python.exe' if os.name == 'nt' else 'python')
STAMPED = ('start.py', 'setup.cfg', 'pyproject.toml', 'constraints.txt')
COMMANDS = ('play', 'render', 'shader', 'studio', 'params', 'devices', 'doctor')

#   package                what does not work without it
PLAY_PACKAGES = (
    ('libportaudio2',      'sound cards (the clock plays instead, into files)'),
    ('libegl1',            'pictures without a screen'),
    ('libgl1',             'the window'),
    ('libgl1-mesa-dri',    'pictures on machines without a graphics card'),
)
TEST_PACKAGES = PLAY_PACKAGES + (
    ('jackd2',             'the tests of the sound and MIDI streams'),
    ('ffmpeg',             'the tests that read recordings back'),
    ('chromium',           "the tests of the performer's page"),
    ('xserver-xorg-core',  'the tests of windows on several monitors'),
    ('xserver-xorg-video-dummy', 'the same'),
    ('x11-xserver-utils',  'the same'),
    ('csound',             'the tests of matching on an orchestra of Csound'),
    ('portaudio19-dev',    'the pyaudio stream'),
    ('gcc',                'the pyaudio stream'),
)


def main(words):
    command = words[0] if words and words[0] in (*COMMANDS, 'test', 'setup') else 'play'
    rest = words[1:] if words and words[0] == command else words
    if sys.version_info < (3, 11):
        sys.exit(f'start.py: Python {sys.version.split()[0]} is too old; 3.11, 3.12 or 3.13 is needed')
    if words[:1] in (['-h'], ['--help']):
        print(__doc__)
        return 0
    testing = command == 'test'
    set_up(testing)
    if command == 'setup':
        return 0
    module = ['pytest'] if testing else ['live', command]
    return run([str(PYTHON), '-m', *module, *rest])


def run(words):
    """Run a program in this folder, which handles all signals itself, and return its exit code."""
    if os.name != 'nt':
        os.chdir(ROOT)
        sys.stdout.flush()
        os.execv(words[0], words)       # in place of this one
    process = subprocess.Popen(words, cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def set_up(testing):
    extra = 'test' if testing else 'play'
    stamp = VENV / f'stamp-{extra}'
    wanted = fingerprint()
    done = [VENV / f'stamp-{name}' for name in ('test', extra)]
    if any(path.exists() and path.read_text() == wanted for path in done):
        return
    print('Setting up; this is done once and takes a few minutes.', flush=True)
    step(1, 'system packages')
    install_packages(TEST_PACKAGES if testing else PLAY_PACKAGES)
    step(2, f'virtual environment in {VENV.name}')
    make_venv()
    step(3, 'Python packages')
    pip('--upgrade', 'pip', 'setuptools', 'wheel')
    pip('-c', 'constraints.txt', '-e', '.[test]' if testing else '.')
    if testing and not pip('-c', 'constraints.txt', 'pyaudio', needed=False):
        print('  pyaudio could not be built: the instrument plays without that stream')
    if sys.version_info >= (3, 13):
        print('  MIDI is left out: python-rtmidi has no wheel for this Python; use 3.11 or 3.12 for MIDI')
    stamp.write_text(wanted)
    print('Ready.', flush=True)


def step(number, what):
    print(f'[{number}/3] {what}', flush=True)


def fingerprint():
    """Return a digest of everything that decides what is installed."""
    digest = hashlib.sha256(sys.version.encode())
    for name in STAMPED:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install_packages(packages):
    """Install missing Debian packages where that is allowed; elsewhere say what to type and what will be missing."""
    if not shutil.which('dpkg-query') or not shutil.which('apt-get'):
        return
    missing = [name for name, _ in packages if not has_package(name)]
    if not missing:
        return
    apt = ['apt-get', 'install', '-y', '--no-install-recommends', *missing]
    prefix = root_prefix()
    if prefix is not None:
        environment = [*prefix, 'env', 'DEBIAN_FRONTEND=noninteractive']
        subprocess.run([*environment, 'apt-get', 'update', '-qq'], check=False)
        if subprocess.run([*environment, *apt, '-qq'], check=False, stdout=subprocess.DEVNULL).returncode == 0:
            return
    print(f'  To have all of it, type:  sudo {" ".join(apt)}')
    for name, what in packages:
        if name in missing:
            print(f'    without {name}: no {what}')


def has_package(name):
    found = subprocess.run(['dpkg-query', '-W', '-f=${Status}', name], capture_output=True, text=True)
    return 'install ok installed' in found.stdout


def root_prefix():
    """Return the words that give root's rights without a password, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which('sudo') and subprocess.run(['sudo', '-n', 'true'], capture_output=True).returncode == 0:
        return ['sudo', '-n']
    return None


def make_venv():
    if PYTHON.exists():
        return
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, ImportError):     # Debian ships venv without pip
        shutil.rmtree(VENV, ignore_errors=True)
        install_packages((('python3-venv', 'virtual environments'),))
        venv.create(VENV, with_pip=True)


def pip(*words, needed=True):
    """Run pip in the environment, one short line for each package it fetches; True when it succeeded."""
    command = [str(PYTHON), '-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(('Collecting', 'Building wheel', 'Installing collected')):
            print('  ' + line.split('(')[0].strip()[:76], flush=True)
    if process.wait() and needed:
        sys.exit(''.join(said[-20:]) + f'\nstart.py: {" ".join(command)} failed; the last lines above say why')
    return process.returncode == 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
