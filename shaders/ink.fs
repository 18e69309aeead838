/*{
    "DESCRIPTION": "Ink in still water. Every tone is a nozzle that feeds it, in puffs as the tone beats, and moves with its drift; a pulse lets a drop fall. The water flows by the laws of fluids and curls.",
    "CREDIT": "live; the step of the water after Guay, Colin and Egli, Simple and Fast Fluids, GPU Pro 2 (2011)",
    "ISFVSN": "2",
    "CATEGORIES": ["Generator", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "flow_rate", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1, "LABEL": "How much ink the sound lets in"},
        {"NAME": "stir", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 0.7, "LABEL": "How hard it stirs the water"},
        {"NAME": "curl", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How the water curls"},
        {"NAME": "memory", "TYPE": "float", "MIN": 1, "MAX": 60, "DEFAULT": 12, "LABEL": "Seconds in which the ink thins out"},
        {"NAME": "paper", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0, "LABEL": "Light in the dark (0) or ink before white paper (1)"},
        {"NAME": "hue", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0, "LABEL": "Its colour around the wheel, from that of the motes"}
    ],
    "PASSES": [
        {"TARGET": "nozzles", "WIDTH": "18", "HEIGHT": "2", "FLOAT": true},
        {"TARGET": "water", "PERSISTENT": true, "FLOAT": true, "WIDTH": "floor(128 * $WIDTH / $HEIGHT)", "HEIGHT": "128"},
        {"TARGET": "dye", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
        {}
    ]
}*/
#include "noise.glsl"
#include "colour.glsl"
#include "smooth.glsl"
#include "tones.glsl"
uniform float motes_hue, level, level_time;
uniform float drift_cents[32], bloom_cents[32], bloom_age[32];

const int NOZZLES = 14, DROPS = 4;
float aspect = PASSINDEX == 0 ? IMG_SIZE(dye).x / IMG_SIZE(dye).y : RENDERSIZE.x / RENDERSIZE.y;
float elapsed_ = clamp(TIMEDELTA, 0.001, 0.1);

struct Nozzle { vec2 place, push; float ink, pale, radius; };

Nozzle tone_nozzle(int n) {
    float angle = 2.39996 * float(n) + 0.05 * TIME * (0.5 + random(n, 1)) + 0.4 * sin(0.13 * TIME + float(n));
    float far = 0.08 + 0.34 * sqrt((float(n) + 0.5) / float(NOZZLES));
    Nozzle nozzle;
    nozzle.place = far * vec2(cos(angle) * 0.8 * aspect, sin(angle)) + vec2(0.0, 0.15 * tanh(drift_cents[n] / 20.0));
    nozzle.ink = n < tones ? beat(n) * strength(n) : 0.0;
    nozzle.push = vec2(cos(angle + 2.2), sin(angle + 2.2)) * nozzle.ink;
    nozzle.pale = smoothstep(-2.0, 3.0, octave(n));
    nozzle.radius = mix(0.05, 0.022, nozzle.pale);
    return nozzle;
}

Nozzle pulse_drop(int n) {
    float age = bloom_age[n], cents = bloom_cents[n];
    Nozzle drop;
    drop.place = vec2(0.42 * aspect * sin(cents * 0.209), 0.36 * tanh(cents / 36.0));
    drop.ink = 0.9 * exp(-age / 0.15) * step(age, 1.0);
    drop.push = vec2(sin(float(n)), -1.0) * drop.ink;
    drop.pale = 1.0;
    drop.radius = 0.03;
    return drop;
}

// Column n is nozzle n. Row 0: place, push; row 1: ink, how pale it is, radius.
vec4 write_nozzle(ivec2 spot) {
    Nozzle made = pulse_drop(max(spot.x - NOZZLES, 0));
    if (spot.x < NOZZLES) made = tone_nozzle(spot.x);
    return spot.y == 0 ? vec4(made.place, made.push) : vec4(made.ink, made.pale, made.radius, 1.0);
}

Nozzle nozzle_at(int n) {
    vec4 one = texelFetch(nozzles, ivec2(n, 0), 0), two = texelFetch(nozzles, ivec2(n, 1), 0);
    return Nozzle(one.xy, one.zw, two.x, two.y, two.z);
}

float spray(Nozzle nozzle, vec2 place) {
    vec2 from = (place - nozzle.place) / nozzle.radius;
    return exp(-dot(from, from));
}

vec4 water_at(vec2 beside) { return IMG_NORM_PIXEL(water, isf_FragNormCoord + beside); }

// One step of the water: velocity in heights a second (xy), pressure around 1 (z), whirl (w).
vec4 flow_on(vec2 place) {
    vec2 point = 1.0 / RENDERSIZE;
    float to_points = RENDERSIZE.y * elapsed_;
    vec4 here = IMG_THIS_PIXEL(water);
    vec4 right = water_at(vec2(point.x, 0.0)), left = water_at(vec2(-point.x, 0.0));
    vec4 up = water_at(vec2(0.0, point.y)), down = water_at(vec2(0.0, -point.y));
    float gathers = 0.5 * to_points * (right.x - left.x + up.y - down.y), pressure = here.z > 0.0 ? here.z : 1.0;
    vec2 slope = FRAMEINDEX < 2 ? vec2(0.0) : 0.5 * vec2(right.z - left.z, up.z - down.z);
    pressure -= dot(slope, here.xy) * to_points + pressure * gathers;

    vec2 velocity = IMG_NORM_PIXEL(water, isf_FragNormCoord - here.xy * to_points * point).xy;
    velocity += 0.12 * (right.xy + left.xy + up.xy + down.xy - 4.0 * here.xy);
    velocity -= 0.18 * slope / to_points;
    float whirl = 0.5 * RENDERSIZE.y * (right.y - left.y - up.x + down.x);
    vec2 rise = vec2(abs(right.w) - abs(left.w), abs(up.w) - abs(down.w));
    velocity += 0.06 * curl * elapsed_ * whirl * vec2(rise.y, -rise.x) / (length(rise) + 0.05);

    for (int n = 0; n < NOZZLES + DROPS; n++) {
        Nozzle nozzle = nozzle_at(n);
        velocity += 7.0 * stir * elapsed_ * nozzle.push * spray(nozzle, place);
    }
    vec2 eddy = place * 1.7 + 0.03 * TIME;
    velocity += 0.05 * stir * elapsed_ * vec2(noise(eddy + 7.0 + 0.1 * level_time), noise(eddy.yx - 0.1 * level_time));
    vec2 wall = smoothstep(vec2(0.0), 6.0 * point, min(isf_FragNormCoord, 1.0 - isf_FragNormCoord));
    velocity *= exp(-0.25 * elapsed_) * wall.x * wall.y;
    velocity *= min(1.0, 4.0 / max(length(velocity) * to_points, 1e-3));
    return vec4(velocity, mix(clamp(pressure, 0.5, 2.0), 1.0, 0.02), whirl);
}

// One step of the ink: deep (x), pale (y).
vec4 carry(vec2 place) {
    vec2 velocity = soft_texture(water, isf_FragNormCoord, 0.0).xy;
    vec2 from = isf_FragNormCoord - velocity * elapsed_ * vec2(1.0 / aspect, 1.0);
    vec2 ink = FRAMEINDEX == 0 ? vec2(0.0) : sharp_texture(dye, from).xy * exp(-elapsed_ / memory);
    for (int n = 0; n < NOZZLES + DROPS; n++) {
        Nozzle nozzle = nozzle_at(n);
        float fed = 5.0 * flow_rate * elapsed_ * nozzle.ink * spray(nozzle, place);
        ink += fed * vec2(1.0 - nozzle.pale, 0.35 + nozzle.pale);
    }
    return vec4(clamp(ink, 0.0, 8.0), 0.0, 1.0);
}

void main() {
    vec2 place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    if (PASSINDEX == 0) { gl_FragColor = write_nozzle(ivec2(gl_FragCoord.xy)); return; }
    if (PASSINDEX == 1) { gl_FragColor = flow_on(place); return; }
    if (PASSINDEX == 2) { gl_FragColor = carry(place); return; }

    vec2 ink = soft_texture(dye, isf_FragNormCoord, 0.0).xy, pixel = 1.5 / vec2(textureSize(dye, 0));
    vec2 right = soft_texture(dye, isf_FragNormCoord + vec2(pixel.x, 0.0), 0.0).xy;
    vec2 above = soft_texture(dye, isf_FragNormCoord + vec2(0.0, pixel.y), 0.0).xy;
    vec2 slope = vec2(right.x + right.y, above.x + above.y) - ink.x - ink.y;
    float side = clamp(0.5 + 3.0 * dot(slope, vec2(-0.6, 0.8)), 0.0, 1.5);
    float tint = motes_hue + hue;
    vec3 deep = wheel(tint + 0.04), pale = mix(wheel(tint - 0.06), vec3(1.0), 0.25);

    vec3 lit = (ink.x * deep + 0.8 * ink.y * pale) * (0.55 + 0.9 * side);
    lit += deep * (0.004 + 0.02 * (1.0 - isf_FragNormCoord.y) * (0.3 + level));
    vec3 dark = 1.0 - exp(-1.3 * lit);
    vec3 sheet = vec3(0.86, 0.88, 0.87) * (0.97 + 0.05 * noise(place * 60.0));
    vec3 stained = sheet * exp(-2.2 * ink.x * (1.15 - deep) - 1.6 * ink.y * (1.1 - pale)) * (0.95 + 0.1 * min(side, 0.7));
    gl_FragColor = vec4(to_screen(mix(dark, stained, paper)), 1.0);
}
