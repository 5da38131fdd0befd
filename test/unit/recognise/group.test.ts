import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/codec/npy.ts';
import { groupFiles, rejectUnclaimed } from '../../../src/recognise/group.ts';
import { loadConverters, loadReader } from '../../../src/recognise/registry.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { installed, type NamedBytes, stage, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();
const array = (value: number) => writeNpy('<u2', [2, 2], new Uint8Array(8).fill(value));
const named = (names: readonly string[], bytes = array(1)) =>
  names.map((name): NamedBytes => ({ name, bytes }));
const keysOf = (files: readonly NamedBytes[]) =>
  groupFiles(stage(folder, files), installed).groups.map(({ groupKey, files: of }) => [
    groupKey,
    of.map(({ name }) => name),
  ]);
const fs6000 = fixturesOf(installed.find(({ manifest }) => manifest.id === 'nuctech-fs6000')!);
const complete = fs6000.find(({ name }) => name === 'two-containers')!.files;

describe('grouping', () => {
  it('files of one stem are one scan, whatever the case and order of their names', () => {
    const shouted = complete.map(({ name, bytes }) => ({ name: name.toUpperCase(), bytes })).reverse();
    expect(keysOf(shouted)).toEqual([['s1', expect.any(Array)]]);
    expect(keysOf(shouted)[0]?.[1]).toHaveLength(6);
  });

  it('files whose names have their accents composed and apart are one scan', () => {
    const renamed = complete.map(({ name, bytes }, i) => ({
      name: name.replace('s1', 'Ñandú').normalize(i % 2 === 0 ? 'NFC' : 'NFD'),
      bytes,
    }));
    expect(keysOf(renamed)).toEqual([['ñandú', expect.any(Array)]]);
    expect(keysOf(renamed)[0]?.[1]).toHaveLength(6);
  });

  it('a late material file alone has the key of its scan', () => {
    expect(keysOf(complete.filter(({ name }) => name.includes('material')))).toEqual([
      ['s1', ['s1material.img']],
    ]);
  });

  it('two scans in one upload stay two, each with its own sidecars', () => {
    const second = complete.map(({ name, bytes }) => ({ name: name.replace('s1', 'other'), bytes }));
    const groups = keysOf([...complete, ...second]);
    expect(groups.map(([key]) => key)).toEqual(['s1', 'other']);
    for (const [key, names] of groups) for (const name of names ?? []) expect(name).toContain(key);
  });

  it('scans of the same name in two folders are two scans, each with its own sidecar', () => {
    const sidecar = new Uint8Array(Buffer.from('{"a":1}'));
    const files = [
      { name: 'a/scan.npy', bytes: array(1) },
      { name: 'b/scan.npy', bytes: array(2) },
      { name: 'b/scan.json', bytes: sidecar },
    ];
    expect(keysOf(files)).toEqual([
      ['a/scan', ['a/scan.npy']],
      ['b/scan', ['b/scan.npy', 'b/scan.json']],
    ]);
  });

  it('the same file sent twice is one file', () => {
    expect(keysOf(named(['x.npy', 'x.npy']))).toEqual([['x', ['x.npy']]]);
  });

  it('an extension says nothing', () => {
    expect(keysOf(named(['scan.jpg']))).toEqual([['scan', ['scan.jpg']]]);
    const text = new Uint8Array(Buffer.from('not an array'));
    expect(keysOf([{ name: 'scan.npy', bytes: text }])).toEqual([]);
  });

  it('an empty file and a stranger are unknown and refused', () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(5000).fill(7)]) {
      const grouped = groupFiles(stage(folder, [{ name: 's1.jpg', bytes }]), installed);
      expect(grouped.unknown).toHaveLength(1);
      expect(() => rejectUnclaimed(grouped)).toThrow(expect.objectContaining({ code: 'NII_UNKNOWN_FORMAT' }));
    }
  });

  it('a picture whose content is none does not join', () => {
    const text = { name: 's1.jpg', bytes: new Uint8Array(Buffer.from('<html>')) };
    const grouped = groupFiles(
      stage(folder, [...complete.filter(({ name }) => name !== 's1.jpg'), text]),
      installed,
    );
    expect(grouped.unknown.map(({ name }) => name)).toEqual(['s1.jpg']);
  });

  it("a picture alone is a scan of its own; beside a scan that takes it, it is that scan's", () => {
    const picture = complete.filter(({ name }) => name === 's1.jpg');
    const groups = (files: readonly NamedBytes[]) =>
      groupFiles(stage(folder, files), installed).groups.map(({ converter, files: of, fallback }) => [
        converter.id,
        of.length,
        fallback,
      ]);
    expect(groups(picture)).toEqual([['jpeg', 1, true]]);
    expect(groups(complete)).toEqual([['nuctech-fs6000', complete.length, false]]);
  });

  it('a picture is a picture whatever part its name ends with', () => {
    const [picture] = complete.filter(({ name }) => name === 's1.jpg');
    const named = ['s1high.jpg', 's1_icon.jpg', 's1low.jpg'].map((name) => ({ name, bytes: picture!.bytes }));
    const [group] = groupFiles(stage(folder, [...complete, ...named]), installed).groups;
    const roles = group?.files
      .filter(({ name }) => name.endsWith('.jpg'))
      .map(({ name, role }) => [name, role]);
    expect(Object.fromEntries(roles ?? [])).toMatchObject({
      's1.jpg': 'picture',
      's1high.jpg': 'picture',
      's1low.jpg': 'picture',
      's1_icon.jpg': 'icon',
    });
  });

  it('two fallbacks of one file are not ambiguous, and a fallback never stands against a firm claim', () => {
    const manifest = (id: string) => installed.find((one) => one.manifest.id === id)!.manifest;
    const twin = { manifest: { ...manifest('jpeg'), id: 'twin' } };
    const firm = {
      manifest: { ...manifest('jpeg'), id: 'firm', fallback: undefined },
    } as unknown as typeof twin;
    const file = stage(folder, [{ name: 'a.jpg', bytes: new Uint8Array([0xff, 0xd8, 0xff, 0xe0]) }]);
    const ids = (...converters: readonly { readonly manifest: typeof twin.manifest }[]) =>
      groupFiles(file, converters).groups.map(({ converter }) => converter.id);
    expect(ids({ manifest: manifest('jpeg') }, twin)).toEqual(['jpeg']);
    expect(ids({ manifest: manifest('jpeg') }, twin, firm)).toEqual(['firm']);
  });

  it('a file that two converters claim is refused by name of both', () => {
    const [one] = installed.filter(({ manifest }) => manifest.id === 'numpy-array');
    const twin = { manifest: { ...one!.manifest, id: 'twin' } };
    const grouped = groupFiles(stage(folder, named(['x.npy'])), [...installed, twin]);
    expect(() => rejectUnclaimed(grouped)).toThrow(expect.objectContaining({ code: 'NII_AMBIGUOUS_FORMAT' }));
    expect(grouped.ambiguous[0]?.converters).toEqual(['numpy-array', 'twin']);
  });
});

describe('registry', () => {
  const packageOf = (manifest: unknown, reader?: string) => {
    const root = mkdtempSync(join(folder, 'r-'));
    mkdirSync(join(root, 'mine'));
    writeFileSync(
      join(root, 'mine', 'converter.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
    );
    if (reader !== undefined) writeFileSync(join(root, 'mine', 'reader.mjs'), reader);
    return loadConverters({ builtIn: root, enableFake: false });
  };
  const good = {
    schemaVersion: '1.0',
    id: 'mine',
    version: '1.0.0',
    title: 'Mine',
    formats: ['mine'],
    recognise: [{ all: [{ bytes: '00' }] }],
    group: { by: 'name', pattern: '^(?<stem>.+)$' },
    ceilingBytes: 10,
    reader: 'reader.mjs',
  };

  it('fake is there only where it was switched on', async () => {
    const ids = (await loadConverters({ enableFake: false })).map(({ manifest }) => manifest.id);
    const entries = readdirSync(new URL('../../../converters', import.meta.url), { withFileTypes: true });
    const packages = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(ids).toEqual(packages.filter((id) => id !== 'fake').toSorted());
    expect(installed.map(({ manifest }) => manifest.id)).toContain('fake');
  });

  it('a package that is whole is loaded', async () => {
    expect(await packageOf(good, 'export const read = () => {};')).toHaveLength(1);
  });

  it.each([
    ['JSON', '{', undefined],
    ['a schema', { ...good, recognise: [] }, undefined],
    ['a reader', good, undefined],
    ['either reader or layout', { ...good, layout: { kind: 'npy' } }, 'export const read = () => {};'],
    ['a stem', { ...good, group: { by: 'name', pattern: '^.+$' } }, 'export const read = () => {};'],
    [
      'a regular expression',
      { ...good, group: { by: 'name', pattern: '(?<stem>' } },
      'export const read = () => {};',
    ],
    ['a file name for a reader', { ...good, reader: '../../x.mjs' }, undefined],
  ])('a package without %s stops the start by name', async (_, manifest, reader) => {
    await expect(packageOf(manifest, reader)).rejects.toMatchObject({
      code: 'NII_CONFIG',
      message: expect.stringContaining('mine'),
    });
  });

  it.each([
    ['a function read', 'export const other = 1;'],
    ['JavaScript', 'export const read = ('],
  ])(
    'a package without %s is named where its reader is loaded, which is in a process of its own',
    async (_, reader) => {
      const [loaded] = await packageOf(good, reader);
      await expect(loaded && loadReader(loaded)).rejects.toMatchObject({
        code: 'NII_CONFIG',
        message: expect.stringContaining('mine'),
      });
    },
  );

  it('two packages of one id and a folder that is not there stop the start', async () => {
    const extra = mkdtempSync(join(folder, 'r-'));
    mkdirSync(join(extra, 'again'));
    writeFileSync(
      join(extra, 'again', 'converter.json'),
      JSON.stringify({ ...good, id: 'ase', reader: undefined, layout: { kind: 'npy' } }),
    );
    await expect(loadConverters({ extra, enableFake: false })).rejects.toMatchObject({ code: 'NII_CONFIG' });
    await expect(loadConverters({ extra: join(folder, 'none'), enableFake: false })).rejects.toMatchObject({
      code: 'NII_CONFIG',
    });
  });
});
