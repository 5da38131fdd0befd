import type { NoMaterial } from '../../core/material/calibration.ts';
import { leadingOf, materialSourceOf } from '../../core/material/source.ts';
import type { Channel, View } from '../../core/scan/scan.ts';
import { cellOf } from './cell.ts';
import type { Picture } from './picture.ts';
import { canBePlane, type Plane } from './plane.ts';

/** Why a channel is not drawn here: the page shows the server's preview of it. */
export type NotDrawn = 'not-counts' | 'more-frames' | 'other-sides' | 'no-samples';

export interface ViewedPicture {
  readonly picture: Picture;
  readonly notDrawn: readonly { readonly id: string; readonly why: NotDrawn }[];
  /** Undefined where there is a material mode. */
  readonly noMaterial: NoMaterial | undefined;
}

/**
 * A view of a record with its planes. The scanner's own class map decides the material where it has a legend, else high
 * and low energy.
 * @param planeFor - undefined where the samples cannot be had
 * @returns undefined where no channel of the view can be drawn
 */
export function buildPicture(
  view: View,
  planeFor: (channel: Channel) => Plane | undefined,
): ViewedPicture | undefined {
  const leading = leadingOf(view.channels);
  if (leading === undefined) return undefined;
  const { rows, columns } = leading;
  const planes = new Map<string, Plane>();
  const notDrawn: { id: string; why: NotDrawn }[] = [];
  for (const channel of view.channels) {
    const why = whyNotDrawn(channel, leading);
    const plane = why === undefined ? planeFor(channel) : undefined;
    if (plane === undefined) notDrawn.push({ id: channel.id, why: why ?? 'no-samples' });
    else planes.set(channel.id, plane);
  }
  if (planes.size === 0) return undefined;
  const channels = view.channels.filter(({ id }) => planes.has(id));
  const material = materialSourceOf(channels, leading, planes);
  const picture = { rows, columns, cell: cellOf(pitchOf(leading, channels)), display: view.display, planes };
  return typeof material === 'string'
    ? { picture, notDrawn, noMaterial: material }
    : { picture: { ...picture, material }, notDrawn, noMaterial: undefined };
}

/** That of the leading channel, else of another one that lies on it. */
function pitchOf(leading: Channel, others: readonly Channel[]): Channel['pitch'] {
  return [leading, ...others].map(({ pitch }) => pitch).find((pitch) => pitch && pitch.source !== 'assumed');
}

function whyNotDrawn(channel: Channel, { rows, columns }: Channel): NotDrawn | undefined {
  if (!canBePlane(channel)) return 'not-counts';
  if (channel.frames !== 1) return 'more-frames';
  return channel.rows === rows && channel.columns === columns ? undefined : 'other-sides';
}
