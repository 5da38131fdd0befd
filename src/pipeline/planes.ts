import { toChannelPlane } from '../codec/dicom/plane.ts';
import { readDicom } from '../codec/dicom/read.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Channel } from '../core/scan.ts';
import { sha256Hex } from './identity.ts';

/**
 * The samples of a channel, read back from the DICOS instance that holds them, and compared with the hash that was
 * taken from the converter's own output: what is shown and analysed is what the scanner measured, bit for bit.
 * @throws NII_CORRUPT when they differ
 */
export async function decodePlane(
  bytes: Uint8Array,
  channel: Channel,
  name: string,
  limits: Limits,
): Promise<Uint8Array> {
  const samples = toChannelPlane(channel, await readDicom(bytes, name, limits).pixels());
  if (channel.sha256 !== undefined && sha256Hex(samples) !== channel.sha256) {
    throw new NiiError('NII_CORRUPT', {
      detail: 'The stored samples are not the ones that were converted',
      field: name,
    });
  }
  return samples;
}
