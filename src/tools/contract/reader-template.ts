import { SDK_VERSION } from '../../sdk/sdk.ts';
import { manifestOf } from './new-package-template.ts';

/** Texts of a starting package whose files a reader in code reads; they are the same files as those of the layout. */

export function readerManifestText(name: string, magic: string): string {
  const { layout: _, about, ...manifest } = manifestOf(name, magic);
  return `${JSON.stringify({ ...manifest, reader: 'reader.mjs', about }, null, 2)}\n`;
}

const readerText = `// Reads the files of this format. Written for SDK ${SDK_VERSION}. It gets everything from \`sdk\`: docs/how-to/converter-guide.md lists the tools.

const HEADER_BYTES = 32;

/** Rows @8, columns @10, time @12, container @16, pitch @28; from byte 32 the high, then the low energy. */
export function read([file], sdk) {
  const head = sdk.reader(file).seek(8);
  const rows = head.u16le();
  const columns = head.u16le();
  const seconds = head.u32le();
  const container = textOf(head.take(12));
  const micrometres = head.u16le();
  const bytes = sdk.pixels(rows, columns) * 2; // checked before anything is multiplied or allocated
  const samples = sdk.reader(file).seek(HEADER_BYTES);
  const planes = new Map([
    [sdk.planeKey('main', 'high'), samples.take(bytes)], // a file that ends too early is rejected here
    [sdk.planeKey('main', 'low'), samples.take(bytes)],
  ]);
  if (micrometres === 0) sdk.warn('NII_W_PITCH_UNKNOWN', { field: 'pitch' });
  const pitchMm = micrometres / 1000;
  const pitch = micrometres === 0 ? {} : { pitch: { rowMm: pitchMm, columnMm: pitchMm, source: 'file' } };
  const display = { flipRows: false, rotate: 0, flipColumns: false };
  const channels = ['high', 'low'].map((energy) => ({ ...channelOf(energy, rows, columns), ...pitch }));
  return {
    source: { format: FORMAT },
    acquired: seconds === 0 ? { zone: 'unknown' } : sdk.timeText(new Date(seconds * 1000).toISOString()),
    units: sdk.units(container === '' ? [] : sdk.containers(container, 'operator', 'container')),
    views: [{ id: 'main', display, channels }],
    planes,
    vendor: { [file.name]: { rows, columns, seconds, container, micrometres } },
  };
}

function channelOf(energy, rows, columns) {
  return {
    ...{ id: energy, kind: 'transmission', energy, rows, columns, frames: 1, samplesPerPixel: 1, planar: false },
    ...{ bitsAllocated: 16, bitsStored: 16, sampleFormat: 'unsigned', polarity: 'high-is-transparent' },
  };
}

/** ASCII up to the first zero; other bytes are left out. */
function textOf(bytes) {
  const end = bytes.indexOf(0);
  const written = end === -1 ? bytes : bytes.subarray(0, end);
  return String.fromCharCode(...written.filter((byte) => byte >= 0x20 && byte < 0x7f)).trim();
}
`;

/** @param name - id of the package, which is its format */
export function readerTextOf(name: string): string {
  return readerText.replace('FORMAT }', `'${name}' }`);
}

export const readerTestText = `// Converts the sample of this package with its reader. Run: node --test
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

test('the sample is converted with its samples as they are in the file', () => {
  const out = mkdtempSync(join(tmpdir(), 'reader-test-'));
  try {
    const sample = join(folder, 'fixtures/whole/scan.bin');
    const env = { ...process.env, NII_CONVERTERS_DIR: dirname(folder) };
    execFileSync('nii', ['convert', sample, '--out', out, '--format', 'raw'], { env });
    const bytes = readFileSync(sample);
    const high = readFileSync(join(out, 'main-high.raw'));
    assert.deepEqual(high, bytes.subarray(32, 32 + high.length));
  } finally {
    rmSync(out, { recursive: true });
  }
});
`;
