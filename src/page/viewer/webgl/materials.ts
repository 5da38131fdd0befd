import type { DualEnergy } from '../../../core/material/calibration.ts';
import { type Evidence, LEAST_METAL_SHARE, MOST_METAL_SHARE } from '../../../core/material/evidence.ts';
import type { Program, Programs } from './program.ts';
import { emptyPairs, type Held, uploadPairs } from './textures.ts';

/** Draws the evidence of a tile into a texture, once: later pictures only look it up. */
export class Materials {
  readonly #gl: WebGL2RenderingContext;
  readonly #programs: Programs;
  readonly #target: WebGLFramebuffer;

  constructor(gl: WebGL2RenderingContext, programs: Programs) {
    this.#gl = gl;
    this.#programs = programs;
    this.#target = gl.createFramebuffer();
  }

  ofTwoEnergies(high: Held, low: Held, dual: DualEnergy, level: number): Held {
    const gl = this.#gl;
    const evidence = this.#programs.evidence();
    return this.#drawn(evidence, high, () => {
      bind(gl, evidence, 'u_high', 0, high.texture);
      bind(gl, evidence, 'u_low', 1, low.texture);
      const counts = [dual.high, dual.low].map((one) => one.countsAtOpenBeam * 4 ** level);
      gl.uniform2f(evidence.at('u_openBeam'), dual.high.openBeam, dual.low.openBeam);
      gl.uniform2f(evidence.at('u_counts'), counts[0] ?? 1, counts[1] ?? 1);
      gl.uniform1f(evidence.at('u_ratioNoise'), dual.ratioNoise);
      gl.uniform1fv(evidence.at('u_organic'), [...dual.calibration.organic]);
      gl.uniform1fv(evidence.at('u_metal'), [...dual.calibration.metal]);
    });
  }

  ofClasses(classes: Held, legend: readonly Evidence[]): Held {
    const gl = this.#gl;
    const program = this.#programs.legend();
    const pairs = uploadPairs(gl, storedEvidence(legend));
    const held = this.#drawn(program, classes, () => {
      bind(gl, program, 'u_classes', 0, classes.texture);
      bind(gl, program, 'u_legend', 1, pairs);
    });
    gl.deleteTexture(pairs);
    return held;
  }

  #drawn({ handle, at }: Program, like: Held, setUniforms: () => void): Held {
    const gl = this.#gl;
    const held = emptyPairs(gl, like.region);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, held.texture, 0);
    gl.viewport(0, 0, like.region.columns, like.region.rows);
    gl.useProgram(handle);
    gl.uniform4f(at('u_rectangle'), -1, -1, 1, 1);
    setUniforms();
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return held;
  }
}

/** Puts a texture where a sampler of the program in use looks for it. */
export function bind(
  gl: WebGL2RenderingContext,
  { at }: Program,
  name: string,
  unit: number,
  texture: WebGLTexture,
): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.uniform1i(at(name), unit);
}

function storedEvidence(legend: readonly Evidence[]): Uint16Array {
  const range = MOST_METAL_SHARE - LEAST_METAL_SHARE;
  return Uint16Array.from({ length: 512 }, (_, i) => {
    const { metalShare, certainty } = legend[i >> 1] ?? { metalShare: 0, certainty: 0 };
    return Math.round(65_535 * (i % 2 === 0 ? (metalShare - LEAST_METAL_SHARE) / range : certainty));
  });
}
