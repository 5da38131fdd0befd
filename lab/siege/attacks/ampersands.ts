import { randomBytes } from 'node:crypto';
import { zipOf } from '../../../src/tools/zip.ts';
import { ask, formOf } from '../ask.ts';
import type { Attack } from '../target.ts';

const MiB = 1024 * 1024;
const TIMES = 160;

/**
 * Not larger than what is read for the names of other files (4 MiB). The noise keeps an archive of it below the bound of
 * what may inflate to how much.
 */
function dataForm(mib: number): Uint8Array {
  const noise = randomBytes((mib * MiB) / TIMES).toString('base64');
  const [begin, end] = ['<DataForm>', `<!-- ${noise} --></DataForm>`];
  return Buffer.from(begin.padEnd(mib * MiB - end.length, '&') + end);
}

/** An XML file of ampersands, of which a parser may look at the rest for each. */
export function ampersands({ mib = 4 } = {}): Attack {
  return {
    name: 'ampersands',
    summary: 'a DataForm of ampersands',
    sizes: { mib },
    allowed: ['2xx', '4xx'],
    memoryMiB: 48,
    prepare: async ({ url, senderKey }, { signal }) => {
      const form = await formOf([{ name: 'form.xml', bytes: dataForm(mib) }]);
      const sent = { method: 'POST', path: '/v1/scans', key: senderKey, ...form, signal };
      return async () => [(await ask(url, sent)).word];
    },
  };
}

/** The same in an archive, which is small. */
export function zippedAmpersands({ forms = 6, mib = 4 } = {}): Attack {
  return {
    name: 'zipped-ampersands',
    summary: 'a small ZIP of several DataForms of ampersands',
    sizes: { forms, mib },
    allowed: ['2xx', '4xx'],
    memoryMiB: 48,
    prepare: async ({ url, senderKey }, { signal }) => {
      const files = Array.from({ length: forms }, (_, i) => {
        return { name: `form-${i}.xml`, bytes: dataForm(mib) };
      });
      const headers = { 'content-type': 'application/zip' };
      const sent = { method: 'POST', path: '/v1/scans?name=forms.zip', key: senderKey, headers, signal };
      const body = zipOf(files, 8);
      return async () => [(await ask(url, { ...sent, body })).word];
    },
  };
}
