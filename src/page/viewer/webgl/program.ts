import { CALIBRATION_POINTS, CALIBRATION_STEP } from '../../../core/material/calibration.ts';
import { METAL, MIXED, MIXED_TO_METAL, ORGANIC, ORGANIC_TO_MIXED } from '../../../core/material/colours.ts';
import {
  LEAST_METAL_SHARE,
  MOST_METAL_SHARE,
  NOISY,
  NOTHING,
  OPAQUE,
  REACH,
} from '../../../core/material/evidence.ts';
import { MAP_ENTRIES } from '../colour-maps.ts';
import { MOST_BELOW, NUDGE } from '../picture.ts';
import { LOGARITHM_K } from '../tone.ts';
import evidenceShader from './evidence.frag.glsl?raw';
import gatherShader from './gather.frag.glsl?raw';
import legendShader from './legend.frag.glsl?raw';
import quadShader from './quad.vert.glsl?raw';
import toneShader from './tone.frag.glsl?raw';

/** Numbers that the shaders share with the code, written once: a shader names them between two @. */
const constants: Readonly<Record<string, string>> = {
  REACH: String(REACH),
  POINTS: String(CALIBRATION_POINTS),
  MAP_ENTRIES: String(MAP_ENTRIES),
  STEP: float(CALIBRATION_STEP),
  NUDGE: float(NUDGE),
  MOST_BELOW: String(MOST_BELOW),
  LOGARITHM_K: float(LOGARITHM_K),
  LEAST_SHARE: float(LEAST_METAL_SHARE),
  MOST_SHARE: float(MOST_METAL_SHARE),
  NOTHING: vector(NOTHING),
  OPAQUE: vector(OPAQUE),
  NOISY: vector(NOISY),
  ORGANIC: vector(ORGANIC),
  MIXED: vector(MIXED),
  METAL: vector(METAL),
  ORGANIC_TO_MIXED: vector(ORGANIC_TO_MIXED),
  MIXED_TO_METAL: vector(MIXED_TO_METAL),
};

function float(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function vector(values: readonly number[]): string {
  return `vec${values.length}(${values.map(float).join(', ')})`;
}

/** The uniforms of one program by name. */
export interface Program {
  readonly handle: WebGLProgram;
  at(name: string): WebGLUniformLocation | null;
}

/** Of what kind of picture tone.frag.glsl is built, as it says there. */
export interface ToneKind {
  readonly CURVE: number;
  readonly HAS_AROUND: number;
  readonly COLOUR: number;
}

/** For which way to look gather.frag.glsl is built, as it says there. */
export interface GatherKind {
  readonly IS_MEAN: number;
  readonly AROUND: number;
  readonly HAS_EVIDENCE: number;
}

/** The browser does not take one of our shaders; says why in the compiler's own words. */
export class ShaderRejected extends Error {}

/** Each is built when it is first asked for. @throws ShaderRejected */
export interface Programs {
  readonly gather: (kind: GatherKind) => Program;
  readonly tone: (kind: ToneKind) => Program;
  readonly evidence: () => Program;
  readonly legend: () => Program;
}

/** With what the plain picture takes built already: a browser that does not take our shaders says so now. @throws as `Programs` */
export function buildPrograms(gl: WebGL2RenderingContext): Programs {
  const built = new Map<string, Program>();
  const once = (text: string, kind: Kind) => {
    const filled = fill(text, kind);
    const known = built.get(filled);
    if (known !== undefined) return known;
    const made = build(gl, filled);
    built.set(filled, made);
    return made;
  };
  const programs: Programs = {
    gather: (kind) => once(gatherShader, { ...kind }),
    tone: (kind) => once(toneShader, { ...kind }),
    evidence: () => once(evidenceShader, {}),
    legend: () => once(legendShader, {}),
  };
  programs.gather({ IS_MEAN: 1, AROUND: 0, HAS_EVIDENCE: 0 });
  programs.tone({ CURVE: 0, HAS_AROUND: 0, COLOUR: 0 });
  return programs;
}

type Kind = Readonly<Record<string, number>>;

/** @param fragment - with no name between two @ left */
function build(gl: WebGL2RenderingContext, fragment: string): Program {
  const handle = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, quadShader],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) throw new Error('the context gives no shader');
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(handle, shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS))
      throw new ShaderRejected(`shader: ${gl.getShaderInfoLog(shader)}`);
    gl.deleteShader(shader);
  }
  gl.linkProgram(handle);
  if (!gl.getProgramParameter(handle, gl.LINK_STATUS))
    throw new ShaderRejected(`shader: ${gl.getProgramInfoLog(handle)}`);
  const known = new Map<string, WebGLUniformLocation | null>();
  return {
    handle,
    at: (name) => {
      if (!known.has(name)) known.set(name, gl.getUniformLocation(handle, name));
      return known.get(name) ?? null;
    },
  };
}

function fill(text: string, kind: Kind): string {
  return text.replace(/@([A-Z_0-9]+)@/g, (_, name: string) => {
    const value = constants[name] ?? kind[name];
    if (value === undefined) throw new Error(`shader: no constant is called ${name}`);
    return String(value);
  });
}
