import { NiiError } from '../core/errors.ts';
import type { Channel, NiiScan, View } from '../core/scan/scan.ts';
import { sectionsOf } from '../core/scan/sections.ts';
import { type Turn, turnOf } from '../core/scan/turn.ts';

interface ChannelName {
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
}

/** A channel of the record with its numbers in it. */
export interface Place {
  readonly view: View;
  readonly channel: Channel;
  /** Makes the stored samples an upright picture; undefined where they are one, or cannot be turned. */
  readonly turn: Turn | undefined;
  /** From 1, in the record's order. */
  readonly viewNumber: number;
  readonly channelNumber: number;
  /** Of the channel, or of its first section. */
  readonly instanceNumber: number;
}

/** @throws NII_NOT_FOUND for a channel that the record does not have */
export function placeOf({ scan, viewId, channelId }: ChannelName): Place {
  const viewIndex = scan.views.findIndex(({ id }) => id === viewId);
  const view = scan.views[viewIndex];
  const channelIndex = view?.channels.findIndex(({ id }) => id === channelId) ?? -1;
  const channel = view?.channels[channelIndex];
  if (view === undefined || channel === undefined) {
    throw new NiiError('NII_NOT_FOUND', `The scan has no channel ${channelId} in a view ${viewId}`);
  }
  const before = scan.views
    .slice(0, viewIndex)
    .reduce((total, earlier) => total + instancesOf(earlier.channels), 0);
  return {
    view,
    channel,
    turn: turnOf(view, channel),
    viewNumber: viewIndex + 1,
    channelNumber: channelIndex + 1,
    instanceNumber: before + instancesOf(view.channels.slice(0, channelIndex)) + 1,
  };
}

function instancesOf(channels: readonly Channel[]): number {
  return channels.reduce((total, channel) => total + Math.max(1, sectionsOf(channel).length), 0);
}
