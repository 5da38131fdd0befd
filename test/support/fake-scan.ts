/** A file that the converter for tests reads; see converters/fake. */
export function fakeScan(order: Record<string, unknown> = {}): Buffer {
  return Buffer.from(`NIIFAKE1\n${JSON.stringify(order)}`);
}

/** Sample i of channel c (0 high, 1 low), as that converter documents it, computed apart from it. */
export function fakeSamples({ rows = 16, columns = 16, seed = 1 }, channel: number): Buffer {
  const bytes = Buffer.alloc(rows * columns * 2);
  for (let i = 0; i < rows * columns; i += 1) {
    bytes.writeUInt16LE((50_000 - channel * 500 + 31 * seed + 7 * i) % 65_536, i * 2);
  }
  return bytes;
}

/** A multipart/form-data body of files and fields, in the order given. */
export function form(
  parts: readonly (
    | { readonly file: string; readonly bytes: Uint8Array }
    | { readonly field: string; readonly value: string }
  )[],
) {
  const boundary = '----nii-test-boundary';
  const pieces = parts.flatMap((part) => {
    const head =
      'file' in part
        ? `name="file"; filename="${part.file}"\r\ncontent-type: application/octet-stream`
        : `name="${part.field}"`;
    return [
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
      'file' in part ? part.bytes : Buffer.from(part.value),
      Buffer.from('\r\n'),
    ];
  });
  const payload = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}
