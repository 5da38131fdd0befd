import Type, { type Static } from 'typebox';
import { type ChannelEnergy, type ChannelKind, channelKinds } from './channel-kinds.ts';

export const Completeness = Type.Enum(
  ['full', 'no-material', 'single-energy', 'preview-only', 'incomplete'],
  { description: 'Available parts of a full dual-energy scan with material' },
);
export type Completeness = Static<typeof Completeness>;

interface CompletenessFacts {
  /** More complete is higher. */
  readonly rank: number;
  readonly hasBothEnergies: boolean;
  /** Nothing but pictures that were drawn for people. */
  readonly isPreview: boolean;
  /** Something that the scanner made has not come, or was cut short. */
  readonly isIncomplete: boolean;
}

export const completenesses: Readonly<Record<Completeness, CompletenessFacts>> = {
  full: { rank: 4, hasBothEnergies: true, isPreview: false, isIncomplete: false },
  'no-material': { rank: 3, hasBothEnergies: true, isPreview: false, isIncomplete: false },
  'single-energy': { rank: 2, hasBothEnergies: false, isPreview: false, isIncomplete: false },
  'preview-only': { rank: 1, hasBothEnergies: false, isPreview: true, isIncomplete: false },
  incomplete: { rank: 0, hasBothEnergies: false, isPreview: false, isIncomplete: true },
};

interface ChannelLike {
  readonly kind: ChannelKind;
  readonly energy?: ChannelEnergy;
}
type ViewLike = { readonly channels: readonly ChannelLike[] };

/** How much of a full dual-energy scan with material these channels are. */
export function judgeCompleteness(views: readonly ViewLike[]): Completeness {
  const channels = views.flatMap((view) => view.channels);
  const added = new Set(channels.map(({ kind }) => channelKinds[kind].adds));
  const energies = new Set(
    channels.flatMap(({ kind, energy }) => (channelKinds[kind].adds === 'energy' ? [energy] : [])),
  );
  if (energies.has('high') && energies.has('low')) return added.has('material') ? 'full' : 'no-material';
  if (added.has('energy') || added.has('measurement')) return 'single-energy';
  return added.has('picture') ? 'preview-only' : 'incomplete';
}
