/*
description: What one monitor shows of the picture: bent to its corners, faded at its edges, cut out, flipped, corrected.
in: picture; pin = from a place on the monitor to one in what it shows; part = left, top, right, bottom of the picture;
    soft = widths of the edges that fade; mask = corners of a polygon on the monitor; places are 0..1 from left and top
out: colour as the monitor wants it; black outside
*/
in vec2 uv;
out vec4 color;
uniform sampler2D picture;
uniform mat3 pin;
uniform vec4 part, soft;
uniform vec2 flip;          // 1 = from right to left, from bottom to top
uniform vec2 mask[32];
uniform int mask_points;
uniform float mask_soft, gamma;

float edges(vec2 place, vec4 width) {       // light; two neighbours that fade over the same width add up to 1
    vec4 within = vec4(place, 1.0 - place);
    vec4 pixel = vec4(fwidth(place), fwidth(place));
    vec4 sharp = clamp(within / pixel + 0.5, 0.0, 1.0), faded = smoothstep(0.0, 1.0, within / max(width, 1e-6));
    vec4 shown = mix(sharp, faded, greaterThan(width, vec4(0.0)));
    return shown.x * shown.y * shown.z * shown.w;
}

float outside(vec2 place, vec2 wide) {      // how far outside the mask; negative inside
    float nearest = 1e6;
    bool inside = false;
    for (int n = 0, last = mask_points - 1; n < mask_points; last = n++) {
        vec2 way = mask[last] - mask[n], from = place - mask[n];
        vec2 off = (from - way * clamp(dot(from, way) / max(dot(way, way), 1e-9), 0.0, 1.0)) * wide;
        nearest = min(nearest, dot(off, off));
        bool between_ = (mask[n].y > place.y) != (mask[last].y > place.y);
        if (between_ && from.x < way.x * from.y / way.y) inside = !inside;
    }
    return (inside ? -1.0 : 1.0) * sqrt(nearest);
}

void main() {
    vec2 monitor = vec2(uv.x, 1.0 - uv.y);
    vec3 seen = pin * vec3(monitor, 1.0);
    vec2 place = seen.xy / seen.z;
    vec2 turned = mix(place, 1.0 - place, flip);
    float light = seen.z > 0.0 ? edges(turned, soft) : 0.0;
    if (mask_points > 0) {
        vec2 wide = vec2(fwidth(uv.y) / fwidth(uv.x), 1.0);     // in heights of the monitor
        float reach = max(mask_soft, fwidth(uv.y));
        light *= 1.0 - smoothstep(-reach, 0.0, outside(monitor, wide));
    }
    vec2 spot = mix(part.xy, part.zw, clamp(turned, 0.0, 1.0));
    vec3 shown = texture(picture, vec2(spot.x, 1.0 - spot.y)).rgb;
    color = vec4(pow(shown * pow(light, 1.0 / 2.2), vec3(gamma)), 1.0);
}
