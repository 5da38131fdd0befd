import { isMeasured } from '../../core/scan/measured.ts';
import { type PlaneSources, planeInMemory, type ScanWithSources } from '../../core/scan/plane-source.ts';
import { type Channel, type PixelPitch, planeKey, type View } from '../../core/scan/scan.ts';
import { selectChannels } from '../../infer/choose.ts';
import { displaySize, extentInModel } from '../../infer/geometry.ts';
import type { ModelManifest } from '../../infer/manifest.ts';
import { displayRaster, isTurned, type Raster, sampleAt } from '../../infer/raster.ts';
import { openSource, openWindow, type SourceWindow } from '../../infer/transmission.ts';
import { atOnce } from '../../infer/turns.ts';

/** The channels that a model sees, upright, as shares of the open beam. */
export interface UprightView {
  readonly view: View;
  readonly rows: number;
  readonly columns: number;
  /** Height and width of a pixel. */
  readonly rowMm: number;
  readonly columnMm: number;
  readonly raster: Raster;
  readonly channels: readonly UprightChannel[];
  /** Columns of each inspection unit; all of them where nothing says which. */
  readonly units: readonly { readonly id: string; readonly from: number; readonly to: number }[];
}

export interface UprightChannel {
  readonly window: SourceWindow;
  readonly beam: 'high' | 'low';
  /** NaN where nothing was measured. */
  readonly transmission: Float32Array;
}

/**
 * What a model will see of a scan, or why it cannot, in words.
 * @param assumedHeightMm of the picture, for scans that do not say how large a pixel is
 */
export function openUpright(
  { scan, planes }: ScanWithSources,
  manifest: Pick<ModelManifest, 'input'>,
  assumedHeightMm?: number,
): UprightView | { readonly reason: string } {
  const chosen = selectChannels(scan, manifest);
  if ('reason' in chosen) return chosen;
  const { view } = chosen;
  const channels: UprightChannel[] = [];
  const [{ rows: storedRows, columns: storedColumns, pitch }] = chosen.channels as readonly [Channel];
  const raster = displayRaster(storedRows, storedColumns, view.display);
  for (const channel of chosen.channels) {
    const plane = planes.get(planeKey(view.id, channel.id));
    if (plane === undefined) return { reason: `Channel '${channel.id}' has no samples` };
    const source = atOnce(openSource(channel, plane));
    if (typeof source === 'string') return { reason: source };
    const window = openWindow(source, {
      rowFrom: 0,
      rowTo: storedRows,
      columnFrom: 0,
      columnTo: storedColumns,
    });
    channels.push({ window, beam: beamOf(channel), transmission: transmissionOf(window, raster) });
  }
  const size = pixelSize(view, pitch, assumedHeightMm, raster.rows);
  if (size === undefined) return { reason: 'The pixel size is unknown' };
  const stored = { rows: storedRows, columns: storedColumns };
  const model = displaySize({ stored, rule: view.display });
  const geometry = { view: view.id, stored, rule: view.display, model };
  const whole = { columnFrom: 0, columnTo: raster.columns };
  const units = scan.units.map(({ id, extent }) => {
    const area = (extent === undefined ? undefined : extentInModel(geometry, extent)) ?? whole;
    return { id, from: area.columnFrom, to: area.columnTo };
  });
  return { view, rows: raster.rows, columns: raster.columns, ...size, raster, channels, units };
}

/** Of a scanner with one energy it is the lower one: such scanners have 3.5 to 6 MV. */
function beamOf({ energy }: Channel): 'high' | 'low' {
  return energy === 'high' ? 'high' : 'low';
}

function pixelSize(
  { display }: View,
  pitch: PixelPitch | undefined,
  assumedHeightMm: number | undefined,
  rows: number,
): { readonly rowMm: number; readonly columnMm: number } | undefined {
  if (pitch !== undefined && isTurned(display)) return { rowMm: pitch.columnMm, columnMm: pitch.rowMm };
  if (pitch !== undefined) return { rowMm: pitch.rowMm, columnMm: pitch.columnMm };
  if (assumedHeightMm === undefined) return undefined;
  return { rowMm: assumedHeightMm / rows, columnMm: assumedHeightMm / rows };
}

function transmissionOf(
  { channel, samples, mask, upright, openBeam }: SourceWindow,
  raster: Raster,
): Float32Array {
  const out = new Float32Array(raster.rows * raster.columns);
  for (let row = 0; row < raster.rows; row++) {
    for (let column = 0; column < raster.columns; column++) {
      const index = sampleAt(raster, row, column);
      const sample = samples[index] ?? Number.NaN;
      const measured = isMeasured(mask, sample, Math.floor(index / channel.columns), index % channel.columns);
      out[row * raster.columns + column] = measured ? upright(sample) / openBeam.value : Number.NaN;
    }
  }
  return out;
}

/** A rectangle of upright pixels with new transmissions, one plane a channel. */
export interface Patch {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
  /** NaN: the sample stays as it is. */
  readonly transmission: readonly Float32Array[];
}

/** The planes of the scan with a patch written into them, as the scanner would have stored it. */
export function withPatch(planes: PlaneSources, view: UprightView, patch: Patch): PlaneSources {
  const changed = new Map(planes);
  for (const [i, { window }] of view.channels.entries()) {
    const values = patch.transmission[i];
    if (values === undefined) continue;
    const key = planeKey(view.view.id, window.channel.id);
    const samples = window.samples.slice();
    for (let row = 0; row < patch.rows; row++) {
      for (let column = 0; column < patch.columns; column++) {
        const value = values[row * patch.columns + column] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const index = sampleAt(view.raster, patch.top + row, patch.left + column);
        samples[index] = toSample(window, value);
      }
    }
    changed.set(key, planeInMemory(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)));
  }
  return changed;
}

/** Within what the samples hold; never the value that means not measured. */
function toSample({ channel, openBeam, upright }: SourceWindow, transmission: number): number {
  const counts = Math.max(0, transmission * openBeam.value);
  if (channel.sampleFormat === 'float') return counts;
  const highest = 2 ** channel.bitsStored - 1;
  const sample = upright(Math.min(highest, Math.max(1, Math.round(counts))));
  return sample === channel.invalidValue ? sample + (sample === 0 ? 1 : -1) : sample;
}
