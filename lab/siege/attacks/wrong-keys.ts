import { randomBytes } from 'node:crypto';
import { ATTACKER, ask } from '../ask.ts';
import type { Attack } from '../target.ts';

/** Requests with keys that nobody issued. */
export function wrongKeys({ requests = 2000, atOnce = 50 } = {}): Attack {
  return {
    name: 'wrong-keys',
    summary: 'requests with keys that nobody issued',
    sizes: { requests, atOnce },
    allowed: ['401', '429'],
    memoryMiB: 48,
    prepare:
      async ({ url }, { signal }) =>
      async () => {
        const words: string[] = [];
        let begun = 0;
        const guess = async () => {
          while (begun++ < requests && !signal.aborted) {
            const key = `nii_${randomBytes(24).toString('base64url')}`;
            words.push((await ask(url, { path: '/v1/scans', key, from: ATTACKER, signal })).word);
          }
        };
        await Promise.all(Array.from({ length: atOnce }, guess));
        return words;
      },
  };
}
