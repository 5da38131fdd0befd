import { createHmac } from 'node:crypto';
import { NiiError } from '../core/errors.ts';

/**
 * How announcements to the lane are signed: Standard Webhooks 1.0.0, symmetric (`v1`). The receiver's side, and how a
 * secret is replaced, are in docs/reference/lane.md.
 */

/** What is signed of one attempt. No dot is in the id or the time, so that nothing else reads as the same three. */
export interface Attempt {
  /** The same for each attempt to announce the same change. */
  readonly id: string;
  readonly at: Date;
  /** The very text that is sent. */
  readonly body: string;
}

const PREFIX = 'whsec_';
/** A lane controller has a former and a next secret; more are a mistake. */
const MOST_SECRETS = 4;
/** Bytes of a key, by the specification. */
const [SHORTEST_KEY, LONGEST_KEY] = [24, 64];

/**
 * The secrets that the setting names, by spaces: first what is in another form than that of Standard Webhooks, which
 * together is one secret of before it, then the others in their order.
 *
 * @throws NII_CONFIG
 */
export function laneSecrets(setting: string): readonly string[] {
  const parts = setting.split(' ').filter((part) => part !== '');
  if (parts.every(isFormer)) return [setting];
  const former = parts.filter(isFormer).join(' ');
  const secrets = [former, ...parts.filter((part) => !isFormer(part))].filter((secret) => secret !== '');
  if (secrets.length > MOST_SECRETS)
    throw new NiiError('NII_CONFIG', `NII_LANE_SECRET holds at most ${MOST_SECRETS} secrets, by spaces`);
  for (const secret of secrets) checkKey(secret);
  return secrets;
}

/** The secret itself is not said: settings end in logs. */
function checkKey(secret: string): void {
  if (isFormer(secret)) return;
  const bytes = keyOf(secret).byteLength;
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(secret.slice(PREFIX.length));
  if (isBase64 && bytes >= SHORTEST_KEY && bytes <= LONGEST_KEY) return;
  throw new NiiError(
    'NII_CONFIG',
    `A secret in NII_LANE_SECRET is ${PREFIX} and the base64 of ${SHORTEST_KEY} to ${LONGEST_KEY} random bytes`,
  );
}

/** A secret of before Standard Webhooks is any text; goes with version 0.3. */
export function isFormer(secret: string): boolean {
  return !secret.startsWith(PREFIX);
}

function keyOf(secret: string): Buffer {
  return isFormer(secret) ? Buffer.from(secret, 'utf8') : Buffer.from(secret.slice(PREFIX.length), 'base64');
}

/** The headers of an attempt; each secret signs, so that the receiver may know any one of them. */
export function signedHeaders(secrets: readonly string[], attempt: Attempt): Record<string, string> {
  const { id, at, body } = attempt;
  const seconds = Math.floor(at.getTime() / 1000);
  const content = `${id}.${seconds}.${body}`;
  const [first = ''] = secrets;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': secrets.map((secret) => `v1,${hmac(keyOf(secret), content, 'base64')}`).join(' '),
    ...headersOfBefore(first, attempt),
  };
}

/** By the text of the first secret, over the body alone; goes with version 0.3. */
function headersOfBefore(secret: string, { id, body }: Attempt): Record<string, string> {
  return { 'nii-delivery': id, 'nii-signature': `sha256=${hmac(secret, body, 'hex')}` };
}

function hmac(key: string | Buffer, content: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(content).digest(encoding);
}
