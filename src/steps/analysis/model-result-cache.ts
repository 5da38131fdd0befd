import type { Analysis } from '../../core/case/finding.ts';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';
import type { TensorOptions } from '../../infer/tensor.ts';

/** Of one model on one scan. */
export interface AnalysisOutcome {
  readonly analysis: Analysis;
  readonly map?: { readonly rows: number; readonly columns: number; readonly bytes: Uint8Array };
}

/** Scans whose analysis did not end; of more, the earliest one is forgotten. */
const MOST_SCANS = 32;
/** Of maps; one of a model is a megabyte or less, as a rule. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * What models said of scans whose analysis did not end, as another model failed and is tried again: those that spoke are
 * not run again. It is in this process only; elsewhere every model looks anew.
 */
export class ModelResultCache {
  readonly #scans = new Map<string, Map<string, AnalysisOutcome>>();

  /** What the model said before of this revision under these options, or says now. @throws what `run` throws */
  async once(
    { row, options }: { readonly row: RevisionRow; readonly options: TensorOptions },
    { id, version }: Analysis['model'],
    run: () => Promise<AnalysisOutcome>,
  ): Promise<AnalysisOutcome> {
    const model = `${id}@${version} ${JSON.stringify(options)}`;
    const own = this.#scans.get(revisionOf(row)) ?? new Map<string, AnalysisOutcome>();
    const before = own.get(model);
    if (before !== undefined) return before;
    const outcome = await run();
    own.set(model, outcome);
    this.#scans.set(revisionOf(row), own);
    this.#forgetEarliest();
    return outcome;
  }

  /** All is stored, or nobody asks again. */
  forget(row: RevisionRow): void {
    this.#scans.delete(revisionOf(row));
  }

  #forgetEarliest(): void {
    for (const earliest of this.#scans.keys()) {
      if (this.#scans.size <= MOST_SCANS && this.#bytes() <= MOST_BYTES) return;
      this.#scans.delete(earliest);
    }
  }

  #bytes(): number {
    const outcomes = [...this.#scans.values()].flatMap((own) => [...own.values()]);
    return outcomes.reduce((sum, { map }) => sum + (map?.bytes.byteLength ?? 0), 0);
  }
}

function revisionOf({ scanId, revision, contentHash }: RevisionRow): string {
  return [scanId, revision, contentHash].join(' ');
}
