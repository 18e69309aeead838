/*
description: And back to light; display.shaders tells how much of what the shaders made is seen over what they were given.
in: light = linear light as it was before; shown = the colours that the shaders made of it
out: linear light of the whole picture
*/
#include "colour.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D light, shown;
uniform float display_shaders;

void main() {
    vec3 made = clamp(texture(shown, uv).rgb, 0.0, 1.0), given = to_screen(clamp(texture(light, uv).rgb, 0.0, 1.0));
    color = vec4(from_screen(mix(given, made, display_shaders)), 1.0);
}
