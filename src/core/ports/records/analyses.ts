import type { Analysis } from '../../case/finding.ts';

export interface AnalysisRow {
  readonly scanId: string;
  readonly revision: number;
  readonly analysis: Analysis;
}

export interface Analyses {
  analyses(scanId: string, revision?: number): Promise<readonly AnalysisRow[]>;
}

export interface AnalysisWrites {
  /** Replaces what the same model version said of the same revision. */
  putAnalysis(row: AnalysisRow): Promise<void>;
}
