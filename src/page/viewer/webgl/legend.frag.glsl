#version 300 es
// Materials by the scanner's own class map: the legend holds metal share and certainty for each value.
precision highp float;
precision highp int;
precision highp usampler2D;

uniform usampler2D u_classes;
uniform usampler2D u_legend;

out uvec2 evidence;

void main() {
  uint value = texelFetch(u_classes, ivec2(gl_FragCoord.xy), 0).r;
  evidence = texelFetch(u_legend, ivec2(int(min(value, 255u)), 0), 0).rg;
}
