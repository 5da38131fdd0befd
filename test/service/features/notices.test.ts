import { afterAll, beforeAll, expect, test } from 'vitest';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

let service: Harness;
beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

test('a notice is proposed by one administrator, confirmed by another, listed, and there after a reindex', async () => {
  const [ada, bob] = [
    await service.newToken('administrator', 'utopia', '*'),
    await service.newToken('administrator', 'utopia', '*'),
  ];
  const ask = (token: string, method: 'GET' | 'PUT' | 'POST', url: string, ifMatch?: string, payload?: object) =>
    service.app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      headers: { authorization: `Bearer ${token}`, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
    });
  const put = await ask(ada, 'PUT', '/v1/notices/reefers', '"0"', { text: 'Watch for empty reefers' });
  expect([put.statusCode, put.json().state]).toEqual([202, 'proposed']);
  const own = await ask(ada, 'POST', '/v1/notices/reefers/confirmation', '"1"', {});
  expect(own.json().code).toBe('NII_STATE_CONFLICT');
  const confirmed = await ask(bob, 'POST', '/v1/notices/reefers/confirmation', '"1"', {});
  expect([confirmed.statusCode, confirmed.json().state, confirmed.headers.etag]).toEqual([200, 'in-force', '"2"']);
  const list = async () => (await ask(ada, 'GET', '/v1/notices')).json().items;
  const before = await list();
  expect(before).toHaveLength(2);
  await reindex(service.deps);
  expect(await list()).toEqual(before);
  expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
});
