import { describe, expect, test } from 'vitest';
import { documentFolders } from '../../../src/core/documents.ts';
import { keys, OWN_PREFIXES, UPLOADS_PREFIX } from '../../../src/core/keys.ts';

/** Any words: only the folders that a key itself names are asked for. */
const words = ['x1', 'x2', 'x3', 'x4', 'x5'];

describe('what this service keeps lies where verify, sweep, backup and restore look', () => {
  test.each(Object.entries(keys))('%s', (name, keyOf) => {
    const key = (keyOf as (...words: string[]) => string)(...words);
    const prefixes: readonly string[] = name === 'uploadChunk' ? [UPLOADS_PREFIX] : OWN_PREFIXES;
    expect(prefixes).toContain(`${key.split('/')[0]}/`);
  });

  test('each kind of document in a folder of its own', () => {
    const folders = Object.values(documentFolders);
    expect(new Set(folders).size).toBe(folders.length);
    for (const folder of folders) expect(OWN_PREFIXES).toContain(`${folder}/`);
  });

  test('and nowhere else', () => {
    const named = Object.values(keys).map(
      (keyOf) => `${(keyOf as (...words: string[]) => string)(...words).split('/')[0]}/`,
    );
    const used = [...named, ...Object.values(documentFolders).map((folder) => `${folder}/`)];
    expect([...OWN_PREFIXES, UPLOADS_PREFIX].filter((prefix) => !used.includes(prefix))).toEqual([]);
  });
});
