/*
description: The air behind the motes: slow clouds folded into themselves, lit by the motes that hang in them.
in: motes, with smaller copies of itself for the glow
out: linear light of clouds and glow; alpha = density of the cloud 0..1
*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D motes;
uniform vec2 resolution;
uniform float flow;
uniform float motes_clouds, motes_hue;
uniform float level, brightness;
uniform float gate, pulse;

void main() {
    vec2 place = (uv - 0.5) * vec2(resolution.x / resolution.y, 1.0) * 1.35 + 8.0;
    float way = flow / 16.0;        // 256 cells while flow goes once round, as the noise repeats
    vec2 fold = vec2(noise(place + way * vec2(0.0, 1.0)), noise(place + 5.0 + way * vec2(1.0, 0.0)));
    vec2 second = vec2(layers(place + 1.7 * fold + way * vec2(1.0, 0.0), 0.36, 2),
                       layers(place + 1.7 * fold + vec2(3.0, 9.0), 0.36, 2));
    float mass = layers(place + 1.35 * second + way * vec2(0.0, -1.0), mix(0.3, 0.5, brightness), 3);
    float density = smoothstep(-0.36, 0.6, mass + 0.35 * (motes_clouds - 0.5));
    float wisps = smoothstep(0.1, 0.7, abs(second.x) + 0.5 * mass);

    float side = clamp(0.5 + 0.9 * second.y - 0.5 * fold.x, 0.0, 1.0);     // where the folds turn towards the light

    vec3 deep = wheel(motes_hue + 0.07), middle = wheel(motes_hue + 0.02), pale = wheel(motes_hue - 0.045);
    vec3 cloud = mix(deep * 0.22, middle * 0.6, density) * mix(0.45, 1.25, side);
    cloud += (0.7 * pale + 0.12) * (wisps * 0.5 + 0.6 * side * side * density) * density * 0.8;
    float thick = motes_clouds * density * density * 1.6;
    float breath = mix(0.07, 1.15, pow(level, 2.6)) * mix(0.22, 1.0, gate) * (1.0 + 0.12 * pulse);
    vec3 near = soft_texture(motes, uv, 3.0).rgb, far = soft_texture(motes, uv, 5.0).rgb;
    vec3 glow = 0.12 * near + 0.26 * far;
    color = vec4(deep * 0.011 + cloud * thick * breath + glow * (0.5 + 1.8 * thick), density);
}
