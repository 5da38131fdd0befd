import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DataSet, DicomElement } from '../../../src/codec/dicom/data-set.ts';
import { niiBlock, niiRecordOf } from '../../../src/codec/dicom/nii-block.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { binary, numbers, sequence, text } from '../../../src/codec/dicom/write/build.ts';
import { encodePart10 } from '../../../src/codec/dicom/write/part10.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { type Channel, channelsOf, type ScanWithPlanes } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { outcomeOf } from '../../../src/tools/contract/subject.ts';
import { channelOf, ids, noise, scanOf } from '../../support/scan.ts';
import { runs } from '../../support/search-size.ts';
import { installed, type NamedBytes, sha256, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();
const BLOCK = '(0041,1001)';
const CREATOR = text('00410010', 'LO', 'NII-HUB 1.0');

/** One of our files, whose block gets forged: its elements, the text of its block and the samples of its record. */
interface Own {
  readonly channel: Channel;
  readonly dataSet: DataSet;
  readonly json: string;
  readonly plane: string;
  /** As they lie in the file. */
  readonly samples: Uint8Array;
}

async function ownFile(part: Partial<Channel>, seed = 'own'): Promise<Own> {
  const { invalidValue: _, ...counted } = channelOf({ rows: 3, columns: 4, ...part });
  const plane = noise(counted.bytes, seed);
  const channel = { ...counted, sha256: sha256(plane) };
  const input = { scan: scanOf([channel]), viewId: 'side', channelId: channel.id, plane, ids };
  const { bytes } = await encodeDx(input, { codec: 'none' });
  const file = readDicom(bytes, 'own.dcs', defaultLimits);
  const samples = (await file.pixels()).bytes;
  return { channel, dataSet: file.dataSet, json: niiRecordOf(file.dataSet)!, plane: sha256(plane), samples };
}

const kinds: readonly Partial<Channel>[] = [
  {},
  { frames: 2 },
  { sampleFormat: 'signed' },
  { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3, kind: 'display', polarity: 'none' },
  { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3, planar: true, kind: 'display', polarity: 'none' },
  { bitsAllocated: 1, bitsStored: 1 },
  { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'float' },
];

let owns: readonly (Own & { readonly containers: readonly string[] })[] = [];
beforeAll(async () => {
  const files = await Promise.all(kinds.map((kind) => ownFile(kind)));
  owns = await Promise.all(
    files.map(async (own) => ({ ...own, containers: containersOf(await convert(forgedFile(own))) })),
  );
});

function fileOf({ dataSet }: Own, name: string, instance: string, ...block: DataSet): NamedBytes {
  const others = dataSet.filter(({ tag }) => !/^0002|^0041|^00080018/.test(tag));
  const elements = [...others, text('00080018', 'UI', instance), ...block];
  const sopClass = '1.2.840.10008.5.1.4.1.1.501.2.2';
  const bytes = encodePart10(
    elements.toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
    {
      sopClass,
      sopInstance: instance,
      transferSyntax: '1.2.840.10008.1.2.1',
      implementationClass: '1.2.3',
      implementationVersion: 'TEST',
    },
  );
  return { name, bytes };
}

const forgedFile = (own: Own, ...block: DataSet) => fileOf(own, 'forged.dcs', '2.25.7', ...block);

async function convert(...files: readonly NamedBytes[]): Promise<ScanWithPlanes> {
  const outcome = await outcomeOf({ all: installed, folder, limits: defaultLimits }, files);
  if (outcome.kind !== 'scan') throw new Error(JSON.stringify({ ...outcome, group: undefined }));
  return outcome.result;
}

type Path = readonly (string | number)[];

/** Every place in a JSON value. */
function placesIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...entries.flatMap(([key, inner]) => placesIn(inner, [...at, key]))];
}

/** The value with another one, or nothing, at this place. */
function changedAt(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value)) return value.map((one, i) => (i === key ? changedAt(one, rest, to) : one));
  const record = value as Readonly<Record<string, unknown>>;
  return { ...record, [key]: changedAt(record[key], rest, to) };
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    1,
    2,
    -1,
    0.5,
    64,
    2 ** 31,
    1e300,
    true,
    [],
    {},
    'x'.repeat(70_000),
    '\u0000\u001b\ud800',
    '__proto__',
    [{ from: 2, to: 1 }],
    { rows: [{ from: 7, to: 99 }], columns: [] },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

const turn = fc.record({
  flipRows: fc.boolean(),
  rotate: fc.constantFrom(0, 90, 180, 270),
  flipColumns: fc.boolean(),
});
const written = fc.record(
  { turn, offset: fc.constantFrom(1, 128, 32_768), components: fc.constantFrom(2, 3, 4) },
  { requiredKeys: [] },
);
const section = fc.record({
  number: fc.integer({ min: 1, max: 3 }),
  of: fc.integer({ min: 1, max: 3 }),
  axis: fc.constantFrom('rows', 'columns'),
  from: fc.integer({ min: 0, max: 5 }),
  to: fc.integer({ min: 1, max: 5 }),
});

/** Blocks by our schema that contradict themselves or the file, beside those with something strange in one place. */
const contradictions: fc.Arbitrary<readonly (readonly [Path, unknown])[]> = fc.oneof(
  written.map((value) => [[['written'], value] as const]),
  written.map((value) => [[['written'], value] as const, [['channel', 'sha256'], undefined] as const]),
  section.map((value) => [[['section'], { ...value, sha256: 'a'.repeat(64) }] as const]),
  fc.integer({ min: 1, max: 64 }).map((bits) => [[['channel', 'bitsStored'], bits] as const]),
  fc.constant([[['scan', 'units', 0, 'containers'], []] as const]),
  fc.constant([[['scan', 'units'], []] as const]),
  fc
    .constantFrom('class-map', 'display', 'unknown', 'scatter', 'transmission')
    .map((kind) => [[['channel', 'kind'], kind] as const]),
);

const forgeries = fc
  .tuple(
    fc.constantFrom(...kinds.keys()),
    fc.oneof(
      fc.tuple(fc.nat(), strange).map(([at, to]) => (json: string) => {
        const value: unknown = JSON.parse(json);
        const places = placesIn(value);
        return JSON.stringify(changedAt(value, places[at % places.length] ?? [], to)) ?? '';
      }),
      contradictions.map(
        (changes) => (json: string) =>
          JSON.stringify(changes.reduce((value, [at, to]) => changedAt(value, at, to), JSON.parse(json))),
      ),
      fc
        .double({ min: 0, max: 1, noNaN: true })
        .map((share) => (json: string) => json.slice(0, Math.floor(share * json.length))),
      fc.jsonValue().map((value) => () => JSON.stringify(value)),
      fc.string().map((value) => () => value),
    ),
  )
  .map(([kind, forge]) => ({ kind, forge }));

const isWarned = ({ scan }: ScanWithPlanes) =>
  scan.warnings.some(({ code, field }) => code === 'NII_W_FIELD_MALFORMED' && field === BLOCK);
const onlyChannel = ({ scan }: ScanWithPlanes) => channelsOf(scan)[0]!.channel;
const containersOf = ({ scan }: ScanWithPlanes) =>
  scan.units.flatMap(({ containers }) => containers.map(({ value }) => value));

/** What its block says of a channel and no header does. */
function toldByBlock({ id, kind, polarity, energy, pitch, legend }: Channel) {
  return { id, kind, polarity, energy, pitch, legend };
}

/** The samples of the record or of the file; of a block without a hash, the same values in any order, of either sign. */
function expectSamplesOf(own: Own, plane: Uint8Array, json: string): void {
  if ([own.plane, sha256(own.samples)].includes(sha256(plane))) return;
  expect(json).not.toContain(own.plane);
  const isBits = own.channel.bitsAllocated === 1;
  const ones = (bytes: Uint8Array) =>
    bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  const values = (bytes: Uint8Array) => bytes.map((byte) => byte & 0x7f).toSorted();
  if (isBits) expect(ones(plane)).toBe(ones(own.samples));
  else expect(values(plane)).toEqual(values(own.samples));
}

describe('a forged private block', () => {
  it('never costs the scan, its samples or its container numbers; it is used or warned of', async () => {
    await fc.assert(
      fc.asyncProperty(forgeries, async ({ kind, forge }) => {
        const own = owns[kind]!;
        const json = forge(own.json);
        const result = await convert(forgedFile(own, ...niiBlock(json)));
        const { sampleFormat, bitsAllocated } = onlyChannel(result);
        expect(bitsAllocated).toBe(own.channel.bitsAllocated);
        expect([own.channel.sampleFormat, 'unsigned']).toContain(sampleFormat);
        expectSamplesOf(own, [...result.planes.values()][0]!, json);
        expect(containersOf(result)).toEqual(expect.arrayContaining([...own.containers]));
        if (isWarned(result)) return;
        expect(json).toMatch(/^\{/);
        const block = JSON.parse(json) as { readonly channel: Channel };
        expect(toldByBlock(onlyChannel(result))).toEqual(toldByBlock(block.channel));
      }),
      { numRuns: runs(1500) },
    );
  });

  it.each<readonly [string, (json: string) => DataSet]>([
    ['numbers', () => [CREATOR, numbers('00411001', 'US', 1, 2, 3)]],
    ['a sequence', () => [CREATOR, sequence('00411001', [text('00100020', 'LO', 'x')])]],
    ['bytes that are no text', () => [CREATOR, binary('00411001', 'OB', Uint8Array.of(0xff, 0xfe, 0, 1))]],
    ['nothing', () => [CREATOR]],
    ['an empty text', () => [CREATOR, text('00411001', 'UT')]],
    ['a text of megabytes', () => niiBlock(`{"view":"${'x'.repeat(4_000_000)}"}`)],
    ['a hundred thousand brackets', (json) => niiBlock(`{"deep":${'['.repeat(100_000)},${json.slice(1)}`)],
    ['the same key twice', (json) => niiBlock(json.replace(/}$/, ',"channel":7}'))],
  ])('of %s is warned of, and the file is read as one of others', async (_, block) => {
    const own = owns[0]!;
    const elements: readonly DicomElement[] = block(own.json);
    const result = await convert(forgedFile(own, ...elements));
    const plain = await convert(forgedFile(own));
    expect(isWarned(result)).toBe(true);
    expect(toldByBlock(onlyChannel(result))).toEqual(toldByBlock(onlyChannel(plain)));
    expect([...result.planes.values()].map(sha256)).toEqual([sha256(own.samples)]);
  });

  it('whose text some tool made bytes is used as it was', async () => {
    const own = owns[0]!;
    const result = await convert(
      forgedFile(own, CREATOR, binary('00411001', 'UN', Buffer.from(own.json.padEnd(8192)))),
    );
    expect(isWarned(result)).toBe(false);
    expect(onlyChannel(result).id).toBe('high');
  });

  it.each<readonly [string, Path, unknown]>([
    ['names no container where the header has some', ['scan', 'units', 0, 'containers'], []],
    ['has two units with one id', ['scan', 'units'], undefined],
    ['has more bits stored than allocated', ['channel', 'bitsStored'], 64],
  ])('that %s is not believed', async (_, at, to) => {
    const own = owns[0]!;
    const value = JSON.parse(own.json) as { readonly scan: { readonly units: readonly unknown[] } };
    const [unit] = value.scan.units;
    const forged = changedAt(value, at, at.length === 2 && at[1] === 'units' ? [unit, unit] : to);
    const result = await convert(forgedFile(own, ...niiBlock(JSON.stringify(forged))));
    expect(isWarned(result)).toBe(true);
    expect(containersOf(result)).toEqual(own.containers);
    expect(own.containers).toEqual(['CSQU3054383', 'MSKU6011672']);
  });

  it('never costs the scan where several files claim names of each other, or sections of one channel', async () => {
    const claim = fc.record({
      id: fc.constantFrom('high', 'high-2', 'high-s1', 'x'.repeat(64)),
      view: fc.constantFrom('side', 'y'.repeat(64)),
      section: fc.option(section, { nil: undefined }),
      whole: fc.constantFrom(4, 8, 65_535),
      turn,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(claim, { minLength: 2, maxLength: 4 }), async (claims) => {
        const own = owns[0]!;
        const files = claims.map(({ id, view, section: part, whole, turn: display }, i) => {
          const { section: _, ...value } = JSON.parse(own.json) as Record<string, object>;
          const claimed = part === undefined ? value : { ...value, section: { ...part, sha256: own.plane } };
          const channel = { ...value.channel, id, ...(part === undefined ? {} : { [part.axis]: whole }) };
          const json = JSON.stringify({ ...claimed, channel, view: { id: view, display } });
          return fileOf(own, `${i}.dcs`, `2.25.${i + 1}`, ...niiBlock(json));
        });
        const { planes } = await convert(...files);
        expect(planes.size).toBeGreaterThan(0);
        for (const plane of planes.values()) expect(plane.length % 24).toBe(0);
      }),
      { numRuns: runs(300) },
    );
  });
});
