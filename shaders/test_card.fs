/*{
    "DESCRIPTION": "A card to set a projector by: circles that must be round, a grid whose outermost line must be seen, steps of grey, colours, the finest lines, and what the sound does right now.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Utility"],
    "INPUTS": [
        {"NAME": "cells", "TYPE": "float", "MIN": 4, "MAX": 24, "DEFAULT": 9, "LABEL": "Cells of the grid from top to bottom"},
        {"NAME": "warmth", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.35, "LABEL": "How warm the ground is"},
        {"NAME": "sweep", "TYPE": "bool", "DEFAULT": true, "LABEL": "A line that goes round once in four seconds: it must not stutter"},
        {"NAME": "sound", "TYPE": "audio"},
        {"NAME": "spectrum", "TYPE": "audioFFT"}
    ]
}*/
uniform float level;

const float TURN = 6.2831853;
vec2 place;         // from the centre, in heights
float pixel;        // of the screen, in heights
float aspect;

// 1 on a line so many pixels wide around 0, with soft edges
float line(float distance_, float width) {
    return smoothstep(0.5 * width + 0.75, 0.5 * width - 0.75, abs(distance_) / pixel);
}

float ring(vec2 centre, float radius, float width) { return line(length(place - centre) - radius, width); }

float inside(vec2 low, vec2 high) {
    vec2 both = step(low, place) * step(place, high);
    return both.x * both.y;
}

vec3 bar(float number) {    // white, yellow, cyan, green, magenta, red, blue: three quarters bright
    return 0.75 * vec3(mod(floor(number / 2.0), 2.0) < 1.0, number < 4.0, mod(number, 2.0) < 1.0);
}

void main() {
    aspect = RENDERSIZE.x / RENDERSIZE.y;
    pixel = 1.0 / RENDERSIZE.y;
    place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    vec3 ground = mix(vec3(0.085, 0.095, 0.125), vec3(0.125, 0.095, 0.085), warmth);
    vec3 ink = mix(vec3(0.80, 0.88, 1.0), vec3(1.0, 0.91, 0.78), warmth);

    float cell = 1.0 / floor(cells);
    vec2 near = (fract(place / cell + 0.5 * mod(floor(cells), 2.0) + 0.5) - 0.5) * cell;
    float grid = max(line(near.x, 1.0), line(near.y, 1.0));
    vec2 odd = mod(floor(place / cell + 0.5 * mod(floor(cells), 2.0)), 2.0);
    vec3 color = ground * (1.0 + 0.22 * abs(odd.x - odd.y)) + 0.28 * grid * ink;

    // The rim: what is cut off is seen at once.
    vec2 rim = vec2(0.5 * aspect, 0.5) - abs(place);
    color = mix(color, ink, step(min(rim.x, rim.y), 1.5 * pixel));
    vec2 corner = vec2(0.5 * aspect - 0.115, 0.385);
    float corners = length(abs(place) - corner);
    color = mix(color, ink, max(line(corners - 0.085, 2.0), 0.5 * line(corners - 0.045, 1.0)));

    // The disc in the middle holds the colours.
    float radius = 0.36, from_centre = length(place);
    if (from_centre < radius) {
        float across = clamp(0.5 + place.x / (2.0 * radius), 0.0, 0.9999);
        color = bar(floor(across * 7.0));
        if (place.y < 0.16) color = vec3(floor(across * 12.0) / 11.0);
        if (place.y < 0.08) color = vec3(across);
        if (place.y < 0.03) {       // silence is a line in the middle of this
            float wave = IMG_NORM_PIXEL(sound, vec2(across, 0.5)).r - 0.5;
            color = 0.5 * ground + ink * line(place.y + 0.055 - 0.16 * wave, 2.0) + 0.1 * ink * line(place.y + 0.055, 1.0);
        }
        if (place.y < -0.14) {
            float heard = IMG_NORM_PIXEL(spectrum, vec2(pow(0.001, 1.0 - across), 0.5)).r;      // ten octaves
            vec3 flame = mix(vec3(0.25, 0.45, 0.75), vec3(1.0, 0.75, 0.4), (place.y + 0.25) / 0.1);
            color = mix(0.5 * ground, flame, step(place.y + 0.25, 0.1 * heard));
        }
        if (place.y < -0.25) {      // lines of one, two and three pixels: grey from afar, lines from near
            float width = 1.0 + floor(across * 3.0);
            color = vec3(mod(floor(gl_FragCoord.x / width), 2.0));
        }
        if (place.y < -0.31) color = step(across, 0.5) * vec3(0.02) + step(0.5, across) * vec3(0.98);
    }
    color = mix(color, ink, max(ring(vec2(0.0), radius, 3.0), 0.5 * ring(vec2(0.0), 0.43, 1.0)));

    // Round it: how loud it is now, and a hand that must not stutter.
    float angle = fract(atan(place.x, place.y) / TURN);
    float band = step(0.372, from_centre) * step(from_centre, 0.418);
    color = mix(color, mix(ground, vec3(1.0, 0.72, 0.35), 0.9), band * step(angle, level));
    if (sweep) {
        float behind = fract(TIME / 4.0 - angle);
        color += ink * band * exp(-behind * 26.0);
    }
    gl_FragColor = vec4(color, 1.0);
}
