"""What is a sound like? It is measured, drawn, and heard by an ear that has learnt eight kinds of drones.

    python docs/examples/what_is_it_like.py                 a drone of its own
    python docs/examples/what_is_it_like.py bell.wav        any sound

Writes like.png, drones/ and heard/ into the folder it is called in; a minute or two.
"""
import sys

import numpy as np

from live.studio import find_tuning, load_classifier, make_drones, measure, plot_sound, predict, train_classifier


def main() -> None:
    make_drones('drones', count=10, seconds=3.0, seed=1)
    path = sys.argv[1] if len(sys.argv) > 1 else 'drones/strings/strings.00000.wav'

    scale = find_tuning('edo = 19; reference = 440; reference_note = 69; middle = 69')
    like = measure(path, scale)
    degrees = np.array([like[f'scale{n + 1}'] for n in range(19)])
    print(f'{path}: its middle lies at {like["centroid"].mean():.0f} Hz, it is {like["loudness"].max():.1f} LUFS loud, '
          f'its strongest degree of 19 is {degrees.mean(1).argmax()}')
    plot_sound(path, 'like.png', scale)

    print(train_classifier('drones', 'heard', 'dense', seconds=1.0))
    ear = load_classifier('heard')
    seconds, shares = predict(ear, path)
    for second, share in zip(seconds, shares):
        print(f'{second:5.1f} s  {ear.classes[share.argmax()]} ({share.max():.0%})')


if __name__ == '__main__':
    main()
