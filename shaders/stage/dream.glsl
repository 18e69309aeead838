/*
description: One dream fading into the next, at the dream's own size.
in: picture = the newest dream, row 0 on top; before = what was seen when it arrived; fade 0..1;
    there = 1 while there is one, 0 when the last one fades away
out: colour as the screen shows it; alpha = how much dream there is, so that the first fades in from nothing
*/
in vec2 uv;
out vec4 color;
uniform sampler2D picture, before;
uniform float fade, there;

void main() {
    vec4 old = texture(before, uv);
    vec4 fresh = vec4(there > 0.0 ? texture(picture, vec2(uv.x, 1.0 - uv.y)).rgb : old.rgb, there);
    color = mix(old.a > 0.0 ? old : vec4(fresh.rgb, 0.0), fresh, fade);
}
