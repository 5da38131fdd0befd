import { ask } from '../ask.ts';
import { deflatedBomb } from '../dicom-files.ts';
import { relatedBody } from '../related-body.ts';
import type { Attack, Round, Target } from '../target.ts';

/** Sends one file by one way in. @returns the status of its answer, or why there is none */
type Send = (target: Target, file: Uint8Array, round: Round) => Promise<string>;

const tus = { 'tus-resumable': '1.0.0' };

const upload: Send = async ({ url, senderKey }, body, { signal }) => {
  const headers = { 'content-type': 'application/octet-stream' };
  return (
    await ask(url, { method: 'POST', path: '/v1/scans?name=a.dcm', key: senderKey, headers, body, signal })
  ).word;
};

const store: Send = async ({ url, senderKey }, file, { signal }) => {
  const { payload, headers } = relatedBody([file]);
  const wanted = {
    method: 'POST',
    path: '/dicomweb/studies',
    key: senderKey,
    headers,
    body: payload,
    signal,
  };
  return (await ask(url, wanted)).word;
};

const resume: Send = async ({ url, senderKey }, body, { signal }) => {
  const made = await ask(url, {
    method: 'POST',
    path: '/v1/uploads/tus',
    key: senderKey,
    headers: { ...tus, 'upload-length': String(body.length), 'upload-metadata': `filename ${btoa('a.dcm')}` },
    signal,
  });
  const path = made.headers.location;
  if (path === undefined) return made.word;
  const headers = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  return (await ask(url, { method: 'PATCH', path, key: senderKey, headers, body, signal })).word;
};

const ways = { upload, STOW: store, tus: resume } as const;

/** A small DICOM file that inflates to an element of many million values. */
export function deflatedBombBy(way: keyof typeof ways, { inflatedMiB = 60 } = {}): Attack {
  return {
    name: `deflated-bomb-${way.toLowerCase()}`,
    summary: `a small DICOM file that inflates to an element of many million values, by ${way}`,
    sizes: { inflatedMiB },
    allowed: ['2xx', '4xx'],
    memoryMiB: 48,
    prepare: async (target, round) => {
      const file = deflatedBomb(round.serial, inflatedMiB);
      return async () => [await ways[way](target, file, round)];
    },
  };
}
