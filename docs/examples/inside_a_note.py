"""From a frequency system to a chain of pedals, in a minute: run it from any folder, it writes into the one it is in.

    python docs/examples/inside_a_note.py

    quarter.wav     the quarter tones from A4 to A5, 24 bits, dithered
    turning.wav     I ii V6 I, and once more in the steps of quarter tones
    note.wav        twenty-five microtones of B-flat at once: one note, from the inside
    note-out.wav    that, backwards into echoes, slowed down, echoed at half speed, and laid over its way back
    system.csv      the 144 tones of twelve semitones inside each of twelve semitones
"""
import numpy as np

from live.studio import effects, load_chain, parse_chords, scale, system, tones, write_at_depth

RATE = 48000
B_FLAT = 466.16

quarter_tones = scale('quarter-tones', 440, 880)
write_at_depth('quarter.wav', tones(quarter_tones, seconds=.25, wave='triangle'), RATE, '24', dither=True)

progression = 'I ii V6 I'.split()
plain, turned = (parse_chords(progression, system(name, root=B_FLAT / 2)) for name in ('semitones', 'quarter-tones'))
write_at_depth('turning.wav', tones(plain + turned, wave='triangle'), RATE, '24')

microtones = tuple(B_FLAT * 2 ** u for u in np.linspace(-.02, .02, 25))
write_at_depth('note.wav', tones([microtones], seconds=8, edge=3), RATE, '24')
effects('note.wav', 'note-out.wav', load_chain('inside-out'), bits='24')

np.savetxt('system.csv', [row[2:] for row in system('semitones', root=B_FLAT, inside=['semitones']).rows()],
           fmt='%.6f', delimiter=',', header='hz,cents', comments='')
