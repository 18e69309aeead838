/*{
    "DESCRIPTION": "Light that spreads as in a lens and in film: what is bright glows, near and far, further in blue. It breathes with loudness and opens with each pulse.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Blur", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "amount", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.6, "LABEL": "How strong the glow is"},
        {"NAME": "threshold", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.25, "LABEL": "Light above which it glows"},
        {"NAME": "spread", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6, "LABEL": "Near (0) or far (1)"},
        {"NAME": "tint", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.4, "LABEL": "How blue the far glow is"},
        {"NAME": "follow", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6, "LABEL": "How far it follows the sound"}
    ],
    "PASSES": [
        {"TARGET": "half_", "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2", "FLOAT": true},
        {"TARGET": "fourth", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
        {"TARGET": "eighth", "WIDTH": "$WIDTH / 8", "HEIGHT": "$HEIGHT / 8", "FLOAT": true},
        {"TARGET": "sixteenth", "WIDTH": "$WIDTH / 16", "HEIGHT": "$HEIGHT / 16", "FLOAT": true},
        {"TARGET": "last", "WIDTH": "$WIDTH / 32", "HEIGHT": "$HEIGHT / 32", "FLOAT": true},
        {"TARGET": "glow", "WIDTH": "$WIDTH / 4", "HEIGHT": "$HEIGHT / 4", "FLOAT": true},
        {}
    ]
}*/
#include "colour.glsl"
#include "smooth.glsl"
uniform float level, brightness, pulse;

// What of a colour is above the threshold, with a soft knee.
vec3 glowing(vec3 shown) {
    vec3 light = from_screen(clamp(shown, 0.0, 1.0));
    float bright = max(luminance(light), 1e-4), edge = threshold * threshold;
    float over = max(bright - edge, 0.0);
    return light * over / (over + 0.35 * edge + 0.02);
}

// Half as large: five taps of four points each, so that nothing flickers when it moves.
vec3 smaller(sampler2D picture, bool first) {
    vec2 point = 1.0 / vec2(textureSize(picture, 0));
    vec3 sum = vec3(0.0);
    for (int n = 0; n < 4; n++) {
        vec3 tap = texture(picture, isf_FragNormCoord + point * vec2(2 * (n & 1) - 1, 2 * (n >> 1) - 1)).rgb;
        sum += first ? glowing(tap) : tap;
    }
    vec3 middle = texture(picture, isf_FragNormCoord).rgb;
    return (sum + 2.0 * (first ? glowing(middle) : middle)) / 6.0;
}

// The glow of all sizes, near and far.
vec3 gathered() {
    float wide = clamp(spread + 0.3 * follow * (0.5 - brightness), 0.0, 1.0);
    vec3 blue = mix(vec3(1.0), vec3(0.45, 0.8, 1.6), tint);
    vec3 near = texture(fourth, isf_FragNormCoord).rgb + soft_texture(eighth, isf_FragNormCoord, 0.0).rgb;
    vec3 far = soft_texture(sixteenth, isf_FragNormCoord, 0.0).rgb + soft_texture(last, isf_FragNormCoord, 0.0).rgb;
    return mix(0.5 * near * sqrt(blue), far * blue, 0.25 + 0.6 * wide);
}

void main() {
    if (PASSINDEX == 0) gl_FragColor = vec4(smaller(inputImage, true), 1.0);
    else if (PASSINDEX == 1) gl_FragColor = vec4(smaller(half_, false), 1.0);
    else if (PASSINDEX == 2) gl_FragColor = vec4(smaller(fourth, false), 1.0);
    else if (PASSINDEX == 3) gl_FragColor = vec4(smaller(eighth, false), 1.0);
    else if (PASSINDEX == 4) gl_FragColor = vec4(smaller(sixteenth, false), 1.0);
    else if (PASSINDEX == 5) gl_FragColor = vec4(gathered(), 1.0);
    else {
        vec4 given = IMG_THIS_PIXEL(inputImage);
        float strength = amount * mix(1.0, 0.25 + 1.6 * level + 0.6 * pulse, follow);
        vec3 light = from_screen(clamp(given.rgb, 0.0, 1.0)), lit = soft_texture(glow, isf_FragNormCoord, 0.0).rgb;
        gl_FragColor = vec4(to_screen(1.0 - (1.0 - light) * exp(-1.4 * strength * lit)), given.a);
    }
}
