import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { openObjects } from '../../../src/objects-wiring.ts';

/** Answers of S3 servers to GetBucketEncryption, by the bucket. */
const xml = '<?xml version="1.0" encoding="UTF-8"?>';
const rule = (algorithm: string) =>
  `${xml}<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${algorithm}</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`;
const failure = (code: string) => `${xml}<Error><Code>${code}</Code></Error>`;

const answers: Readonly<Record<string, readonly [status: number, body: string]>> = {
  aes: [200, rule('AES256')],
  kms: [200, rule('aws:kms')],
  off: [404, failure('ServerSideEncryptionConfigurationNotFoundError')],
  forbidden: [403, failure('AccessDenied')],
  older: [501, failure('NotImplemented')],
};

const server = createServer(({ url = '/' }, answer) => {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const isAsked = searchParams.has('encryption');
  const [status, body] = (isAsked ? answers[pathname.split('/')[1] ?? ''] : undefined) ?? [
    200,
    `${xml}<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`,
  ];
  answer.writeHead(status, { 'content-type': 'application/xml' }).end(body);
});
let endPoint: string;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  endPoint = `http://127.0.0.1:${Object(server.address()).port}`;
});
afterAll(() => {
  server.close();
});

function openBucket(bucket: string, encryption: 'report' | 'require') {
  return openObjects(
    readConfig({
      NII_DATA: tmpdir(),
      NII_S3_URL: endPoint,
      NII_S3_ACCESS_KEY: 'nii-test',
      NII_S3_SECRET_KEY: 'nii-test-secret',
      NII_S3_BUCKET: bucket,
      NII_S3_ENCRYPTION: encryption,
    }),
  );
}

test.each([
  ['aes', 'AES256'],
  ['kms', 'aws:kms'],
  ['off', 'none'],
  ['forbidden', 'unknown'],
  ['older', 'unknown'],
])(
  'the bucket "%s" is reported as %s, and starts where it is required only if it is encrypted',
  async (bucket, found) => {
    const { encryption, close } = await openBucket(bucket, 'report');
    expect(encryption.bucket).toBe(found);
    await close();
    const required = openBucket(bucket, 'require').then((opened) => opened.close());
    if (found === 'none' || found === 'unknown')
      await expect(required).rejects.toMatchObject({
        code: 'NII_CONFIG',
        message: expect.stringContaining('NII_S3_ENCRYPTION=report'),
      });
    else await required;
  },
);
