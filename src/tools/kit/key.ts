import { readFile, rm, writeFile } from 'node:fs/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { NiiError } from '../../core/errors.ts';

/** JOSE's name for Ed25519 signatures (RFC 8037). */
export const ALGORITHM = 'EdDSA';

/** Makes an Ed25519 pair: the secret one for its owner alone, the public one beside it. @throws NII_CONFLICT */
export async function makeKey(
  path: string,
): Promise<{ readonly publicPath: string; readonly thumbprint: string }> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const secret = await exportJWK(privateKey);
  const open = await exportJWK(publicKey);
  const publicPath = `${path}.pub`;
  await writeNew(path, secret, 0o600);
  await writeNew(publicPath, open, 0o644).catch(async (error: unknown) => {
    await rm(path); // a secret without its public half is of no use to anybody
    throw error;
  });
  return { publicPath, thumbprint: await calculateJwkThumbprint(open) };
}

async function writeNew(path: string, jwk: JWK, mode: number): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(jwk, null, 1)}\n`, { flag: 'wx', mode });
  } catch (cause) {
    throw new NiiError('NII_CONFLICT', { detail: `${path} already exists, or cannot be written`, cause });
  }
}

/** Reads a key file (JWK). @throws NII_NOT_FOUND, NII_MALFORMED for anything but an Ed25519 key */
export async function readKey(path: string): Promise<JWK> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new NiiError('NII_NOT_FOUND', { detail: `${path} cannot be read`, cause });
  });
  return keyOf(text, path);
}

function keyOf(text: string, path: string): JWK {
  const wrong = (cause?: unknown) =>
    new NiiError('NII_MALFORMED', {
      detail: `${path}: not an Ed25519 key (JWK); create one with nii kit key`,
      cause,
    });
  try {
    const value: unknown = JSON.parse(text);
    if (isEdKey(value)) return value;
  } catch (cause) {
    throw wrong(cause);
  }
  throw wrong();
}

export function isEdKey(value: unknown): value is JWK {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kty' in value &&
    value.kty === 'OKP' &&
    'crv' in value &&
    value.crv === 'Ed25519' &&
    'x' in value &&
    typeof value.x === 'string'
  );
}
