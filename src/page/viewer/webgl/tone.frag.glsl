#version 300 es
// The whole canvas: what gather.frag.glsl found below each pixel to window, curve, enhancement, inversion and colours.
// Built for each kind of picture: a browser that draws without a card takes both ways of every if, at each pixel.
// 0 linear, 1 square root, 2 logarithmic, 3 gamma, 4 sweep
#define CURVE @CURVE@
// whether some of the difference to the mean around is added
#define HAS_AROUND @HAS_AROUND@
// 0 grey, 1 colour map, 2 all materials, 3 organic only, 4 metal only
#define COLOUR @COLOUR@
precision highp float;
precision highp int;
precision highp usampler2D;
precision highp sampler2D;

const float LOGARITHM_K = @LOGARITHM_K@;
const int MAP_ENTRIES = @MAP_ENTRIES@;
const float LEAST_SHARE = @LEAST_SHARE@;
const float MOST_SHARE = @MOST_SHARE@;
const vec3 ORGANIC = @ORGANIC@;
const vec3 MIXED = @MIXED@;
const vec3 METAL = @METAL@;
const vec2 ORGANIC_TO_MIXED = @ORGANIC_TO_MIXED@;
const vec2 MIXED_TO_METAL = @MIXED_TO_METAL@;

uniform usampler2D u_gathered;
uniform sampler2D u_colours;

uniform vec2 u_window;
uniform float u_gamma;
// position and width
uniform vec2 u_sweep;
uniform float u_amount;
uniform float u_fullScale;
uniform bool u_invert;

out vec4 colour;

float rise(vec2 range, float value) {
  return clamp((value - range.x) / (range.y - range.x), 0.0, 1.0);
}

float toTone(float value) {
#if CURVE == 4
  float whole = log(max(u_fullScale, 2.0));
  float absorbed = (whole - log(max(value, 1.0))) / whole;
  return clamp((u_sweep.x + u_sweep.y / 2.0 - absorbed) / max(u_sweep.y, 1e-6), 0.0, 1.0);
#else
  float range = u_window.y > u_window.x ? u_window.y - u_window.x : 1.0;
  float share = clamp((value - u_window.x) / range, 0.0, 1.0);
#if CURVE == 1
  return sqrt(share);
#elif CURVE == 2
  return log(1.0 + LOGARITHM_K * share) / log(1.0 + LOGARITHM_K);
#elif CURVE == 3
  return share == 0.0 ? 0.0 : pow(share, 1.0 / u_gamma);
#else
  return share;
#endif
#endif
}

#if COLOUR == 0
vec3 toColour(float brightness, uint packed) {
  return vec3(brightness);
}
#elif COLOUR == 1
vec3 toColour(float brightness, uint packed) {
  float at = brightness * float(MAP_ENTRIES - 1);
  int from = min(MAP_ENTRIES - 2, int(at));
  vec3 a = texelFetch(u_colours, ivec2(from, 0), 0).rgb;
  vec3 b = texelFetch(u_colours, ivec2(from + 1, 0), 0).rgb;
  return mix(a, b, at - float(from));
}
#else
vec3 toColour(float brightness, uint packed) {
  float share = mix(LEAST_SHARE, MOST_SHARE, float(packed >> 16) / 65535.0);
  float certainty = float(packed & 65535u) / 65535.0;
  float mixed = rise(ORGANIC_TO_MIXED, share);
  float metal = rise(MIXED_TO_METAL, share);
#if COLOUR == 3
  float member = 1.0 - mixed;
#elif COLOUR == 4
  float member = metal;
#else
  float member = 1.0;
#endif
  vec3 pure = mix(ORGANIC, MIXED, mixed) + (METAL - MIXED) * metal;
  vec3 shaded = brightness < 0.5 ? 2.0 * brightness * pure : mix(pure, vec3(1.0), 2.0 * brightness - 1.0);
  return mix(vec3(brightness), shaded, certainty * member);
}
#endif

void main() {
  uvec4 gathered = texelFetch(u_gathered, ivec2(gl_FragCoord.xy), 0);
  float brightness = toTone(uintBitsToFloat(gathered.x));
#if HAS_AROUND
  brightness += u_amount * (brightness - toTone(uintBitsToFloat(gathered.y)));
#endif
  brightness = clamp(brightness, 0.0, 1.0);
  if (u_invert) brightness = 1.0 - brightness;
  // nothing was found below: empty
  colour = gathered.w == 0u ? vec4(0.0) : vec4(toColour(brightness, gathered.z), 1.0);
}
