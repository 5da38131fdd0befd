import type { Analysis } from '../core/case/finding.ts';
import { defined } from '../core/defined.ts';
import { isNiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { sha256Hex } from '../stored/identity.ts';
import { analysedManifest, analysesOf } from '../stored/manifest.ts';
import { type Derived, objectRow } from '../stored/object-row.ts';
import { readAnalysed } from '../stored/read-object.ts';

/** What is in the object store already: what was said, and the rows of its objects with the manifest. */
export interface StoredAnalysis {
  /** Of every model, the leading one first; empty where there was no image to look at. */
  readonly analyses: readonly Analysis[];
  readonly rows: readonly ObjectRow[];
  readonly manifest: ObjectRow;
}

/** Stores the objects, and last the manifest with its row, so that a repeated step can believe it. */
export async function storeAnalysed(
  { objects, records }: Stores<Tx<'putObjects'>, ObjectWrites>,
  row: RevisionRow,
  analyses: readonly Analysis[],
  derived: readonly Derived[],
): Promise<StoredAnalysis> {
  for (const { key, body, contentType } of derived) await objects.put(key, body, contentType);
  const rows = derived.map((object) => objectRow(row, object));
  const { converter } = row;
  const [analysis, ...more] = analyses;
  const others = more.length === 0 ? undefined : more;
  const { key, body } = analysedManifest(row, { ...defined({ analysis, others }), converter, objects: rows });
  await objects.put(key, body, 'application/json');
  const manifest = manifestRow(row, body);
  await records.transaction((tx) => tx.putObjects([manifest]));
  return { analyses, rows, manifest };
}

/**
 * What an earlier run of this step has stored and not committed: the first that was stored counts. Undefined where
 * there is none, it is of another record, or a part of it is missing or damaged; then the model runs again. A manifest
 * that no row names was written by nobody of ours, or not to its end: whoever can write to the store says nothing here.
 */
export async function readStoredAnalysis(
  { objects, records }: Stores<Tx<'object'>, ObjectReads>,
  row: RevisionRow,
): Promise<StoredAnalysis | undefined> {
  const key = keys.analysed(row.scanId, row.revision);
  if ((await records.transaction((tx) => tx.object(key))) === undefined) return undefined;
  try {
    const body = await objects.get(key);
    const analysed = readAnalysed(body, key);
    const { converter, objects: rows } = analysed;
    const { id, version } = row.converter;
    if (converter?.id !== id || converter.version !== version) return undefined;
    for (const one of rows) if (sha256Hex(await objects.get(one.key)) !== one.sha256) return undefined;
    return { analyses: analysesOf(analysed), rows, manifest: manifestRow(row, body) };
  } catch (error) {
    if (isNiiError(error, 'NII_OBJECT_LOST') || isNiiError(error, 'NII_CORRUPT')) return undefined;
    throw error;
  }
}

function manifestRow(row: RevisionRow, body: Uint8Array): ObjectRow {
  const key = keys.analysed(row.scanId, row.revision);
  const contentType = 'application/json';
  return objectRow(row, { key, kind: 'manifest', step: 'analysed', body, contentType, producer: 'analyse' });
}
