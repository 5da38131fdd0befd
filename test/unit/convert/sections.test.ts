import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { planeInMemory } from '../../../src/core/scan/plane-source.ts';
import { type Channel, planeBytes } from '../../../src/core/scan/scan.ts';
import { channelOfSection, readSection, rowsOfSection, sectionsOf } from '../../../src/core/scan/sections.ts';
import { encodeDxParts } from '../../../src/format/dicos/parts.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { channelOf, ids, scanOf } from '../../support/scan.ts';
import { converterOf, onlyGroup, sha256, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();

/** A channel of a few rows that is longer than one instance holds. */
function wide(changes: Partial<Channel>): { readonly channel: Channel; readonly plane: Uint8Array } {
  const sized = { ...channelOf({ id: 'high', energy: 'high', rows: 3, columns: 40_000 }), ...changes };
  const bytes = planeBytes(sized);
  const plane = Uint8Array.from({ length: bytes }, (_, i) => (i * 2_654_435_761) >>> 24);
  return { plane, channel: { ...sized, bytes, sha256: sha256(plane) } };
}

describe('sections of a long channel', () => {
  it('are as many as hold it, equally long, side by side, and none longer than a viewer holds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000_000 }), fc.boolean(), (length, turned) => {
        const size = turned ? { rows: length, columns: 7 } : { rows: 7, columns: length };
        const sections = sectionsOf({ ...size, bitsAllocated: 16 });
        if (length <= 32_767) {
          expect(sections).toEqual([]);
          return;
        }
        expect(sections.map(({ number, of }) => [number, of])).toEqual(
          sections.map((_, i) => [i + 1, sections.length]),
        );
        expect([sections[0]?.from, sections.at(-1)?.to]).toEqual([0, length]);
        const axis = turned ? 'rows' : 'columns';
        expect(sections.filter((section) => section.axis !== axis)).toEqual([]);
        expect(sections.slice(1).map(({ from }) => from)).toEqual(sections.slice(0, -1).map(({ to }) => to));
        const lengths = sections.map(({ from, to }) => to - from);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(16_384);
        expect(lengths.slice(0, -1).filter((each) => each !== lengths[0])).toEqual([]);
      }),
    );
  });

  it.each([
    ['of one frame', {}],
    ['of three frames', { frames: 3 }],
    ['of colour by pixel', { samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8 }],
    ['of colour by plane', { samplesPerPixel: 3, planar: true, bitsAllocated: 8, bitsStored: 8, frames: 2 }],
    ['longer in rows', { rows: 40_000, columns: 3 }],
  ] as const)('%s join to the whole again', (_, changes) => {
    const { channel, plane } = wide(changes);
    const joined = new Uint8Array(plane.length);
    for (const section of sectionsOf(channel)) {
      const samples = readSection(planeInMemory(plane), channel, section);
      expect(samples.length).toBe(channelOfSection(channel, section).bytes);
      for (const { at, bytes } of rowsOfSection(samples, channel, section)) joined.set(bytes, at);
    }
    expect(Buffer.from(joined).equals(plane)).toBe(true);
  });

  it('written as DICOS and sent again are one channel, sample by sample; without one of them they say so', async () => {
    const converters = await loadConverters({ enableFake: false });
    const { channel: drawn, plane } = wide({});
    const { invalidValue: _, ...channel } = drawn;
    const found = { notMeasured: { rows: [], columns: [] }, opaqueSamples: 0 };
    const scan = scanOf([channel]);
    const files: { name: string; bytes: Uint8Array }[] = [];
    const input = { scan, viewId: 'side', channelId: 'high', plane: planeInMemory(plane), ids };
    for await (const { name, bytes } of encodeDxParts(input)) files.push({ name: `${name}.dcs`, bytes });
    expect(files.map(({ name }) => name)).toEqual([
      'side-high-s1.dcs',
      'side-high-s2.dcs',
      'side-high-s3.dcs',
    ]);
    const convert = (sent: typeof files) => {
      const group = onlyGroup(stage(folder, sent), converters);
      return runInProcess({
        converter: converterOf(group, converters),
        files: toConvert(group),
        limits: defaultLimits,
      });
    };
    const back = await convert(files.toReversed());
    expect(back.scan.views).toMatchObject([{ id: 'side', channels: [{ ...channel, ...found }] }]);
    expect(Buffer.from(back.planes.get('side-high') ?? []).equals(plane)).toBe(true);
    const cut = await convert(files.slice(0, 2));
    expect(cut.scan.views[0]?.channels.map(({ id }) => id)).toEqual(['high-s1', 'high-s2']);
    expect(cut.scan.warnings.map(({ code }) => code)).toContain('NII_W_CHANNEL_INCOMPLETE');
  });
});
