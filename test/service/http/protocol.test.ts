import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, openHarness } from '../../support/harness.ts';
import { Wire } from '../../support/http/wire.ts';

let service: Harness;
let port: number;

beforeAll(async () => {
  service = await openHarness();
  port = Number(new URL(await service.listen()).port);
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const key = () => `authorization: Bearer ${service.token('supervisor')}`;
const scanner = () => `authorization: Bearer ${service.token('scanner')}`;
const close = 'connection: close';

const wrong: readonly (readonly [string, () => string, number, string])[] = [
  ['bytes that are no HTTP', () => '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'NII_BAD_REQUEST'],
  ['a request line without an address', () => 'GET\r\n\r\n', 400, 'NII_BAD_REQUEST'],
  ['HTTP/0.9', () => 'GET /v1/health/live\r\n\r\n', 400, 'NII_BAD_REQUEST'],
  ['HTTP/9.9', () => 'GET / HTTP/9.9\r\nhost: x\r\n\r\n', 400, 'NII_BAD_REQUEST'],
  ['a method that nobody knows', () => 'BREW /v1/scans HTTP/1.1\r\nhost: x\r\n\r\n', 405, 'NII_METHOD'],
  ['CONNECT', () => 'CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n', 405, 'NII_METHOD'],
  ['no host', () => `GET /v1/scans HTTP/1.1\r\n${close}\r\n\r\n`, 400, 'NII_BAD_REQUEST'],
  [
    'a header of 20 KiB',
    () => `GET /v1/scans HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_480)}\r\n\r\n`,
    431,
    'NII_LIMIT_HEADERS',
  ],
  ['a header without a colon', () => 'GET / HTTP/1.1\r\nhost: x\r\nnothing\r\n\r\n', 400, 'NII_BAD_REQUEST'],
  [
    'a Content-Length that is no number',
    () => 'POST /v1/scans HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n',
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'two lengths',
    () => 'POST /v1/scans HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na',
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'a length and an encoding',
    () =>
      'POST /v1/scans HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'a chunk of no size',
    () =>
      `POST /v1/scans HTTP/1.1\r\nhost: x\r\n${scanner()}\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n`,
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'an address that encodes nothing',
    () => `GET /v1/scans/%zz HTTP/1.1\r\nhost: x\r\n${key()}\r\n${close}\r\n\r\n`,
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'an expectation that cannot be met',
    () => `GET /v1/scans HTTP/1.1\r\nhost: x\r\nexpect: the unexpected\r\n\r\n`,
    417,
    'NII_EXPECTATION',
  ],
  [
    'a form without a boundary',
    () =>
      `POST /v1/scans HTTP/1.1\r\nhost: x\r\n${scanner()}\r\n${close}\r\ncontent-type: multipart/form-data\r\ncontent-length: 4\r\n\r\n--x\r`,
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'a form with an empty boundary',
    () =>
      `POST /v1/scans HTTP/1.1\r\nhost: x\r\n${scanner()}\r\n${close}\r\ncontent-type: multipart/form-data; boundary=\r\ncontent-length: 4\r\n\r\n--x\r`,
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'instances without a boundary',
    () =>
      `POST /dicomweb/studies HTTP/1.1\r\nhost: x\r\n${scanner()}\r\n${close}\r\ncontent-type: multipart/related; type="application/dicom"\r\ncontent-length: 4\r\n\r\n--x\r`,
    400,
    'NII_BAD_REQUEST',
  ],
  [
    'a form of another kind',
    () =>
      `POST /v1/scans HTTP/1.1\r\nhost: x\r\n${scanner()}\r\n${close}\r\ncontent-type: multipart/mixed; boundary=x\r\ncontent-length: 4\r\n\r\n--x\r`,
    415,
    'NII_MEDIA_TYPE',
  ],
  [
    'a media type that is none',
    () =>
      `POST /v1/scans HTTP/1.1\r\nhost: x\r\n${scanner()}\r\n${close}\r\ncontent-type: ;;;\r\ncontent-length: 4\r\n\r\n--x\r`,
    415,
    'NII_MEDIA_TYPE',
  ],
  [
    'JSON that is none',
    () =>
      `POST /v1/cases/x/close HTTP/1.1\r\nhost: x\r\n${key()}\r\n${close}\r\ncontent-type: application/json\r\nif-match: "1"\r\ncontent-length: 1\r\n\r\n{`,
    400,
    'NII_BAD_REQUEST',
  ],
];

describe('a request that is wrong', () => {
  test.each(wrong)(
    '(%s) is answered by a problem document without a stack',
    async (_what, bytes, status, code) => {
      const wire = new Wire(port);
      wire.socket.write(bytes(), 'latin1');
      await wire.closed();
      expect(wire.received).toMatch(/content-type: application\/problem\+json/i);
      const problem = JSON.parse(wire.body);
      expect({ answered: wire.status, ...problem }).toMatchObject({
        answered: status,
        status,
        code,
        type: `https://nii-hub.org/problems/${code}`,
      });
      expect(wire.body).not.toMatch(/node_modules|\.ts:|\.js:|at \w+ \(/);
    },
  );

  test('is counted by its code', async () => {
    const { body } = await service.as('peer', { url: '/metrics' });
    for (const code of ['NII_BAD_REQUEST', 'NII_METHOD', 'NII_LIMIT_HEADERS', 'NII_EXPECTATION']) {
      expect(body).toMatch(new RegExp(`nii_protocol_errors_total\\{code="${code}"\\} [1-9]`));
    }
  });
});

test('an upgrade that nobody offers is ignored, as HTTP allows', async () => {
  const wire = new Wire(port);
  wire.send('GET /v1/health/live HTTP/1.1', 'host: x', 'upgrade: websocket', 'connection: upgrade, close');
  await wire.closed();
  expect(wire.status).toBe(200);
});

test('bytes behind a good request are answered after its answer', async () => {
  const wire = new Wire(port);
  wire.socket.write('GET /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\nnothing of HTTP\r\n\r\n');
  await wire.closed();
  expect(wire.received.match(/HTTP\/1\.1 \d{3}/g)?.at(-1)).toBe('HTTP/1.1 400');
  expect((await service.app.inject('/v1/health/live')).statusCode).toBe(200);
});
