/*{
    "DESCRIPTION": "Fits the picture to what it falls on: its four corners where you want them, its edges soft. A little sway makes it a cloth that the tones move; at 0 it hangs still.",
    "CREDIT": "live; the way from four corners to a square after Heckbert, Fundamentals of Texture Mapping (1989)",
    "ISFVSN": "2",
    "CATEGORIES": ["Utility", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "left_top", "TYPE": "point2D", "MIN": [-0.5, -0.5], "MAX": [1.5, 1.5], "DEFAULT": [0, 1], "LABEL": "Where the left top corner goes, from the left bottom"},
        {"NAME": "right_top", "TYPE": "point2D", "MIN": [-0.5, -0.5], "MAX": [1.5, 1.5], "DEFAULT": [1, 1], "LABEL": "Where the right top corner goes"},
        {"NAME": "right_bottom", "TYPE": "point2D", "MIN": [-0.5, -0.5], "MAX": [1.5, 1.5], "DEFAULT": [1, 0], "LABEL": "Where the right bottom corner goes"},
        {"NAME": "left_bottom", "TYPE": "point2D", "MIN": [-0.5, -0.5], "MAX": [1.5, 1.5], "DEFAULT": [0, 0], "LABEL": "Where the left bottom corner goes"},
        {"NAME": "soft", "TYPE": "float", "MIN": 0, "MAX": 0.5, "DEFAULT": 0.04, "LABEL": "Width of the edges that fade"},
        {"NAME": "sway", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.25, "LABEL": "How far the tones move it"}
    ]
}*/
#include "smooth.glsl"
#include "tones.glsl"
uniform float level, level_time;

const float TURN = 6.2831853;

// From a square of 0..1 to the four corners; inverse() of it leads back.
mat3 square_to(vec2 a, vec2 b, vec2 c, vec2 d) {        // left bottom, right bottom, right top, left top
    vec2 s = a - b + c - d, e = b - c, f = d - c;
    float whole = e.x * f.y - f.x * e.y;
    whole = abs(whole) < 1e-5 ? 1e-5 : whole;
    float g = (s.x * f.y - f.x * s.y) / whole, h = (e.x * s.y - s.x * e.y) / whole;
    return mat3(vec3(b - a + g * b, g), vec3(d - a + h * d, h), vec3(a, 1.0));
}

vec2 cloth(vec2 place) {        // how far a place of it is moved; the hem most, the top least
    vec2 sum = vec2(0.0);
    float power = 1e-3;
    for (int n = 0; n < min(tones, 8); n++) {
        float number = clamp(1.5 + octave(n), 0.5, 5.0), strong = strength(n);
        float run = 0.3 * TIME + level_time * (0.5 + 0.1 * float(n)) + float(n);
        power += strong * strong;
        vec2 wave = vec2(sin(TURN * number * place.y + run), cos(TURN * number * place.x - run));
        sum += beat(n) * strong / number * wave;
    }
    return 0.05 * sway * (0.2 + level) * sum * inversesqrt(power) * (1.15 - place.y);
}

void main() {
    mat3 way = square_to(left_bottom, right_bottom, right_top, left_top);
    vec3 back = inverse(way) * vec3(isf_FragNormCoord, 1.0);
    vec2 place = back.xy / (abs(back.z) < 1e-5 ? 1e-5 : back.z);
    vec2 moved = cloth(place), fold = cloth(place + vec2(0.01, 0.0)) - moved;
    place += moved;
    vec2 pixel = max(fwidth(place), 1e-5), width = max(vec2(soft), pixel);
    vec2 within = smoothstep(vec2(0.0), width, place) * smoothstep(vec2(0.0), width, 1.0 - place);
    float shown = back.z > 0.0 ? within.x * within.y : 0.0;
    vec4 given = sharp_texture(inputImage, clamp(place, 0.0, 1.0));
    gl_FragColor = vec4(given.rgb * shown * (1.0 + clamp(20.0 * fold.x, -0.25, 0.25)), 1.0);
}
