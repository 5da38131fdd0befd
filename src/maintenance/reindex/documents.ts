import type { StoredPhotograph } from '../../core/case/photograph.ts';
import type { ListedDocumentKind } from '../../core/documents.ts';
import { NiiError } from '../../core/errors.ts';
import type { Person } from '../../core/person/person.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import {
  annotationDocument,
  checkInDocument,
  declarationDocument,
  modelChoiceDocument,
  passageDocument,
  personDocument,
  photographDocument,
  policyDocument,
  scanMarksDocument,
  serviceHoldDocument,
  setAsideDocument,
  siteDocument,
  stationDocument,
  vehicleHoldDocument,
} from '../../stored/document-kinds.ts';
import { documentKeys, type OrDamaged, rebuildDocuments } from '../../stored/documents.ts';
import { originalKey, originalRow, shownKey, shownRow } from '../../stored/photographs.ts';
import { readDocument } from '../../stored/read-object.ts';

export type RebuildDocumentsTx = Tx<
  'putObjects' | 'putDocuments' | 'putDeclaration' | 'putStationDecisions'
> &
  RebuildPersonTx;

/** What administrations decided and what lanes reported, which the steps that are queued again go by. */
export async function rebuildDecisions(
  stores: Stores<Tx<'putObjects' | 'putDocuments' | 'putStationDecisions'>>,
  orDamaged: OrDamaged,
): Promise<void> {
  await rebuildListed(stores, serviceHoldDocument, orDamaged);
  await rebuildListed(stores, policyDocument, orDamaged);
  await rebuildListed(stores, modelChoiceDocument, orDamaged);
  await rebuildListed(stores, siteDocument, orDamaged);
  await rebuildListed(stores, vehicleHoldDocument, orDamaged);
  await rebuildListed(stores, checkInDocument, orDamaged);
  await rebuildListed(stores, setAsideDocument, orDamaged);
  await rebuildListed(stores, scanMarksDocument, orDamaged);
  // before the scans: what is open against a vehicle is noted with its passages
  await rebuildListed(stores, passageDocument, orDamaged);
  await rebuildDocuments(stores, stationDocument, orDamaged, async (tx: Tx<'putStationDecisions'>, value) => {
    await tx.putStationDecisions(value);
  });
}

/** All others but those of scanners. @returns how many declarations there are */
export async function rebuildStatements(
  stores: Stores<Tx<'putObjects' | 'putDocuments' | 'putDeclaration'> & RebuildPersonTx>,
  orDamaged: OrDamaged,
): Promise<number> {
  const declared = new Set<string>();
  await rebuildDocuments(stores, personDocument, orDamaged, rebuildPerson);
  await rebuildListed(stores, annotationDocument, orDamaged);
  await rebuildListed(stores, photographDocument, orDamaged);
  await rebuildPhotographBytes(stores, orDamaged);
  await rebuildDocuments(stores, declarationDocument, orDamaged, async (tx: Tx<'putDeclaration'>, value) => {
    await tx.putDeclaration(value);
    declared.add(declarationDocument.pathOf(value).join('/'));
  });
  return declared.size;
}

function rebuildListed<Value extends object>(
  stores: Stores<Tx<'putObjects' | 'putDocuments'>>,
  kind: ListedDocumentKind<Value>,
  orDamaged: OrDamaged,
): Promise<void> {
  return rebuildDocuments(stores, kind, orDamaged, (tx: Tx<'putDocuments'>, value) =>
    tx.putDocuments(kind, [value]),
  );
}

type RebuildPersonTx = Tx<'lockPerson' | 'savePerson' | 'key' | 'putKey'>;

/** A version of a person, unless a newer one is there, and whose each key is that there still is. */
async function rebuildPerson(tx: RebuildPersonTx, value: Person): Promise<void> {
  const stored = await tx.lockPerson(value.administration, value.id);
  if (stored !== undefined && stored.version > value.version) return;
  if (stored?.version !== value.version) await tx.savePerson(value);
  for (const keyId of value.keys) {
    const key = await tx.key(keyId);
    if (key?.administration === value.administration && key.person !== value.id)
      await tx.putKey({ ...key, person: value.id });
  }
}

/** The rows of the bytes of photographs. Bytes without a document are not named: a crash left them. */
async function rebuildPhotographBytes(
  { objects, records }: Stores<Tx<'putObjects'>>,
  orDamaged: OrDamaged,
): Promise<void> {
  for await (const key of documentKeys(objects, photographDocument)) {
    // its first version came with the bytes; a damaged one is noted where documents are rebuilt
    if (!key.endsWith('/000001.json')) continue;
    const value = await readFirst(objects, key);
    for (const bytes of value === undefined ? [] : bytesOf(value))
      await orDamaged(bytes.key, async () => {
        const named = await checkedRow(objects, bytes);
        await records.transaction((tx) => tx.putObjects([named]));
      });
  }
}

async function readFirst(
  objects: Pick<ObjectReads, 'get'>,
  key: string,
): Promise<StoredPhotograph | undefined> {
  const bytes = await objects.get(key);
  try {
    return readDocument(photographDocument, bytes, key);
  } catch (error) {
    if (error instanceof NiiError) return undefined;
    throw error;
  }
}

interface KeptBytes {
  readonly key: string;
  readonly sha256: string;
  readonly rowOf: (body: Uint8Array) => ObjectRow;
}

function bytesOf(value: StoredPhotograph): readonly KeptBytes[] {
  return [
    { key: originalKey(value), sha256: value.id, rowOf: (body) => originalRow(value, body) },
    { key: shownKey(value), sha256: value.shownSha256, rowOf: (body) => shownRow(value, body) },
  ];
}

async function checkedRow(objects: Pick<ObjectReads, 'get'>, { key, sha256, rowOf }: KeptBytes) {
  const row = rowOf(await objects.get(key));
  if (row.sha256 === sha256) return row;
  throw new NiiError('NII_CORRUPT', `${key} has a wrong hash`);
}
