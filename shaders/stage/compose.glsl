/*
description: The dream far behind the air, the motes before it: it takes the air's colour, bends in the clouds, clears in gaps.
in: air = motes and clouds; dream = the crossfaded dream, filling the screen and keeping its shape
out: linear light 0..1; display.mix = 1 is the dream as it is
*/
#include "colour.glsl"
#include "smooth.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D air, dream;
uniform vec2 resolution;
uniform float display_mix, motes_hue;

vec4 dream_at(vec2 place) {
    vec2 size = vec2(textureSize(dream, 0));
    float wide = (resolution.x / resolution.y) / (size.x / size.y);
    vec2 part = wide > 1.0 ? vec2(1.0, 1.0 / wide) : vec2(wide, 1.0);
    vec4 shown = sharp_texture(dream, (place - 0.5) * part + 0.5);
    return vec4(from_screen(clamp(shown.rgb, 0.0, 1.0)), shown.a);
}

void main() {
    vec4 veil = texture(air, uv);
    vec2 side = vec2(0.015 * resolution.y / resolution.x, 0.015);
    vec2 slope = vec2(texture(air, uv + vec2(side.x, 0.0)).a, texture(air, uv + vec2(0.0, side.y)).a) - veil.a;
    vec4 far = dream_at(uv + clamp(slope * 0.4 * (1.0 - display_mix), -0.03, 0.03));
    float mixed = display_mix * far.a, rest = 1.0 - mixed, bright = luminance(veil.rgb);
    vec3 tone = mix(vec3(1.0), 0.3 + 1.1 * wheel(motes_hue), 0.6 * rest);
    float seen = clamp(mixed * (1.0 + rest * (1.6 - 1.6 * bright - 0.5 * veil.a)), 0.0, 1.0);
    vec3 near = veil.rgb * rest * (1.0 + 1.2 * mixed) * mix(1.0, smoothstep(0.04, 0.5, bright), mixed);
    color = vec4(1.0 - (1.0 - far.rgb * tone * seen) * (1.0 - near), 1.0);
}
