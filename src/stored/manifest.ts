import type { Analysis } from '../core/case/finding.ts';
import type { Problem } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';

/**
 * The manifest of a revision, in the parts that each step writes beside its objects. Together they hold every
 * record that the database has of the revision, so that it can be rebuilt from them. Same input, same bytes.
 */

export interface ManifestPart {
  readonly key: string;
  readonly body: Uint8Array;
}

export interface ReceivedManifest {
  readonly part: 'received';
  readonly scan: Pick<ScanRow, 'id' | 'administration' | 'site' | 'converter' | 'groupKey'>;
  readonly revision: Omit<RevisionRow, 'scan' | 'problem' | 'state'>;
}

export interface ConvertedManifest {
  readonly part: 'converted';
  readonly converter: RevisionRow['converter'];
  readonly problem?: Problem;
  readonly objects: readonly ObjectRow[];
}

export interface AnalysedManifest {
  readonly part: 'analysed';
  /** Absent where there was no image to look at. */
  readonly analysis?: Analysis;
  /** What the models beside the leading one said, or why they did not look; absent where one model looked. */
  readonly others?: readonly Analysis[];
  /** That made the record which was analysed; absent of what was stored before it was kept. */
  readonly converter?: RevisionRow['converter'];
  readonly objects: readonly ObjectRow[];
}

export function receivedManifest(scan: ScanRow, revision: RevisionRow): ManifestPart {
  const { id, administration, site, converter, groupKey } = scan;
  const { scan: _, problem, state, ...row } = revision;
  const body: ReceivedManifest = {
    part: 'received',
    scan: { id, administration, site, converter, groupKey },
    revision: row,
  };
  return { key: keys.received(id, revision.revision), body: jsonBytes(body) };
}

export function convertedManifest(
  revision: RevisionRow,
  part: Omit<ConvertedManifest, 'part'>,
): ManifestPart {
  return {
    key: keys.converted(revision.scanId, revision.revision),
    body: jsonBytes({ part: 'converted', ...part }),
  };
}

export function analysedManifest(
  owner: { readonly scanId: string; readonly revision: number },
  part: Omit<AnalysedManifest, 'part'>,
): ManifestPart {
  return { key: keys.analysed(owner.scanId, owner.revision), body: jsonBytes({ part: 'analysed', ...part }) };
}

/** Of every model, the leading one first. */
export function analysesOf({ analysis, others = [] }: AnalysedManifest): readonly Analysis[] {
  return analysis === undefined ? [] : [analysis, ...others];
}

export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
