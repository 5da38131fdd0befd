import { rm } from 'node:fs/promises';
import { storeWithoutKey } from './adapters/objects/encrypted/no-key.ts';
import { encryptedStore } from './adapters/objects/encrypted/store.ts';
import { draftsOf, openFolderStore } from './adapters/objects/fs-store.ts';
import type { Config, ObjectsConfig } from './config.ts';
import { defined } from './core/defined.ts';
import { isNiiError, NiiError } from './core/errors.ts';
import type { KeyIds, ObjectEncryption, ObjectReads, ObjectStore } from './core/ports/objects.ts';
import { readObjectKeys } from './runtime/object-keys.ts';
import { awayMistake } from './start-mistakes.ts';
import { makeStagingFolder } from './stored/staging.ts';

/** The store, and how its objects are encrypted. */
export interface OpenedObjects {
  readonly store: ObjectStore;
  readonly encryption: ObjectEncryption;
  close(): Promise<void>;
}

type ObjectsSettings = Pick<Config, 'objects' | 'encryption' | 'stagingDir'>;

/**
 * The store of the settings; encrypts if they name a key file.
 * @throws NII_CONFIG for a key file that cannot be used, a bucket that must be encrypted and is not, or a plain object where they are
 *   rejected; NII_ENCRYPTED without the key of the objects; NII_STORE_UNREACHABLE
 */
export async function openObjects(settings: ObjectsSettings): Promise<OpenedObjects> {
  const { objects, encryption } = settings;
  const keys = encryption === undefined ? undefined : await readObjectKeys(encryption.keyFile);
  const { inner, bucket } = await openInner(objects);
  const drafts = keys === undefined ? undefined : await draftsIn(settings);
  const close = async () => {
    await inner.close();
    await drafts?.remove();
  };
  const store =
    encryption === undefined || keys === undefined || drafts === undefined
      ? storeWithoutKey(inner)
      : encryptedStore(inner, { keys, plain: encryption.plain, draftsDir: drafts.dir });
  try {
    await checkFirstObjects(store);
  } catch (error) {
    await close();
    throw error;
  }
  const { keyIdOf, toCopy, fromCopy } = store;
  return { store, encryption: { keyId: keys?.[0].id, bucket, keyIdOf, toCopy, fromCopy }, close };
}

interface InnerStore {
  readonly inner: ObjectStore;
  readonly bucket: string | undefined;
}

async function openInner(objects: ObjectsConfig): Promise<InnerStore> {
  if (objects.kind === 'folder') return { inner: await openFolderStore(objects.dir), bucket: undefined };
  const { kind, region, requireEncryption, ...address } = objects;
  const { openS3Store } = await import('./adapters/objects/s3/store.ts');
  const opening = openS3Store({ ...address, createBucket: true, ...defined({ region }) });
  const inner = await opening.catch((error: unknown) => {
    throw awayMistake(error, 'NII_S3_URL', address.endPoint);
  });
  const bucket = await inner.bucketEncryption();
  if (!requireEncryption || !['none', 'unknown'].includes(bucket)) return { inner, bucket };
  await inner.close();
  const found = bucket === 'none' ? 'does not encrypt' : 'does not report the encryption of';
  throw new NiiError(
    'NII_CONFIG',
    `The S3 server ${found} the bucket ${address.bucket}: switch on its default encryption, or set NII_S3_ENCRYPTION=report`,
  );
}

interface Drafts {
  readonly dir: string;
  remove(): Promise<void>;
}

/** Files on their way into a folder become part of it by a link. What a kill leaves is swept, in either place. */
async function draftsIn({ objects, stagingDir }: ObjectsSettings): Promise<Drafts> {
  if (objects.kind === 'folder') return { dir: draftsOf(objects.dir), remove: async () => {} };
  const dir = await makeStagingFolder(stagingDir, 'upload');
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** So many objects that somebody else put there do not keep the service from starting. */
const OBJECTS_TO_TRY = 32;

/** A key file that suits none of the first objects stops the start, not the first request. */
async function checkFirstObjects(store: ObjectReads & KeyIds): Promise<void> {
  let found: unknown;
  let tried = 0;
  for await (const { key } of store.list('')) {
    const fault = await faultOf(store, key);
    if (fault === 'none') return;
    // what lacks its key comes first: advice to read plain objects would let forged ones in
    if (isNiiError(fault, 'NII_ENCRYPTED') || (found === undefined && fault !== 'damaged')) found = fault;
    tried += 1;
    if (tried === OBJECTS_TO_TRY) break;
  }
  if (found !== undefined) throw found;
}

/** Why the key file does not suit this object. One that is damaged is left to `nii verify`. */
async function faultOf(store: ObjectReads & KeyIds, key: string): Promise<'none' | 'damaged' | NiiError> {
  try {
    for await (const _ of await store.stream(key)) return 'none';
    return 'none';
  } catch (error) {
    if (isNiiError(error, 'NII_NOT_FOUND')) return 'damaged';
    if (isNiiError(error, 'NII_ENCRYPTED')) return error;
    if (!isNiiError(error, 'NII_CORRUPT')) throw error;
    const keyId = await store.keyIdOf(key).catch(() => 'damaged');
    if (keyId !== undefined) return 'damaged';
    return new NiiError(
      'NII_CONFIG',
      `The stored object ${key} is not encrypted, and neither are those that follow: set NII_OBJECT_PLAIN=read if the store is older than its key file. Otherwise somebody has put them there: move them out of the store`,
    );
  }
}
