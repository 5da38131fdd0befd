import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceOf } from '../../../src/core/scan/difference.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

const sha = (letter: string) => ({ sha256: letter.repeat(64) });
const scan = scanOf([channelOf(sha('a')), channelOf({ id: 'low', energy: 'low', ...sha('b') })]);

describe('the difference of two conversions', () => {
  test('is none for the same record, whatever the version of the converter', () => {
    const later = { ...scan, converter: { ...scan.converter, version: '9.9.9' } };
    expect(differenceOf({ scan }, { scan: later })).toMatchObject({ same: true, fields: [], channels: [] });
  });

  test('names each field by its path, with what it was and what it is', () => {
    const later = { ...scan, source: { ...scan.source, serial: '8' } };
    expect(differenceOf({ scan }, { scan: later }).fields).toEqual([
      { path: '/source/serial', before: '7', after: '8' },
    ]);
  });

  test('tells channels that came, went, or have other samples', () => {
    const later = scanOf([channelOf(sha('c')), channelOf({ id: 'material', ...sha('d') })]);
    expect(differenceOf({ scan }, { scan: later }).channels).toEqual([
      { channel: 'side-high', change: 'samples', fields: [] },
      { channel: 'side-low', change: 'removed', fields: [] },
      { channel: 'side-material', change: 'added', fields: [] },
    ]);
  });

  test('says what changed of a channel, also beside its samples', () => {
    const [high] = [channelOf(sha('a'))];
    if (high === undefined) throw new Error('no channel');
    const turned = scanOf([
      channelOf({ polarity: 'high-is-opaque', ...sha('c') }),
      channelOf({ id: 'low', energy: 'low', ...sha('b') }),
    ]);
    expect(differenceOf({ scan }, { scan: turned }).channels).toEqual([
      {
        channel: 'side-high',
        change: 'samples',
        fields: [{ path: '/polarity', before: high.polarity, after: 'high-is-opaque' }],
      },
    ]);
  });

  test('is none where only the order of names in a channel differs', () => {
    const views = scan.views.map((view) => ({
      ...view,
      channels: view.channels.map((channel) => Object.fromEntries(Object.entries(channel).toReversed())),
    }));
    const reordered = { ...scan, views } as unknown as typeof scan; // the same record, written in another order
    expect(differenceOf({ scan }, { scan: reordered })).toMatchObject({ same: true });
  });

  test('names at most a thousand fields, counts the rest, and escapes names as a pointer does', () => {
    const many = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`f${i}`, i]));
    const vendor = { 'folder/s1.xml': many };
    const found = differenceOf({ scan: { ...scan, vendor: {} } }, { scan: { ...scan, vendor } });
    expect(found.fields).toHaveLength(1);
    const changed = { 'folder/s1.xml': Object.fromEntries(Object.keys(many).map((name) => [name, -1])) };
    const all = differenceOf({ scan: { ...scan, vendor } }, { scan: { ...scan, vendor: changed } });
    expect([all.fields.length, all.omitted]).toEqual([1000, 500]);
    expect(all.fields[0]?.path).toBe('/vendor/folder~1s1.xml/f0');
  });

  test('counts also what differs in a channel and is not named', () => {
    const legend = (label: string) => Array.from({ length: 1500 }, (_, i) => ({ from: i, to: i, label }));
    const [was, is] = ['was', 'is'].map((label) =>
      scanOf([channelOf({ legend: legend(label), ...sha('a') })], { vendor: { label } }),
    );
    if (was === undefined || is === undefined) throw new Error('no scan');
    const found = differenceOf({ scan: was }, { scan: is });
    expect([found.fields.length, found.channels[0]?.fields.length, found.omitted]).toEqual([1, 1000, 500]);
  });

  test('shows a failure that became a scan', () => {
    const problem = { code: 'NII_MALFORMED', title: 't', detail: 'd' } as const;
    const found = differenceOf({ problem }, { scan });
    expect(found).toMatchObject({ same: false, before: 'failed: NII_MALFORMED', after: 'full' });
  });

  test('is empty exactly where the metadata are equal, and the same in both directions but for before and after', () => {
    const vendor = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(vendor, vendor, (one, two) => {
        const forth = differenceOf({ scan: { ...scan, vendor: one } }, { scan: { ...scan, vendor: two } });
        const back = differenceOf({ scan: { ...scan, vendor: two } }, { scan: { ...scan, vendor: one } });
        const equal = JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));
        expect(forth.same).toBe(equal);
        expect(forth.fields.map(({ path }) => path).toSorted()).toEqual(
          back.fields.map(({ path }) => path).toSorted(),
        );
      }),
    );
  });
});

/** As JSON with its names in order, so that equal objects read equal. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return JSON.parse(JSON.stringify(value) ?? 'null');
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}
