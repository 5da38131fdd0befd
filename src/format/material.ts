import { samplesOf } from '../codec/pixels/samples.ts';
import type { DualEnergy, NoMaterial } from '../core/material/calibration.ts';
import { materialColour } from '../core/material/colours.ts';
import { type Evidence, evidenceByRow } from '../core/material/evidence.ts';
import type { SampledPlane } from '../core/material/planes.ts';
import {
  leadingOf,
  type MaterialSource,
  materialChannels,
  materialSourceOf,
} from '../core/material/source.ts';
import type { CabBand } from '../core/scan/cab.ts';
import { type PlaneSource, readWindow } from '../core/scan/plane-source.ts';
import type { Channel, View } from '../core/scan/scan.ts';
import { paintMask } from './cab-mask.ts';
import { downscaleSource, type Means, pickSource } from './downscale.ts';
import { orient } from './orient.ts';
import { pngOf } from './preview.ts';
import { previewSideOf } from './shown.ts';
import { toneCurve } from './tone.ts';

/** Samples of the channels of one view, by channel id. */
export type ViewPlanes = ReadonlyMap<string, PlaneSource>;

/**
 * A view in material colours: as large and as bright as its preview, and coloured as in the viewer of the page. PNG of 8
 * bits, upright; or why there is none.
 * @param bands - of the view; they are painted over
 */
export async function renderMaterial(
  view: View,
  planes: ViewPlanes,
  bands: readonly CabBand[] = [],
): Promise<Uint8Array | NoMaterial> {
  const channels = materialChannels(view.channels);
  if (typeof channels === 'string') return channels;
  const leading = leadingOf(channels);
  if (leading === undefined) return 'no-high-and-low';
  const sampled = new Map(channels.map((one) => [one.id, sampledPlane(one, planeOf(planes, one))]));
  const source = materialSourceOf(channels, leading, sampled);
  if (typeof source === 'string') return source;
  const bright = channels.find(({ id }) => id === source.brightness) ?? leading;
  const means = meansOf(planes, bright);
  const greys = toneCurve(bright, means)(means.values);
  const { rows, columns } = means;
  const bytes = new Uint8Array(rows * columns * 3);
  let row = 0;
  for (const evidence of evidenceOfRows(source, channels, planes)) {
    for (const [column, one] of evidence.entries()) {
      const colour = materialColour(one, (greys[row * columns + column] ?? 0) / 255, 'all');
      bytes.set(
        colour.map((share) => Math.round(255 * share)),
        (row * columns + column) * 3,
      );
    }
    row += 1;
  }
  const upright = orient({ rows, columns, channels: 3, bytes }, view.display);
  return pngOf(paintMask(upright, { bands, display: view.display }));
}

function planeOf(planes: ViewPlanes, { id }: Channel): PlaneSource {
  const plane = planes.get(id);
  if (plane === undefined) throw new RangeError(`no samples of channel ${id}`);
  return plane;
}

function meansOf(planes: ViewPlanes, channel: Channel): Means {
  return downscaleSource(channel, planeOf(planes, channel), previewSideOf(channel));
}

function evidenceOfRows(
  source: MaterialSource,
  channels: readonly Channel[],
  planes: ViewPlanes,
): Iterable<readonly Evidence[]> {
  const named = (name: string) => {
    const found = channels.find(({ id }) => id === name);
    if (found === undefined) throw new RangeError(`no channel ${name}`);
    return found;
  };
  return source.kind === 'class-map'
    ? ofClasses(source.legend, named(source.classes), planes)
    : ofEnergies(source.dual, [named(source.dual.high.id), named(source.dual.low.id)], planes);
}

function* ofClasses(
  legend: readonly Evidence[],
  classes: Channel,
  planes: ViewPlanes,
): Generator<readonly Evidence[]> {
  const { rows, columns, values } = pickSource(classes, planeOf(planes, classes), previewSideOf(classes));
  for (let row = 0; row < rows; row += 1) {
    yield Array.from(
      values.subarray(row * columns, (row + 1) * columns),
      (value) => legend[value] ?? { metalShare: 0, certainty: 0 },
    );
  }
}

/** Each mean of both energies counts as many photons as all samples of its area. */
function ofEnergies(
  dual: DualEnergy,
  [high, low]: readonly [Channel, Channel],
  planes: ViewPlanes,
): Iterable<readonly Evidence[]> {
  const ofHigh = meansOf(planes, high);
  const { rows, columns } = ofHigh;
  const counted = ({ values }: Means) => values.map((value) => (Number.isNaN(value) ? 0 : value));
  const level = Math.log2(Math.sqrt((high.rows * high.columns) / (rows * columns)));
  const both = { rows, columns, high: counted(ofHigh), low: counted(meansOf(planes, low)), level };
  return evidenceByRow(both, dual);
}

/** A stored plane of counts as the functions of materials read it. */
function sampledPlane(channel: Channel, plane: PlaneSource): SampledPlane {
  const { rows, columns, bitsStored } = channel;
  return {
    rows,
    columns,
    fullScale: 2 ** bitsStored - 1,
    read: (_, region) => {
      const window = {
        rowFrom: region.row,
        rowTo: region.row + region.rows,
        columnFrom: region.column,
        columnTo: region.column + region.columns,
      };
      const samples = samplesOf(readWindow(plane, channel, window), channel);
      return samples instanceof Uint8Array || samples instanceof Uint16Array ? samples : undefined;
    },
  };
}
