import { ask } from '../ask.ts';
import { largePicture, placeOf } from '../dicom-files.ts';
import type { Attack } from '../target.ts';

/** Many pictures at once of one large instance. */
export function renderings({ pictures = 40, side = 2048 } = {}): Attack {
  return {
    name: 'renderings',
    summary: 'pictures at once of one large instance',
    sizes: { pictures, side },
    allowed: ['200', '503'],
    memoryMiB: 128,
    prepare: async ({ url, senderKey, readerKey }, { serial, signal }) => {
      const type = { 'content-type': 'application/octet-stream' };
      const body = largePicture(serial, side);
      const sent = { method: 'POST', path: '/v1/scans?name=a.dcm', key: senderKey, headers: type, body };
      const { word } = await ask(url, sent);
      if (!word.startsWith('2')) throw new Error(`the instance was answered ${word}`);
      const { study, series, instance } = placeOf(serial);
      const path = `/dicomweb/studies/${study}/series/${series}/instances/${instance}/rendered`;
      const draw = async () =>
        (await ask(url, { path, key: readerKey, headers: { accept: 'image/png' }, signal })).word;
      return () => Promise.all(Array.from({ length: pictures }, draw));
    },
  };
}
