/*{
    "DESCRIPTION": "Grades the picture as film is graded: exposure, contrast, colour, a tone for the shadows and one for the lights, a dark rim. It breathes with the loudness of the sound, and warms as the sound gets brighter.",
    "CREDIT": "live",
    "ISFVSN": "2",
    "CATEGORIES": ["Color Effect", "Audio Reactive"],
    "INPUTS": [
        {"NAME": "inputImage", "TYPE": "image"},
        {"NAME": "exposure", "TYPE": "float", "MIN": -4, "MAX": 4, "DEFAULT": 0, "LABEL": "Light, in stops"},
        {"NAME": "contrast", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1.1, "LABEL": "Contrast around middle grey; 1 leaves it"},
        {"NAME": "saturation", "TYPE": "float", "MIN": 0, "MAX": 2, "DEFAULT": 1.05, "LABEL": "Colour; 0 is black and white, 1 leaves it"},
        {"NAME": "warmth", "TYPE": "float", "MIN": -1, "MAX": 1, "DEFAULT": 0, "LABEL": "Cold (-1) to warm (1)"},
        {"NAME": "shadows", "TYPE": "color", "DEFAULT": [0.16, 0.30, 0.44, 1], "LABEL": "Tone of the shadows"},
        {"NAME": "lights", "TYPE": "color", "DEFAULT": [0.66, 0.48, 0.30, 1], "LABEL": "Tone of the lights"},
        {"NAME": "toning", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.25, "LABEL": "How much of both tones"},
        {"NAME": "rim", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.25, "LABEL": "How dark the rim is"},
        {"NAME": "breath", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.3, "LABEL": "How far light and warmth follow the sound"}
    ]
}*/
uniform float level, brightness;        // of the sound, 0..1

const float GREY = 0.18;

float luminance(vec3 light) { return dot(light, vec3(0.2126, 0.7152, 0.0722)); }

// Keeps the brightness of a colour and gives only its hue; grey gives 1.
vec3 tone(vec3 color) { return color / max(luminance(color), 0.02); }

void main() {
    vec4 given = IMG_THIS_PIXEL(inputImage);
    vec3 light = pow(max(given.rgb, 0.0), vec3(2.2));

    light *= exp2(exposure + breath * (1.6 * level - 1.0));
    float warm = 0.35 * clamp(warmth + breath * (brightness - 0.5), -1.0, 1.0);
    vec3 balance = exp2(vec3(warm, 0.1 * warm, -1.3 * warm));
    light *= balance / luminance(balance);

    // Contrast is a power around middle grey, of the brightness alone, so that colours keep their hue.
    float bright = max(luminance(light), 1e-5);
    light *= pow(bright / GREY, contrast - 1.0);
    bright = max(luminance(light), 1e-5);
    light = max(mix(vec3(bright), light, saturation), 0.0);

    float shade = bright / (bright + GREY);         // 0 in the shadows, half way at middle grey
    light *= mix(vec3(1.0), mix(tone(shadows.rgb), tone(lights.rgb), shade), toning * (0.35 + 1.3 * abs(shade - 0.5)));

    vec2 from_centre = (isf_FragNormCoord - 0.5) * vec2(min(1.3, RENDERSIZE.x / RENDERSIZE.y), 1.0);
    light *= mix(1.0, smoothstep(0.95, 0.2, length(from_centre)), rim);

    // A shoulder above 0.8: what is too bright turns pale instead of being cut off.
    vec3 over = max(light - 0.8, 0.0);
    light = min(light, 0.8) + 0.2 * (1.0 - exp(-over / 0.2));
    gl_FragColor = vec4(pow(light, vec3(1.0 / 2.2)), given.a);
}
