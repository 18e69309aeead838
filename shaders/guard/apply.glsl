/*
description: The picture as it may be shown: as it is, or blended in light with what was shown a frame before.
in: picture = what would be shown; held = light of what was shown; spread = how much of the new is shown
out: the picture for the screen; its light, to be held
*/
#include "flash.glsl"
in vec2 uv;
layout(location = 0) out vec4 color;
layout(location = 1) out vec4 kept;
uniform sampler2D picture, held, spread;

vec3 shown_of(vec3 light) {         // light_of backwards: the root, and two steps of Newton's
    vec3 shown = sqrt(light);
    for (int step = 0; step < 2; step++)
        shown -= (light_of(shown) - light) / (shown * (shown * 0.915918 + 1.364342) + 0.012523);
    return clamp(shown, 0.0, 1.0);
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    float share = share_at(spread, uv);
    vec3 shown = texelFetch(picture, pixel, 0).rgb;
    vec3 light = mix(texelFetch(held, pixel, 0).rgb, light_of(shown), share);
    color = vec4(share < 1.0 ? shown_of(light) : shown, 1.0);
    kept = vec4(light, 1.0);
}
