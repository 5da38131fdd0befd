import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConverterPackage } from '../../src/convert/registry.ts';
import { runInProcess } from '../../src/convert/run.ts';
import { recognise } from '../../src/convert/sniff.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { channelsOf, type ScanWithPlanes } from '../../src/core/scan.ts';
import { converterOf, type NamedBytes, onlyGroup, sha256, stage, toConvert } from '../convert/staging.ts';

/** Small, so that a claim of gigapixels is refused and not allocated. */
const limits = { ...defaultLimits, pixels: 1_000_000, archiveBytes: 8 * 1024 * 1024 };

/** More by NII_FUZZ_RUNS, for a long look. */
const numRuns = Number(process.env.NII_FUZZ_RUNS ?? 200);

interface ExpectedChannel {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly kind: string;
  readonly sha256: string;
}

/** `expected.json` of a fixture: written by a generator that does not use the reader. */
interface Expected {
  readonly groupKey: string;
  readonly roles?: Readonly<Record<string, string>>;
  readonly incomplete?: readonly string[];
  readonly refused?: string;
  readonly completeness?: string;
  readonly acquired?: string;
  readonly containers?: readonly (readonly [string, string])[];
  readonly description?: string;
  readonly plates?: readonly string[];
  readonly warnings?: readonly string[];
  readonly channels?: Readonly<Record<string, ExpectedChannel>>;
}

interface Fixture {
  readonly name: string;
  readonly files: readonly NamedBytes[];
  readonly expected: Expected;
}

export function fixturesOf({ folder }: ConverterPackage): readonly Fixture[] {
  const root = join(folder, 'fixtures');
  return readdirSync(root).map((name) => ({
    name,
    files: readdirSync(join(root, name))
      .filter((file) => file !== 'expected.json')
      .map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(join(root, name, file))) })),
    expected: JSON.parse(readFileSync(join(root, name, 'expected.json'), 'utf8')) as Expected,
  }));
}

/** What every converter package must keep to, however it is installed. */
export function describeConverter(
  converter: ConverterPackage,
  all: readonly ConverterPackage[],
  folder: string,
): void {
  const fixtures = fixturesOf(converter);
  const convert = async (files: readonly NamedBytes[]) => {
    const place = mkdtempSync(join(folder, 'c-'));
    try {
      const group = onlyGroup(stage(place, files), all);
      return await runInProcess({ converter: converterOf(group, all), files: toConvert(group), limits });
    } finally {
      rmSync(place, { recursive: true });
    }
  };
  const outcome = async (files: readonly NamedBytes[]) => convert(files).then(summary, refusalCode);

  describe(`converter ${converter.manifest.id}`, () => {
    it.each(fixtures)(
      'fixture $name becomes the scan that its generator states',
      async ({ files, expected }) => {
        const group = onlyGroup(stage(folder, files), all);
        expect(group.converter).toEqual({ id: converter.manifest.id, version: converter.manifest.version });
        expect(group.groupKey).toBe(expected.groupKey);
        const incomplete = group.files.filter(({ complete }) => !complete).map(({ name }) => name);
        expect(new Set(incomplete)).toEqual(new Set(expected.incomplete));
        const roles = Object.fromEntries(group.files.map(({ name, role }) => [name, role]));
        if (expected.roles !== undefined) expect(roles).toEqual(expected.roles);
        const result = await outcome(files);
        if (expected.refused !== undefined) expect(result).toBe(expected.refused);
        else expectScan(await convert(files), expected);
      },
    );

    it('claims no file of another package, and no other claims its own', () => {
      for (const other of all) {
        for (const { files } of fixturesOf(other)) {
          for (const { name, bytes } of files) {
            const claims = recognise({ head: bytes.slice(0, 4096), bytes: bytes.length }, all);
            const ids = claims.filter(({ fallback }) => !fallback).map(({ manifest }) => manifest.id);
            expect([name, ids]).toEqual([name, ids.length === 0 ? [] : [other.manifest.id]]);
          }
        }
      }
    });

    it('converts the same files to the same record and samples', async () => {
      for (const { files } of fixtures) {
        expect(await outcome(files)).toEqual(await outcome([...files].reverse()));
      }
    });

    it('every truncation of a file ends in a scan or a code, and never in samples that were not there', async () => {
      for (const { files, expected } of fixtures) {
        for (const [i, file] of files.entries()) {
          const step = Math.max(1, Math.floor(file.bytes.length / 40));
          for (let length = 0; length < file.bytes.length; length += step) {
            const cut = files.with(i, { name: file.name, bytes: file.bytes.slice(0, length) });
            const result = await safely(() => outcome(cut));
            expectSafe(converter.manifest.id, result);
            if (typeof result !== 'string') expectNothingInvented(result, expected);
          }
        }
      }
    });

    it('a changed byte ends in a scan or a code', async () => {
      const choice = fc.record({
        fixture: fc.nat(fixtures.length - 1),
        file: fc.nat(63),
        at: fc.nat(4095),
        value: fc.integer({ min: 0, max: 255 }),
      });
      await fc.assert(
        fc.asyncProperty(choice, async ({ fixture, file, at, value }) => {
          const files = fixtures[fixture]?.files ?? [];
          const changed = files.map((one, i) => (i === file % files.length ? withByte(one, at, value) : one));
          expectSafe(converter.manifest.id, await safely(() => outcome(changed)));
        }),
        { numRuns },
      );
    });

    it('random bytes behind a good beginning end in a scan or a code', async () => {
      const good = fixtures.flatMap(({ files }) => files);
      const choice = fc.record({
        file: fc.nat(good.length - 1),
        kept: fc.nat(200),
        rest: fc.uint8Array({ maxLength: 600 }),
      });
      await fc.assert(
        fc.asyncProperty(choice, async ({ file, kept, rest }) => {
          const { name, bytes } = good[file] ?? { name: 'x', bytes: new Uint8Array() };
          const mixed = new Uint8Array(Buffer.concat([bytes.slice(0, kept), rest]));
          expectSafe(converter.manifest.id, await safely(() => outcome([{ name, bytes: mixed }])));
        }),
        { numRuns },
      );
    });
  });
}

type Summary = Pick<ScanWithPlanes, 'scan'> & { readonly planes: Readonly<Record<string, string>> };

function summary({ scan, planes }: ScanWithPlanes): Summary {
  const originals = scan.originals.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const attachments = scan.attachments.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const warnings = scan.warnings.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    scan: { ...scan, originals, attachments, warnings },
    planes: Object.fromEntries([...planes].map(([key, plane]) => [key, sha256(plane)])),
  };
}

function refusalCode(error: unknown): string {
  if (isNiiError(error)) return error.code;
  throw error;
}

/** Files that are no longer one scan are several; nothing is claimed of them here. */
async function safely(work: () => Promise<Summary | string>): Promise<Summary | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('not one scan')) return 'NII_UNKNOWN_FORMAT';
    throw error;
  }
}

/** A crash that the guard caught is a fault of the reader, unless a fake was told to. */
function expectSafe(id: string, result: Summary | string): void {
  if (typeof result !== 'string') return;
  expect(result).toMatch(/^NII_[A-Z_]+$/);
  const faults = [
    'NII_INTERNAL',
    'NII_CONFIG',
    ...(id === 'fake' ? [] : ['NII_CONVERTER_CRASHED', 'NII_CONVERTER_INCONSISTENT']),
  ];
  expect(faults).not.toContain(result);
}

function expectNothingInvented({ planes }: Summary, expected: Expected): void {
  const known = Object.values(expected.channels ?? {}).map((channel) => channel.sha256);
  for (const hash of Object.values(planes)) expect(known).toContain(hash);
}

function withByte({ name, bytes }: NamedBytes, at: number, value: number): NamedBytes {
  const changed = bytes.slice();
  if (changed.length > 0) changed[at % changed.length] = value;
  return { name, bytes: changed };
}

function expectScan({ scan, planes }: ScanWithPlanes, expected: Expected): void {
  const channels = channelsOf(scan).map(({ key, channel }) => {
    const { rows, columns, bitsAllocated: bits, kind } = channel;
    expect(channel.sha256).toBe(sha256(planes.get(key) ?? new Uint8Array()));
    return [key, { rows, columns, bits, kind, sha256: channel.sha256 }];
  });
  expect(Object.fromEntries(channels)).toEqual(expected.channels);
  expect(scan.completeness).toBe(expected.completeness);
  expect(new Set(scan.warnings.map(({ code }) => code))).toEqual(new Set(expected.warnings));
  const numbers = scan.units.flatMap(({ containers }) =>
    containers.map(({ value, state }) => [value, state]),
  );
  expect(numbers).toEqual(expected.containers);
  expect(scan.units.length).toBe(Math.max(1, numbers.length));
  if (expected.acquired !== undefined) expect(scan.acquired.utc).toBe(expected.acquired);
  if (expected.description !== undefined) expect(scan.units[0]?.description).toBe(expected.description);
  if (expected.plates !== undefined) expect(scan.units[0]?.plates).toEqual(expected.plates);
}
