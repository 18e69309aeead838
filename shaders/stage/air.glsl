/*
description: Clouds and motes as an old television shows them: a faint second image, slow roll, lines, afterglow.
in: clouds, motes; previous = this pass one frame before
out: linear light 0..1, tone-mapped; alpha = density of the clouds
*/
in vec2 uv;
out vec4 color;
uniform sampler2D clouds, motes, previous;
uniform vec2 resolution;
uniform float time, elapsed;

void main() {
    float sway = 0.0005 * sin(uv.y * 31.0 + time * 0.6) * sin(uv.y * 13.0 - time * 0.37);
    vec2 seen = uv + vec2(sway, 0.0);
    vec4 cloud = texture(clouds, seen);
    vec4 mote = textureLod(motes, seen, 0.0);
    vec3 second = textureLod(motes, seen - vec2(0.017, 0.0), 0.0).rgb;      // the echo of an aerial
    vec3 light = cloud.rgb * (1.0 - mote.a) + mote.rgb + 0.07 * second;

    float roll = fract(uv.y + time * 0.031);
    light *= 1.0 + 0.09 * smoothstep(0.0, 0.5, roll) * smoothstep(1.0, 0.5, roll);
    float lines = clamp(resolution.y / 3.0, 120.0, 270.0);
    float visible = smoothstep(300.0, 540.0, resolution.y);
    light *= 1.0 + 0.05 * visible * sin(6.2831853 * uv.y * lines);
    vec2 corner = (uv - 0.5) * vec2(1.0, 0.86);
    light *= 1.0 - 1.05 * dot(corner, corner);

    light = 1.0 - exp(-1.55 * light);
    light = mix(light, texture(previous, uv).rgb, exp(-elapsed / 0.09));
    color = vec4(light, cloud.a);
}
