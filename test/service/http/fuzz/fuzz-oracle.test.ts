import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Description, readDescription } from '../../../../lab/http-fuzz/description.ts';
import { fuzzHttp } from '../../../../lab/http-fuzz/fuzz-http.ts';
import { lifeOf } from '../../../../lab/http-fuzz/life.ts';
import type { FaultKind } from '../../../../lab/http-fuzz/oracle.ts';
import { curlLine } from '../../../../lab/http-fuzz/show.ts';
import { roles } from '../../../../src/core/access.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { searchSize } from '../../../support/search-size.ts';

/** The service as it is has no fault to show; a proxy before it that spoils its answers plants each kind. */

const REQUESTS = searchSize.plantedFaultRequests;
const SEED = 8;

let service: Harness;
let port: number;
let description: Description;

beforeAll(async () => {
  service = await openHarness();
  port = Number(new URL(await service.listen()).port);
  description = readDescription((await service.app.inject('/openapi.json')).json());
});
afterAll(async () => {
  await service.close();
});

const files = [{ name: 'a.fake', bytes: new Uint8Array(fakeScan()) }];

function fuzz(atPort: number, pid = process.pid) {
  return fuzzHttp({
    ...{ description, host: '127.0.0.1', port: atPort, seed: SEED, requests: REQUESTS },
    keys: roles.map((role) => ({ role, token: service.token(role) })),
    ...{ files, dicomFiles: files, until: Date.now() + 120_000, life: () => lifeOf(pid) },
  });
}

/** What a proxy does to an answer of the service on its way out. */
type Spoil = (answer: IncomingMessage, body: Buffer, reply: ServerResponse) => void;

async function withProxy<T>(spoil: Spoil, work: (atPort: number) => Promise<T>): Promise<T> {
  const proxy = createServer((request, reply) => passOn(request, reply, spoil)).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  try {
    return await work((proxy.address() as AddressInfo).port);
  } finally {
    await ended(proxy);
  }
}

async function ended(proxy: Server): Promise<void> {
  proxy.closeAllConnections();
  proxy.close();
  await once(proxy, 'close');
}

function passOn(request: IncomingMessage, reply: ServerResponse, spoil: Spoil): void {
  const { method, url, rawHeaders: headers } = request;
  // its answer ends after 55 seconds unless asked for less
  const path = url === '/v1/events' ? `${url}?wait=1` : url;
  const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers });
  onward.on('error', () => reply.destroy());
  onward.on('response', async (answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    spoil(answer, Buffer.concat(chunks), reply);
  });
  request.pipe(onward);
}

function sendOn(
  answer: IncomingMessage,
  body: Buffer,
  reply: ServerResponse,
  {
    status = answer.statusCode ?? 0,
    without = '',
  }: { readonly status?: number; readonly without?: string } = {},
): void {
  const hop = ['connection', 'content-length', 'transfer-encoding', without];
  const headers = Object.entries(answer.headers).filter(([name]) => !hop.includes(name));
  reply.writeHead(status, Object.fromEntries(headers));
  reply.end(body);
}

const isOf = (path: string) => (answer: IncomingMessage) => requestPath(answer) === path;
const requestPath = (answer: IncomingMessage) =>
  (answer as IncomingMessage & { req: { path: string } }).req.path.replace(/\?.*/, '');
const isLive = isOf('/v1/health/live');
const isMetrics = isOf('/metrics');

const plants: readonly (readonly [string, FaultKind, Spoil])[] = [
  [
    'a status that is not described',
    'undescribed-status',
    (answer, body, reply) => sendOn(answer, body, reply, isLive(answer) ? { status: 418 } : {}),
  ],
  [
    'a body that is not as its schema says',
    'body-not-as-described',
    (answer, body, reply) => sendOn(answer, isLive(answer) ? Buffer.from('{"live":"yes"}') : body, reply),
  ],
  [
    'a property more than the schema has',
    'body-not-as-described',
    (answer, body, reply) =>
      sendOn(answer, Buffer.from(body.toString().replace(/^\{"items":\[/, '{"more":1,"items":[')), reply),
  ],
  [
    'a header that is left out',
    'header-missing',
    (answer, body, reply) => sendOn(answer, body, reply, { without: 'www-authenticate' }),
  ],
  [
    'a rejection that is no problem document',
    'undescribed-media-type',
    (answer, body, reply) => sendOn(answer, body, reply, { without: 'content-type' }),
  ],
  [
    'a fault of the service',
    'server-error',
    (answer, body, reply) => sendOn(answer, body, reply, answer.statusCode === 404 ? { status: 500 } : {}),
  ],
  [
    'a plain request that is rejected',
    'plain-request-rejected',
    (answer, body, reply) => sendOn(answer, body, reply, isMetrics(answer) ? { status: 400 } : {}),
  ],
  [
    'an answer that shows where the code is',
    'stack-shown',
    (answer, body, reply) =>
      sendOn(answer, Buffer.from(body.toString().replace('"title":"', '"title":"x.ts:12 ')), reply),
  ],
  [
    'a connection that ends without an answer',
    'no-answer',
    (answer, body, reply) => {
      if (isLive(answer)) reply.destroy();
      else sendOn(answer, body, reply);
    },
  ],
];

describe('the fuzz of the interface', () => {
  test('finds nothing in the service as it is, and has asked every kind of thing', async () => {
    const tally = await fuzz(port);
    expect(
      tally.faults.map(({ kind, detail, example }) => [kind, detail, example && curlLine(example)]),
    ).toEqual([]);
    expect(tally.requests).toBeGreaterThanOrEqual(REQUESTS);
    for (const status of [200, 400, 401, 403, 404]) expect([...tally.statuses.keys()]).toContain(status);
    expect(service.wrongAnswers).toEqual([]);
  });

  test.each(plants)('reports %s', async (_what, kind, spoil) => {
    const tally = await withProxy(spoil, (atPort) => fuzz(atPort));
    const found = tally.faults.find((fault) => fault.kind === kind);
    expect(found, JSON.stringify(tally.faults.map(({ detail }) => detail))).toBeDefined();
    expect(found?.count).toBeGreaterThan(0);
    if (found?.example !== undefined) expect(curlLine(found.example)).toContain('curl -i');
  });

  test('reports a process that has ended', async () => {
    let looks = 0;
    const tally = await fuzzHttp({
      ...{ description, host: '127.0.0.1', port, seed: SEED, requests: 20, files, dicomFiles: files },
      keys: [{ role: 'peer', token: service.token('peer') }],
      until: Date.now() + 60_000,
      life: async () => {
        looks += 1;
        return { pid: looks, residentBytes: 1, openFiles: 1 };
      },
    });
    expect(tally.faults.map(({ kind }) => kind)).toContain('process-lost');
  });
});
