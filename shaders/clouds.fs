/*{
    "DESCRIPTION": "Clouds by the light of a moon, and in them a lamp for every tone: higher ones further right, up and down with their drift in cents, swelling as they beat. Loudness lets the moon come through and carries the clouds on.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Generator", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "cover", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How much of the sky they cover"},
        {"NAME": "size", "TYPE": "float", "MIN": 0.3, "MAX": 3, "DEFAULT": 1, "LABEL": "How large they are"},
        {"NAME": "lamps", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1, "LABEL": "How bright the tones shine through"},
        {"NAME": "speed", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.5, "LABEL": "How fast they travel"},
        {"NAME": "hue", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0, "LABEL": "Their colour around the wheel, from that of the motes"}
    ],
    "PASSES": [
        {"TARGET": "lamp", "WIDTH": "floor(72 * $WIDTH / $HEIGHT)", "HEIGHT": "72", "FLOAT": true},
        {"TARGET": "mass", "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2", "FLOAT": true},
        {"TARGET": "lit", "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2", "FLOAT": true},
        {}
    ]
}*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
#include "tones.glsl"
uniform float motes_hue, level, brightness, level_time, pulse;
uniform float drift_cents[32];

const int LAMPS = 24, STEPS = 7;
const vec2 MOON = vec2(-0.55, 0.83);        // where it stands
float aspect = RENDERSIZE.x / RENDERSIZE.y;

// Light of the tones as if there were no clouds: low ones (r), high ones (g).
vec4 lamp_light(vec2 place) {
    vec2 light = vec2(0.0);
    for (int n = 0; n < min(tones, LAMPS); n++) {
        vec2 wander = 0.06 * vec2(sin(0.11 * TIME + float(n) * 2.4), sin(0.083 * TIME + float(n) * 1.7));
        vec2 home = vec2(random(n, 1), random(n, 2)) - 0.5;
        vec2 spot = vec2(0.55 * aspect * (tanh(0.36 * octave(n)) + 0.7 * home.x), 0.8 * home.y);
        spot += wander + vec2(0.0, 0.28 * tanh(drift_cents[n] / 20.0));
        float far = length(place - spot) / mix(0.22, 0.07, smoothstep(-3.0, 3.5, octave(n)));
        float bright = strength(n) * (beat(n) * exp(-far * far) + 0.12 / (1.0 + far * far));
        light += bright * mix(vec2(1.0, 0.2), vec2(0.2, 1.0), smoothstep(-2.0, 2.0, octave(n)));
    }
    return vec4(light * (1.0 + 0.6 * pulse), 0.0, 1.0);
}

// Heaps of heaps: where noise is folded at zero its valleys are sharp and its hills are round.
float heaps(vec2 place, float gain) {
    float sum = 0.0, weight = 1.0;
    for (int octave = 0; octave < 5; octave++) {
        sum += weight * (abs(noise(place)) * 2.0 - 0.42);
        weight *= gain;
        place = mat2(2, 1, -1, 2) * place;
    }
    return sum;
}

// Density of the clouds (r) and of a high veil (g).
vec4 cloud_mass(vec2 place) {
    float way = speed * (0.010 * TIME + 0.06 * level_time);
    vec2 at = place * 1.25 / size + vec2(way, 0.2 * way) + 20.0;
    vec2 bend = vec2(noise(at * 0.8 + 0.5 * way), noise(at * 0.8 + 17.0 - 0.4 * way));
    float large = noise(at + 0.5 * bend) + 0.4 * noise(2.1 * at - bend);
    float heaped = large + mix(0.30, 0.42, brightness) * heaps(1.7 * at + 0.35 * bend, 0.55);
    float veil = layers(vec2(0.5, 1.6) * at + 0.8 * bend + 60.0, 0.55, 4);
    float open = 0.34 - 1.0 * cover;
    return vec4(smoothstep(open, open + 0.75, heaped), smoothstep(-0.2, 0.9, veil), 0.0, 1.0);
}

// Light of the moon that comes through the clouds (r), and how they stand against the lamps (g).
vec4 moonlight() {
    vec2 step = MOON * 0.016 * size / vec2(aspect, 1.0), spot = isf_FragNormCoord;
    float thick = 0.0;
    for (int n = 0; n < STEPS; n++) {
        spot += step;
        thick += IMG_NORM_PIXEL(mass, spot).r;
    }
    float here = IMG_THIS_PIXEL(mass).r;
    float there = IMG_NORM_PIXEL(mass, isf_FragNormCoord + 1.5 * step).r;
    return vec4(exp(-3.4 * thick / float(STEPS)), smoothstep(-0.25, 0.25, here - there), 0.0, 1.0);
}

void main() {
    vec2 place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    if (PASSINDEX == 0) { gl_FragColor = lamp_light(place); return; }
    if (PASSINDEX == 1) { gl_FragColor = cloud_mass(place); return; }
    if (PASSINDEX == 2) { gl_FragColor = moonlight(); return; }

    float tint = motes_hue + hue;
    vec3 deep = wheel(tint + 0.05), middle = wheel(tint), pale = mix(wheel(tint - 0.05), vec3(1.0), 0.4);
    vec2 cloud = soft_texture(mass, isf_FragNormCoord, 0.0).rg, shown = soft_texture(lit, isf_FragNormCoord, 0.0).rg;
    vec2 glow = lamps * soft_texture(lamp, isf_FragNormCoord, 0.0).rg;
    vec3 lights = glow.x * middle + glow.y * pale;

    float moon = (0.20 + 0.45 * level) * smoothstep(1.7, 0.1, length(place - 0.75 * MOON * vec2(aspect, 1.0) * 0.6));
    vec3 sky = mix(0.030, 0.006, smoothstep(-0.6, 0.5, place.y)) * deep;
    sky += 0.05 * cloud.y * moon * middle + lights * (0.12 + 0.75 * cloud.y * cloud.y);
    vec3 body = 0.020 * deep + moon * shown.r * mix(middle, pale, shown.r) * (0.5 + 0.8 * shown.g);
    body += lights * (0.10 + 0.9 * exp(-2.5 * cloud.x) + 0.7 * (1.0 - shown.g) * (0.3 + shown.r));
    vec3 light = mix(sky, body, 1.0 - exp(-3.0 * cloud.x * cloud.x));
    gl_FragColor = vec4(to_screen(1.0 - exp(-1.9 * light)), 1.0);
}
