/** What one slice is asked to do. The same number does the same again, as far as the part allows. */
export interface SliceTask {
  /** Of the whole long run. */
  readonly seed: number;
  /** Slices of this part that are finished. */
  readonly number: number;
  /** About this long; a part of fixed slices takes its own time. */
  readonly seconds: number;
  /** What the part's last slice left for the next one. */
  readonly cursor: unknown;
  /** Where details of faults are kept. */
  readonly keep: string;
  readonly progress: (text: string) => void;
}

export interface SliceResult {
  /** What was tried: inputs, kills, tests, uploads. */
  readonly count: number;
  /** One line each. */
  readonly faults: readonly string[];
  /** What was measured. */
  readonly figures?: unknown;
  /** For the next slice. */
  readonly cursor?: unknown;
  /** What of the part this slice was about, such as a package. */
  readonly of?: string;
}

/** Something that takes hours, cut into slices of a minute or a few. */
export interface Part {
  readonly name: string;
  readonly summary: string;
  /** What `count` counts. */
  readonly unit: string;
  /** Why it cannot run on this machine; undefined where it can. */
  missing?(): string | undefined;
  slice(task: SliceTask): Promise<SliceResult>;
}
