/** Samples of counts: of 8 or of 16 bits. */
export type Samples = Uint8Array | Uint16Array;

/** Rows and columns of one level. */
export interface Region {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** The samples of one channel, of which some regions may not be there yet. Level 0 is as stored. */
export interface SampledPlane {
  readonly rows: number;
  readonly columns: number;
  /** The open beam, or the highest value that there can be. */
  readonly fullScale: number;
  /** The samples of a region that lies inside the level, row by row; undefined while they are not there. */
  read(level: number, region: Region): Samples | undefined;
}
