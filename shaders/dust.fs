/*{
    "DESCRIPTION": "Motes in the air before the picture, one for each tone, out of focus and translucent, among fine dust: it rises where its partial drifts upwards, breathes as the partial beats, and every pulse leaves one that fades.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Film", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "amount", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.9, "LABEL": "How bright they are"},
        {"NAME": "size", "TYPE": "float", "MIN": 0.2, "MAX": 3, "DEFAULT": 1, "LABEL": "How large they are"},
        {"NAME": "focus", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4, "LABEL": "How sharp: those in front and behind are always softer"},
        {"NAME": "fine", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How much fine dust there is"},
        {"NAME": "hue", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0, "LABEL": "Their colour around the wheel, from that of the motes"}
    ],
    "PASSES": [
        {"TARGET": "swarm", "WIDTH": "40", "HEIGHT": "2", "FLOAT": true},
        {"TARGET": "discs", "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
        {}
    ]
}*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
#include "tones.glsl"
uniform float motes_hue, level, brightness, flow, level_time;
uniform float drift_cents[32], bloom_cents[32], bloom_age[32];

const int MOTES = 34, BLOOMS = 6;
const float TURN = 6.2831853;
float aspect = IMG_SIZE(inputImage).x / IMG_SIZE(inputImage).y;
float tint = motes_hue + hue;

vec2 scattered(int index) {     // the R2 sequence spreads any number of points evenly
    return fract(0.5 + float(index) * vec2(0.7548776662, 0.5698402910)) - 0.5;
}

struct Mote { vec2 place; float radius, blur; vec3 light; float turn; };

Mote tone_mote(int n) {
    float depth = random(n, 3), high = clamp(octave(n), -3.0, 4.0);
    vec2 phase = TURN * vec2(random(n, 6), random(n, 7)), rate = vec2(0.02 + 0.02 * random(n, 5), 0.017);
    Mote mote;
    mote.place = scattered(n + 1) * vec2(1.05 * aspect, 0.95) + 0.05 * sin(rate * flow + phase);
    mote.place.y += 0.3 * tanh(drift_cents[n % 32] / 25.0);
    mote.radius = size * 0.14 * exp2(-0.35 * high) * mix(0.25, 1.0, depth * depth);
    mote.blur = min(0.9, mix(0.9, 0.1, focus) * (0.25 + 1.5 * abs(depth - 0.45)));
    vec3 colour = mix(wheel(tint + 0.05 - 0.035 * max(high + 2.0, 0.0)), vec3(0.8, 0.9, 1.0), 0.35 * random(n, 4));
    float bright = 1.5 * pow(strength(n), 0.8) * (0.2 + 0.8 * beat(n)) * mix(1.5, 0.45, depth);
    mote.light = n < tones ? bright * colour : vec3(0.0);
    mote.turn = TURN * random(n, 8) + 0.01 * flow;
    return mote;
}

Mote bloom(int n) {
    float age = bloom_age[n], life = clamp(1.0 - age / 3.5, 0.0, 1.0), cents = bloom_cents[n];
    Mote mote;
    mote.place = vec2(0.42 * aspect * sin(cents * 0.209), 0.38 * tanh(cents / 36.0));
    mote.radius = size * (0.03 + 0.08 * (1.0 - exp(-age / 0.3))) * (1.0 + 0.25 * age);
    mote.blur = 0.55;
    mote.light = 0.9 * life * life * (1.0 - exp(-age / 0.06)) * mix(wheel(tint - 0.05), vec3(1.0), 0.4 * exp(-age));
    mote.turn = float(n);
    return mote;
}

// Column n is mote n. Row 0: place, radius, blur; row 1: light, turn.
vec4 write_mote(ivec2 spot) {
    Mote mote = bloom(max(spot.x - MOTES, 0));
    if (spot.x < MOTES) mote = tone_mote(spot.x);
    return spot.y == 0 ? vec4(mote.place, mote.radius, mote.blur) : vec4(mote.light, mote.turn);
}

// Light of one disc: uneven, with a rim and a heart, red bent least.
vec3 disc(int n, vec2 place) {
    vec4 where = texelFetch(swarm, ivec2(n, 0), 0), tinted = texelFetch(swarm, ivec2(n, 1), 0);
    vec2 from = (place - where.xy) / where.z;
    float far = length(from);
    vec2 way = from / max(far, 1e-3), twice = vec2(way.x * way.x - way.y * way.y, 2.0 * way.x * way.y);
    vec2 turn = vec2(cos(tinted.w), sin(tinted.w));
    far /= 1.0 + 0.06 * dot(twice, turn) + 0.05 * dot(way.x * twice - way.y * vec2(twice.y, -twice.x), turn.yx);
    vec3 inside = smoothstep(vec3(1.06), vec3(0.92 - where.w), far * vec3(1.03, 1.0, 0.97));
    float grain = sin(dot(from, 5.0 * turn) + 2.0 * sin(dot(from, 3.0 * turn.yx)));
    float body = 0.3 + 0.07 * grain + 0.55 * (1.0 - where.w) * smoothstep(0.5, 0.97, far) + 0.3 * exp(-3.0 * far * far);
    return tinted.rgb * inside * body;
}

// Specks in cells, each in its own; they sail, and twinkle slowly.
float specks(vec2 place, float cells, float depth) {
    vec2 sailed = place * cells + vec2(0.03, -0.02) * depth * flow + vec2(0.0, 0.25 * level_time * depth);
    ivec2 cell = ivec2(floor(sailed));
    int index = (cell.x & 255) * 256 + (cell.y & 255);
    vec2 spot = 0.25 + 0.5 * vec2(random(index, 11), random(index, 12));
    float radius = 0.03 + 0.07 * random(index, 13) * random(index, 14), far = length(fract(sailed) - spot);
    float phase = 0.05 * flow * (1.0 + 2.0 * random(index, 15)) + TURN * random(index, 16);
    float twinkle = pow(0.5 + 0.5 * sin(phase), 3.0);
    return step(random(index, 17), 0.15 + 0.6 * fine) * (0.15 + 0.85 * twinkle) * smoothstep(radius, 0.2 * radius, far);
}

void main() {
    vec2 place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    if (PASSINDEX == 0) { gl_FragColor = write_mote(ivec2(gl_FragCoord.xy)); return; }
    if (PASSINDEX == 1) {
        vec3 light = vec3(0.0);
        for (int n = 0; n < MOTES + BLOOMS; n++) light += disc(n, place);
        gl_FragColor = vec4(1.0 - exp(-light), 1.0);
        return;
    }
    vec3 motes = -log(1.0 - 0.999 * clamp(soft_texture(discs, isf_FragNormCoord, 0.0).rgb, 0.0, 1.0));
    float air = fine * (0.25 + level) * (0.5 + brightness) * (specks(place, 19.0, 0.5) + 0.8 * specks(place + 3.3, 11.0, 1.0));
    vec3 light = amount * (motes + air * mix(wheel(tint - 0.04), vec3(1.0), 0.5));
    vec4 given = IMG_THIS_PIXEL(inputImage);
    vec3 before = from_screen(clamp(given.rgb, 0.0, 1.0));
    gl_FragColor = vec4(to_screen(1.0 - (1.0 - before) * exp(-light)), 1.0);
}
