/*
description: From light to what a screen shows: shaders after the dream count in colours of the screen.
in: light = linear light of the whole picture
out: colour as the screen shows it
*/
#include "colour.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D light;

void main() {
    color = vec4(to_screen(clamp(texture(light, uv).rgb, 0.0, 1.0)), 1.0);
}
