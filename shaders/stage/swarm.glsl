/*
description: Where every mote is. One column is one mote; three rows tell its place, its colour and its nature.
in: the drone's own state (drift of each partial, pulses, gate) and the spectrum
out: row 0 = x, y (heights from the centre), radius, light; row 1 = red, green, blue, opacity; row 2 = blur, seed, turn, 0
Columns 0-95 are the drone's first 32 partials, each with two companions: a partial that drifts upwards rises.
96-191 are the 24 bands, deep ones large and near, high ones small and far. 192-223 bloom, one for each pulse, at a
place given by its cents. The rest is dust.
*/
#include "noise.glsl"
#include "colour.glsl"
out vec4 color;
uniform vec2 resolution;
uniform float flow;
uniform float motes_density, motes_size, motes_softness, motes_hue;
uniform float level, brightness, feature_flux;
uniform float band_level[24];
uniform float root, gate;
uniform float drift_cents[32];
uniform float bloom_cents[32], bloom_age[32];
uniform float pulse_release;

const float TURN = 6.2831853 / 4096.0;      // flow wraps at 4096: whole multiples of this come round unseen

struct Mote { vec2 place; float radius, light; float hue, white, opacity; float depth; };

float aspect = resolution.x / resolution.y;
float open = mix(0.16, 1.0, gate) * mix(0.2, 1.5, pow(level, 2.4));
float scale = mix(0.45, 1.75, motes_size) * clamp(pow(466.16 / max(root, 16.0), 0.2), 0.6, 1.5);

float whole(float low, float high, float chance) { return floor(mix(low, high, chance)) * TURN; }

vec2 wander(int index, float reach) {
    vec2 phase = 6.2831853 * vec2(random(index, 1), random(index, 2));
    vec2 rate = vec2(whole(18.0, 70.0, random(index, 3)), whole(14.0, 60.0, random(index, 4)));
    return reach * (sin(flow * rate + phase) + 0.35 * sin(flow * rate.yx * 3.0 + phase.yx * 2.0));
}

vec2 scattered(int index) {     // the R2 sequence spreads any number of points evenly
    return fract(0.5 + float(index) * vec2(0.7548776662, 0.5698402910)) - 0.5;
}

float breath(int index) {
    return 0.5 + 0.5 * sin(flow * whole(40.0, 130.0, random(index, 5)) + 6.2831853 * random(index, 6));
}

float present(int index, float fewest) {    // density brings the motes in one after the other
    float rank = random(index, 7);
    return smoothstep(rank - 0.12, rank + 0.12, mix(fewest, 1.12, motes_density));
}

Mote partial(int index) {
    int number = index % 32, companion = index / 32;
    float depth = companion == 0 ? mix(0.45, 1.0, random(number, 8)) : random(index, 8) * 0.6;
    vec2 home = scattered(number) * vec2(aspect * 1.06, 0.9);
    float drift = 0.62 * tanh(drift_cents[number] / 62.0) * (companion == 0 ? 1.0 : mix(0.4, 1.3, random(index, 9)));
    vec2 orbit = companion == 0 ? vec2(0.0) : 0.16 * vec2(cos(float(index) * 2.4), sin(float(index) * 2.4));
    Mote mote;
    mote.place = home + orbit + wander(index, 0.06) + drift * vec2(0.22 * sin(float(number) * 1.7), 1.0);
    mote.radius = mix(companion == 0 ? 0.045 : 0.02, 0.235, pow(random(index, 10), 2.3)) * mix(0.5, 1.15, depth);
    mote.light = mix(0.3, 1.0, breath(index)) * mix(1.0, 0.5, depth) * open * mix(1.25, 0.55, mote.radius / 0.2);
    mote.hue = mix(-0.045, 0.06, random(index, 11)) + clamp(drift * 0.1, -0.04, 0.04);
    mote.white = 0.25 * random(index, 12) * random(index, 16);
    mote.opacity = 0.26 * present(index, companion == 0 ? 0.35 : 0.0);
    mote.depth = depth;
    return mote;
}

Mote band(int index) {
    int number = index % 24;
    float high = float(number) / 23.0;
    float power = band_level[number];
    vec2 home = scattered(index) * vec2(aspect * 1.15, 0.55) + vec2(0.0, mix(-0.26, 0.3, high));
    Mote mote;
    mote.place = home + wander(index, mix(0.09, 0.04, high));
    mote.radius = mix(0.2, 0.012, pow(high, 0.55)) * mix(0.7, 1.3, random(index, 10));
    mote.light = power * power * mix(0.32, 1.5, high) * mix(0.5, 1.0, breath(index)) * mix(0.3, 1.0, gate);
    mote.hue = mix(0.07, -0.06, high);
    mote.white = 0.3 * high * high;
    mote.opacity = mix(0.22, 0.12, high) * present(index, 0.1);
    mote.depth = mix(1.0, 0.1, high);
    return mote;
}

Mote bloom(int index) {
    float age = bloom_age[index], cents = bloom_cents[index];
    float life = 2.2 + pulse_release;
    float open_up = 1.0 - exp(-age / 0.22);
    float fade = clamp(1.0 - age / life, 0.0, 1.0);
    Mote mote;
    mote.place = vec2(0.42 * aspect * sin(cents * 0.209), 0.4 * tanh(cents / 36.0)) + wander(index + 192, 0.02);
    mote.radius = mix(0.03, 0.1, open_up) * (1.0 + 0.3 * age) * mix(0.7, 1.3, random(index, 10));
    mote.light = 1.15 * (1.0 - exp(-age / 0.08)) * fade * fade * mix(0.35, 1.0, exp(-age / 0.9));
    mote.hue = -0.015 - 0.035 * exp(-age / 0.5);
    mote.white = 0.5 * exp(-age / 0.6);
    mote.opacity = 0.16 * fade;
    mote.depth = 0.55;
    return mote;
}

Mote dust(int index) {
    float depth = random(index, 8);
    Mote mote;
    vec2 sail = vec2(aspect * 1.2, 1.2);
    vec2 home = scattered(index) + flow * TURN / 6.2831853 * floor(vec2(mix(4.0, 26.0, depth), mix(-9.0, 14.0, random(index, 9))));
    mote.place = (fract(home + 0.5) - 0.5) * sail + wander(index, 0.03);
    mote.radius = mix(0.0022, 0.0075, depth * random(index, 10)) * mix(1.2, 0.85, brightness);
    float twinkle = pow(breath(index), 3.0);
    mote.light = (0.25 + 1.6 * twinkle) * mix(0.35, 1.3, brightness) * (0.55 * open + 0.1) * (1.0 + min(feature_flux, 1.0));
    mote.hue = mix(-0.06, 0.04, random(index, 11));
    mote.white = 0.75 * random(index, 12);
    mote.opacity = 0.1 * present(index, 0.0);
    mote.depth = 0.3 * depth;
    return mote;
}

void main() {
    int index = int(gl_FragCoord.x), row = int(gl_FragCoord.y);
    Mote mote;
    if (index < 96) mote = partial(index);
    else if (index < 192) mote = band(index - 96);
    else if (index < 224) mote = bloom(index - 192);
    else mote = dust(index);
    float seen = min(1.0, mote.opacity * 10.0);
    if (row == 0) color = vec4(mote.place, mote.radius * scale, mote.light * seen);
    else if (row == 1) color = vec4(mix(wheel(motes_hue + mote.hue), 0.45 + 0.55 * wheel(motes_hue - 0.02), mote.white), mote.opacity);
    else color = vec4(mix(0.12, 1.0, abs(mote.depth - 0.45) * 1.8) * mix(0.15, 1.25, motes_softness),
                      random(index, 13), 6.2831853 * random(index, 14) + flow * whole(-30.0, 30.0, random(index, 15)), 0.0);
}
