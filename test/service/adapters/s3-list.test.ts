import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openS3Store } from '../../../src/adapters/objects/s3/store.ts';
import type { ListedObject, ObjectStore } from '../../../src/core/ports/objects.ts';

/** Answers of an S3 server that a real one gives seldom, by the prefix that is listed. */

const listOf = (fields: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${fields}</ListBucketResult>`;
const entry = (key: string, size: string) =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag><Size>${size}</Size></Contents>`;

const answers: Readonly<Record<string, string>> = {
  'plain/': listOf(
    `<IsTruncated>false</IsTruncated>${entry('plain/0012', '7')}${entry('plain/a&amp;b', '0')}`,
  ),
  'cut/': listOf(entry('cut/a', '1')).slice(0, -'</ListBucketResult>'.length),
  'sized/': listOf(entry('sized/a', '')),
  'endless/': listOf('<IsTruncated>true</IsTruncated>'),
  'typed/': `<!DOCTYPE x [<!ENTITY e "e">]>${listOf(entry('typed/&e;', '1'))}`,
  'other/': '<Error><Code>None</Code></Error>',
  'deep/': listOf(`${'<a>'.repeat(9)}${'</a>'.repeat(9)}`),
  'pages/': listOf(
    `<IsTruncated>true</IsTruncated><NextContinuationToken>0012</NextContinuationToken>${entry('pages/a', '1')}`,
  ),
  'pages/ after 0012': listOf(entry('pages/b', '2')),
};

const server = createServer(({ url = '/' }, answer) => {
  const query = new URL(url, 'http://127.0.0.1').searchParams;
  const token = query.get('continuation-token');
  const name = `${query.get('prefix') ?? ''}${token === null ? '' : ` after ${token}`}`;
  answer.setHeader('content-type', 'application/xml').end(answers[name] ?? '');
});

let store: ObjectStore;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endPoint = `http://127.0.0.1:${port}`;
  const keys = { accessKey: 'nii-test', secretKey: 'nii-test-secret' };
  store = await openS3Store({ endPoint, ...keys, bucket: 'lists', createBucket: false });
});

afterAll(async () => {
  await store.close();
  server.close();
});

async function listed(prefix: string): Promise<readonly ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

test('keys and sizes of a list are read as text, whatever they look like', async () => {
  const writtenAt = new Date('2026-01-01T00:00:00Z');
  expect(await listed('plain/')).toEqual([
    { key: 'plain/0012', bytes: 7, writtenAt },
    { key: 'plain/a&b', bytes: 0, writtenAt },
  ]);
});

test('a list goes on with the token of the page before', async () => {
  const keys = (await listed('pages/')).map(({ key }) => key);
  expect(keys).toEqual(['pages/a', 'pages/b']);
});

test.each([
  ['ends early', 'cut/'],
  ['has an object without a size', 'sized/'],
  ['has no token for its next page', 'endless/'],
  ['has a document type', 'typed/'],
  ['is something else', 'other/'],
  ['is nested too deeply', 'deep/'],
  ['is empty', 'nothing/'],
])('a list that %s is rejected, and not taken for a shorter list', async (_, prefix) => {
  await expect(listed(prefix)).rejects.toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
});
