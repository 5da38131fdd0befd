const HEADER_BYTES = 36;

/** One channel of the layout that converters/nuctech-fs6000 describes; other samples for each seed. */
export function channel(seed: number, { rows = 24, columns = 32, bits = 16 } = {}): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + (rows * columns * bits) / 8);
  const words: readonly (readonly [number, number])[] = [
    [0, 100],
    [2, columns],
    [4, rows],
    [6, 1],
    [8, 1],
    [10, 0xffff],
    [14, bits],
    [16, 1],
    [24, 2024],
    [26, 5],
    [28, 17],
    [30, 10],
    [32, 30],
    [34, seed % 60],
  ];
  for (const [at, value] of words) bytes.writeUInt16BE(value, at);
  for (let i = HEADER_BYTES; i < bytes.length; i += 1) bytes[i] = (i * 31 + seed * 977 + (i >> 8)) % 251;
  return bytes;
}

export function xml(stem: string): Buffer {
  return Buffer.from(
    `<?xml version="1.0"?><IDR><IDR_IMAGE><PICNO>${stem}</PICNO>` +
      '<SCANTIME>2024-05-17 10:30:00</SCANTIME><container_no>MSKU1234565</container_no></IDR_IMAGE></IDR>',
  );
}

/** A JPEG that ends after its first marker is one by its content; nothing decodes it here. */
export function picture(seed: number): Buffer {
  return Buffer.concat([
    Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
    Buffer.from(`picture ${seed}`),
  ]);
}
