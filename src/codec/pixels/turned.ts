import type { Channel } from '../../core/scan/scan.ts';
import { firstSample, isTurn, stepsOf, type Turn, turnedSides } from '../../core/scan/turn.ts';

type Shape = Pick<Channel, 'rows' | 'columns' | 'frames' | 'samplesPerPixel' | 'planar' | 'bitsAllocated'>;

/** The samples of a channel in the order of the turned picture: every value once, none changed. */
export function turnedSamples(samples: Uint8Array, shape: Shape, turn: Turn): Uint8Array {
  if (!isTurn(turn)) return samples;
  if (shape.bitsAllocated === 1) {
    return packed(turnedSamples(unpacked(samples, shape), bytesOf(shape), turn), samples);
  }
  const byPlane = shape.planar && shape.samplesPerPixel > 1;
  const layers = shape.frames * (byPlane ? shape.samplesPerPixel : 1);
  const pixelBytes = (shape.bitsAllocated / 8) * (byPlane ? 1 : shape.samplesPerPixel);
  const out = new Uint8Array(samples.length);
  const layerBytes = shape.rows * shape.columns * pixelBytes;
  for (let layer = 0; layer < layers; layer += 1) {
    const [from, to] = [layer * layerBytes, (layer + 1) * layerBytes];
    turnLayer(samples.subarray(from, to), out.subarray(from, to), { ...shape, pixelBytes }, turn);
  }
  return out;
}

interface Layer {
  readonly rows: number;
  readonly columns: number;
  readonly pixelBytes: number;
}

function turnLayer(from: Uint8Array, into: Uint8Array, layer: Layer, turn: Turn): void {
  const { pixelBytes } = layer;
  const isPair = pixelBytes === 2 && from.byteOffset % 2 === 0 && into.byteOffset % 2 === 0;
  if (pixelBytes === 1) turnPixels(from, into, layer, turn);
  else if (isPair) turnPixels(pairsOf(from), pairsOf(into), layer, turn);
  else turnBytes(from, into, layer, turn);
}

function pairsOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, byteLength >> 1);
}

/** Of pixels that are one number each. */
function turnPixels<T extends Uint8Array | Uint16Array>(from: T, into: T, layer: Layer, turn: Turn): void {
  const { columns } = layer;
  const sides = turnedSides(layer, turn);
  const steps = stepsOf(turn);
  const first = firstSample(layer, turn);
  const down = steps.rowRow * columns + steps.rowColumn;
  const across = steps.columnRow * columns + steps.columnColumn;
  const start = first.row * columns + first.column;
  for (let row = 0; row < sides.rows; row += 1) {
    const source = start + row * down;
    const at = row * sides.columns;
    if (across === 1) into.set(from.subarray(source, source + sides.columns), at);
    else turnLine(from, into, { source, across, at, columns: sides.columns });
  }
}

function turnLine(
  from: Uint8Array | Uint16Array,
  into: Uint8Array | Uint16Array,
  { source, across, at, columns }: { source: number; across: number; at: number; columns: number },
): void {
  for (let column = 0, place = source; column < columns; column += 1, place += across)
    into[at + column] = from[place] ?? 0;
}

/** Of any other pixels. */
function turnBytes(from: Uint8Array, into: Uint8Array, layer: Layer, turn: Turn): void {
  const { columns, pixelBytes } = layer;
  const sides = turnedSides(layer, turn);
  const steps = stepsOf(turn);
  const first = firstSample(layer, turn);
  const down = (steps.rowRow * columns + steps.rowColumn) * pixelBytes;
  const across = (steps.columnRow * columns + steps.columnColumn) * pixelBytes;
  const start = (first.row * columns + first.column) * pixelBytes;
  let at = 0;
  for (let row = 0; row < sides.rows; row += 1) {
    let source = start + row * down;
    for (let column = 0; column < sides.columns; column += 1, source += across) {
      for (let byte = 0; byte < pixelBytes; byte += 1, at += 1) into[at] = from[source + byte] ?? 0;
    }
  }
}

function bytesOf(shape: Shape): Shape {
  return { ...shape, bitsAllocated: 8 };
}

/** One byte a bit; the first is the lowest of its byte (PS3.5 8.1.1). */
function unpacked(bits: Uint8Array, { rows, columns, frames, samplesPerPixel }: Shape): Uint8Array {
  return Uint8Array.from(
    { length: rows * columns * frames * samplesPerPixel },
    (_, i) => ((bits[i >> 3] ?? 0) >> (i & 7)) & 1,
  );
}

/** The bits after the last sample stay what they were. */
function packed(samples: Uint8Array, before: Uint8Array): Uint8Array {
  const bits = new Uint8Array(before.length);
  const [last, used] = [samples.length >> 3, samples.length & 7];
  if (used > 0) bits[last] = (before[last] ?? 0) & (0xff << used);
  for (const [i, sample] of samples.entries()) bits[i >> 3] = (bits[i >> 3] ?? 0) | (sample << (i & 7));
  return bits;
}
