/*
description: The screen as a whole, one point: places may take turns, so the part of them that rises is watched as well.
in: seen with smaller copies of itself, alpha = 1 where light rose last; spread; the trace and counts one frame before
out: the trace of the part that rises; counts = interventions, their seconds, seconds of calm, how much is held back
*/
#include "flash.glsl"
layout(location = 0) out vec4 four;
layout(location = 1) out vec4 last;
layout(location = 2) out vec4 counts;
uniform sampler2D seen, spread, screen_ages, screen_rest, screen_counts;
uniform float elapsed;

const float AREA_TURN = 0.2;        // of a quarter of the screen in the rule
const float SEPARATE = 2.0;         // seconds of calm between two interventions

void main() {
    Trace trace = read_trace(screen_ages, screen_rest, ivec2(0));
    float rising = textureLod(seen, vec2(0.5), 16.0).a;
    step_trace(trace, rising, rising, elapsed, AREA_TURN, LONG_AGO);
    vec4 before = texelFetch(screen_counts, ivec2(0), 0);
    float held = 1.0 - textureLod(spread, vec2(0.5), 16.0).r;
    bool now = held > 0.001;
    counts = vec4(before.x + float(now && before.z >= SEPARATE), before.y + (now ? elapsed : 0.0),
                  now ? 0.0 : min(before.z + elapsed, LONG_AGO), held);
    four = trace.ages;
    last = rest_of(trace);
}
