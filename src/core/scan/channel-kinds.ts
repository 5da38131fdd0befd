import Type, { type Static } from 'typebox';

/** What the samples of a channel mean. Each kind answers every question of `channelKinds`. */
export const ChannelKind = Type.Enum(['transmission', 'backscatter', 'class-map', 'display', 'unknown']);
export type ChannelKind = Static<typeof ChannelKind>;

/** What a high value means; none for class maps and pictures. */
export const polarities = ['high-is-transparent', 'high-is-opaque', 'none', 'unknown'] as const;
export type Polarity = (typeof polarities)[number];

/** Energies of a dual-energy scanner, or the one of another scanner. */
export const ChannelEnergy = Type.Enum(['high', 'low', 'single']);
export type ChannelEnergy = Static<typeof ChannelEnergy>;

/** What the service does with channels of one kind. How a format writes them is a table of that format. */
interface ChannelKindFacts {
  /** Whether the samples are values of the detector. What is not known may be. */
  readonly measured: 'yes' | 'unknown' | 'no';
  /** The values are what passed through the object: their logarithm, the open beam and energies have a meaning. */
  readonly isProjection: boolean;
  /** A picture that was drawn for people: it has no legend, and another scale than what it shows. */
  readonly isRendered: boolean;
  /** A mean of neighbouring samples has a meaning, so that smaller copies can be made. */
  readonly canBeAveraged: boolean;
  /** Models take channels of this kind. */
  readonly isSeenByModels: boolean;
  /** The preview shows such a channel before others of its scan. */
  readonly isPreviewedFirst: boolean;
  /** What such a channel adds to the completeness of its scan. */
  readonly adds: 'energy' | 'measurement' | 'material' | 'picture' | 'nothing';
  /** What a high value means where the file does not say. */
  readonly usualPolarity: Polarity;
}

const facts = {
  transmission: {
    measured: 'yes',
    isProjection: true,
    isRendered: false,
    canBeAveraged: true,
    isSeenByModels: true,
    isPreviewedFirst: true,
    adds: 'energy',
    usualPolarity: 'high-is-transparent',
  },
  backscatter: {
    measured: 'yes',
    isProjection: false,
    isRendered: false,
    canBeAveraged: true,
    isSeenByModels: false,
    isPreviewedFirst: false,
    adds: 'measurement',
    usualPolarity: 'unknown',
  },
  'class-map': {
    measured: 'no',
    isProjection: false,
    isRendered: false,
    canBeAveraged: false,
    isSeenByModels: false,
    isPreviewedFirst: false,
    adds: 'material',
    usualPolarity: 'none',
  },
  display: {
    measured: 'no',
    isProjection: false,
    isRendered: true,
    canBeAveraged: true,
    isSeenByModels: false,
    isPreviewedFirst: false,
    adds: 'picture',
    usualPolarity: 'none',
  },
  unknown: {
    measured: 'unknown',
    isProjection: false,
    isRendered: false,
    canBeAveraged: true,
    isSeenByModels: false,
    isPreviewedFirst: false,
    adds: 'nothing',
    usualPolarity: 'unknown',
  },
} as const satisfies Readonly<Record<ChannelKind, ChannelKindFacts>>;

export const channelKinds: Readonly<Record<ChannelKind, ChannelKindFacts>> = facts;

type Facts = typeof facts;
/** Kinds that models take. */
export type SeenKind = {
  readonly [Kind in keyof Facts]: Facts[Kind]['isSeenByModels'] extends true ? Kind : never;
}[keyof Facts];

interface ViewOfChannels {
  readonly channels: readonly {
    readonly kind: ChannelKind;
    readonly energy?: Static<typeof ChannelEnergy>;
  }[];
}

/** A channel with its view. */
interface InView<View extends ViewOfChannels> {
  readonly view: View;
  readonly channel: View['channels'][number];
}

/**
 * What the preview of a scan shows: the high-energy transmission channel, else the single-energy or first transmission
 * channel, else the first channel of all. Undefined for a scan without channels.
 */
export function previewedChannel<View extends ViewOfChannels>(
  views: readonly View[],
): InView<View> | undefined {
  const all = views.flatMap((view) =>
    view.channels.map((channel: View['channels'][number]) => ({ view, channel })),
  );
  const first = all.filter(({ channel }) => channelKinds[channel.kind].isPreviewedFirst);
  return (
    first.find(({ channel }) => channel.energy === 'high') ??
    first.find(({ channel }) => channel.energy === 'single') ??
    first[0] ??
    all[0]
  );
}
