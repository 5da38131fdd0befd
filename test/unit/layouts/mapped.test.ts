import { expect, test } from 'vitest';
import { fileInMemory } from '../../../src/convert/converter-file.ts';
import { toolbox } from '../../../src/convert/tools/toolbox.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { layoutReader } from '../../../src/layouts/layout.ts';
import type { MappedLayout } from '../../../src/layouts/schema/mapped.ts';
import { parseManifest } from '../../../src/recognise/manifest.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { installed, sha256 } from '../../support/staging.ts';

type Given = readonly (readonly [role: string, name: string, bytes: Uint8Array])[];

async function read(layout: Omit<MappedLayout, 'kind'>, given: Given) {
  const { sdk, warnings } = toolbox(defaultLimits);
  const files = given.map(([role, name, bytes]) => fileInMemory({ name, role, complete: true }, bytes));
  const converted = await layoutReader({ kind: 'mapped', ...layout }, 'made-up')(files, sdk);
  return { ...converted, codes: warnings.map(({ code }) => code) };
}

const one = { id: 'a', kind: 'transmission' } as const;
const text = (content: string) => new TextEncoder().encode(content);
const hashes = (planes: ReadonlyMap<string, Uint8Array>) => new Set([...planes.values()].map(sha256));

/** The layout of a format that a reader with code reads too: the two must agree. */
const asLayout: Omit<MappedLayout, 'kind'> = {
  blocks: { tail: { at: { product: ['width', 'lines', 2], plus: 64 }, optional: true } },
  fields: {
    width: { at: 4, type: 'u16le' },
    lines: { at: 6, type: 'u16le' },
    type: { at: 8, type: 'u16le', only: [3] },
    container: { in: 'tail', xml: "Items/Item[Name='ContainerInfo']/Value", decode: 'base64' },
  },
  views: [
    {
      id: 'main',
      samples: {
        at: 16,
        rows: 'lines',
        columns: { product: ['width'], dividedBy: 3 },
        bits: 16,
        order: 'side-by-side',
      },
      channels: [
        { ...one, id: 'low' },
        { ...one, id: 'high' },
        { id: 'material', kind: 'class-map' },
      ],
    },
  ],
  record: { containers: [{ field: 'container', source: 'operator' }] },
};

test('a layout reads the panels and the container of a format as the reader with code does', async () => {
  const ase = installed.find(({ manifest }) => manifest.id === 'ase');
  const fixture = fixturesOf(ase ?? installed[0]!).find(({ name }) => name === 'three-panels');
  const file = fixture?.files[0];
  const found = await read(asLayout, [['image', 'x', file?.bytes ?? new Uint8Array()]]);
  const stated = Object.values(fixture?.expected.channels ?? {}).map((channel) => channel.sha256);
  expect(hashes(found.planes)).toEqual(new Set(stated));
  expect(found.units[0]?.containers[0]?.value).toBe(fixture?.expected.containers?.[0]?.[0]);
});

test.each([
  ['msb-first', '123456789abc', [0x123, 0x456, 0x789, 0xabc]],
  ['lsb-first', '123456789abc', [0x412, 0x563, 0xa78, 0xbc9]],
] as const)('packed samples of 12 bits, %s', async (packing, hex, values) => {
  const samples = { rows: 2, columns: 2, bits: 12, packing };
  const found = await read({ views: [{ id: 'main', samples, channels: [one] }] }, [
    ['image', 'x', new Uint8Array(Buffer.from(hex, 'hex'))],
  ]);
  expect([...new Uint16Array(found.planes.get('main-a')!.slice().buffer)]).toEqual(values);
  expect(found.views[0]?.channels[0]).toMatchObject({ bitsAllocated: 16, bitsStored: 12 });
});

test('lines that are columns, with headers and paddings, come row by row', async () => {
  const bytes = Uint8Array.from([9, 9, 9, 1, 2, 8, 9, 3, 4, 8, 9, 5, 6, 8]);
  const samples = {
    planeHeader: 2,
    lineHeader: 1,
    linePadding: 1,
    rows: 2,
    columns: 3,
    bits: 8,
    lines: 'columns',
  } as const;
  const found = await read({ views: [{ id: 'main', samples, channels: [one] }] }, [['image', 'x', bytes]]);
  expect([...found.planes.get('main-a')!]).toEqual([1, 3, 5, 2, 4, 6]);
});

test('texts give fields by key, by column, by pointer, by name and by value map', async () => {
  const found = await read(
    {
      fields: {
        lane: { file: 'log', key: 'Lane' },
        plate: { file: 'log', line: 2, from: 4, to: 9 },
        number: { file: 'json', json: '/boxes/1' },
        when: { file: 'json', json: '/at' },
        purpose: { file: 'json', json: '/mode', map: { '2': 'training' } },
        serial: { file: 'json', fileName: true, pattern: '(?<value>[0-9]+)' },
      },
      record: {
        lane: { field: 'lane' },
        serial: { field: 'serial' },
        purpose: { field: 'purpose' },
        acquired: { field: 'when', pattern: 'unix-seconds' },
        containers: [{ field: 'number', source: 'scanner' }],
        plates: ['plate'],
      },
    },
    [
      ['log', 'a.txt', new Uint8Array(Buffer.from('\ufeffLane : 7\r\nXX AB 123 YY\r\n', 'utf16le'))],
      ['json', 'gate-42.json', text('{"boxes":["","CSQU3054383"],"at":0,"mode":2}')],
    ],
  );
  expect(found.source).toMatchObject({ lane: '7', serial: '42' });
  expect(found.acquired).toMatchObject({ utc: '1970-01-01T00:00:00Z', zone: 'stated' });
  expect(found.purpose).toBe('training');
  expect(found.units[0]).toMatchObject({
    plates: ['AB 123'],
    containers: [{ value: 'CSQU3054383', source: 'scanner' }],
  });
});

test.each([
  ['YYYY-MM-DD hh:mm:ss', '2026-03-04 05:06:07'],
  ['DD.MM.YYYY hh:mm', '4.3.2026 05:06'],
  ['[YYYY/MM/DD]{hh-mm}(ss)', '[2026/03/04]{05-06}(07)'],
])('a time written as %s is read', async (pattern, written) => {
  const found = await read(
    {
      fields: { when: { file: 'json', json: '/at' } },
      record: { acquired: { field: 'when', pattern, zone: 'Z' } },
    },
    [['json', 'a.json', text(JSON.stringify({ at: written }))]],
  );
  expect(found.acquired.utc).toMatch(/^2026-03-04T05:06:0[07]Z$/);
});

test.each([
  [
    'a field that depends on itself',
    { fields: { a: { at: 'b', type: 'u8' }, b: { at: 'a', type: 'u8' } } },
    'NII_CONFIG',
  ],
  [
    'a chunk longer than the file',
    { chunks: { tag: { text: 4 }, length: 'u32le' }, blocks: { a: { chunk: 'AAAA' } } },
    'NII_TRUNCATED',
  ],
] as const)('%s is refused', async (_, parts, code) => {
  const place = 'fields' in parts ? { at: 'a' } : { in: 'a' };
  const samples = { ...place, rows: 1, columns: 1, bits: 8 };
  const work = read({ ...parts, views: [{ id: 'main', samples, channels: [one] }] }, [
    ['image', 'x', text('AAAA\xff\xff\xff\x7f')],
  ]);
  await expect(work).rejects.toSatisfy((error) => isNiiError(error, code));
});

test('a manifest that names a field or block that is not there stops the start', () => {
  const manifest = {
    schemaVersion: '1.0',
    id: 'x',
    version: '1.0.0',
    title: 'x',
    formats: ['x'],
    recognise: [{ all: [{ bytes: '00' }] }],
    group: { by: 'name', pattern: '(?<stem>.*)' },
    ceilingBytes: 1,
  };
  const layout = (parts: object) => () =>
    parseManifest({ ...manifest, layout: { kind: 'mapped', ...parts } }, 'x');
  expect(layout({ record: { site: { field: 'none' } } })).toThrow(/no field none/);
  expect(layout({ fields: { a: { in: 'none', at: 0, type: 'u8' } } })).toThrow(/no block none/);
  expect(layout({ fields: { a: { xml: 'a[' } } })).toThrow(/is not a path/);
  expect(layout({ fields: { a: { value: 1, at: 0, type: 'u8', pattern: '(' } } })).toThrow();
  const fields = { a: { at: 0, type: 'u8' } };
  const acquired = { field: 'a', pattern: 'YYYY-MM-DD MM' };
  expect(layout({ fields, record: { acquired } })).toThrow(/date pattern YYYY-MM-DD MM has a part twice/);
});
