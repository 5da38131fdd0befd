#version 300 es
// One tile on the canvas, before any tone: the mean of the samples below each pixel, the mean around it, the material.
// What it writes changes only when the place, the channel or the samples do: see tone.frag.glsl.
// Built for each way to look: a browser that draws without a card takes both ways of every if, at each pixel.
// whether a pixel shows the mean of several samples, and not one
#define IS_MEAN @IS_MEAN@
// which mean around: 0 none, 1 of 3 x 3 samples, 2 of the coarse level
#define AROUND @AROUND@
#define HAS_EVIDENCE @HAS_EVIDENCE@
precision highp float;
precision highp int;
precision highp usampler2D;

const float NUDGE = @NUDGE@;
const int MOST_BELOW = @MOST_BELOW@;
// Neighbouring tiles overlap by this much, so that no pixel is missed between them.
const float OVERLAP = 0.00390625;

uniform usampler2D u_samples;
uniform usampler2D u_coarse;
uniform usampler2D u_evidence;

uniform float u_canvasHeight;
// From canvas pixels to samples of this level, counted from the first texel of the tile.
uniform vec3 u_toColumn;
uniform vec3 u_toRow;
// Columns and rows of the tile proper, and of the picture: left, top, right, bottom.
uniform vec4 u_core;
uniform vec4 u_extent;
// Samples of this level below one canvas pixel along columns and rows; 0 shows the sample below its centre.
uniform vec2 u_footprint;
// From samples of this level to those of the coarse one, counted from the first texel of u_coarse.
uniform vec3 u_toCoarse;

// bits of the mean, bits of the mean around, metal share and certainty of 16 bits each, 1
out uvec4 gathered;

float sampleAt(ivec2 at) {
  return float(texelFetch(u_samples, clamp(at, ivec2(0), textureSize(u_samples, 0) - 1), 0).r);
}

vec2 evidenceAt(ivec2 at) {
  return vec2(texelFetch(u_evidence, clamp(at, ivec2(0), textureSize(u_evidence, 0) - 1), 0).rg) / 65535.0;
}

float meanOf3x3(ivec2 at) {
  ivec2 first = ivec2(ceil(u_extent.xy));
  ivec2 last = ivec2(ceil(u_extent.zw)) - 1;
  float sum = 0.0;
  for (int y = -1; y <= 1; y++) {
    for (int x = -1; x <= 1; x++) sum += sampleAt(clamp(at + ivec2(x, y), first, last));
  }
  return sum / 9.0;
}

float coarseAt(ivec2 at) {
  return float(texelFetch(u_coarse, clamp(at, ivec2(0), textureSize(u_coarse, 0) - 1), 0).r);
}

float smoothAround(vec2 place) {
  vec2 at = place * u_toCoarse.z + u_toCoarse.xy - 0.5;
  ivec2 i = ivec2(floor(at));
  vec2 f = at - vec2(i);
  float upper = mix(coarseAt(i), coarseAt(i + ivec2(1, 0)), f.x);
  float lower = mix(coarseAt(i + ivec2(0, 1)), coarseAt(i + ivec2(1, 1)), f.x);
  return mix(upper, lower, f.y);
}

void main() {
  vec3 pixel = vec3(1.0, gl_FragCoord.x, u_canvasHeight - gl_FragCoord.y);
  vec2 place = vec2(dot(u_toColumn, pixel), dot(u_toRow, pixel));
  vec2 nudged = place + NUDGE;
  if (any(lessThan(nudged, u_core.xy - OVERLAP)) || any(greaterThanEqual(nudged, u_core.zw + OVERLAP))) discard;
  if (any(lessThan(nudged, u_extent.xy)) || any(greaterThanEqual(nudged, u_extent.zw))) discard;

  ivec2 here = ivec2(floor(nudged));
  vec2 evidence = vec2(0.0);
#if IS_MEAN
  bvec2 isNearest = equal(u_footprint, vec2(0.0));
  vec2 from = mix(max(place - u_footprint / 2.0, u_extent.xy), vec2(here), isNearest);
  vec2 to = mix(min(place + u_footprint / 2.0, u_extent.zw), vec2(here + 1), isNearest);
  ivec2 first = ivec2(floor(from));
  // one more, which is cut at both ends
  ivec2 touched = min(ivec2(ceil(to)) - first, MOST_BELOW + 1);
  float value = 0.0;
  for (int y = 0; y < touched.y; y++) {
    for (int x = 0; x < touched.x; x++) {
      ivec2 at = first + ivec2(x, y);
      vec2 covered = max(min(vec2(at + 1), to) - max(vec2(at), from), 0.0) / (to - from);
      float weight = covered.x * covered.y;
      value += weight * sampleAt(at);
#if HAS_EVIDENCE
      vec2 one = evidenceAt(at);
      evidence += weight * one.y * vec2(one.x, 1.0);
#endif
    }
  }
#if HAS_EVIDENCE
  evidence.x = evidence.y == 0.0 ? 0.0 : evidence.x / evidence.y;
#endif
#else
  float value = sampleAt(here);
#if HAS_EVIDENCE
  evidence = evidenceAt(here);
#endif
#endif
#if AROUND == 1
  float around = meanOf3x3(here);
#elif AROUND == 2
  float around = smoothAround(place);
#else
  float around = value;
#endif
  uvec2 stored = uvec2(round(65535.0 * clamp(evidence, 0.0, 1.0)));
  gathered = uvec4(floatBitsToUint(value), floatBitsToUint(around), (stored.x << 16) | stored.y, 1u);
}
