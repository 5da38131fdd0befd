import type {
  ConvertedChannel,
  ConvertedView,
  DataSet,
  ScanFacts,
  SectionOfChannel,
} from '../../src/sdk/sdk.ts';

/** One channel of the scan: a file with its samples, or several slices of one series. */
export interface Image {
  readonly view: Omit<ConvertedView, 'channels'>;
  readonly channel: ConvertedChannel;
  readonly samples: Uint8Array;
  readonly dataSet: DataSet;
  /** What this service wrote of the whole scan. */
  readonly scan?: ScanFacts;
  /** How this service turned it upright, and the sides that its samples have without that. */
  readonly turned?: Turned;
  /** A section of a channel that this service wrote. */
  readonly partOf?: PartOf;
}

/** A picture that was turned when it was written. */
export interface Turned {
  readonly turn: ConvertedView['display'];
  readonly rows: number;
  readonly columns: number;
}

/** What an image is a section of. */
export interface PartOf {
  readonly section: SectionOfChannel;
  /** The channel as the record had it. */
  readonly whole: ConvertedChannel;
  readonly wholeSha256: string | undefined;
}
