import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { groupFiles } from '../../../src/recognise/group.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { installed, type NamedBytes, stage, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();
const fs6000 = fixturesOf(installed.find(({ manifest }) => manifest.id === 'nuctech-fs6000')!);
const { files, expected } = fs6000.find(({ name }) => name === 'two-containers')!;
const contentOf = (role: string) => files.find(({ name }) => expected.roles?.[name] === role)!.bytes;
const [high, low, material, metadata] = ['high', 'low', 'material', 'metadata'].map(contentOf);

/** What a sender would put under such a name. */
function contentFor(name: string): Uint8Array {
  if (name.endsWith('.xml')) return metadata!;
  return { high, low, material }[/high|low|material/.exec(name.toLowerCase())?.[0] ?? '']!;
}

const groupsOf = (named: readonly NamedBytes[]) => {
  const { groups, unknown } = groupFiles(stage(folder, named), installed);
  expect(unknown).toEqual([]);
  return groups.map(({ groupKey, files: of }) => ({
    groupKey,
    roles: Object.fromEntries(of.map(({ name, role }) => [name, role])),
  }));
};
const upload = (names: readonly string[]) => names.map((name) => ({ name, bytes: contentFor(name) }));

/** The names of each upload of several files that a page shows: one list for each block of commands. */
function uploadsIn(page: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map(([, block = '']) => [...block.matchAll(/-F \w+=@(\S+)/g)].map(([, name = '']) => name))
    .filter((names) => names.length > 0);
}

describe('names of FS6000 files', () => {
  it.each(['docs/tutorial/getting-started.md', 'docs/reference/api.md'])(
    'each upload that %s shows is one scan of known channels',
    (page) => {
      const uploads = uploadsIn(page);
      expect(uploads.length).toBeGreaterThan(0);
      for (const names of uploads) {
        const groups = groupsOf(upload(names));
        expect(groups).toHaveLength(1);
        expect(Object.values(groups[0]!.roles).toSorted()).toEqual(['high', 'low', 'material', 'metadata']);
      }
    },
  );

  it.each(['', '-', '_', '.', ' '])('a stem and its part may have "%s" between them', (separator) => {
    const parts = ['high', 'low', 'material'].map((part) => `S-1${separator}${part}.img`);
    const groups = groupsOf(upload([...parts, 's-1.xml']));
    expect(groups.map(({ groupKey }) => groupKey)).toEqual(['s-1']);
    expect(Object.values(groups[0]!.roles)).toEqual(['high', 'low', 'material', 'metadata']);
  });

  it('a name that only ends like the word icon is no icon', () => {
    expect(groupsOf([{ name: 'silicon.img', bytes: high! }])).toEqual([
      { groupKey: 'silicon', roles: { 'silicon.img': 'image' } },
    ]);
  });

  it('files named after nothing but their channel are one scan', () => {
    const groups = groupsOf(upload(['high.img', 'low.img', 'MATERIAL.IMG', 'high.xml']));
    expect(groups.map(({ roles }) => roles)).toEqual([
      { 'high.img': 'high', 'low.img': 'low', 'MATERIAL.IMG': 'material', 'high.xml': 'metadata' },
    ]);
  });

  it('files named after nothing but their channel are never joined across folders', () => {
    const groups = groupsOf(upload(['a/high.img', 'b/low.img', 'a/material.img', 'c/high.xml']));
    expect(groups.map(({ roles }) => Object.keys(roles))).toEqual([
      ['a/high.img', 'a/material.img'],
      ['b/low.img'],
      ['c/high.xml'],
    ]);
  });

  it('a scan named after nothing but its channels has a key that no other content has', () => {
    const keyOf = (bytes: Uint8Array, names: readonly string[]) =>
      groupsOf(names.map((name, i) => ({ name, bytes: i === 0 ? bytes : contentFor(name) })))[0]?.groupKey;
    const first = keyOf(high!, ['high.img', 'low.img']);
    const other = high!.slice().fill(1, -1);
    expect(first).toMatch(/^nameless-[0-9a-f]{32}$/);
    expect(keyOf(low!, ['low.img', 'high.img'])).toBe(first);
    expect(keyOf(other, ['high.img', 'low.img'])).not.toBe(first);
    expect(keyOf(material!, ['material.img'])).not.toBe(first);
  });
});
