/*
description: One dream fading into the next, at the dream's own size.
in: picture = the newest dream, row 0 on top; before = what was seen when it arrived; fade 0..1
out: colour as the screen shows it; alpha = how much dream there is, so that the first fades in from nothing
*/
in vec2 uv;
out vec4 color;
uniform sampler2D picture, before;
uniform float fade;

void main() {
    vec4 fresh = vec4(texture(picture, vec2(uv.x, 1.0 - uv.y)).rgb, 1.0);
    vec4 old = texture(before, uv);
    color = mix(old.a > 0.0 ? old : vec4(fresh.rgb, 0.0), fresh, fade);
}
