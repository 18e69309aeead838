; Two oscillators, one bending the other's phase, through a ladder filter. Ours; for `live studio match`.
;
; param p4 pitch:      40..2000 Hz exp,          What it sounds at.
; param p5 ratio:      .25..8 exp,               The modulator, as a multiple of the pitch.
; param p6 index:      0..12 square,             How far it bends the phase.
; param p7 feedback:   0..1 lin,                 How much of a saw is mixed to the carrier.
; param p8 cutoff:     100..11000 Hz exp,        Corner of the filter.
; param p9 resonance:  0..1 lin,                 Of the filter.
; param p10 breath:    0..1 square,              Noise.
sr = 48000
ksmps = 16
nchnls = 1
0dbfs = 1

giSine ftgen 0, 0, 8192, 10, 1

instr 1
  amodulator poscil p6 / 6.2831853, p4 * p5
  aphase phasor p4
  acarrier tablei aphase + amodulator, giSine, 1, 0, 1
  asaw vco2 .5, p4
  anoise noise .5, 0
  amix = acarrier * (1 - p7) + asaw * p7 + anoise * p10
  afiltered moogladder amix, limit:i(p8, 20, sr * .45), p9 * .9
  out linen:a(afiltered * .3, .01, p3, .02)
endin
