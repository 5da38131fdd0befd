import type { DataSet } from '../../codec/dicom/data-set.ts';
import { binary, decimalString, numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { downscale } from '../downscale.ts';
import { type ToneRange, toneRange, toneShare } from '../tone.ts';
import { free } from './values.ts';

/** Longest side of what the window is taken from, as of the preview. */
const toneSide = 2048;
const mostEntries = 0x1_0000;
const lutBits = 16;
const lutTop = 0xffff;

/**
 * How to look at a channel (PS3.3 C.11.2): a window over the range that the preview shows and, where the preview takes
 * the logarithm, that curve as a VOI LUT. In values of the record, which the rescale gives. None for colour, which is
 * looked at as it is.
 */
export function voiElements(channel: Channel, plane: Uint8Array): DataSet {
  if (channel.samplesPerPixel !== 1) return [];
  const range = toneRange(channel, downscale(channel, plane, toneSide));
  return [...windowElements(channel, range), ...lutElements(channel, range)];
}

/** The linear function that makes `low` the darkest and `high` the brightest value (PS3.3 C.11.2.1.2.1). */
function windowElements(channel: Channel, range: ToneRange): DataSet {
  const isFloat = channel.sampleFormat === 'float';
  const ends = Number.isFinite(range.low) && Number.isFinite(range.high) ? range : { low: 0, high: 0 };
  const low = isFloat ? ends.low : Math.floor(ends.low);
  const high = isFloat ? ends.high : Math.ceil(ends.high);
  const width = Math.max(1, high - low + 1);
  return [
    text('00281050', 'DS', decimalString(low + width / 2)),
    text('00281051', 'DS', decimalString(width)),
    free('00281055', 'LO', range.curve === 'linear' ? 'Linear' : 'Linear, open beam white'),
  ];
}

/** The logarithmic curve, one entry a sample value; only for integers that a LUT descriptor can count. */
function lutElements(channel: Channel, range: ToneRange): DataSet {
  if (range.curve === 'linear' || channel.sampleFormat === 'float' || channel.bitsAllocated > 16) return [];
  const first = Math.max(0, Math.floor(range.low));
  const entries = Math.min(mostEntries - first, Math.ceil(range.high) - first + 1);
  if (entries < 2) return [];
  const share = toneShare(range);
  const values = new Uint16Array(entries);
  for (let i = 0; i < entries; i += 1) values[i] = Math.round(lutTop * share(first + i));
  const count = entries === mostEntries ? 0 : entries;
  return [
    sequence('00283010', [
      numbers('00283002', 'US', count, first, lutBits),
      free('00283003', 'LO', 'Logarithm of the transmission'),
      binary('00283006', 'OW', new Uint8Array(values.buffer)),
    ]),
  ];
}
