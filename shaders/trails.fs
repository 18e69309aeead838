/*{
    "DESCRIPTION": "Feedback, as of a camera that sees its own monitor: the picture grows out of itself, turning with the beats, drawn along by slow eddies, its colours moving on. Louder sound feeds it more.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Feedback", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "seconds_kept", "TYPE": "float", "MIN": 0.05, "MAX": 20, "DEFAULT": 4, "LABEL": "Seconds that light stays"},
        {"NAME": "zoom", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.25, "LABEL": "How fast the past grows; below 0 it shrinks"},
        {"NAME": "turn", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.05, "LABEL": "How fast the past turns, in turns of ten seconds"},
        {"NAME": "eddies", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4, "LABEL": "How far eddies carry it"},
        {"NAME": "colour", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.1, "LABEL": "How fast its colours go around the wheel"},
        {"NAME": "follow", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6, "LABEL": "How far all this follows the sound"}
    ],
    "PASSES": [
        {"TARGET": "kept", "PERSISTENT": true, "FLOAT": true},
        {}
    ]
}*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
uniform float level, brightness, level_time, pulse;
uniform float beat_phase[16], beat_hz[16];

const float TURN = 6.2831853;

// Colours turned about grey, by Rodrigues' formula.
vec3 turned(vec3 light, float angle) {
    const vec3 GREY = vec3(0.57735027);
    return max(light * cos(angle) + cross(GREY, light) * sin(angle) + GREY * dot(GREY, light) * (1.0 - cos(angle)), 0.0);
}

float sway() {                  // -1..1, from the beats as they are heard
    float sum = 0.0, count = 0.5;
    for (int n = 0; n < 6; n++)
        if (beat_hz[n] > 0.0 && beat_hz[n] < 3.0) { sum += sin(TURN * beat_phase[n]); count += 1.0; }
    return sum / count;
}

void main() {
    vec4 given = IMG_THIS_PIXEL(inputImage);
    vec3 fresh = from_screen(clamp(given.rgb, 0.0, 1.0));
    if (PASSINDEX == 1) {
        vec3 past = IMG_THIS_PIXEL(kept).rgb;
        gl_FragColor = vec4(to_screen(1.0 - (1.0 - 0.85 * fresh) * exp(-past)), given.a);
        return;
    }
    float aspect = RENDERSIZE.x / RENDERSIZE.y, moved = mix(1.0, 0.3 + 1.4 * level, follow);
    vec2 place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    float angle = TURN * TIMEDELTA * 0.1 * turn * moved + 0.35 * TIMEDELTA * follow * sway() * abs(turn) * 4.0;
    vec2 from = mat2(cos(angle), sin(angle), -sin(angle), cos(angle)) * place * exp2(-zoom * TIMEDELTA * moved);
    vec2 eddy = place * 2.2 + 0.07 * level_time;
    float e = 0.02;
    vec2 curl = vec2(noise(eddy + vec2(0.0, e)) - noise(eddy - vec2(0.0, e)),
                     noise(eddy - vec2(e, 0.0)) - noise(eddy + vec2(e, 0.0)));
    from -= 0.07 * eddies * TIMEDELTA * moved * curl / (2.0 * e);
    vec2 spot = from / vec2(aspect, 1.0) + 0.5;
    vec2 inside = smoothstep(vec2(-0.03), vec2(0.0), spot) * smoothstep(vec2(1.03), vec2(1.0), spot);
    vec3 before = FRAMEINDEX == 0 ? vec3(0.0) : sharp_texture(kept, spot).rgb;
    before = clamp(turned(before, TURN * 0.1 * colour * TIMEDELTA * (1.0 + follow * brightness)), 0.0, 4.0);
    float stays = exp(-TIMEDELTA / seconds_kept);
    float feed = (1.0 - stays) * mix(1.0, 0.35 + 1.3 * level + 0.5 * pulse, follow);
    float bright = luminance(fresh);
    gl_FragColor = vec4(before * stays * inside.x * inside.y + 2.6 * feed * fresh * bright / (bright + 0.35), 1.0);
}
