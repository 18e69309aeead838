/*
description: The last step to the screen: brightness, blackout, and noise below one step so that gradients show no bands.
in: light = linear light of the whole picture
out: colour as the screen shows it
*/
#include "noise.glsl"
#include "colour.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D light;
uniform float frame;
uniform float display_brightness, stage_blackout;

void main() {
    float open = display_brightness * display_brightness * (1.0 - stage_blackout);
    uvec2 pixel = uvec2(gl_FragCoord.xy) + uint(frame) * 977u;
    float grain = float(scramble(pixel) >> 8) + float(scramble(pixel + 51u) >> 8);      // triangular, -1 .. 1 below
    float dither = (grain / 16777216.0 - 1.0) / 255.0 * (1.0 - stage_blackout);
    color = vec4(to_screen(texture(light, uv).rgb * open) + dither, 1.0);
}
