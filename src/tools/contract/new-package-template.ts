/** Texts of a starting package. `name` is its id, `magic` the first eight bytes of its files in hexadecimal. */

/** A header of 32 bytes with rows, columns, time, container and pitch; then both energies. */
const layout = {
  kind: 'mapped',
  fields: {
    rows: { at: 8, type: 'u16le' },
    columns: { at: 10, type: 'u16le' },
    time: { at: 12, type: 'u32le', none: [0] },
    container: { at: 16, text: 'ascii', length: 12 },
    pitch: { at: 28, type: 'u16le', scale: 0.001, none: [0] },
  },
  views: [
    {
      id: 'main',
      display: { flipRows: false, rotate: 0, flipColumns: false },
      pitch: { rowMm: { field: 'pitch' }, columnMm: { field: 'pitch' } },
      samples: { at: 32, rows: 'rows', columns: 'columns', bits: 16, endian: 'little', order: 'planar' },
      channels: [
        { id: 'high', kind: 'transmission', energy: 'high' },
        { id: 'low', kind: 'transmission', energy: 'low' },
      ],
    },
  ],
  record: {
    acquired: { field: 'time', pattern: 'unix-seconds' },
    containers: [{ field: 'container', source: 'operator' }],
  },
};

const about = {
  files: 'one file',
  writers: 'one',
  realFiles: false,
  facts: [
    { of: 'recognition', fact: 'The first eight bytes', basis: 'derived' },
    { of: 'pixels', fact: 'Rows at 8, columns at 10, u16 little-endian', basis: 'derived' },
    { of: 'pixels', fact: 'From byte 32 the high, then the low energy, 16 bits each', basis: 'derived' },
    { of: 'metadata', fact: 'Time at 12, container at 16, pitch in micrometres at 28', basis: 'derived' },
  ],
  have: ['nothing yet: this is the starting package'],
  want: ['a real file'],
};

export function manifestText(name: string, magic: string): string {
  return `${JSON.stringify(manifestOf(name, magic), null, 2)}\n`;
}

export function manifestOf(name: string, magic: string) {
  return {
    schemaVersion: '1.0',
    id: name,
    version: '0.1.0',
    title: `${name}: replace with what the files are`,
    formats: [name],
    recognise: [
      {
        all: [
          { bytes: magic },
          { number: { at: 8, type: 'u16le' }, min: 1 },
          { number: { at: 10, type: 'u16le' }, min: 1 },
        ],
        role: 'image',
        size: {
          header: 32,
          factors: [
            { at: 8, type: 'u16le' },
            { at: 10, type: 'u16le' },
          ],
          constant: 4,
        },
      },
    ],
    group: { by: 'name', pattern: '^(?<stem>.+?)\\.[^.]*$' },
    sidecars: [{ extensions: ['jpg', 'jpeg'], role: 'picture', bytes: 'ffd8ff' }],
    ceilingBytes: 268_435_456,
    layout,
    about,
  };
}

export function readmeText(name: string): string {
  return `# ${name}

Describe these files and their writer here. This is not a vendor specification unless it says so.

Marks: **standard** in a public standard; **published** by the maker; **checked** in a real file; **stated** in public code, no real file available; **derived** by us.

| fact | mark |
| --- | --- |
| The first eight bytes are the same in every file | derived |
| Rows @8, columns @10, u16 little-endian | derived |
| Time @12, seconds since 1970 as u32; container @16, 12 characters; pitch in micrometres @28, u16 | derived |
| From byte 32 the high, then the low energy, 16 bits each | derived |

**Recognised** by …

**Rejected.** …

\`fixtures/\` is written by the generator beside this file, with the expected values from its input.
`;
}

const nodeGenerator = `// Writes fixtures/ of this converter: synthetic files and their expected results.
// The expected values come from this generator, not from the reader. Run: node fixtures.mjs
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

const MAGIC = Buffer.from('MAGIC_HEX', 'hex');
const ROWS = 6;
const COLUMNS = 10;
const root = new URL('fixtures/', import.meta.url);

/** A smooth picture, so that nothing in it looks like damage. */
const plane = (from) =>
  Buffer.concat(
    Array.from({ length: ROWS * COLUMNS }, (_, i) => {
      const sample = Buffer.alloc(2);
      sample.writeUInt16LE(from - 500 * i);
      return sample;
    }),
  );

function file({ time = 1930273200, container = 'CSQU3054383', pitch = 4200 }, ...planes) {
  const header = Buffer.alloc(32);
  MAGIC.copy(header);
  header.writeUInt16LE(ROWS, 8);
  header.writeUInt16LE(COLUMNS, 10);
  header.writeUInt32LE(time, 12);
  header.write(container, 16, 12, 'ascii');
  header.writeUInt16LE(pitch, 28);
  return Buffer.concat([header, ...planes]);
}

const channel = (bytes) => ({
  rows: ROWS,
  columns: COLUMNS,
  bits: 16,
  kind: 'transmission',
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

function fixture(name, files, expected) {
  const folder = new URL(\`\${name}/\`, root);
  mkdirSync(folder, { recursive: true });
  for (const [fileName, bytes] of Object.entries(files)) writeFileSync(new URL(fileName, folder), bytes);
  writeFileSync(new URL('expected.json', folder), \`\${JSON.stringify(expected, null, 1)}\\n\`);
}

rmSync(root, { recursive: true, force: true });
const high = plane(60000);
const low = plane(52000);
const channels = { 'main-high': channel(high), 'main-low': channel(low) };
fixture('whole', { 'scan.bin': file({}, high, low) }, {
  groupKey: 'scan',
  completeness: 'no-material',
  acquired: '2031-03-03T03:00:00Z',
  containers: [['CSQU3054383', 'valid']],
  warnings: [],
  channels,
  record: { '/views/0/channels/0/pitch': { rowMm: 4.2, columnMm: 4.2, source: 'file' } },
});
fixture('no-metadata', { 'bare.bin': file({ time: 0, container: '', pitch: 0 }, high, low) }, {
  groupKey: 'bare',
  completeness: 'no-material',
  containers: [],
  warnings: ['NII_W_PITCH_UNKNOWN'],
  channels,
});
fixture('still-written', { 'cut.bin': file({}, high, low).subarray(0, 90) }, {
  groupKey: 'cut',
  incomplete: ['cut.bin'],
  refused: 'NII_TRUNCATED',
});
`;

export function nodeGeneratorText(magic: string): string {
  return nodeGenerator.replace('MAGIC_HEX', magic);
}

const pythonGenerator = `"""Writes fixtures/ of this converter: synthetic files and their expected results.

The expected values come from this generator, not from the reader. Run: python3 fixtures.py
"""
import hashlib
import json
import pathlib
import shutil
import struct

MAGIC = bytes.fromhex('MAGIC_HEX')
ROWS, COLUMNS = 6, 10
ROOT = pathlib.Path(__file__).parent / 'fixtures'


def plane(start):
    """A smooth picture, so that nothing in it looks like damage."""
    return struct.pack(f'<{ROWS * COLUMNS}H', *(start - 500 * i for i in range(ROWS * COLUMNS)))


def file(*planes, time=1930273200, container=b'CSQU3054383', pitch=4200):
    return MAGIC + struct.pack('<HHI12sHH', ROWS, COLUMNS, time, container, pitch, 0) + b''.join(planes)


def channel(data):
    return {'rows': ROWS, 'columns': COLUMNS, 'bits': 16, 'kind': 'transmission', 'sha256': hashlib.sha256(data).hexdigest()}


def fixture(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1) + '\\n')


shutil.rmtree(ROOT, ignore_errors=True)
high, low = plane(60000), plane(52000)
channels = {'main-high': channel(high), 'main-low': channel(low)}
fixture('whole', {'scan.bin': file(high, low)}, {
    'groupKey': 'scan', 'completeness': 'no-material', 'acquired': '2031-03-03T03:00:00Z',
    'containers': [['CSQU3054383', 'valid']], 'warnings': [], 'channels': channels,
    'record': {'/views/0/channels/0/pitch': {'rowMm': 4.2, 'columnMm': 4.2, 'source': 'file'}},
})
fixture('no-metadata', {'bare.bin': file(high, low, time=0, container=b'', pitch=0)}, {
    'groupKey': 'bare', 'completeness': 'no-material', 'containers': [], 'warnings': ['NII_W_PITCH_UNKNOWN'],
    'channels': channels,
})
fixture('still-written', {'cut.bin': file(high, low)[:90]},
        {'groupKey': 'cut', 'incomplete': ['cut.bin'], 'refused': 'NII_TRUNCATED'})
`;

export function pythonGeneratorText(magic: string): string {
  return pythonGenerator.replace('MAGIC_HEX', magic);
}
