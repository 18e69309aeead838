; Sixteen sines with a slope, a balance of odd and even, and inharmonicity. Ours; for `live studio match`.
;
; param p4 pitch:      40..1000 Hz exp,          The lowest.
; param p5 tilt:       -24..0 dB lin,            Level change per octave upwards.
; param p6 balance:    -1..1 lin,                Odd (-1) or even (1).
; param p7 stretch:    0..0.02 square,           Inharmonicity, as of a stiff string.
; param p8 tremolo:    0..1 lin,                 Depth of the tremolo.
; param p9 rate:       1..20 Hz exp,             Its speed.
sr = 48000
ksmps = 16
nchnls = 1
0dbfs = 1

opcode Partials, a, iiiii
  ipitch, itilt, ibalance, istretch, inumber xin
  ifrequency = ipitch * inumber * sqrt(1 + istretch * inumber * inumber)
  ilevel = ampdb(itilt * log(inumber) / log(2))
  iside = inumber % 2 == 1 ? limit(1 - ibalance, 0, 1) : limit(1 + ibalance, 0, 1)
  asine poscil (ifrequency < sr * .45 ? ilevel * iside : 0), ifrequency
  if inumber < 16 then
    arest Partials ipitch, itilt, ibalance, istretch, inumber + 1
    asine += arest
  endif
  xout asine
endop

instr 1
  asum Partials p4, p5, p6, p7, 1
  ktremolo poscil p8 * .5, p9
  out linen:a(asum * .15 * (1 - p8 * .5 + ktremolo), .01, p3, .02)
endin
