/*{
    "DESCRIPTION": "Shows the picture through an opening with a soft edge: round, a square, a star of as many sides as you like. The tones ripple its edge, and it opens as the sound gets louder.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Masking", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "centre", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5], "LABEL": "Where its middle is"},
        {"NAME": "size", "TYPE": "float", "MIN": 0, "MAX": 1.5, "DEFAULT": 0.36, "LABEL": "How far it reaches, in heights of the picture"},
        {"NAME": "wide", "TYPE": "float", "MIN": 0.2, "MAX": 4, "DEFAULT": 1.3, "LABEL": "How wide it is for its height"},
        {"NAME": "sides", "TYPE": "float", "MIN": 2, "MAX": 12, "DEFAULT": 2, "LABEL": "Sides; 2 is round"},
        {"NAME": "turn", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0, "LABEL": "How far it is turned"},
        {"NAME": "soft", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.3, "LABEL": "How soft its edge is"},
        {"NAME": "ripple", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4, "LABEL": "How far the tones ripple it"},
        {"NAME": "follow", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How far it opens with the sound"},
        {"NAME": "inverted", "TYPE": "bool", "DEFAULT": false, "LABEL": "Shows what is outside instead"}
    ]
}*/
#include "tones.glsl"
uniform float level, level_time;

const float TURN = 6.2831853;

float rippled(float angle) {
    float sum = 0.0;
    for (int n = 0; n < min(tones, 12); n++) {
        float number = float(2 + n) + floor(clamp(octave(n), -1.0, 4.0)), run = (n % 2 == 0 ? 0.4 : -0.3) * level_time;
        sum += beat(n) * strength(n) / number * sin(number * angle + run + float(n));
    }
    return sum;
}

void main() {
    vec2 place = (isf_FragNormCoord - centre) * vec2(RENDERSIZE.x / RENDERSIZE.y / wide, 1.0);
    float angle = atan(place.y, place.x) + TURN * turn, far = length(place);
    float part = TURN / max(sides, 3.0), within = abs(mod(angle, part) - 0.5 * part);
    far *= mix(1.0, cos(within) / cos(0.5 * part) * 0.5 + 0.5, smoothstep(2.0, 3.0, sides));
    float reach = size * mix(1.0, 0.55 + 0.9 * level, follow) * (1.0 + 0.9 * ripple * rippled(angle));
    float width = max(0.6 * soft * max(reach, 0.02), 1.5 / RENDERSIZE.y);
    float open = smoothstep(reach + 0.5 * width, reach - 0.5 * width, far);
    vec4 given = IMG_THIS_PIXEL(inputImage);
    float shown = inverted ? 1.0 - open : open;
    gl_FragColor = vec4(given.rgb * sqrt(shown), 1.0);
}
