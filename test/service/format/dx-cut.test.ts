import { expect, test } from 'vitest';
import { writtenOf } from '../../../src/codec/dicom/nii-block.ts';
import { toChannelPlane } from '../../../src/codec/dicom/pixels/plane.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Channel } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import type { DxCodec } from '../../../src/format/dicos/pixel-module.ts';
import { channelOf, ids, scanOf, smooth } from '../../support/scan.ts';

const codecs: readonly DxCodec[] = ['jpeg-lossless', 'jpeg-ls', 'rle', 'none'];

async function readBack(bytes: Uint8Array, channel: Channel): Promise<Uint8Array> {
  const file = readDicom(bytes, 'dx', defaultLimits);
  return toChannelPlane(channel, await file.pixels(), writtenOf(file.dataSet));
}

test.each(codecs)('a DX instance cut anywhere, stored as %s, is refused', async (codec) => {
  const channel = channelOf({ rows: 5, columns: 7 });
  const input = { scan: scanOf([channel]), viewId: 'side', channelId: channel.id, plane: smooth(channel) };
  const { bytes } = await encodeDx({ ...input, ids }, { codec });
  for (let length = 0; length < bytes.length; length += 1) {
    const refused = await readBack(bytes.subarray(0, length), channel).then(
      () => 'read',
      (error: unknown) => (isNiiError(error) ? 'refused' : error),
    );
    expect({ length, refused }).toEqual({ length, refused: 'refused' });
  }
});
