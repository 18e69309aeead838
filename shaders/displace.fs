/*{
    "DESCRIPTION": "The picture under water that the tones move: each is a wave, shorter for higher, that comes and goes with its beat. Light gathers where the water bends it.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Distortion Effect", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "depth", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.4, "LABEL": "How deep the water is: how far it bends"},
        {"NAME": "waves", "TYPE": "float", "MIN": 0.2, "MAX": 4, "DEFAULT": 1, "LABEL": "How many waves lie across it"},
        {"NAME": "speed", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.5, "LABEL": "How fast they run"},
        {"NAME": "shine", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.6, "LABEL": "How far light gathers in them"},
        {"NAME": "eddies", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How uneven they are"}
    ],
    "PASSES": [
        {"TARGET": "surface", "WIDTH": "$WIDTH / 3", "HEIGHT": "$HEIGHT / 3", "FLOAT": true},
        {}
    ]
}*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
#include "tones.glsl"
uniform float level, level_time;

const int WAVES = 14;
const float TURN = 6.2831853;
float aspect = RENDERSIZE.x / RENDERSIZE.y;

float height(vec2 place) {
    vec2 eddy = 1.3 * place + 0.02 * TIME;
    vec2 bent = place + 0.25 * eddies * vec2(noise(eddy), noise(eddy.yx + 40.0));
    float sum = 0.0, power = 1e-3;
    for (int n = 0; n < min(tones, WAVES); n++) {
        float angle = 2.39996 * float(n) + 0.03 * TIME, strong = strength(n);
        float number = waves * 2.2 * exp2(0.45 * clamp(octave(n), -3.0, 4.0)) * (0.8 + 0.4 * random(n, 1));
        float run = speed * (0.25 * TIME + 0.9 * level_time) * sqrt(number);      // as in deep water
        power += strong * strong;
        float along = number * dot(bent, vec2(cos(angle), sin(angle))) + random(n, 2);
        sum += beat(n) * strong / number * sin(TURN * along + run);
    }
    return (0.15 + level) * sum * inversesqrt(power);
}

float surface_at(vec2 beside) { return soft_texture(surface, isf_FragNormCoord + beside, 0.0).r; }

void main() {
    vec2 place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    if (PASSINDEX == 0) { gl_FragColor = vec4(height(place), 0.0, 0.0, 1.0); return; }
    float e = 0.012;
    vec2 right = vec2(e / aspect, 0.0), up = vec2(0.0, e);
    vec4 around = vec4(surface_at(right), surface_at(-right), surface_at(up), surface_at(-up));
    vec2 slope = (around.xz - around.yw) / (2.0 * e);
    float bend = (around.x + around.y + around.z + around.w - 4.0 * surface_at(vec2(0.0))) / (e * e);    // a crest gathers light
    vec2 rim = smoothstep(vec2(0.0), vec2(0.04), min(isf_FragNormCoord, 1.0 - isf_FragNormCoord));
    vec2 spot = isf_FragNormCoord - 0.045 * depth * slope / vec2(aspect, 1.0);
    vec4 given = sharp_texture(inputImage, 1.0 - abs(1.0 - abs(spot)));
    float gathered = clamp(-0.045 * depth * bend * rim.x * rim.y, -0.9, 2.5);
    vec3 light = from_screen(clamp(given.rgb, 0.0, 1.0)) * exp(0.5 * shine * gathered);
    light += shine * 0.035 * level * pow(max(gathered, 0.0), 2.0) * vec3(0.6, 0.85, 1.0);
    gl_FragColor = vec4(to_screen(min(light, 1.0)), given.a);
}
