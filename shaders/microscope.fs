/*{
    "DESCRIPTION": "A microscope for cents. Every tone is a line on a logarithmic axis, where it stands against the nearest octave of the root; the middle is magnified. What was, sinks: so drift is a thread, and beating a thread that glimmers.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Generator", "Audio Reactive", "Utility"],
    "INPUTS": [
        {"NAME": "lens", "TYPE": "float", "MIN": 1, "MAX": 300, "DEFAULT": 8, "LABEL": "Cents around the middle that are magnified most"},
        {"NAME": "against", "TYPE": "long", "VALUES": [0, 1, 2], "LABELS": ["octaves", "overtones", "root"], "DEFAULT": 0, "LABEL": "What a tone is measured against"},
        {"NAME": "history", "TYPE": "float", "MIN": 2, "MAX": 120, "DEFAULT": 16, "LABEL": "Seconds from the top to the bottom"},
        {"NAME": "fineness", "TYPE": "float", "MIN": 0.3, "MAX": 4, "DEFAULT": 1, "LABEL": "Width of a line"},
        {"NAME": "scale", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5, "LABEL": "How bright the scale is: 1, 2, 5, 10 ... cents, and numbers"},
        {"NAME": "hue", "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0, "LABEL": "Their colour around the wheel, from that of the motes"}
    ],
    "PASSES": [
        {"TARGET": "now", "HEIGHT": "1", "FLOAT": true},
        {"TARGET": "past", "PERSISTENT": true, "HEIGHT": "384"},
        {"TARGET": "foot", "HEIGHT": "max(12, $HEIGHT * 0.06)"},
        {}
    ]
}*/
#include "colour.glsl"
#include "tones.glsl"
uniform float motes_hue, level;

const float ROWS = 384.0, HEAD = 0.035, FOOT = 0.06;       // parts of the height: the present, the numbers
float rate = ROWS / history;        // rows a second

float span() { return against == 2 ? 7200.0 : 600.0; }

float across(float cents) {         // -1..1
    return sign(cents) * log(1.0 + abs(cents) / lens) / log(1.0 + span() / lens);
}

float cents_of(float hz) {
    float ratio = max(hz, 1.0) / max(root, 1.0);
    if (against == 1) ratio = ratio < 1.0 ? ratio * round(1.0 / ratio) : ratio / round(ratio);
    float cents = 1200.0 * log2(ratio);
    return against == 0 ? cents - 1200.0 * round(cents / 1200.0) : cents;
}

// Light of all tones at a place across, one moment of it.
vec3 lines(float x, float width) {
    vec3 sum = vec3(0.0);
    for (int n = 0; n < min(tones, 64); n++) {
        float far = (x - across(cents_of(tone_hz[n]))) / width;
        if (abs(far) > 12.0) continue;
        vec3 colour = mix(wheel(motes_hue + hue + 0.05 - 0.045 * octave(n)), vec3(1.0), 0.12);
        float bright = (0.3 + 0.7 * beat(n)) * pow(strength(n), 0.9);
        sum += colour * bright * (exp(-far * far) + 0.06 * exp(-0.3 * abs(far)));
    }
    return sum;
}

// Light of a moment so far below the present.
vec3 was(float below) {
    float row = TIME * rate - below * (ROWS - 4.0) - 1.0, first = floor(row);
    vec3 one = texelFetch(past, ivec2(gl_FragCoord.x, int(mod(first, ROWS))), 0).rgb;
    vec3 two = texelFetch(past, ivec2(gl_FragCoord.x, int(mod(first + 1.0, ROWS))), 0).rgb;
    return -log(1.0 - 0.9995 * mix(one, two, row - first)) * exp(-0.9 * below);
}

// The digits 0-9 as seven strokes: top, right top, right bottom, bottom, left bottom, left top, middle.
float digit(vec2 place, int number) {
    const int STROKES[10] = int[10](63, 6, 91, 79, 102, 109, 125, 7, 127, 111);
    const vec2 FROM[7] = vec2[7](vec2(0, 2), vec2(1, 1), vec2(1, 0), vec2(0, 0), vec2(0, 0), vec2(0, 1), vec2(0, 1));
    const vec2 WAY[7] = vec2[7](vec2(1, 0), vec2(0, 1), vec2(0, 1), vec2(1, 0), vec2(0, 1), vec2(0, 1), vec2(1, 0));
    float nearest = 9.0;
    for (int n = 0; n < 7; n++) {
        vec2 from = place - FROM[n];
        float off = length(from - WAY[n] * clamp(dot(from, WAY[n]), 0.0, 1.0));
        if ((STROKES[number] >> n & 1) == 1) nearest = min(nearest, off);
    }
    return smoothstep(0.26, 0.10, nearest);
}

float number(vec2 place, int value) {      // place in widths of a digit, from the middle of the number
    int digits = value > 999 ? 4 : value > 99 ? 3 : value > 9 ? 2 : 1;
    float column = floor(place.x / 1.7 + 0.5 * float(digits));
    if (column < 0.0 || column >= float(digits) || abs(place.y) > 1.4) return 0.0;
    int shown = value;
    for (int n = digits - 1; n > int(column); n--) shown /= 10;
    return digit(vec2(place.x + 0.85 * float(digits) - 1.7 * column - 0.35, place.y + 1.0), shown % 10);
}

const int MARKS[13] = int[13](1, 2, 5, 10, 20, 50, 100, 200, 400, 600, 1200, 2400, 4800);

// Light of the lines of the scale; the numbers at its foot leave out what would not be read.
float lines_of_scale(float x, float pixel) {
    float found = smoothstep(1.5 * pixel, 0.5 * pixel, abs(x)), last = 0.0;
    for (int n = 0; n < 13; n++) {
        float far = across(float(MARKS[n]));
        if (far - last < 0.035 || far > 1.001) continue;
        last = far;
        found = max(found, 0.45 * smoothstep(1.5 * pixel, 0.5 * pixel, abs(abs(x) - far)));
    }
    return found;
}

float numbers_of_scale(vec2 place, float pixel) {      // place in half widths of the picture
    float last = 0.0, nearest = 9.0, off = 0.0;
    int mark = 0;
    for (int n = 0; n < 13; n++) {
        float far = across(float(MARKS[n]));
        if (far - last < 0.09 || far > 0.98) continue;
        last = far;
        if (abs(abs(place.x) - far) > nearest) continue;
        nearest = abs(abs(place.x) - far);
        off = place.x - sign(place.x) * far;
        mark = MARKS[n];
    }
    return number(vec2(off, place.y) / max(0.0055, 3.0 * pixel), mark) * step(nearest, 8.0);
}

void main() {
    float x = 2.06 * isf_FragNormCoord.x - 1.03, pixel = 2.06 / RENDERSIZE.x;
    if (PASSINDEX == 0) {       // what is the same in every row
        gl_FragColor = vec4(lines(x, fineness * max(0.0020, pixel)), lines_of_scale(x, pixel));
        return;
    }
    vec4 column = texelFetch(now, ivec2(gl_FragCoord.x, 0), 0);
    if (PASSINDEX == 1) {       // a ring of rows: those since the last frame are written, the others kept
        float newest = floor(TIME * rate), oldest = floor((TIME - TIMEDELTA) * rate);
        float age = mod(newest - gl_FragCoord.y + 0.5, ROWS);
        vec3 kept = FRAMEINDEX == 0 ? vec3(0.0) : IMG_THIS_PIXEL(past).rgb;
        gl_FragColor = vec4(age <= newest - oldest ? 1.0 - exp(-column.rgb) : kept, 1.0);
        return;
    }
    if (PASSINDEX == 2) {       // the foot, where the numbers are
        vec2 place = vec2(x, (isf_FragNormCoord.y - 0.5) * 2.06 * RENDERSIZE.y / RENDERSIZE.x);
        gl_FragColor = vec4(numbers_of_scale(place, pixel));
        return;
    }
    float below = (1.0 - HEAD - isf_FragNormCoord.y) / (1.0 - HEAD);       // 0 now, 1 the oldest that is seen
    vec3 head = 1.6 * column.rgb * (smoothstep(0.004, -0.004, below) + exp(-abs(below) / 0.008));
    vec3 sunk = below > 0.0 ? 1.5 * was(below) * smoothstep(1.0, 0.5, below) : vec3(0.0);
    vec3 ink = mix(wheel(motes_hue + hue), vec3(1.0), 0.4), deep = wheel(motes_hue + hue + 0.05);
    float named = isf_FragNormCoord.y < FOOT ? IMG_NORM_PIXEL(foot, isf_FragNormCoord / vec2(1.0, FOOT)).r : 0.0;
    float line = column.a * smoothstep(FOOT - 0.01, FOOT + 0.02, isf_FragNormCoord.y) * (0.08 - 0.05 * below);
    vec3 drawn = scale * ink * (line + 0.5 * named);
    vec3 ground = deep * (0.003 + 0.008 * level) * (1.0 - x * x) * smoothstep(1.3, 0.0, below);
    gl_FragColor = vec4(to_screen(1.0 - exp(-1.9 * (head + sunk + drawn + ground))), 1.0);
}
