import {
  type DocumentKind,
  documentFolders,
  documentKey,
  type ListedDocumentKind,
} from '../core/documents.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Signer } from '../core/ports/records/documents.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import { jsonBytes } from './manifest.ts';
import { asStored, NO_SCAN, objectRow } from './object-row.ts';
import { readDocument } from './read-object.ts';

/**
 * The engine of stored documents: how every kind is written, read and rebuilt. The object comes first, then its row and
 * that of the document, in the caller's transaction: a row never names what is not there.
 */

/** A version of a document as the store keeps it, with its row. */
interface DocumentObject {
  readonly row: ObjectRow;
  readonly body: Uint8Array;
}

function documentObject<Value extends object>(kind: DocumentKind<Value>, value: Value): DocumentObject {
  const body = jsonBytes(value);
  const version = kind.versionOf(value);
  const row = objectRow(
    { ...NO_SCAN, revision: version },
    {
      key: documentKey(kind, kind.pathOf(value), version),
      kind: kind.kind,
      body,
      contentType: 'application/json',
      producer: documentFolders[kind.kind],
    },
  );
  return { row, body };
}

const PUTS_AT_ONCE = 16;

export interface StoreDocumentDeps {
  readonly objects: ObjectWrites;
  /** Signs each version; without one there are no signatures. */
  readonly signer?: Signer;
}

/** Keeps versions of a kind that has a table of its own; the caller writes that. */
export async function storeObjects<Value extends object>(
  { objects, signer }: StoreDocumentDeps,
  tx: Tx<'putObjects'>,
  kind: DocumentKind<Value>,
  values: readonly Value[],
): Promise<void> {
  const documents = values.map((value) => documentObject(kind, value));
  const made = [...documents, ...(await signaturesOf(signer, kind, documents))];
  for (let from = 0; from < made.length; from += PUTS_AT_ONCE) {
    const some = made.slice(from, from + PUTS_AT_ONCE);
    await Promise.all(some.map(({ row, body }) => objects.put(row.key, body, row.contentType)));
  }
  await tx.putObjects(made.map(({ row }) => row));
}

async function signaturesOf<Value>(
  signer: Signer | undefined,
  { kind }: DocumentKind<Value>,
  documents: readonly DocumentObject[],
): Promise<readonly DocumentObject[]> {
  if (signer === undefined) return [];
  return Promise.all(
    documents.map(async ({ row, body }) => {
      const signature = await signer.sign(kind, body);
      return { row: signatureRow(row.key.replace(/\.json$/, SIGNATURE), signature), body: signature };
    }),
  );
}

/** A signature is stored next to its version. */
const SIGNATURE = '.jws';

function signatureRow(key: string, body: Uint8Array): ObjectRow {
  const what = { kind: 'signature', contentType: 'application/jose', producer: 'signer' } as const;
  return objectRow(NO_SCAN, { key, body, ...what });
}

/** Keeps new versions. @throws NII_CONFLICT where a version is there */
export async function storeDocuments<Value extends object>(
  deps: StoreDocumentDeps,
  tx: Tx<'putObjects' | 'putDocuments'>,
  kind: ListedDocumentKind<Value>,
  values: readonly Value[],
): Promise<void> {
  await storeObjects(deps, tx, kind, values);
  await tx.putDocuments(kind, values);
}

/** Runs a step and notes it when what it reads is damaged. */
export type OrDamaged = <Result>(what: string, step: () => Promise<Result>) => Promise<Result | undefined>;

/**
 * Reads every version of a kind again, in order of its path and version, and writes its rows.
 * @param put - writes what the database keeps of the kind
 */
export async function rebuildDocuments<Value extends object, Taken>(
  stores: Stores<Taken & Tx<'putObjects'>>,
  kind: DocumentKind<Value>,
  orDamaged: OrDamaged,
  put: (tx: Taken, value: Value) => Promise<void>,
): Promise<void> {
  for await (const key of documentKeys(stores.objects, kind))
    await orDamaged(key, () => rebuildDocument(stores, kind, key, put));
  for await (const { key } of stores.objects.list(`${documentFolders[kind.kind]}/`))
    if (key.endsWith(SIGNATURE)) await orDamaged(key, () => rebuildSignature(stores, key));
}

async function rebuildSignature({ objects, records }: Stores<Tx<'putObjects'>>, key: string): Promise<void> {
  const row = signatureRow(key, await objects.get(key));
  await records.transaction((tx) => tx.putObjects([row]));
}

/** The keys of every version of a kind, in order. What else lies in its folder (the bytes of a photograph) is left out. */
export async function* documentKeys<Value>(
  objects: Pick<ObjectReads, 'list'>,
  { kind }: DocumentKind<Value>,
): AsyncGenerator<string> {
  for await (const { key } of objects.list(`${documentFolders[kind]}/`)) if (key.endsWith('.json')) yield key;
}

/** One version. @throws NII_CORRUPT, also where the object says what belongs under another key */
export async function rebuildDocument<Value extends object, Taken>(
  { objects, records }: Stores<Taken & Tx<'putObjects'>>,
  kind: DocumentKind<Value>,
  key: string,
  put: (tx: Taken, value: Value) => Promise<void>,
): Promise<Value> {
  const body = await objects.get(key);
  const value = readDocument(kind, body, key);
  const row = asStored(documentObject(kind, value).row, key, body);
  await records.transaction(async (tx) => {
    await tx.putObjects([row]);
    await put(tx, value);
  });
  return value;
}
