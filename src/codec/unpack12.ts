/** Which half of the byte between them two samples of 12 bits share. */
export const packings = ['msb-first', 'lsb-first'] as const;
export type Packing = (typeof packings)[number];

/**
 * Two samples in three bytes to one sample in two, little-endian. `msb-first`: the first sample is the first byte and
 * the high half of the second; `lsb-first`: its low half comes last. Each row begins at a whole byte.
 */
export function unpack12(bytes: Uint8Array, rows: number, columns: number, packing: Packing): Uint8Array {
  const line = Math.ceil((columns * 12) / 8);
  const out = new Uint8Array(rows * columns * 2);
  const view = new DataView(out.buffer);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * line + Math.floor(column / 2) * 3;
      const value = sample(bytes, at, column % 2 === 1, packing);
      view.setUint16(2 * (row * columns + column), value, true);
    }
  }
  return out;
}

function sample(bytes: Uint8Array, at: number, second: boolean, packing: Packing): number {
  const [a, b] = [bytes[at + (second ? 1 : 0)] ?? 0, bytes[at + (second ? 2 : 1)] ?? 0];
  if (packing === 'msb-first') return second ? ((a & 0x0f) << 8) | b : (a << 4) | (b >> 4);
  return second ? (a >> 4) | (b << 4) : a | ((b & 0x0f) << 8);
}
