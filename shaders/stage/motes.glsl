/*
description: One mote: a translucent, slightly uneven disc out of focus, with a rim, grain inside and coloured edges.
in: place (x, y, radius, light), tint (red, green, blue, opacity) and nature (blur, seed, turn) of this mote, from swarm
out: premultiplied linear light; drawn one over the other, so that near motes veil those behind
*/
#include "noise.glsl"
in vec2 local;      // from the centre, in radii
flat in vec4 place, tint, nature;
out vec4 color;
uniform float feature_flatness;

void main() {
    float distance_ = length(local);
    vec2 way = local / max(distance_, 1e-4);
    vec2 twice = vec2(way.x * way.x - way.y * way.y, 2.0 * way.x * way.y);
    vec2 thrice = vec2(way.x * twice.x - way.y * twice.y, way.y * twice.x + way.x * twice.y);
    float turn = nature.z;
    float outline = 1.0 + 0.075 * dot(twice, vec2(cos(turn), sin(turn)))
                        + 0.05 * dot(thrice, vec2(sin(turn * 2.0), cos(turn * 2.0)));
    float reach = distance_ / (outline * 0.94);

    float blur = clamp(nature.x, 0.05, 0.95);
    vec3 apart = reach * vec3(1.03, 1.0, 0.972);        // red bends least, so blue reaches further out
    vec3 disc = smoothstep(vec3(1.08), vec3(1.08 - 0.16 - blur), apart);
    vec3 rim = disc * smoothstep(0.69 - 0.75 * blur, 0.98 - 0.3 * blur, reach);
    float grain = noise(local * 2.3 + nature.y * 64.0) + 0.5 * noise(local * 5.9 + nature.y * 128.0);
    float rings = cos(reach * 24.0 + grain * 2.0);
    float inside = 0.46 + (0.2 + 0.5 * feature_flatness) * grain + 0.03 * rings * (1.0 - blur);
    float heart = exp(-5.0 * reach * reach);
    vec3 body = disc * (inside + 0.25 * heart) + rim * 0.42 * (1.0 - 0.65 * blur);
    color = vec4(tint.rgb * body * place.w, tint.a * disc.g * (0.5 + 0.5 * inside));
}
