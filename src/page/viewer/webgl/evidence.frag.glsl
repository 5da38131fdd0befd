#version 300 es
// Materials by two energies, one texel for each sample of a tile: metal share and certainty, as ../material/evidence.ts.
precision highp float;
precision highp int;
precision highp usampler2D;

const int REACH = @REACH@;
const int POINTS = @POINTS@;
const float STEP = @STEP@;
const float LEAST_SHARE = @LEAST_SHARE@;
const float MOST_SHARE = @MOST_SHARE@;
const vec2 NOTHING = @NOTHING@;
const vec2 OPAQUE = @OPAQUE@;
const vec2 NOISY = @NOISY@;

uniform usampler2D u_high;
uniform usampler2D u_low;
uniform vec2 u_openBeam;
// of one sample of this level at open beam
uniform vec2 u_counts;
// of the ratio, besides counting
uniform float u_ratioNoise;
uniform float u_organic[POINTS];
uniform float u_metal[POINTS];

out uvec2 evidence;

float rise(vec2 range, float value) {
  return clamp((value - range.x) / (range.y - range.x), 0.0, 1.0);
}

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(u_high, 0) - 1;
  float weights = 0.0;
  float sumHigh = 0.0;
  float sumHighHigh = 0.0;
  float sumHighLow = 0.0;
  float sumLowLow = 0.0;
  float samples = 0.0;
  for (int y = -REACH; y <= REACH; y++) {
    for (int x = -REACH; x <= REACH; x++) {
      ivec2 at = here + ivec2(x, y);
      if (any(lessThan(at, ivec2(0))) || any(greaterThan(at, last))) continue;
      vec2 passed = vec2(texelFetch(u_high, at, 0).r, texelFetch(u_low, at, 0).r) / u_openBeam;
      if (passed.x == 0.0 || passed.y == 0.0) continue;
      vec2 attenuation = -log(passed);
      vec2 variance = 1.0 / (u_counts * passed);
      float weight = 1.0 / (variance.x + variance.y);
      weights += weight;
      sumHigh += weight * attenuation.x;
      sumHighHigh += weight * attenuation.x * attenuation.x;
      sumHighLow += weight * attenuation.x * attenuation.y;
      sumLowLow += weight * attenuation.y * attenuation.y;
      samples += 1.0;
    }
  }
  float share = 0.0;
  float certainty = 0.0;
  if (samples >= 2.0 && sumHighHigh > 0.0) {
    float attenuation = sumHigh / weights;
    float at = clamp(attenuation / STEP, 0.0, float(POINTS - 1));
    int from = min(POINTS - 2, int(at));
    float organic = mix(u_organic[from], u_organic[from + 1], at - float(from));
    float metal = mix(u_metal[from], u_metal[from + 1], at - float(from));
    float gap = organic - metal;
    float ratio = sumHighLow / sumHighHigh;
    share = clamp((organic - ratio) / gap, LEAST_SHARE, MOST_SHARE);
    float scatter = max(1.0, (sumLowLow - ratio * sumHighLow) / (samples - 1.0));
    float noise = 3.0 * sqrt(scatter / sumHighHigh + u_ratioNoise * u_ratioNoise) / gap;
    certainty = rise(NOTHING, attenuation) * (1.0 - rise(OPAQUE, attenuation)) * (1.0 - rise(NOISY, noise));
  }
  float stored = (share - LEAST_SHARE) / (MOST_SHARE - LEAST_SHARE);
  evidence = uvec2(round(65535.0 * vec2(stored, certainty)));
}
