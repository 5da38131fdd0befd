import { CompactSign, compactVerify, generateKeyPair } from 'jose';
import Type, { type Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentKey, listedDocumentKind } from '../../../src/core/documents.ts';
import { readDocument, rebuildDocuments, storeDocuments } from '../../../src/stored/documents.ts';
import { verifyAll } from '../../../src/upkeep/verify.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

const Note = Type.Object({
  administration: Type.String(),
  id: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  text: Type.String(),
});
type Note = Static<typeof Note>;

/** In the folder of stations, which no test here uses. */
const noteDocument = listedDocumentKind({
  kind: 'station',
  schema: Note,
  pathOf: ({ administration, id }) => [administration, id],
  versionOf: ({ version }) => version,
  keeps: 'the newest version',
  rowOf: ({ id }) => ({ subject: id }),
});

const note = (version: number, text = 'seen'): Note => ({
  administration: 'utopia',
  id: 'n1',
  version,
  text,
});
const key = (version: number) => documentKey(noteDocument, ['utopia', 'n1'], version);

let service: Harness;
beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

describe('the engine of documents', () => {
  test('keeps each version in the store and the newest one in the database, with a row for each', async () => {
    const { deps } = service;
    const store = (value: Note) =>
      deps.records.transaction((tx) => storeDocuments(deps, tx, noteDocument, [value]));
    await store(note(1));
    await store(note(2, 'seen again'));
    for (const version of [1, 2])
      expect(readDocument(noteDocument, await deps.objects.get(key(version)), key(version)).version).toBe(
        version,
      );
    const { found, row } = await deps.records.transaction(async (tx) => ({
      found: await tx.documentsAbout(noteDocument, 'n1'),
      row: await tx.object(key(2)),
    }));
    expect(found).toEqual([note(2, 'seen again')]);
    expect(row).toMatchObject({ kind: 'station', revision: 2, contentType: 'application/json' });
    await expect(store(note(2))).rejects.toMatchObject({ code: 'NII_CONFLICT' });
  });

  test('signs each version where it has a signer: a second implementation verifies it, and a rebuild names it', async () => {
    const { deps } = service;
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const signer = {
      sign: async (_: string, body: Uint8Array) => {
        const [header, , signature] = (
          await new CompactSign(body).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey)
        ).split('.');
        return Buffer.from(`${header}..${signature}`);
      },
    };
    await deps.records.transaction((tx) => storeDocuments({ ...deps, signer }, tx, noteDocument, [note(3)]));
    const body = Buffer.from(await deps.objects.get(key(3)));
    const detached = Buffer.from(await deps.objects.get(key(3).replace('.json', '.jws'))).toString();
    await compactVerify(detached.replace('..', `.${body.toString('base64url')}.`), publicKey);
    const damaged: string[] = [];
    await rebuildDocuments(
      deps,
      noteDocument,
      async (what, step) => step().catch(() => void damaged.push(what)),
      async () => {},
    );
    expect(damaged).toEqual([]);
    expect(await verifyAll(deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
  });

  test('a version that says what belongs under another key is damaged, and keeps nothing else from coming back', async () => {
    const { deps } = service;
    await deps.objects.put(key(9), Buffer.from(JSON.stringify(note(8))), 'application/json');
    const damaged: string[] = [];
    const rebuilt: number[] = [];
    await rebuildDocuments(
      deps,
      noteDocument,
      async (what, step) => step().catch(() => void damaged.push(what)),
      async (_, { version }) => void rebuilt.push(version),
    );
    expect(damaged).toEqual([key(9)]);
    expect(rebuilt.slice(0, 2)).toEqual([1, 2]);
    await deps.objects.remove(key(9));
  });

  test('an object of another schema is corrupt, with its key', () => {
    expect(() => readDocument(noteDocument, Buffer.from('{"id":1}'), key(1))).toThrow(key(1));
    expect(() => readDocument(noteDocument, Buffer.from('{'), key(1))).toThrow('is not JSON');
  });
});
