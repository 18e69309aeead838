/*{
    "DESCRIPTION": "Grain of film: soft clumps of silver, most in the middle tones, new with every frame of the film; a little of it in colour. Noise in the sound coarsens it, loudness brings it up.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Film", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "amount", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.2, "LABEL": "How much grain there is"},
        {"NAME": "size", "TYPE": "float", "MIN": 1, "MAX": 8, "DEFAULT": 1.6, "LABEL": "Size of a grain, in thousandths of the height of the picture"},
        {"NAME": "colour", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.25, "LABEL": "How far red, green and blue have grain of their own"},
        {"NAME": "rate", "TYPE": "float", "MIN": 1, "MAX": 60, "DEFAULT": 18, "LABEL": "New grain so many times a second"},
        {"NAME": "weave", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.15, "LABEL": "How far the film sways in its gate"},
        {"NAME": "follow", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How far grain follows the sound"}
    ]
}*/
uniform float level, feature_flatness;      // of the sound: loudness, and 0 a tone .. 1 noise

// -1..1, another for each cell and layer
float speck(ivec2 cell, uint layer) {
    uint mixed = uint(cell.x) * 0x9e3779b1u ^ uint(cell.y) * 0x85ebca77u ^ layer * 0xc2b2ae3du;
    mixed = (mixed ^ (mixed >> 15)) * 0x2c1b3c6du;
    mixed = (mixed ^ (mixed >> 12)) * 0x297a2d39u;
    return float(mixed ^ (mixed >> 15)) / 2147483648.0 - 1.0;
}

float clump(vec2 place, uint layer) {
    vec2 ease = fract(place) * fract(place) * (3.0 - 2.0 * fract(place));
    ivec2 cell = ivec2(floor(place));
    float low = mix(speck(cell, layer), speck(cell + ivec2(1, 0), layer), ease.x);
    float high = mix(speck(cell + ivec2(0, 1), layer), speck(cell + ivec2(1, 1), layer), ease.x);
    return mix(low, high, ease.y);
}

// Two sizes of clumps, turned against each other so that no raster is seen.
float grain(vec2 place, uint layer) {
    return 0.72 * clump(place, layer) + 0.55 * clump(mat2(0.8, -0.6, 0.6, 0.8) * place * 0.53 + 31.7, layer + 7u);
}

void main() {
    float frame = floor(TIME * rate);
    vec2 sway = vec2(sin(frame * 1.7) + sin(frame * 0.37), sin(frame * 2.3) + sin(frame * 0.51)) * 0.0006 * weave;
    vec4 given = IMG_NORM_PIXEL(inputImage, isf_FragNormCoord + sway);

    float coarse = size * (1.0 + 2.5 * follow * clamp(feature_flatness, 0.0, 1.0));
    float pixels = max(1.0, coarse * 0.001 * RENDERSIZE.y);
    vec2 place = gl_FragCoord.xy / pixels;
    uint layer = uint(frame) * 16u;
    vec3 own = vec3(grain(place, layer + 1u), grain(place, layer + 2u), grain(place, layer + 3u));
    vec3 both = mix(vec3(grain(place, layer)), own, colour);

    float bright = dot(given.rgb, vec3(0.2126, 0.7152, 0.0722));
    float middle = 0.18 + 0.82 * sqrt(clamp(4.0 * bright * (1.0 - bright), 0.0, 1.0));
    float strength = 0.32 * amount * mix(1.0, 0.35 + 1.3 * level, follow);
    gl_FragColor = vec4(given.rgb + strength * middle * both, given.a);
}
