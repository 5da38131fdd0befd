import type { Scope } from '../../access.ts';
import type { OutcomeKind, VerdictKind } from '../../case/case.ts';
import type { Analysis } from '../../case/finding.ts';
import type { KnownModel } from '../../rules/model-choice.ts';
import type { Purpose } from '../../scan/circumstances.ts';
import type { ImportedReport } from '../../scan/scan.ts';

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

/** What a version in shadow said of one revision of a scan. */
interface ShadowRow {
  readonly scanId: string;
  readonly revision: number;
  readonly administration: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly analysis: Analysis;
}

/** One scan as two versions saw it, with what people found. */
export interface ShadowPair {
  readonly scanId: string;
  readonly revision: number;
  readonly shadow: Analysis;
  /** What the active version of the same model said; none where it did not run, or of a scan that is gone. */
  readonly active?: Analysis;
  readonly verdict?: VerdictKind;
  readonly outcome?: OutcomeKind;
  /** Absent of a scan that is gone. */
  readonly origin?: { readonly site: string; readonly scanner: string; readonly purpose: Purpose };
}

/** A site of an administration, or all with `*`. */
type Place = Pick<Scope, 'administration' | 'site'>;

export interface Shadows {
  /** Replaces what the same version said of the same revision. */
  putShadow(row: ShadowRow): Promise<void>;

  /** The newest first. */
  shadowPairs(
    place: Place,
    model: { readonly id: string; readonly version: string },
    limit: number,
  ): Promise<readonly ShadowPair[]>;
}

/** What one model said on one day (UTC) of the scans of one scanner, and how the scanner measured them. */
export interface ModelDay {
  readonly site: string;
  readonly scanner: string;
  readonly day: string;
  /** id@version; absent of scans that no model analysed. */
  readonly model?: string;
  readonly scans: number;
  /** Median over the scans of the open beam of their first channel, in counts; of those whose files state it. */
  readonly openBeam?: number;
  /** Median and highest number of lines without signal in the first channel. */
  readonly darkLines: number;
  readonly darkLinesMost: number;
  /** Of operational scans alone, as the two below: a calibration shows no cargo. */
  readonly analysed: number;
  readonly alarms: number;
  /** Of the highest score of each scan: at 10, 50, 90 and 99 %. */
  readonly scores?: readonly [number, number, number, number];
}

export interface ModelDays {
  /**
   * Of the newest scans of a site, or of all with `*`, in order of site, scanner and day.
   * @param from - first instant that counts, ISO 8601
   * @param most - scans that are looked at
   */
  modelDays(
    place: Pick<Scope, 'administration' | 'site'>,
    from: string,
    most: number,
  ): Promise<readonly ModelDay[]>;
}

/** One scan with what algorithms of vendors said of it, what our models did, and what people found. */
export interface VendorScan {
  readonly scanId: string;
  /** Of machines; without their objects, which may be very many. */
  readonly reports: readonly Pick<ImportedReport, 'type' | 'decision' | 'by'>[];
  /** Models that looked, by id@version. */
  readonly models: readonly { readonly model: string; readonly alarm: boolean }[];
  readonly verdict?: VerdictKind;
  readonly outcome?: OutcomeKind;
}

export interface VendorScans {
  /**
   * The scans with reports among the newest ones of a site, or of all with `*`; the newest first.
   * @param from - first instant that counts, ISO 8601
   * @param most - scans that are looked at
   */
  vendorScans(
    place: Pick<Scope, 'administration' | 'site'>,
    from: string,
    most: number,
  ): Promise<readonly VendorScan[]>;
}

/** A version that some process of the service has found in its folders. */
interface RegisteredModel extends KnownModel {
  /** When it was first found. */
  readonly at: string;
}

export interface ModelRegister {
  registeredModels(): Promise<readonly RegisteredModel[]>;
  /**
   * Notes versions that are new.
   * @returns those that were known with other bytes: from now on they are known with these
   */
  registerModels(found: readonly RegisteredModel[]): Promise<readonly KnownModel[]>;
}
