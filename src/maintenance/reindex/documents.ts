import type { ListedDocumentKind } from '../../core/documents.ts';
import type { Person } from '../../core/person/person.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import {
  annotationDocument,
  declarationDocument,
  modelChoiceDocument,
  passageDocument,
  personDocument,
  photographDocument,
  policyDocument,
  siteDocument,
  stationDocument,
} from '../../stored/document-kinds.ts';
import { type OrDamaged, rebuildDocuments } from '../../stored/documents.ts';
import { rebuildPhotographBytes } from './photographs.ts';

export type RebuildDocumentsTx = Tx<
  'putObjects' | 'putDocuments' | 'putDeclaration' | 'putStationDecisions'
> &
  RebuildPersonTx;

/** What administrations decided, which the steps that are queued again go by. */
export async function rebuildDecisions(
  stores: Stores<Tx<'putObjects' | 'putDocuments' | 'putStationDecisions'>>,
  orDamaged: OrDamaged,
): Promise<void> {
  await rebuildListed(stores, policyDocument, orDamaged);
  await rebuildListed(stores, modelChoiceDocument, orDamaged);
  await rebuildListed(stores, siteDocument, orDamaged);
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
  await rebuildListed(stores, passageDocument, orDamaged);
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
