import type { Analysis } from '../../case/finding.ts';

export interface AnalysisRow {
  readonly scanId: string;
  readonly revision: number;
  readonly analysis: Analysis;
}

export interface Analyses {
  analyses(scanId: string, revision?: number): Promise<readonly AnalysisRow[]>;

  /** Replaces what the same model version said of the same revision. */
  putAnalysis(row: AnalysisRow): Promise<void>;

  /**
   * Scores that one version of a model gave to objects of the scanner that made this scan, in rising order: of the
   * newest scans of the same purpose that came before it. None for a scan that is not converted.
   * @param most - scans that are looked at
   */
  scoresOfScanner(scanId: string, model: Analysis['model'], most: number): Promise<readonly number[]>;
}
