import type { Scope } from '../../../access.ts';

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
