/*
description: How much of the new frame may be shown at each place by the rule, and how restless the place is.
in: given = mean light of the new frame; seen = mean light of what is shown; traces of luminance and of red
out: red = share of the new frame 0..1; green = how restless, 1 where a flash is refused; blue = 1 if at all
*/
#include "colour.glsl"
#include "flash.glsl"
out vec4 color;
uniform sampler2D given, seen, luminance_ages, luminance_rest, red_ages, red_rest, screen_ages, screen_rest;

float share_below(float ceiling, float before, float after) {
    return after > ceiling ? clamp((ceiling - before) / (after - before), 0.0, 1.0) : 1.0;
}

void main() {
    ivec2 place = ivec2(gl_FragCoord.xy);
    vec3 before = texelFetch(seen, place, 0).rgb, after = texelFetch(given, place, 0).rgb;
    Trace light = read_trace(luminance_ages, luminance_rest, place), red = read_trace(red_ages, red_rest, place);
    float highest = ceiling(light, LUMINANCE_STEP);
    if (exhausted(read_trace(screen_ages, screen_rest, ivec2(0))))
        highest = light.shown < 0.0 ? -light.shown - 1.0 + LUMINANCE_STEP : LONG_AGO;
    float share = min(share_below(highest, luminance(before), luminance(after)),
                      share_below(ceiling(red, RED_STEP), before.r - before.g - before.b, after.r - after.g - after.b));
    float heat = share < 1.0 ? 1.0 : max(light.heat, red.heat);
    color = vec4(share, heat, float(heat > 0.0), 1.0);
}
