import type { ListedDocumentKind } from '../../core/documents.ts';
import type { DeclarationWrites } from '../../core/ports/records/declarations.ts';
import type { DocumentWrites } from '../../core/ports/records/documents.ts';
import type { ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { StationWrites } from '../../core/ports/records/rules/station.ts';
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
import { type RebuildPersonTx, rebuildPerson } from './persons.ts';
import { rebuildPhotographBytes } from './photographs.ts';

export type RebuildDocumentsTx = ObjectRowWrites &
  DocumentWrites &
  DeclarationWrites &
  StationWrites &
  RebuildPersonTx;

/** What administrations decided, which the steps that are queued again go by. */
export async function rebuildDecisions(
  stores: Stores<ObjectRowWrites & DocumentWrites & StationWrites>,
  orDamaged: OrDamaged,
): Promise<void> {
  await rebuildListed(stores, policyDocument, orDamaged);
  await rebuildListed(stores, modelChoiceDocument, orDamaged);
  await rebuildListed(stores, siteDocument, orDamaged);
  await rebuildDocuments(stores, stationDocument, orDamaged, async (tx: StationWrites, value) => {
    await tx.putStationDecisions(value);
  });
}

/** All others but those of scanners. @returns how many declarations there are */
export async function rebuildStatements(
  stores: Stores<ObjectRowWrites & DocumentWrites & DeclarationWrites & RebuildPersonTx>,
  orDamaged: OrDamaged,
): Promise<number> {
  const declared = new Set<string>();
  await rebuildDocuments(stores, personDocument, orDamaged, rebuildPerson);
  await rebuildListed(stores, annotationDocument, orDamaged);
  await rebuildListed(stores, photographDocument, orDamaged);
  await rebuildListed(stores, passageDocument, orDamaged);
  await rebuildPhotographBytes(stores, orDamaged);
  await rebuildDocuments(stores, declarationDocument, orDamaged, async (tx: DeclarationWrites, value) => {
    await tx.putDeclaration(value);
    declared.add(declarationDocument.pathOf(value).join('/'));
  });
  return declared.size;
}

function rebuildListed<Value extends object>(
  stores: Stores<ObjectRowWrites & DocumentWrites>,
  kind: ListedDocumentKind<Value>,
  orDamaged: OrDamaged,
): Promise<void> {
  return rebuildDocuments(stores, kind, orDamaged, (tx: DocumentWrites, value) =>
    tx.putDocuments(kind, [value]),
  );
}
