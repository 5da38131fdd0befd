import { NiiError } from '../core/errors.ts';
import type { Channel, NiiScan, View } from '../core/scan.ts';

interface ChannelName {
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
}

/** A channel of the record with its numbers in it. */
export interface Place {
  readonly view: View;
  readonly channel: Channel;
  /** From 1, in the record's order. */
  readonly viewNumber: number;
  readonly channelNumber: number;
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
    .reduce((total, earlier) => total + earlier.channels.length, 0);
  return {
    view,
    channel,
    viewNumber: viewIndex + 1,
    channelNumber: channelIndex + 1,
    instanceNumber: before + channelIndex + 1,
  };
}
