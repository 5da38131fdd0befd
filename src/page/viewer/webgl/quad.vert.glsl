#version 300 es
// A rectangle from a draw call of four vertices, in clip coordinates: left, bottom, right, top.
uniform vec4 u_rectangle;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(mix(u_rectangle.xy, u_rectangle.zw, corner), 0.0, 1.0);
}
