import { afterAll, beforeAll, expect, test } from 'vitest';
import { wrongRequests } from '../../../lab/siege/attacks/wrong-requests.ts';
import { Wire } from '../../../lab/siege/wire.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { story } from '../../support/vitest/story.ts';

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

/** The same for every key: what is expected of a request does not depend on it. */
const names = wrongRequests({ sender: '', reader: '' }).map(({ what }) => what);
const wrong = () => wrongRequests({ sender: service.token('scanner'), reader: service.token('supervisor') });

story('a request that is wrong', () => {
  test.each(names)('(%s) is answered by a problem document without a stack', async (name) => {
    const { bytes = '', status, code } = wrong().find(({ what }) => what === name) ?? {};
    const wire = new Wire(port);
    wire.socket.write(bytes, 'latin1');
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
  });

  test('is counted by its code', async () => {
    const { body } = await service.as('peer', { url: '/metrics' });
    for (const code of ['NII_BAD_REQUEST', 'NII_METHOD', 'NII_LIMIT_HEADERS', 'NII_EXPECTATION']) {
      expect(body).toMatch(new RegExp(`nii_protocol_errors_total\\{code="${code}"\\} [1-9]`));
    }
  });
});

test.each([
  ['a head that is too large', `HEAD /v1/scans?${'y'.repeat(20_480)} HTTP/1.1\r\nhost: x`, 431],
  ['an address that is none', 'HEAD %2Fv1/audit HTTP/1.1\r\nhost: x', 400],
  ['a header without a colon', 'HEAD /v1/scans HTTP/1.1\r\nhost: x\r\nnothing', 400],
])('HEAD with %s is answered without a body', async (_what, head, status) => {
  const wire = new Wire(port);
  wire.send(head);
  await wire.closed();
  expect(wire.status).toBe(status);
  expect(wire.received).toMatch(/content-length: [1-9]/);
  expect(wire.body).toBe('');
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
