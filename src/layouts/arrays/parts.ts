import { defined } from '../../core/defined.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { Converted, ConvertedChannel, ConverterFile, Sdk } from '../../sdk/sdk.ts';
import type { LayoutChannel } from '../schema/channel.ts';
import type { NpyLayout } from '../schema/layout.ts';
import type { NumpySidecar } from './sidecar.ts';

/** The one view that a declarative layout makes. */
export const VIEW = 'main';
export const upright = { flipRows: false, rotate: 0, flipColumns: false } as const;

/** The one file with samples, where the layout reads one. */
export function onlyImage(files: readonly ConverterFile[], sdk: Sdk): ConverterFile {
  const images = files.filter(({ role }) => role === 'image');
  const [file] = images;
  if (file === undefined) throw sdk.error('NII_TRUNCATED', 'the file with the samples is missing');
  if (images.length > 1) throw sdk.error('NII_MALFORMED', 'several files with samples have the same name');
  return file;
}

/** What a layout or a sidecar says of a channel, before its size is known. */
export type Described = Omit<
  ConvertedChannel,
  'rows' | 'columns' | 'bitsAllocated' | 'bitsStored' | 'sampleFormat'
>;
const still = { frames: 1, samplesPerPixel: 1, planar: false } as const;

export function described(channel: LayoutChannel, sdk: Sdk): Described {
  const { measured, usualPolarity } = channelKinds[channel.kind];
  if (measured === 'unknown') sdk.warn('NII_W_CHANNEL_UNKNOWN', { field: channel.id });
  return { ...still, ...channel, polarity: channel.polarity ?? usualPolarity };
}

export function pitchOf(
  layout: Pick<NpyLayout, 'pitch'>,
  sidecar?: NumpySidecar,
): Pick<ConvertedChannel, 'pitch'> {
  if (sidecar?.pixelPitchMm !== undefined) {
    const { row, column } = sidecar.pixelPitchMm;
    return { pitch: { rowMm: row, columnMm: column, source: 'sidecar' } };
  }
  return defined({ pitch: layout.pitch && { ...layout.pitch, source: 'configured' as const } });
}

export function sourceOf(
  layout: Pick<NpyLayout, 'manufacturer' | 'model'>,
  format: string,
  sidecar?: NumpySidecar,
): Converted['source'] {
  const manufacturer = sidecar?.manufacturer ?? layout.manufacturer;
  const model = sidecar?.model ?? layout.model;
  return {
    format,
    ...defined({
      manufacturer,
      model,
      scannerId: sidecar?.scanner,
      site: sidecar?.site,
      lane: sidecar?.lane,
      visit: sidecar?.visit,
      place: sidecar?.place,
      scanner: sidecar?.scannerFacts,
    }),
  };
}
