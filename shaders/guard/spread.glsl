/*
description: Around restless places all follows slowly; a little that flickers is let through, and so is blackout.
in: verdict, given, seen with smaller copies of themselves, down to one point; fresh = 1 in the first frame; stage_blackout 0..1
out: red = share of the new frame; between four points of it never more than the verdict at any place there
*/
#include "colour.glsl"
#include "flash.glsl"
#include "smooth.glsl"
in vec2 uv;
out vec4 color;
uniform sampler2D verdict, given, seen, screen_ages, screen_rest;
uniform float elapsed, fresh, stage_blackout;

const int PART = 4;                     // places for one point here
const float ALLOWED_AREA = 0.02;        // of the screen; a quarter of any field of 10 degrees of 30 x 22 is .035
const float WIDTH = 4.0;                // mipmap: restlessness reaches a sixteenth of the width
const float ENOUGH = 0.12;              // of the places there, for all there to be calmed
const float SLOWNESS = 1.0;     // seconds in which they follow: stroboscopes of 3.5 Hz keep a ripple of .07
const float SLEW = 6.0;                 // of the whole screen's luminance a second: 0.1 in a frame of 60
const float BLACK = 1e-4;

float worst_around(ivec2 point) {
    ivec2 last = textureSize(verdict, 0) - 1;
    float share = 1.0;
    for (int y = -PART; y < 2 * PART; y++)
        for (int x = -PART; x < 2 * PART; x++)
            share = min(share, texelFetch(verdict, clamp(point * PART + ivec2(x, y), ivec2(0), last), 0).r);
    return share;
}

void main() {
    float bright = luminance(textureLod(given, vec2(0.5), 16.0).rgb);
    float rise = bright - luminance(textureLod(seen, vec2(0.5), 16.0).rgb);
    bool small = textureLod(verdict, vec2(0.5), 16.0).b < ALLOWED_AREA;
    bool full = exhausted(read_trace(screen_ages, screen_rest, ivec2(0)));
    float heat = clamp(soft_texture(verdict, uv, WIDTH).g / ENOUGH, 0.0, 1.0);
    float calm = heat > 0.0 ? 1.0 - exp(-elapsed / (SLOWNESS * heat)) : 1.0;
    float share = small && !full ? 1.0 : min(calm, worst_around(ivec2(gl_FragCoord.xy)));
    share = min(share, rise > SLEW * elapsed ? SLEW * elapsed / rise : 1.0);
    bool free = fresh > 0.0 || (stage_blackout > 0.0 && bright < BLACK);
    color = vec4(free ? 1.0 : share);
}
