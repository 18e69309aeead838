/*{
    "DESCRIPTION": "A string for each tone, in the order of pitch, as a long exposure shows it: brightest where it turns back. Where two partials beat, their strings swell and sink with the beat itself, and its knots travel along them; drift in cents lifts and lowers them.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Generator", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "swing", "TYPE": "float", "MIN": 0, "MAX": 3, "DEFAULT": 1, "LABEL": "How far the strings swing"},
        {"NAME": "light", "TYPE": "float", "MIN": 0, "MAX": 3, "DEFAULT": 1, "LABEL": "How bright they are"},
        {"NAME": "knots", "TYPE": "float", "MIN": 0, "MAX": 6, "DEFAULT": 1.5, "LABEL": "Knots of a beat along a string"},
        {"NAME": "slant", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.12, "LABEL": "How far they rise to the right"},
        {"NAME": "hue", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0, "LABEL": "Their colour around the wheel, from that of the motes"}
    ],
    "PASSES": [
        {"TARGET": "tuned", "WIDTH": "32", "HEIGHT": "2", "FLOAT": true},
        {}
    ]
}*/
#include "noise.glsl"
#include "colour.glsl"
#include "tones.glsl"
uniform float motes_hue, level, level_time;
uniform float beat_hz[16], drift_cents[32];

const int STRINGS = 32;
const float TURN = 6.2831853;

const float ROOM = 0.86;        // of the height

int count() { return min(tones, STRINGS); }

float widest() { return 0.5 / pow(float(count()) + 0.5, 0.72); }

float lift() { return 0.06 * min(1.0, 12.0 / float(count())); }     // by drift

int rank_of(int n) {
    int rank = 0;
    for (int other = 0; other < count(); other++)
        rank += int(tone_hz[other] < tone_hz[n] || (tone_hz[other] == tone_hz[n] && other < n));
    return rank;
}

// Column r is the string of rank r. Row 0: height, swing, number of half waves, beat; row 1: colour, whether it beats.
vec4 tune(ivec2 spot) {
    int n = 0;
    float loudest = 1e-4, place = (float(spot.x) + 0.5) / float(count());
    for (int other = 0; other < count(); other++) {
        if (rank_of(other) == spot.x) n = other;
        loudest = max(loudest, tone_level[other]);
    }
    if (spot.y == 1) {
        vec3 colour = mix(wheel(motes_hue + hue + 0.07 - 0.16 * place), vec3(1.0), 0.10);
        return vec4(colour, float(n < 16 && beat_hz[n] > 0.0));
    }
    float height = ROOM * (place - 0.5 + lift() * tanh(drift_cents[n] / 12.0));
    float size = sqrt(tone_level[n] / loudest) * mix(0.4, 1.0, level) * widest();
    float waves = clamp(round(2.0 * exp2(0.5 * octave(n)) + 2.0 * random(n, 1)), 1.0, 9.0);
    return vec4(height, size, waves, n < 16 ? beat_phase[n] : 0.0);
}

// Mean light of a point that swings to and fro: it is longest where it turns back.
float exposure(float off, float reach, float soft) {
    float inside = sqrt(max(reach * reach - off * off, 0.0) + soft * (reach + soft));
    return smoothstep(reach + soft, reach - soft, abs(off)) * soft / inside;
}

void main() {
    if (PASSINDEX == 0) { gl_FragColor = tune(ivec2(gl_FragCoord.xy)); return; }
    float aspect = RENDERSIZE.x / RENDERSIZE.y, pixel = 1.0 / RENDERSIZE.y;
    float x = isf_FragNormCoord.x, y = isf_FragNormCoord.y - 0.5 - slant * 0.5 * (x - 0.5);
    vec3 sum = vec3(0.0);
    float reach_ = (1.1 * swing * widest() + 0.03) / ROOM + lift(), middle = y / ROOM + 0.5;
    int first = max(0, int((middle - reach_) * float(count())));
    int end = min(count(), int((middle + reach_) * float(count())) + 1);
    for (int n = first; n < end; n++) {       // those that reach so far
        vec4 string = texelFetch(tuned, ivec2(n, 0), 0), tint = texelFetch(tuned, ivec2(n, 1), 0);
        float off = y - string.x, most = swing * string.y;
        float travel = cos(0.5 * TURN * (string.w + knots * (x - 0.5) * (n % 2 == 0 ? 1.0 : -1.0)));
        float swell = mix(0.62, 0.12 + 0.88 * travel * travel, tint.a);
        vec2 shape = sin(0.5 * TURN * x * vec2(string.z, 1.0));
        float reach = most * swell * sqrt(mix(shape.x * shape.x, shape.y * shape.y, 0.25)) + 0.6 * pixel;
        float now = reach * sin(0.9 * level_time * (1.0 + 0.13 * float(n)) + float(n) * 1.7);      // one moment of it
        float haze = exposure(off, reach, 1.1 * pixel + 0.0009);
        float line = 0.3 * exp(-pow((off - now) / (1.2 * pixel + 0.0007), 2.0));
        float glow = 0.02 * exp(-abs(off) / (0.3 * reach + 0.01));
        float glint = 0.25 + 0.75 * smoothstep(-0.4, 0.5, noise(vec2(1.3 * x + 0.12 * level_time, 3.7 * float(n))));
        sum += tint.rgb * glint * (0.8 * haze + line + glow) * (0.10 + 0.90 * swell * swell);
    }
    float crowd = inversesqrt(0.6 + 0.06 * float(count()));
    vec2 from = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    float air = 0.5 + 0.5 * noise(from * 1.3 + 0.05 * level_time);
    vec3 ground = wheel(motes_hue + hue + 0.04) * (0.004 + 0.012 * air * level) * smoothstep(1.2, 0.2, length(from));
    gl_FragColor = vec4(to_screen(1.0 - exp(-1.6 * (light * (0.3 + level) * crowd * sum + ground))), 1.0);
}
