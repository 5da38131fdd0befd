import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'minio';
import { afterAll, describe, expect, it } from 'vitest';
import { encryptedStore } from '../../src/adapters/objects/encrypted/store.ts';
import { openS3Store } from '../../src/adapters/objects/s3/store.ts';
import { toObjectKey } from '../../src/runtime/object-keys.ts';
import { objectStoreContract } from '../support/contract/object-store.ts';
import { leftOut, type TestS3, testS3 } from '../support/s3-server.ts';

const server = testS3();
if (server === undefined) {
  leftOut('the S3 store', 'set NII_TEST_S3_URL (scripts/ceph-s3.sh start DIR PORT starts a server)');
} else {
  const bucket = `nii-${randomBytes(6).toString('hex')}`;
  objectStoreContract('an S3 bucket', () => openS3Store({ ...server, bucket, createBucket: true }));
  objectStoreContract('an S3 bucket under a prefix', () =>
    openS3Store({ ...server, bucket: `${bucket}-2`, createBucket: true, keyPrefix: 'site/one/' }),
  );
  const key = toObjectKey(randomBytes(32));
  const drafts = mkdtemp(join(tmpdir(), 'nii-drafts-'));
  objectStoreContract('an encrypted S3 bucket', async () =>
    encryptedStore(await openS3Store({ ...server, bucket: `${bucket}-3`, createBucket: true }), {
      keys: [key],
      plain: 'reject',
      draftsDir: await drafts,
    }),
  );
  afterAll(async () => rm(await drafts, { recursive: true, force: true }));
  openingTests(server, bucket);
}

function openingTests(s3: TestS3, bucket: string): void {
  describe('opening an S3 store', () => {
    it('says NII_CONFIG of a bucket that is missing and not to be made, and of keys that are refused', async () => {
      const missing = { ...s3, bucket: `${bucket}-missing`, createBucket: false };
      await expect(openS3Store(missing)).rejects.toMatchObject({ code: 'NII_CONFIG' });
      const refused = { ...s3, secretKey: 'wrong', bucket, createBucket: true };
      await expect(openS3Store(refused)).rejects.toMatchObject({ code: 'NII_CONFIG' });
      const stranger = { ...s3, accessKey: 'nobody', bucket, createBucket: false };
      await expect(openS3Store(stranger)).rejects.toMatchObject({ code: 'NII_CONFIG' });
    });

    it('says NII_CONFIG of an address that is none', async () => {
      for (const endPoint of ['127.0.0.1:9000', 'ftp://host', 'http://host/path', '']) {
        const options = { ...s3, endPoint, bucket, createBucket: false };
        await expect(openS3Store(options)).rejects.toMatchObject({ code: 'NII_CONFIG' });
      }
    });

    it('says NII_STORE_UNREACHABLE where nothing listens', async () => {
      const options = { ...s3, endPoint: 'http://127.0.0.1:9', bucket, createBucket: false };
      await expect(openS3Store(options)).rejects.toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
    });

    it('says how the server encrypts the bucket', async () => {
      const store = await openS3Store({ ...s3, bucket, createBucket: true });
      expect(await store.bucketEncryption()).toBe('none');
      const { hostname, port } = new URL(s3.endPoint);
      const client = new Client({ ...s3, endPoint: hostname, port: Number(port), useSSL: false });
      const byDefault = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } };
      await client.setBucketEncryption(bucket, { Rule: [byDefault] });
      expect(await store.bucketEncryption()).toBe('AES256');
      await client.removeBucketEncryption(bucket);
      await store.close();
    });

    it('makes a bucket that several open at once', async () => {
      const fresh = { ...s3, bucket: `${bucket}-at-once`, createBucket: true };
      const stores = await Promise.all([1, 2, 3, 4].map(() => openS3Store(fresh)));
      await Promise.all(stores.map((store) => store.ready()));
      await Promise.all(stores.map((store) => store.close()));
    });

    it('keeps apart those who share a bucket under different prefixes', async () => {
      const one = await openS3Store({ ...s3, bucket, createBucket: true, keyPrefix: 'one/' });
      const two = await openS3Store({ ...s3, bucket, createBucket: true, keyPrefix: 'two/' });
      await one.put('key', Buffer.from('1'), 'text/plain');
      expect(await two.head('key')).toBeUndefined();
      for await (const { key } of two.list('')) expect(key).toBe('nothing is listed');
      await Promise.all([one.close(), two.close()]);
    });
  });
}
