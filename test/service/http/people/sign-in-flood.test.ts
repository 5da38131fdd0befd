import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IdentityProvider } from '../../../../src/core/ports/identity-provider.ts';
import { readGroups } from '../../../../src/core/sign-in/groups.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { seededRandom } from '../../../support/random.ts';
import { isLargeSearch, searchSeed, searchSize } from '../../../support/search-size.ts';

/**
 * Floods of sign-ins without a key. `npm run long -- --part sign-in-flood` sends a million each.
 */

const publicUrl = 'https://scans.example';
const HONEST = '198.51.100.7';
const PER_MINUTE = 120;
/** Requests that arrive at once are counted before any is answered: no more than a share of what is allowed. */
const AT_ONCE = 40;
const requests = searchSize.signInRequests;

/** Says that whoever comes back is the account in the code. */
const provider: IdentityProvider = {
  issuer: 'https://login.example',
  ready: async () => {},
  signInUrl: async ({ state }) => `https://login.example/?state=${state}`,
  claimsOf: async ({ searchParams }) => {
    const subject = String(searchParams.get('code'));
    return { subject, name: subject, groups: ['analysts'] };
  },
  signOutUrl: async () => undefined,
};
const groups = readGroups(
  JSON.stringify({ analysts: { roles: ['analyst'], administration: ADMINISTRATION, site: SITE } }),
);

let service: Harness;
let transactions = 0;

beforeAll(async () => {
  service = await openHarness({
    deps: {
      publicUrl,
      sessions: { source: 'a test', idleMinutes: 15, hours: 12 },
      signIn: { provider, groups, cookieSecret: 'a secret of this installation' },
    },
  });
  const { records } = service.deps;
  const { transaction } = records;
  records.transaction = (work) => {
    transactions += 1;
    return transaction(work);
  };
});
afterAll(async () => {
  await service?.close();
  expect(service.wrongAnswers).toEqual([]);
});

const begin = (remoteAddress: string) => service.app.inject({ url: '/sign-in', remoteAddress });

/** @returns the number of answers by status */
async function flood(addressOf: (i: number) => string, meanwhile: () => Promise<void>) {
  const statuses = new Map<number, number>();
  for (let first = 0; first < requests; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, requests - first);
    const sent = Array.from({ length: count }, (_, i) => begin(addressOf(first + i)));
    for (const { statusCode } of await Promise.all(sent))
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    // as between requests of a network: without a turn of the event loop nothing of a request is let go
    await new Promise((resolve) => setImmediate(resolve));
    if (first === Math.floor(requests / 2 / AT_ONCE) * AT_ONCE) await meanwhile();
  }
  return Object.fromEntries(statuses);
}

type Answer = Awaited<ReturnType<typeof begin>>;

function comeBack(begun: Answer, account: string) {
  const [cookie = ''] = String(begun.headers['set-cookie']).split(';');
  const state = new URL(String(begun.headers.location)).searchParams.get('state');
  const url = `/sign-in/callback?state=${state}&code=${account}`;
  return service.app.inject({ url, remoteAddress: HONEST, headers: { cookie } });
}

function requireSession({ statusCode, headers, body }: Answer): void {
  expect(statusCode, body).toBe(303);
  expect(String(headers['set-cookie'])).toMatch(/__Host-nii-session=nii_/);
}

/** One person begins before the flood and ends after it; another signs in during it. */
async function floodAroundHonest(addressOf: (i: number) => string) {
  const early = await begin(HONEST);
  let during = 0;
  const before = transactions;
  const statuses = await flood(addressOf, async () => {
    const at = transactions;
    requireSession(await comeBack(await begin(HONEST), `during ${requests}`));
    during = transactions - at;
  });
  requireSession(await comeBack(early, 'early'));
  return { statuses, during, transactions: transactions - before };
}

const timeout = isLargeSearch ? 1_200_000 : 120_000;

test(
  'a flood from all of a /48 of IPv6 is limited as one client, and others sign in',
  async () => {
    const random = seededRandom(searchSeed);
    const group = () => Math.floor(random() * 65_536).toString(16);
    const began = performance.now();
    const { statuses } = await floodAroundHonest(
      () => `2001:db8:7:${group()}:${group()}:${group()}:${group()}:${group()}`,
    );
    const minutes = Math.ceil((performance.now() - began) / 60_000) + 1;
    console.log(`one /48: ${JSON.stringify(statuses)}`);
    expect(new Set(Object.keys(statuses))).toEqual(new Set(['303', '429']));
    expect(statuses[303]).toBeLessThanOrEqual(minutes * PER_MINUTE);
  },
  timeout,
);

test(
  'a flood from 10,000 addresses stores nothing, and others sign in',
  async () => {
    const began = performance.now();
    const {
      statuses,
      during,
      transactions: all,
    } = await floodAroundHonest((i) => `10.1.${Math.floor((i % 10_000) / 250)}.${i % 250}`);
    console.log(`10,000 addresses: ${JSON.stringify(statuses)}`);
    expect(Number(statuses[303]) + Number(statuses[429] ?? 0)).toBe(requests);
    const minutes = Math.floor((performance.now() - began) / 60_000);
    // two sessions begin: of the one who signed in during it, and after it. What is done by the minute does not grow with the flood
    expect(all).toBeLessThanOrEqual(2 * during + 3 * minutes);
  },
  timeout,
);
