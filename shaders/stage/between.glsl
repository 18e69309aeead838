/*
description: One dream becoming the next along the ways that were found, and fading where none can be trusted.
in: picture = the newest dream, row 0 on top; before = what was seen when it arrived; ways = of shift.glsl;
    fade 0..1: at 0 the one is seen as it is, at 1 the other
out: colour as the screen shows it; alpha = how much dream there is
*/
in vec2 uv;
out vec4 color;
uniform sampler2D picture, before, ways;
uniform float fade;

vec4 fresh(vec2 place) {
    return vec4(texture(picture, vec2(place.x, 1.0 - place.y)).rgb, 1.0);
}

void main() {
    vec2 middle = uv - (fade - 0.5) * texture(ways, uv).xy;       // where, half-way, what is here now was or will be
    vec3 way = texture(ways, middle).xyz;
    vec4 moved = mix(texture(before, uv - fade * way.xy), fresh(uv + (1.0 - fade) * way.xy), fade);
    color = mix(mix(texture(before, uv), fresh(uv), fade), moved, way.z);
}
