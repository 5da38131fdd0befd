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
  /** A section of a channel that this service wrote. */
  readonly partOf?: PartOf;
}

/** What an image is a section of. */
export interface PartOf {
  readonly section: SectionOfChannel;
  /** The channel as the record had it. */
  readonly whole: ConvertedChannel;
  readonly wholeSha256: string | undefined;
}
