/*{
    "DESCRIPTION": "A kaleidoscope: mirrors around a middle that turns as long as it sounds, wanders with the drift in cents and opens with the beats. Glass between them parts the colours a little.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Distortion Effect", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "mirrors", "TYPE": "float", "MIN": 2, "MAX": 16, "DEFAULT": 6, "LABEL": "Pairs of mirrors; between two numbers it crosses from one to the other"},
        {"NAME": "turn", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0.2, "LABEL": "How fast they turn while it sounds"},
        {"NAME": "zoom", "TYPE": "float", "MIN": 0.2, "MAX": 4, "DEFAULT": 1, "LABEL": "How large what they show is"},
        {"NAME": "centre", "TYPE": "point2D", "MIN": [0, 0], "MAX": [1, 1], "DEFAULT": [0.5, 0.5], "LABEL": "Where of the picture they look"},
        {"NAME": "glass", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.3, "LABEL": "How far the glass parts the colours"},
        {"NAME": "follow", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.6, "LABEL": "How far they follow the sound"}
    ]
}*/
uniform float level, level_time, pulse;
uniform float beat_phase[16], drift_cents[32];

const float TURN = 6.2831853;
float aspect = RENDERSIZE.x / RENDERSIZE.y;

// The place that is seen at an angle, in a room of so many pairs of mirrors.
vec2 mirrored(vec2 place, float pairs, float turned) {
    float part = TURN / pairs, angle = atan(place.y, place.x) + turned;
    angle = abs(mod(angle + 0.5 * part, part) - 0.5 * part);
    return length(place) * vec2(cos(angle - turned * 0.37), sin(angle - turned * 0.37));
}

vec2 folded(vec2 spot) { return 1.0 - abs(mod(spot, 2.0) - 1.0); }      // what lies outside is mirrored once more

vec3 seen(vec2 place, float pairs, float turned, vec2 middle, float large) {
    vec2 way = mirrored(place, pairs, turned) / large;
    vec3 colour;
    for (int n = 0; n < 3; n++) {
        vec2 apart = way * (1.0 + 0.02 * glass * float(n - 1) * (0.3 + length(place)));
        colour[n] = IMG_NORM_PIXEL(inputImage, folded(apart / vec2(aspect, 1.0) + middle))[n];
    }
    return colour;
}

void main() {
    vec2 place = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0);
    float turned = 0.6 * turn * mix(TIME, 2.0 * level_time, follow);
    vec2 way = vec2(drift_cents[0] - drift_cents[2], drift_cents[1] - drift_cents[3]);
    vec2 middle = centre + follow * 0.22 * way / (30.0 + length(way)) + 0.10 * vec2(sin(0.07 * TIME), cos(0.053 * TIME));
    float open = 0.10 * cos(TURN * beat_phase[0]) + 0.3 * (level - 0.5) + 0.08 * pulse, large = zoom * (1.0 + follow * open);
    float pairs = floor(mirrors), more = smoothstep(0.25, 0.75, mirrors - pairs);
    vec3 colour = vec3(0.0);
    for (int n = 0; n < (more > 0.0 ? 2 : 1); n++)
        colour += mix(1.0 - more, more, float(n)) * seen(place, pairs + float(n), turned, middle, large);
    float rim = smoothstep(0.95, 0.45, length(place) / max(1.0, 0.62 * aspect));
    gl_FragColor = vec4(colour * (0.35 + 0.65 * rim), 1.0);
}
