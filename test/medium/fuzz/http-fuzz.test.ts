import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzzHttp } from '../../../lab/http-fuzz/fuzz-http.ts';
import { curlLine } from '../../../lab/http-fuzz/show.ts';
import { type FuzzedService, openFuzzedService } from '../../support/fuzz/fuzzed-service.ts';
import { searchSeed, searchSize } from '../../support/search-size.ts';

/**
 * A few requests of every kind, for at most two minutes. `npm run fuzz:http` and the part fuzz-http of `npm run long` send
 * more.
 */
const REQUESTS = searchSize.httpRequests;
const MINUTES = 2;
const SEED = searchSeed;
/** On a machine that does much besides. */
const LEAST_REQUESTS = 1000;

let service: FuzzedService;

beforeAll(async () => {
  service = await openFuzzedService({ isOneKey: false });
}, 180_000);
afterAll(() => service?.stop());

test('requests of every kind are answered as the interface describes, by a process that lives on', async () => {
  console.log(`npm run fuzz:http -- --requests ${REQUESTS} --minutes ${MINUTES} --seed ${SEED}`);
  const until = Date.now() + MINUTES * 60_000;
  const tally = await fuzzHttp({ ...service, seed: SEED, requests: REQUESTS, until });
  const { requests, statuses, slowestMs, operations } = tally;
  const answers = [...statuses]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status}`);
  console.log(`${requests} requests, the slowest in ${Math.round(slowestMs)} ms: ${answers.join(', ')}`);
  const shown = tally.faults.map(({ kind, detail, count, example }) => ({
    ...{ kind, detail, count },
    curl: example && curlLine(example),
  }));
  expect(shown, service.log()).toEqual([]);
  expect(requests).toBeGreaterThan(LEAST_REQUESTS);
  const asked = service.description.operations.filter(({ id }) => operations.has(id));
  expect(asked.length).toBeGreaterThan(service.description.operations.length * 0.8);
  // what a few in a thousand are answered may be missing by chance, and is asked for
  for (const status of [200, 204, 400, 401, 403, 404, 409, 412, 415])
    expect([...statuses.keys()]).toContain(status);
  expect(await service.sendScan(2000)).toBe(202);
  expect(await rangeOfRecord()).toBe(206);
}, 300_000);

/** @returns the status of the answer */
async function rangeOfRecord(): Promise<number> {
  const { token } = service.keys.find(({ role }) => role === 'supervisor') ?? { token: '' };
  const home = `http://${service.host}:${service.port}/v1/scans`;
  const headers = { authorization: `Bearer ${token}` };
  const { items } = await (await fetch(`${home}?state=analysed`, { headers })).json();
  const url = `${home}/${items[0].id}/revisions/latest/scan.json`;
  return (await fetch(url, { headers: { ...headers, range: 'bytes=0-9' } })).status;
}
