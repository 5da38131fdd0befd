import { kernel } from './kernel.ts';

/** Addresses are of the memory below; see kernels/jpeg-lossless.ts. */
type Tally = (samples: number, rows: number, columns: number, first: number, counts: number) => number;
type Encode = (
  samples: number,
  rows: number,
  columns: number,
  first: number,
  codes: number,
  out: number,
  limit: number,
) => number;
type Decode = (
  input: number,
  end: number,
  rows: number,
  columns: number,
  first: number,
  tables: number,
  out: number,
  mask: number,
) => number;

/** The compiled loops over samples, and the memory that they work in. */
export interface Loops {
  readonly memory: WebAssembly.Memory;
  readonly tally8: Tally;
  readonly tally16: Tally;
  readonly encode8: Encode;
  readonly encode16: Encode;
  readonly decode8: Decode;
  readonly decode16: Decode;
}

const PAGE_BYTES = 65_536;
/** Below lie tables. */
export const FRAME_AT = PAGE_BYTES;
/** Memory never shrinks, so after a larger frame it is given back. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** A larger frame is left to the library. */
const MOST_BYTES = 1024 * 1024 * 1024;

let compiled: WebAssembly.Module | undefined;
let kept: Loops | undefined;

/** Uses the loops with room for this many bytes from `FRAME_AT` on; undefined where there is not so much memory. */
export function withLoops<T>(bytes: number, use: (loops: Loops) => T): T | undefined {
  const loops = bytes > MOST_BYTES ? undefined : loopsWithRoom(bytes);
  kept = undefined;
  if (loops === undefined) return undefined;
  const result = use(loops);
  // not after a throw: what was left in the middle is not trusted with the next frame
  if (loops.memory.buffer.byteLength <= KEPT_BYTES) kept = loops;
  return result;
}

function loopsWithRoom(bytes: number): Loops | undefined {
  try {
    const loops = kept ?? instantiate();
    const missing = FRAME_AT + bytes - loops.memory.buffer.byteLength;
    if (missing > 0) loops.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return loops;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // no memory
    throw error;
  }
}

function instantiate(): Loops {
  compiled ??= new WebAssembly.Module(Buffer.from(kernel, 'base64'));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { ...(exports as unknown as Omit<Loops, 'memory'>), memory };
}
