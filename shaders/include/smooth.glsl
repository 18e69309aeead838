/*
description: Enlarging without blocks: a B-spline for what is soft, Catmull-Rom for what has detail.
use: soft_texture(picture, uv, level), sharp_texture(picture, uv)
*/
// Four bilinear taps make a cubic B-spline (Sigg and Hadwiger, GPU Gems 2, chapter 20).
vec4 soft_texture(sampler2D picture, vec2 uv, float level) {
    vec2 size = vec2(textureSize(picture, int(level)));
    vec2 place = uv * size - 0.5;
    vec2 t = fract(place);
    place -= t;
    vec2 s = 1.0 - t;
    vec2 weight0 = s * s * s / 6.0, weight3 = t * t * t / 6.0;
    vec2 weight1 = 2.0 / 3.0 - 0.5 * t * t * (2.0 - t), weight2 = 2.0 / 3.0 - 0.5 * s * s * (2.0 - s);
    vec2 low = weight0 + weight1, high = weight2 + weight3;
    vec2 before = (place - 0.5 + weight1 / low) / size, after = (place + 1.5 + weight3 / high) / size;
    return (textureLod(picture, before, level) * low.x + textureLod(picture, vec2(after.x, before.y), level) * high.x) * low.y
         + (textureLod(picture, vec2(before.x, after.y), level) * low.x + textureLod(picture, after, level) * high.x) * high.y;
}

// Five bilinear taps make a Catmull-Rom spline without its faint corners (Jimenez, SMAA 2016).
vec4 sharp_texture(sampler2D picture, vec2 uv) {
    vec2 size = vec2(textureSize(picture, 0));
    vec2 place = uv * size;
    vec2 centre = floor(place - 0.5) + 0.5;
    vec2 t = place - centre;
    vec2 weight0 = t * (-0.5 + t * (1.0 - 0.5 * t)), weight1 = 1.0 + t * t * (-2.5 + 1.5 * t);
    vec2 weight2 = t * (0.5 + t * (2.0 - 1.5 * t)), weight3 = t * t * (-0.5 + 0.5 * t);
    vec2 inner = weight1 + weight2;
    vec2 before = (centre - 1.0) / size, middle = (centre + weight2 / inner) / size, after = (centre + 2.0) / size;
    vec4 sum = texture(picture, middle) * inner.x * inner.y
             + texture(picture, vec2(middle.x, before.y)) * inner.x * weight0.y
             + texture(picture, vec2(before.x, middle.y)) * weight0.x * inner.y
             + texture(picture, vec2(after.x, middle.y)) * weight3.x * inner.y
             + texture(picture, vec2(middle.x, after.y)) * inner.x * weight3.y;
    float total = inner.x * inner.y + inner.x * (weight0.y + weight3.y) + (weight0.x + weight3.x) * inner.y;
    return sum / total;
}
