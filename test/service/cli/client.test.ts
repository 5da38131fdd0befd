import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openClient } from '../../../src/tools/client.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A service that gives these answers in turn, and the last of them from then on. */
async function answering(
  answers: readonly { readonly status: number; readonly retryAfter?: string; readonly body: unknown }[],
) {
  const asked: string[] = [];
  server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(`${request.method} ${request.url}`);
    if (answer?.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter);
    response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.body));
  });
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { asked, client: openClient(`http://127.0.0.1:${port}`, 'key', new AbortController().signal) };
}

const busy = { status: 503, retryAfter: '0', body: { code: 'NII_BUSY', detail: 'behind' } };
const scan = { status: 200, body: { id: 'abc', state: 'analysed' } };

test('a service that is behind is asked again when it says', async () => {
  const { asked, client } = await answering([busy, busy, scan]);
  expect(await client.scan('abc')).toEqual(scan.body);
  expect(asked).toEqual(['GET /v1/scans/abc', 'GET /v1/scans/abc', 'GET /v1/scans/abc']);
});

test('a service that wants to be left alone for longer than a minute is believed', async () => {
  const { asked, client } = await answering([{ ...busy, retryAfter: '3600' }]);
  await expect(client.scan('abc')).rejects.toMatchObject({ code: 'NII_BUSY' });
  expect(asked).toHaveLength(1);
});

test('any other refusal is final', async () => {
  const { asked, client } = await answering([
    { status: 404, retryAfter: '0', body: { code: 'NII_NOT_FOUND', detail: 'no such scan' } },
  ]);
  await expect(client.scan('abc')).rejects.toMatchObject({ code: 'NII_NOT_FOUND' });
  expect(asked).toHaveLength(1);
});
