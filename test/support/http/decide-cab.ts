import { expect } from 'vitest';
import type { CabPlace, CabPolicy } from '../../../src/core/scan/cab.ts';
import { ADMINISTRATION, type Harness, SITE } from '../harness.ts';

/** Two administrators decide what becomes of cabs. */
export async function decideCab(service: Harness, cab: CabPolicy): Promise<void> {
  const url = '/v1/policy';
  const [ada, bob] = [
    await service.newToken('administrator', ADMINISTRATION, '*'),
    await service.newToken('administrator', ADMINISTRATION, '*'),
  ];
  const before = await service.ask(ada, { url });
  const proposed = await service.ask(ada, {
    method: 'PUT',
    url,
    payload: { ...before.json().terms, cab },
    headers: { 'if-match': String(before.headers.etag) },
  });
  expect(proposed.statusCode, proposed.body).toBe(202);
  const confirmed = await service.ask(bob, {
    method: 'POST',
    url: `${url}/confirmation`,
    headers: { 'if-match': String(proposed.headers.etag) },
  });
  expect(confirmed.statusCode, confirmed.body).toBe(200);
}

/** Two administrators say where the cabs of a scanner lie. */
export async function placeCab(service: Harness, scanner: string, cab: CabPlace): Promise<void> {
  const url = `/v1/scanners/${SITE}/${scanner}`;
  const before = await service.as('administrator', { url });
  const said = await service.as('administrator', {
    method: 'PUT',
    url,
    payload: { sendersAllowed: [], cab },
    headers: { 'if-match': String(before.headers.etag) },
  });
  expect(said.statusCode, said.body).toBe(202);
  const bob = await service.newToken('administrator', ADMINISTRATION, SITE);
  const headers = { 'if-match': String(said.headers.etag) };
  const done = await service.ask(bob, { method: 'POST', url: `${url}/confirmation`, headers });
  expect(done.statusCode, done.body).toBe(200);
  expect(done.json().cab).toEqual(cab);
}
