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
/** A lane controller has a current and a next secret; more are a mistake. */
const MOST_SECRETS = 4;
/** Bytes of a key, by the specification. */
const [SHORTEST_KEY, LONGEST_KEY] = [24, 64];

/**
 * The secrets that the setting names, by spaces, in their order.
 * @throws NII_CONFIG
 */
export function laneSecrets(setting: string): readonly string[] {
  const secrets = setting.split(' ').filter((part) => part !== '');
  if (secrets.length > MOST_SECRETS)
    throw new NiiError(
      'NII_CONFIG',
      `Too many secrets in NII_LANE_SECRET: use at most ${MOST_SECRETS}, separated by spaces`,
    );
  for (const secret of secrets) checkKey(secret);
  return secrets;
}

/** The secret itself is not said: settings end in logs. */
function checkKey(secret: string): void {
  const bytes = keyOf(secret).byteLength;
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(secret.slice(PREFIX.length));
  if (secret.startsWith(PREFIX) && isBase64 && bytes >= SHORTEST_KEY && bytes <= LONGEST_KEY) return;
  throw new NiiError(
    'NII_CONFIG',
    `Invalid secret in NII_LANE_SECRET: use ${PREFIX} and the base64 of ${SHORTEST_KEY} to ${LONGEST_KEY} random bytes`,
  );
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}

/** The headers of an attempt; each secret signs, so that the receiver may know any one of them. */
export function signedHeaders(secrets: readonly string[], { id, at, body }: Attempt): Record<string, string> {
  const seconds = Math.floor(at.getTime() / 1000);
  const content = `${id}.${seconds}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': secrets.map((secret) => `v1,${hmac(keyOf(secret), content)}`).join(' '),
  };
}

function hmac(key: Buffer, content: string): string {
  return createHmac('sha256', key).update(content).digest('base64');
}
