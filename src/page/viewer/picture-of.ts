import type { Channel, View } from '../../core/scan/scan.ts';
import {
  calibrationByScan,
  frequentBright,
  ratiosOf,
  stripsOf,
  unexplainedNoise,
} from './material/by-scan.ts';
import {
  calibrationOf9And6,
  type DualEnergy,
  has9And6,
  type NoMaterial,
  whyNoMaterial,
} from './material/calibration.ts';
import { legendEvidence } from './material/legend.ts';
import { countsAtOpenBeam } from './material/noise.ts';
import type { MaterialSource, Picture } from './picture.ts';
import { canBePlane, type Plane, type Samples } from './plane.ts';

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
  const dual = dualEnergyOf(high, low, planes);
  return dual === undefined ? 'no-calibration' : { kind: 'two-energies', brightness: high.id, dual };
}

function dualEnergyOf(
  high: Channel,
  low: Channel,
  planes: ReadonlyMap<string, Plane>,
): DualEnergy | undefined {
  const [ofHigh, ofLow] = [planes.get(high.id), planes.get(low.id)];
  if (ofHigh === undefined || ofLow === undefined) return undefined;
  const strips = stripsOf(ofHigh, ofLow);
  const facts = {
    high: factsOf(high, ofHigh, strips.high),
    low: factsOf(low, ofLow, strips.low),
  };
  const blocks = ratiosOf(strips, {
    openBeam: { high: facts.high.openBeam, low: facts.low.openBeam },
    counts: { high: facts.high.countsAtOpenBeam, low: facts.low.countsAtOpenBeam },
  });
  const noisy = { ...facts, ratioNoise: unexplainedNoise(blocks) };
  if (has9And6(high, low))
    return { ...noisy, calibration: calibrationOf9And6, calibrated: 'for-these-beams' };
  const calibration = calibrationByScan(blocks);
  return calibration && { ...noisy, calibration, calibrated: 'by-this-scan' };
}

function factsOf(
  { id, openBeam }: Channel,
  { fullScale }: Plane,
  strips: readonly Samples[],
): DualEnergy['high'] {
  const bright = openBeam ?? frequentBright(strips, fullScale);
  return { id, openBeam: bright, countsAtOpenBeam: countsAtOpenBeam(strips, bright) };
}
