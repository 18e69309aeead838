/*
description: What is now seen at each place, and the turns that are in it.
in: given = mean light of the new frame; spread = how much of it is shown; seen, traces = one frame before
out: mean light of what is shown, alpha = 1 where it rose last; the traces of luminance and of red
*/
#include "colour.glsl"
#include "flash.glsl"
in vec2 uv;
layout(location = 0) out vec4 color;
layout(location = 1) out vec4 luminance_four;
layout(location = 2) out vec4 luminance_last;
layout(location = 3) out vec4 red_four;
layout(location = 4) out vec4 red_last;
uniform sampler2D given, seen, verdict, spread, luminance_ages, luminance_rest, red_ages, red_rest;
uniform float elapsed;

void main() {
    ivec2 place = ivec2(gl_FragCoord.xy);
    vec3 after = texelFetch(given, place, 0).rgb;
    vec3 shown = mix(texelFetch(seen, place, 0).rgb, after, share_at(spread, uv));
    Trace light = read_trace(luminance_ages, luminance_rest, place), red = read_trace(red_ages, red_rest, place);
    step_trace(light, luminance(shown), luminance(after), elapsed, LUMINANCE_TURN, BRIGHT);
    step_trace(red, redness(shown), redness(after), elapsed, RED_TURN, LONG_AGO);
    if (texelFetch(verdict, place, 0).r < 1.0) light.heat = red.heat = 1.0;
    color = vec4(shown, float(light.shown > 0.0));
    luminance_four = light.ages;
    luminance_last = rest_of(light);
    red_four = red.ages;
    red_last = rest_of(red);
}
