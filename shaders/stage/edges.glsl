/*
description: What is needed of a dream to see how it moves: its luminance and how that rises, small, with room for levels.
in: picture; top_first = 1 where its row 0 is on top; grid = width and height of what is drawn
out: x = luminance as the screen shows it, 0..1; yz = its rise over one width, and over one height
*/
in vec2 uv;
out vec4 color;
uniform sampler2D picture;
uniform vec2 grid;
uniform float top_first;

float seen(vec2 place) {
    vec2 quarter = 0.25 / grid;
    float sum = 0.0;
    for (int i = 0; i < 4; i++) {       // as much as one point of the grid covers
        vec2 spot = place + quarter * vec2(2 * (i & 1) - 1, 2 * (i >> 1) - 1);
        sum += dot(texture(picture, vec2(spot.x, mix(spot.y, 1.0 - spot.y, top_first))).rgb, vec3(0.299, 0.587, 0.114));
    }
    return sum / 4.0;
}

void main() {
    vec2 right = vec2(1.0 / grid.x, 0.0), up = vec2(0.0, 1.0 / grid.y);
    vec2 rise = vec2(seen(uv + right) - seen(uv - right), seen(uv + up) - seen(uv - up)) / 2.0;
    color = vec4(seen(uv), rise * grid, 1.0);
}
