import type { Written } from '../../codec/dicom/nii-block.ts';
import { byPlane, withOtherSign } from '../../codec/pixels/frame.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Channel } from '../../core/scan/scan.ts';

/** Samples as a class of DICOM or DICOS can hold them, and what was done to them, which reading undoes. */
export interface Carried {
  readonly channel: Channel;
  readonly plane: Uint8Array;
  readonly changes: Pick<Written, 'offset' | 'components'>;
}

interface Held {
  readonly channel: Channel;
  readonly plane: Uint8Array;
}

/** Subsampled YBR keeps its bytes, two samples a pixel; DICOM calls that three (PS3.3 C.7.6.3.1.2). */
export function isSubsampled({ samplesPerPixel, photometric }: Channel): boolean {
  return samplesPerPixel === 2 && photometric?.endsWith('_422') === true;
}

/** Colour of 8 bits, which Secondary Capture holds and no DX does (NEMA IIC 1 V03, table 35). */
export function isPicture(channel: Channel): boolean {
  const { samplesPerPixel, bitsAllocated, sampleFormat } = channel;
  const isColour = samplesPerPixel === 3 || isSubsampled(channel);
  return isColour && bitsAllocated === 8 && sampleFormat === 'unsigned';
}

/**
 * The samples of a channel as DX and Secondary Capture allow them: unsigned, and colour that no class holds with each
 * component as a grey frame. docs/decisions/0031-colour-sign-classes.md.
 * @throws NII_UNSUPPORTED_VARIANT for several samples a pixel of one bit
 */
export function carriedOf(held: Held): Carried {
  const { channel, plane, changes } = asUnsigned(held);
  const { samplesPerPixel, frames, bitsAllocated, photometric: _, ...rest } = channel;
  if (samplesPerPixel === 1 || isPicture(held.channel)) return { channel, plane, changes };
  if (bitsAllocated === 1) {
    const detail = `DICOM cannot hold channel ${channel.id} of ${samplesPerPixel} samples of 1 bit; request npy or raw`;
    throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: channel.id });
  }
  return {
    channel: { ...rest, bitsAllocated, samplesPerPixel: 1, planar: false, frames: frames * samplesPerPixel },
    plane: channel.planar ? plane : componentsOf(channel, plane),
    changes: { ...changes, components: samplesPerPixel },
  };
}

/** Half the range is added, so that the least sample is 0 and their order stays. */
function asUnsigned({ channel, plane }: Held): Carried {
  const { sampleFormat, bitsAllocated, invalidValue, ...rest } = channel;
  if (sampleFormat !== 'signed' || bitsAllocated === 1) return { channel, plane, changes: {} };
  const offset = 2 ** (bitsAllocated - 1);
  const invalid = invalidValue === undefined ? undefined : invalidValue + offset;
  return {
    channel: {
      ...rest,
      ...defined({ invalidValue: invalid }),
      sampleFormat: 'unsigned',
      bitsAllocated,
      bitsStored: bitsAllocated,
    },
    plane: withOtherSign(plane, bitsAllocated / 8),
    changes: { offset },
  };
}

function componentsOf({ frames, samplesPerPixel, bitsAllocated }: Channel, plane: Uint8Array): Uint8Array {
  const size = plane.length / frames;
  const apart = Array.from({ length: frames }, (_, i) =>
    byPlane(plane.subarray(i * size, (i + 1) * size), samplesPerPixel, bitsAllocated / 8),
  );
  return new Uint8Array(Buffer.concat(apart));
}
