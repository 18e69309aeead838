// Aurora over a lake: curtains as bright as the spectrum is loud, the water moved by the wave. As Shadertoy has it.
const float SHORE = 0.25;

float hash(vec2 cell) { return fract(sin(dot(mod(cell, 251.0), vec2(127.1, 311.7))) * 43758.5453); }

float noise(vec2 place) {
    vec2 cell = floor(place), inside = place - cell, ease = inside * inside * (3.0 - 2.0 * inside);
    float low = mix(hash(cell), hash(cell + vec2(1, 0)), ease.x);
    return mix(low, mix(hash(cell + vec2(0, 1)), hash(cell + vec2(1, 1)), ease.x), ease.y);
}

float heard(float part) {       // 0..1 of the axis, low to high in octaves
    return texture(iChannel0, vec2(pow(0.004, 1.0 - part), 0.25)).x;
}

vec3 curtain(vec2 place, float layer) {
    float drift = 0.035 * iTime * (1.0 + 0.3 * layer);
    float x = place.x + 0.35 * (noise(vec2(1.1 * place.x + layer * 7.0, 0.7 * drift)) - 0.5);
    x += 0.07 * noise(vec2(3.7 * place.x - drift, 2.0 * layer));
    float fold = noise(vec2(1.7 * x + 11.0 * layer, drift)) + 0.45 * noise(vec2(4.3 * x - 3.0 * drift, 3.0 + layer));
    float foot = 0.34 + 0.085 * layer + 0.26 * (fold - 0.72), over = place.y - foot;
    float loud = heard(clamp(0.5 + 0.42 * x + 0.1 * (noise(vec2(2.0 * x, layer)) - 0.5), 0.02, 0.98));
    float rays = 0.45 + 0.35 * noise(vec2(26.0 * x, 0.5 * drift + layer)) + 0.35 * noise(vec2(71.0 * x, drift));
    float tall = 0.10 + 0.30 * loud;
    float light = over > 0.0 ? exp(-over / tall) : exp(over / 0.012);
    vec3 low = vec3(0.16, 0.85, 0.75), middle = vec3(0.12, 0.42, 1.0), high = vec3(0.42, 0.16, 0.85);
    float up = clamp(over / (1.9 * tall), 0.0, 1.0);
    vec3 colour = up < 0.35 ? mix(low, middle, up / 0.35) : mix(middle, high, (up - 0.35) / 0.65);
    float veil = 0.35 + 0.65 * noise(vec2(0.9 * x - 2.0 * drift, 5.0 * layer));
    return colour * light * rays * veil * (0.035 + 1.2 * loud * loud);
}

vec3 sky(vec2 place) {
    vec3 light = mix(vec3(0.006, 0.018, 0.045), vec3(0.001, 0.002, 0.010), smoothstep(0.2, 0.9, place.y));
    for (float layer = 0.0; layer < 4.0; layer++) light += 0.75 * curtain(place, layer);
    vec2 cell = floor(place * 90.0), spot = 0.2 + 0.6 * vec2(hash(cell + 3.0), hash(cell + 9.0));
    float star = step(0.93, hash(cell)) * smoothstep(0.10, 0.0, length(fract(place * 90.0) - spot));
    return light + star * (0.25 + 0.45 * hash(cell + 5.0)) * smoothstep(0.3, 0.6, place.y);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 place = vec2((fragCoord.x - 0.5 * iResolution.x) / iResolution.y, fragCoord.y / iResolution.y);
    float deep = max(SHORE - place.y, 0.0) / SHORE, lake = step(place.y, SHORE);
    float wave = texture(iChannel0, vec2(0.1 + 0.8 * deep, 0.75)).x - 0.5;
    float ripple = noise(vec2(9.0 * place.x, 60.0 * deep * deep + 40.0 * deep - 0.35 * iTime)) - 0.5;
    float across = place.x + (0.03 * ripple + 0.10 * wave) * deep, up = (SHORE - place.y) * (1.35 + 0.5 * ripple * deep);
    vec2 mirror = vec2(across, SHORE + up);
    vec2 seen = mix(place, mirror, lake);
    float hills = SHORE + 0.012 + 0.045 * noise(vec2(2.3 * seen.x + 4.0, 1.0)) + 0.014 * noise(vec2(9.0 * seen.x, 2.0));
    vec3 light = sky(seen) * smoothstep(hills, hills + 0.004 + 0.016 * lake, seen.y) * mix(1.0, 0.62, lake);
    light += vec3(0.001, 0.003, 0.007) * (0.4 + lake);
    fragColor = vec4(pow(1.0 - exp(-1.7 * light), vec3(1.0 / 2.2)), 1.0);
}
