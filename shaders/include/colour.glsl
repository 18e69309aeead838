/*
description: Colours around the wheel in linear light, and the step to what a screen shows.
use: wheel(hue), luminance(light), to_screen(light), from_screen(shown)
*/
// A soft wheel: 0 is red, .6 is blue; neighbours melt into each other, and no hue is fully pure.
vec3 wheel(float hue) {
    vec3 ramp = 0.5 + 0.5 * cos(6.2831853 * (hue + vec3(0.0, 2.0, 1.0) / 3.0));
    return 0.02 + 0.98 * ramp * ramp;
}

float luminance(vec3 light) {
    return dot(light, vec3(0.2126, 0.7152, 0.0722));
}

vec3 to_screen(vec3 light) {
    return pow(max(light, 0.0), vec3(1.0 / 2.2));
}

vec3 from_screen(vec3 shown) {
    return pow(shown, vec3(2.2));
}
