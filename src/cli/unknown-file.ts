import { open } from 'node:fs/promises';

const SHOWN = 64;
const SAMPLE = 65_536;
const LINE = 16;

/** The beginning of a file that nobody knows, and how its bytes are spread: where a new converter starts. */
export async function describeUnknownFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const lines = hexLines(bytes.subarray(0, SHOWN));
    return [
      ...lines,
      `  ${size} bytes; ${bitsText(bytes)}`,
      '  To read files like this, create a converter with nii formats new NAME (docs/how-to/converter-guide.md)',
      '',
    ].join('\n');
  } finally {
    await file.close();
  }
}

function hexLines(bytes: Buffer): readonly string[] {
  return Array.from({ length: Math.ceil(bytes.length / LINE) }, (_, i) => {
    const part = bytes.subarray(i * LINE, (i + 1) * LINE);
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    return `  ${String(i * LINE).padStart(6, '0')}  ${hex.padEnd(LINE * 3)} ${text}`;
  });
}

/** Shannon entropy of the bytes: plain detector values and texts are well below 8. */
function bitsText(bytes: Buffer): string {
  if (bytes.length === 0) return 'it is empty';
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const bits = counts.reduce(
    (sum, n) => (n === 0 ? sum : sum - (n / bytes.length) * Math.log2(n / bytes.length)),
    0,
  );
  const guess =
    bytes.length >= 16_384 && bits > 7.9 ? 'compressed or encrypted' : 'not compressed, or too short to tell';
  return `${bits.toFixed(2)} bits of information per byte: ${guess}`;
}
