import type { Channel, View } from '../../core/scan/scan.ts';
import {
  calibrationOf9And6,
  type DualEnergy,
  isAssumed,
  type NoMaterial,
  whyNoMaterial,
} from './material/calibration.ts';
import { legendEvidence } from './material/legend.ts';
import { countsAtOpenBeam } from './material/noise.ts';
import type { MaterialSource, Picture } from './picture.ts';
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
export function pictureOf(
  view: View,
  planeFor: (channel: Channel) => Plane | undefined,
): ViewedPicture | undefined {
  const leading =
    view.channels.find((one) => isDrawable(one) && one.kind === 'transmission') ??
    view.channels.find(isDrawable);
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
  const material = classMapOf(channels, leading) ?? twoEnergiesOf(channels, planes);
  const picture = { rows, columns, display: view.display, planes };
  return typeof material === 'string'
    ? { picture, notDrawn, noMaterial: material }
    : { picture: { ...picture, material }, notDrawn, noMaterial: undefined };
}

function isDrawable(channel: Channel): boolean {
  return canBePlane(channel) && channel.frames === 1;
}

function whyNotDrawn(channel: Channel, { rows, columns }: Channel): NotDrawn | undefined {
  if (!canBePlane(channel)) return 'not-counts';
  if (channel.frames !== 1) return 'more-frames';
  return channel.rows === rows && channel.columns === columns ? undefined : 'other-sides';
}

function classMapOf(channels: readonly Channel[], leading: Channel): MaterialSource | undefined {
  const classes = channels.find(({ kind, legend }) => kind === 'class-map' && legend !== undefined);
  if (classes?.legend === undefined || classes.id === leading.id) return undefined;
  const bright = channels.find(({ energy }) => energy === 'high') ?? leading;
  return {
    kind: 'class-map',
    brightness: bright.id,
    classes: classes.id,
    legend: legendEvidence(classes.legend),
  };
}

function twoEnergiesOf(
  channels: readonly Channel[],
  planes: ReadonlyMap<string, Plane>,
): MaterialSource | NoMaterial {
  const high = channels.find(({ energy }) => energy === 'high');
  const low = channels.find(({ energy }) => energy === 'low');
  const why = whyNoMaterial(high, low);
  if (why !== undefined || high === undefined || low === undefined) return why ?? 'no-high-and-low';
  const dual: DualEnergy = {
    high: factsOf(high, planes),
    low: factsOf(low, planes),
    calibration: calibrationOf9And6,
    isCalibrationAssumed: isAssumed(high, low),
  };
  return { kind: 'two-energies', brightness: high.id, dual };
}

/** Rows of which the noise is measured, evenly drawn. */
const NOISE_ROWS = 32;

function factsOf({ id }: Channel, planes: ReadonlyMap<string, Plane>): DualEnergy['high'] {
  const plane = planes.get(id);
  const openBeam = plane?.fullScale ?? 1;
  const step = Math.max(1, Math.floor((plane?.rows ?? 1) / NOISE_ROWS));
  const drawn: number[] = [];
  for (let row = 0; plane !== undefined && row < plane.rows && row < NOISE_ROWS * step; row += step) {
    for (const value of plane.read(0, { row, column: 0, rows: 1, columns: plane.columns }) ?? [])
      drawn.push(value);
  }
  return { id, openBeam, countsAtOpenBeam: countsAtOpenBeam(Uint16Array.from(drawn), openBeam) };
}
