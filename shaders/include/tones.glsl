/*
description: The tones that sound, as pictures like to have them. The first partials beat exactly as they are heard to.
use: tones, root; octave(n) above the root; strength(n) 0..1; beat(n) 0..1, of a tone that does not beat .7 or 1
*/
uniform int tones;
uniform float root, tone_hz[64], tone_level[64], beat_phase[16];

float octave(int n) { return log2(max(tone_hz[n], 16.0) / max(root, 16.0)); }

float strength(int n) { return sqrt(clamp(tone_level[n], 0.0, 1.0)); }

float beat(int n) { return n < 16 ? 0.5 + 0.5 * cos(6.2831853 * beat_phase[n]) : 0.7; }
