/*
description: The picture on the screen: the dream seen through the air, the motes before it, bent a little by them.
in: air = motes and clouds; dream = the crossfaded dream, filling the screen and keeping its shape
out: colour as the screen shows it, with noise below one step so that slow gradients show no bands
*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D air, dream;
uniform vec2 resolution;
uniform float frame;
uniform float display_mix, display_brightness, stage_blackout;

vec3 dream_light(vec2 place, out float there) {
    vec2 size = vec2(textureSize(dream, 0));
    float wide = (resolution.x / resolution.y) / (size.x / size.y);
    vec2 part = wide > 1.0 ? vec2(1.0, 1.0 / wide) : vec2(wide, 1.0);
    vec4 shown = sharp_texture(dream, (place - 0.5) * part + 0.5);
    there = shown.a;
    return from_screen(clamp(shown.rgb, 0.0, 1.0));
}

vec3 compose(vec4 veil) {
    float light = luminance(veil.rgb), there;
    vec2 bend = vec2(dFdx(light), dFdy(light)) * min(resolution.y, 1080.0) * 0.006 * (1.0 - display_mix);
    vec3 behind = dream_light(uv + clamp(bend, -0.02, 0.02), there);
    float mixed = display_mix * there;
    float mist = smoothstep(0.0, 1.0, veil.a);
    float window = smoothstep(0.0, 1.0, clamp(mixed * 2.0 - mix(0.55, 0.2, mist) * (1.0 - mixed) * 1.6, 0.0, 1.0));
    vec3 before = veil.rgb * (1.0 - mixed * mixed);
    vec3 lit = behind * window;
    return 1.0 - (1.0 - lit) * (1.0 - before * mix(1.0, 0.85, window));
}

void main() {
    bool dreaming = display_mix > 0.0 && texelFetch(dream, ivec2(0), 0).a > 0.0;
    vec3 light = dreaming ? compose(texture(air, uv)) : texture(air, uv).rgb;
    light *= display_brightness * display_brightness * (1.0 - stage_blackout);
    uvec2 pixel = uvec2(gl_FragCoord.xy);
    uint salt = uint(frame) * 977u;
    float grain = float(scramble(pixel + salt) >> 8) + float(scramble(pixel + 51u + salt) >> 8);
    float dither = (grain / 16777216.0 - 1.0) / 255.0 * (1.0 - stage_blackout);
    color = vec4(to_screen(light) + dither, 1.0);
}
