/*
description: How flashes are counted at one place: the last turns of a value, its last extreme, and how restless it is.
use: Trace, read_trace(ages, rest, place), step_trace(trace, shown, given, elapsed, change, dark), ceiling(trace, step),
     redness(light), light_of(shown), share_at(spread, uv)
*/
// A turn is a change against the direction of the last one; two turns make a flash, and six a second are the most.
// A turn upwards is refused unless after it one downwards is left: darkness is always free, so that blackout is.
const float SECOND = 1.02;          // and a little, for frames that come unevenly
const float LONG_AGO = 100.0;
const float LUMINANCE_TURN = 0.095, LUMINANCE_STEP = 0.09;      // of 0.1 in the rule
const float RED_TURN = 0.059, RED_STEP = 0.056;                 // of 20 / 320
const float BRIGHT = 0.8;           // a flash has a darker side below this
const float UNREST = 0.2, REST = 1.0;       // each turn of what is given keeps a restless place so; calmed in a second

struct Trace {
    vec4 ages; float fifth;     // seconds since the last five turns of what is shown
    float shown, given;         // the last extreme of each: 1 + value while it rises, -(1 + value) while it falls
    float heat;                 // 1 where a turn was refused, 0 when what is given has been calm again
};

Trace read_trace(sampler2D ages, sampler2D rest, ivec2 place) {
    vec4 four = texelFetch(ages, place, 0), last = texelFetch(rest, place, 0);
    return Trace(four, last.x, last.y, last.z, last.w);
}

vec4 rest_of(Trace trace) { return vec4(trace.fifth, trace.shown, trace.given, trace.heat); }

bool exhausted(Trace trace) { return trace.shown < 0.0 && trace.fifth < SECOND; }

// The highest value that may be shown now.
float ceiling(Trace trace, float step) { return exhausted(trace) ? -trace.shown - 1.0 + step : LONG_AGO; }

// Return whether a value turns, and move its last extreme.
bool turns(inout float extreme, float value, float change, float dark) {
    float last = abs(extreme) - 1.0;
    bool rising = extreme > 0.0;
    bool turned = rising ? value <= last - change && value < dark : value >= last + change;
    float way = rising ? max(last, value) : min(last, value);
    extreme = turned == rising ? -1.0 - (turned ? value : way) : 1.0 + (turned ? value : way);
    return turned;
}

void step_trace(inout Trace trace, float shown, float given, float elapsed, float change, float dark) {
    trace.ages = min(trace.ages + elapsed, LONG_AGO);
    trace.fifth = min(trace.fifth + elapsed, LONG_AGO);
    if (turns(trace.shown, shown, change, dark)) {
        trace.fifth = trace.ages.w;
        trace.ages = vec4(0.0, trace.ages.xyz);
    }
    trace.heat = max(0.0, trace.heat - REST * elapsed);
    if (turns(trace.given, given, change, dark) && trace.heat > 0.0) trace.heat = min(1.0, trace.heat + UNREST);
}

// Red as the rule for red flashes counts it, in 0..1 instead of 0..320.
float redness(vec3 light) { return max(0.0, light.r - light.g - light.b); }

vec3 light_of(vec3 shown) {         // sRGB's curve to 0.002, without its power
    return shown * (shown * (shown * 0.305306 + 0.682171) + 0.012523);
}

// How much of the new frame is shown at a place; 1 is exactly 1.
float share_at(sampler2D spread, vec2 place) {
    float share = texture(spread, place).r;
    return share > 0.999 ? 1.0 : share;
}
