/*
description: How far each place moves from one dream to the next: Lucas and Kanade's method (1981), on one level of some.
    The middle between both dreams is looked from, half the way back and half the way on, so that neither is preferred.
in: old, fresh = edges of both dreams, with levels; coarse = the level before this one; first = 1 where there is none;
    grid = width and height of this level; mip = the level of the edges that is as coarse
out: xy = the way in widths and heights of the picture; z = how far it can be trusted, 0..1
*/
in vec2 uv;
out vec4 color;
uniform sampler2D old, fresh, coarse;
uniform vec2 grid;
uniform float mip, first;

const int REACH = 2;            // points of the grid that are looked at to each side
const int TURNS = 3;            // each sets out from where the one before came to
const float CALM = 2e-4;        // squared rise of luminance over one point, below which the coarser level is believed
const float LONGEST = 1.0;      // points of the grid moved in one turn

// The way that the coarser level found, smoothed; what it trusts counts most.
vec2 begin() {
    vec2 step = 1.0 / vec2(textureSize(coarse, 0));
    vec3 sum = vec3(0.0);
    for (int i = 0; i < 9; i++) {
        vec2 away = vec2(i % 3 - 1, i / 3 - 1);
        vec4 there = texture(coarse, uv + away * step * 0.75);
        sum += vec3(there.xy, 1.0) * (0.05 + there.z) * exp(-0.7 * dot(away, away));
    }
    return sum.xy / sum.z;
}

void main() {
    vec2 start = first > 0.0 ? vec2(0.0) : begin(), way = start;
    for (int turn = 0; turn < TURNS; turn++) {
        float weight = 0.0, off = 0.0;
        vec2 rise = vec2(0.0), rise_off = vec2(0.0);
        vec3 rises = vec3(0.0);                 // xx, xy, yy
        for (int y = -REACH; y <= REACH; y++) for (int x = -REACH; x <= REACH; x++) {
            vec2 place = uv + vec2(x, y) / grid;
            vec3 a = textureLod(old, place - way / 2.0, mip).xyz, b = textureLod(fresh, place + way / 2.0, mip).xyz;
            vec2 g = (a.yz + b.yz) / 2.0 / grid;
            float d = b.x - a.x, w = exp(-0.25 * float(x * x + y * y));
            weight += w, off += w * d;
            rise += w * g, rise_off += w * g * d, rises += w * g.xxy * g.xyy;
        }
        off /= weight, rise /= weight;          // a dream that is brighter all over has not moved
        vec3 m = rises / weight - rise.xxy * rise.xyy + vec3(CALM, 0.0, CALM);
        vec2 pull = rise_off / weight - rise * off + CALM * (way - start) * grid;
        vec2 step = -vec2(m.z * pull.x - m.y * pull.y, m.x * pull.y - m.y * pull.x) / (m.x * m.z - m.y * m.y);
        way += step * min(1.0, LONGEST / max(length(step), 1e-6)) / grid;
    }
    float moved = 0.0, stayed = 0.0;
    for (int y = -REACH; y <= REACH; y++) for (int x = -REACH; x <= REACH; x++) {
        vec2 place = uv + vec2(x, y) / grid;
        float d = textureLod(fresh, place + way / 2.0, mip).x - textureLod(old, place - way / 2.0, mip).x;
        float e = textureLod(fresh, place, mip).x - textureLod(old, place, mip).x;
        moved += d * d, stayed += e * e;
    }
    color = vec4(way, clamp(1.25 - 4.0 * (moved + 1e-3) / (stayed + 2e-3), 0.0, 1.0), 1.0);
}
