/*
description: Pseudo-random numbers and gradient noise that repeat every 256 cells, so that time can wrap unseen.
use: random(index, salt), noise(place), layers(place, gain, octaves)
*/
uint scramble(uvec2 cell) {
    cell *= uvec2(1597334677u, 3812015801u);
    uint mixed = (cell.x ^ cell.y) * 1597334677u;
    return mixed ^ (mixed >> 15);
}

// 0..1
float random(int index, int salt) {
    return float(scramble(uvec2(index, salt * 7919 + 17)) >> 8) / 16777216.0;
}

float slope(ivec2 cell, vec2 offset) {
    uint bits = scramble(uvec2(cell) & 255u);
    vec2 direction = vec2(bits & 0xffffu, bits >> 16) / 32767.5 - 1.0;
    return dot(direction, offset);
}

// about -.7 .. .7, smooth in its second derivative
float noise(vec2 place) {
    vec2 inside = fract(place);
    ivec2 cell = ivec2(floor(place));
    vec2 ease = inside * inside * inside * (inside * (inside * 6.0 - 15.0) + 10.0);
    float low = mix(slope(cell, inside), slope(cell + ivec2(1, 0), inside - vec2(1, 0)), ease.x);
    float high = mix(slope(cell + ivec2(0, 1), inside - vec2(0, 1)), slope(cell + ivec2(1, 1), inside - 1.0), ease.x);
    return mix(low, high, ease.y);
}

// Octaves of noise; the matrix turns and scales by whole numbers, so every octave repeats with the first.
float layers(vec2 place, float gain, int octaves) {
    float sum = 0.0, weight = 1.0;
    for (int octave = 0; octave < octaves; octave++) {
        sum += weight * noise(place);
        weight *= gain;
        place = mat2(2, 1, -1, 2) * place;
    }
    return sum;
}
