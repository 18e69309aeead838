/*
description: The mean light of each place. A place is 1/256 of the screen: 0.12 degrees where the screen fills 30.
in: picture = what would be shown, in colours of the screen; resolution = number of places
out: mean linear light; alpha 1
*/
#include "flash.glsl"
out vec4 color;
uniform sampler2D picture;
uniform vec2 resolution;

void main() {
    vec2 step = vec2(textureSize(picture, 0)) / resolution;
    vec2 place = floor(gl_FragCoord.xy);
    ivec2 first = ivec2(place * step), end = max(ivec2(ceil((place + 1.0) * step - 0.01)), first + 1);
    vec3 sum = vec3(0.0);
    for (int y = first.y; y < end.y; y++)
        for (int x = first.x; x < end.x; x++) sum += light_of(texelFetch(picture, ivec2(x, y), 0).rgb);
    ivec2 size = end - first;
    color = vec4(sum / float(size.x * size.y), 1.0);
}
