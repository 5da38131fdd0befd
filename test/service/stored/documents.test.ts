import { CompactSign, compactVerify, generateKeyPair } from 'jose';
import Type, { type Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentKey, listedDocumentKind } from '../../../src/core/documents.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { rebuildDocuments, storeDocuments } from '../../../src/stored/documents.ts';
import { readDocument } from '../../../src/stored/read-object.ts';
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

const note = (id: string, version: number): Note => ({ administration: 'utopia', id, version, text: 'seen' });
const key = (id: string, version: number) => documentKey(noteDocument, ['utopia', id], version);

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
    await store(note('kept', 1));
    await store(note('kept', 2));
    for (const version of [1, 2]) {
      const name = key('kept', version);
      expect(readDocument(noteDocument, await deps.objects.get(name), name).version).toBe(version);
    }
    const { found, row } = await deps.records.transaction(async (tx) => ({
      found: await tx.documentsAbout(noteDocument, 'kept'),
      row: await tx.object(key('kept', 2)),
    }));
    expect(found).toEqual([note('kept', 2)]);
    expect(row).toMatchObject({ kind: 'station', revision: 2, contentType: 'application/json' });
    await expect(store(note('kept', 2))).rejects.toMatchObject({ code: 'NII_CONFLICT' });
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
    await deps.records.transaction((tx) =>
      storeDocuments({ ...deps, signer }, tx, noteDocument, [note('signed', 1)]),
    );
    const body = Buffer.from(await deps.objects.get(key('signed', 1)));
    const detached = Buffer.from(
      await deps.objects.get(key('signed', 1).replace('.json', '.jws')),
    ).toString();
    await compactVerify(detached.replace('..', `.${body.toString('base64url')}.`), publicKey);
    const damaged: string[] = [];
    await rebuildDocuments(
      deps,
      noteDocument,
      async (what, step) => step().catch(() => void damaged.push(what)),
      async () => {},
    );
    expect(damaged.filter((what) => what.includes('signed'))).toEqual([]);
    const { unnamed } = await verifyAll(deps);
    expect(unnamed.filter((name) => name.includes('signed'))).toEqual([]);
  });

  test('a version that says what belongs under another key is damaged, and keeps nothing else from coming back', async () => {
    const { deps } = service;
    const wrong = key('damaged', 1);
    const good = note('damaged', 2);
    await deps.objects.put(wrong, Buffer.from(JSON.stringify(note('other', 1))), 'application/json');
    await deps.objects.put(key('damaged', 2), Buffer.from(JSON.stringify(good)), 'application/json');
    const damaged: string[] = [];
    const rebuilt: Note[] = [];
    await rebuildDocuments(
      deps,
      noteDocument,
      async (what, step) => step().catch(() => void damaged.push(what)),
      async (_, value) => void rebuilt.push(value),
    );
    expect(damaged).toEqual([wrong]);
    expect(rebuilt).toContainEqual(good);
    for (const version of [1, 2]) await deps.objects.remove(key('damaged', version));
  });

  test('an object of another schema is corrupt, with its key', () => {
    expect(() => readDocument(noteDocument, Buffer.from('{"id":1}'), key('x', 1))).toThrow(key('x', 1));
    expect(() => readDocument(noteDocument, Buffer.from('{'), key('x', 1))).toThrow('is not JSON');
  });
});
