import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';

/**
 * The state of a sign-in on its way to the provider, as a cookie of the browser. The service keeps no row of it, so
 * requests without a key, however many, take no place from anyone.
 */

const SignIn = Type.Object(
  {
    state: Type.String(),
    nonce: Type.String(),
    verifier: Type.String(),
    to: Type.String({ description: 'Path at which the browser continues' }),
    endsAt: Type.String({ description: 'ISO 8601' }),
  },
  { additionalProperties: false },
);
export type SignIn = Static<typeof SignIn>;

const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Returns the cookie: salt, ciphertext and tag in base64url. */
export function sealSignIn(secret: string, signIn: SignIn): string {
  const salt = randomBytes(SALT_BYTES);
  const { key, nonce } = keyFor(secret, salt);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  const sealed = [cipher.update(JSON.stringify(signIn), 'utf8'), cipher.final()];
  return Buffer.concat([salt, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

/** Returns undefined for a cookie that was not sealed with this secret, was changed, or has expired. */
export function unsealSignIn(secret: string, cookie: string, now: Date): SignIn | undefined {
  const bytes = Buffer.from(cookie, 'base64url');
  if (bytes.length <= SALT_BYTES + TAG_BYTES) return undefined;
  const { key, nonce } = keyFor(secret, bytes.subarray(0, SALT_BYTES));
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const sealed = bytes.subarray(SALT_BYTES, -TAG_BYTES);
    const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
    const signIn: unknown = JSON.parse(text);
    return Value.Check(SignIn, signIn) && Date.parse(signIn.endsAt) > now.getTime() ? signIn : undefined;
  } catch {
    return undefined;
  }
}

/** Each cookie has its own key and nonce, so no number of cookies repeats a nonce under a key. */
function keyFor(secret: string, salt: Uint8Array) {
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt, 'nii-hub sign-in', KEY_BYTES + NONCE_BYTES));
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}
