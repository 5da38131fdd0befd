import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../../src/core/access.ts';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { createPerson } from '../../../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../../../src/features/persons/keys.ts';
import { buildApp } from '../../../../src/http/app.ts';
import { lookAtClock } from '../../../../src/maintenance/keep-clock.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { watchClock } from '../../../../src/runtime/clock-watch.ts';
import { openServiceHolds } from '../../../../src/stored/service-holds.ts';
import { ADMINISTRATION, SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
import { movableClock } from '../../../support/stage.ts';

/** What the service holds itself: scans of before a restore, and everything while its clock cannot be believed. */

let number = 0;
const nextBox = () => {
  number += 1;
  return withCheckDigit(`MSKU2${String(number).padStart(5, '0')}`);
};

async function cleared(post: BorderPost, containers: string): Promise<string> {
  const scanId = await post.xray(0, { containers });
  await post.decide(scanId, 'normal');
  return scanId;
}

async function told(post: BorderPost, scanId: string): Promise<string> {
  const { instruction, final, reasons = [] } = await post.instruction(scanId);
  return `${instruction}${final ? '' : ' not final'}: ${reasons.map(({ code }) => code).join(' ')}`;
}

interface Shown {
  readonly id: string;
  readonly site: string;
  readonly cause: string;
  readonly since?: string;
  readonly until: string;
  readonly terms: { readonly isOpen: boolean; readonly reason: string };
  readonly proposal?: object;
}

async function openHolds(post: BorderPost, by = 'supervisor'): Promise<readonly Shown[]> {
  return (await post.get(by, '/v1/service-holds')).json().items;
}

async function change(post: BorderPost, by: string, id: string, what: 'PUT' | 'POST', site = SITE) {
  const hold = `/v1/sites/${site}/service-holds/${id}`;
  const etag = String((await post.get(by, hold)).headers.etag ?? '"0"');
  const payload = what === 'PUT' ? { reason: 'the records of the gap were sent again' } : {};
  const url = what === 'PUT' ? hold : `${hold}/confirmation`;
  return post.service.ask(by, { method: what, url, payload, headers: { 'if-match': etag } });
}

async function endAll(post: BorderPost, first: string, second: string): Promise<void> {
  for (const { id } of await openHolds(post, first)) {
    expect((await change(post, first, id, 'PUT')).statusCode).toBe(202);
    expect((await change(post, second, id, 'POST')).statusCode).toBe(200);
  }
}

/** Keys of one person, for work in each of these roles. */
async function keysOfOne({ service: { deps } }: BorderPost, roles: readonly [Role, Role]) {
  const person = (await createPerson(deps, { actor: atCommandLine(ADMINISTRATION) }, 'Ann')).id;
  const keyOf = async (role: Role) => {
    const wanted = { roles: [role], administration: ADMINISTRATION, site: SITE, name: role, person };
    return (await issueKey(deps, wanted)).token;
  };
  const [first, second] = roles;
  return [await keyOf(first), await keyOf(second)] as const;
}

const isFree = 'proceed: normal';

describe('after a restore', () => {
  let post: BorderPost;
  let sam: string;
  let sue: string;
  let box: string;
  let signs = 0;
  const restored = (over: { readonly since?: Date } = {}) => {
    signs += 1;
    return openServiceHolds(post.service.deps, {
      cause: 'recovery',
      reason: 'Restored from a backup',
      signs: [`test ${signs}`],
      ...over,
    });
  };

  beforeAll(async () => {
    post = await BorderPost.open();
    [sam, sue] = [await post.newKey('supervisor'), await post.newKey('supervisor')];
  });
  beforeEach(() => {
    post.nextWeek();
    box = nextBox();
  });
  afterAll(async () => {
    await post.close();
    expect(post.service.wrongAnswers).toEqual([]);
  });

  test('what was scanned before holds until one person has said why it may end and another has confirmed it', async () => {
    const scanId = await cleared(post, box);
    await restored({ since: post.clock.now() });
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    const [hold] = await openHolds(post);
    expect(hold).toMatchObject({ cause: 'recovery', since: post.time(0), terms: { isOpen: true } });
    const id = String(hold?.id);
    expect((await change(post, sam, id, 'POST')).statusCode).toBe(409);
    expect((await change(post, sam, id, 'PUT')).statusCode).toBe(202);
    expect((await change(post, sam, id, 'POST')).statusCode).toBe(409);
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    expect((await change(post, sue, id, 'POST')).statusCode).toBe(200);
    expect(await told(post, scanId)).toBe(isFree);
    expect(await openHolds(post)).toEqual([]);
    expect((await change(post, sue, id, 'PUT')).statusCode).toBe(409);
  });

  test('a vehicle that is scanned again goes by its older scan, and another one is free', async () => {
    await cleared(post, box);
    await restored();
    post.clock.advance(60);
    const again = await cleared(post, box);
    const other = await cleared(post, nextBox());
    expect([await told(post, again), await told(post, other)]).toEqual([
      'hold not final: recovery-gap normal',
      isFree,
    ]);
    await endAll(post, sam, sue);
    expect(await told(post, again)).toBe(isFree);
  });

  test('each site ends it for itself, and neither an analyst nor a radiation officer does', async () => {
    const scanId = await cleared(post, box);
    await restored();
    const [{ id } = { id: '' }] = await openHolds(post);
    const [one, two] = [
      await post.service.newToken('supervisor', ADMINISTRATION, 'airport'),
      await post.service.newToken('supervisor', ADMINISTRATION, 'airport'),
    ];
    expect((await change(post, one, id, 'PUT')).statusCode).toBe(404);
    expect((await change(post, one, id, 'PUT', 'airport')).statusCode).toBe(202);
    expect((await change(post, two, id, 'POST', 'airport')).statusCode).toBe(200);
    const sitesOf = async (by: string) =>
      (await openHolds(post, by)).filter((one) => one.id === id).map(({ site }) => site);
    expect([await sitesOf(one), await sitesOf(sam)]).toEqual([[], [SITE]]);
    for (const role of ['analyst', 'radiation-officer', 'lane', 'auditor'] as const)
      expect((await change(post, post.service.token(role), id, 'PUT')).statusCode).toBe(403);
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    const all = await post.service.newToken('administrator', ADMINISTRATION, '*');
    expect(await sitesOf(all)).toEqual([SITE]);
    await endAll(post, sam, sue);
  });

  test('an administrator may propose the end, but a supervisor has to confirm it', async () => {
    const scanId = await cleared(post, box);
    await restored();
    const [{ id } = { id: '' }] = await openHolds(post);
    const [ann, adam] = [await post.newKey('administrator'), await post.newKey('administrator')];
    expect((await change(post, ann, id, 'PUT')).statusCode).toBe(202);
    const refused = await change(post, adam, id, 'POST');
    expect([refused.statusCode, refused.json().detail]).toEqual([
      403,
      'Only a supervisor can confirm that the gap is closed',
    ]);
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    expect((await change(post, sam, id, 'POST')).statusCode).toBe(200);
    expect(await told(post, scanId)).toBe(isFree);
  });

  test('the key that is used counts: one of an administrator confirms nothing, although they have one of a supervisor', async () => {
    const scanId = await cleared(post, box);
    await restored();
    const [{ id } = { id: '' }] = await openHolds(post);
    const [asAdministrator, asSupervisor] = await keysOfOne(post, ['administrator', 'supervisor']);
    const bea = await post.newKey('administrator');
    expect((await change(post, bea, id, 'PUT')).statusCode).toBe(202);
    expect((await change(post, asAdministrator, id, 'POST')).statusCode).toBe(403);
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    expect((await change(post, asSupervisor, id, 'POST')).statusCode).toBe(200);
    expect(await told(post, scanId)).toBe(isFree);
  });

  test('a second restore holds again, and the same rollback that is found twice does not', async () => {
    const scanId = await cleared(post, box);
    await restored();
    signs -= 1;
    expect(await restored()).toEqual([]);
    await endAll(post, sam, sue);
    expect(await told(post, scanId)).toBe(isFree);
    expect(await restored()).toHaveLength(1);
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    await endAll(post, sam, sue);
  });

  test('the hold and its end come back when the database is rebuilt from the objects', async () => {
    const scanId = await cleared(post, box);
    await restored();
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect(await told(post, scanId)).toBe('hold not final: recovery-gap normal');
    await endAll(post, sam, sue);
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect(await told(post, scanId)).toBe(isFree);
  });
});

describe('a clock that jumps', () => {
  let post: BorderPost;
  let ann: string;
  let adam: string;
  let box: string;
  let seconds = 0;
  const clock = movableClock('2026-03-04T06:00:00.000Z');
  const watch = () => watchClock(clock, () => seconds * 1000);
  const clockWatch = watch();
  /** Time that passes for both clocks. */
  const pass = (count: number) => {
    clock.advance(count);
    seconds += count;
  };

  beforeAll(async () => {
    post = await BorderPost.open({ clock, clockWatch });
    [ann, adam] = [await post.newKey('administrator'), await post.newKey('administrator')];
  });
  beforeEach(() => {
    pass(7 * 24 * 3600);
    box = nextBox();
  });
  afterAll(async () => {
    await post.close();
    expect(post.service.wrongAnswers).toEqual([]);
  });

  test('an hour ahead and back gives no proceed until two administrators confirm that it is right', async () => {
    const scanId = await cleared(post, box);
    expect(await told(post, scanId)).toBe(isFree);
    clock.advance(3600);
    expect(await told(post, scanId)).toBe('hold not final: clock-unsure normal');
    await lookAtClock(post.service.deps);
    clock.advance(-3600);
    expect(await told(post, scanId)).toBe('hold not final: clock-unsure normal');
    await lookAtClock(post.service.deps);
    const holds = await openHolds(post);
    expect(holds).toEqual([expect.objectContaining({ cause: 'clock' })]);
    const id = String(holds[0]?.id);
    expect((await change(post, await post.newKey('supervisor'), id, 'PUT')).statusCode).toBe(403);
    const [asSupervisor] = await keysOfOne(post, ['supervisor', 'administrator']);
    expect((await change(post, asSupervisor, id, 'PUT')).statusCode, 'the key that is used counts').toBe(403);
    expect((await change(post, ann, id, 'PUT')).statusCode).toBe(202);
    expect((await change(post, ann, id, 'POST')).statusCode).toBe(409);
    expect((await change(post, asSupervisor, id, 'POST')).statusCode).toBe(403);
    expect(await told(post, scanId)).toBe('hold not final: clock-unsure normal');
    expect((await change(post, adam, id, 'POST')).statusCode).toBe(200);
    expect(await told(post, scanId)).toBe(isFree);
  });

  test('is noticed when an instruction is asked for, and is not forgotten when it goes back before it is stored', async () => {
    const scanId = await cleared(post, box);
    clock.advance(3600);
    expect(await told(post, scanId)).toBe('hold not final: clock-unsure normal');
    clock.advance(-3600);
    expect(await told(post, scanId)).toBe('hold not final: clock-unsure normal');
    await lookAtClock(post.service.deps);
    await endAll(post, ann, adam);
    expect(await told(post, scanId)).toBe(isFree);
  });

  test('holds for a process that was started after it, and for vehicles that are scanned after it', async () => {
    const scanId = await cleared(post, box);
    clock.advance(-120);
    await lookAtClock(post.service.deps);
    const later = await cleared(post, nextBox());
    const restarted = buildApp({ ...post.service.deps, clockWatch: watch() }, { version: 'test' });
    const headers = { authorization: `Bearer ${post.service.token('lane')}` };
    const codes: string[] = [];
    for (const id of [scanId, later]) {
      const answer = await restarted.inject({ url: `/v1/scans/${id}/lane-instruction`, headers });
      codes.push(answer.json().reasons[0].code);
    }
    await restarted.close();
    expect(codes).toEqual(['clock-unsure', 'clock-unsure']);
    await endAll(post, ann, adam);
  });

  test('by less than a minute is not noticed, however much time passes', async () => {
    const scanId = await cleared(post, box);
    for (const step of [30, -30, 59]) {
      clock.advance(step);
      pass(3600);
      await lookAtClock(post.service.deps);
    }
    expect(await told(post, scanId)).toBe(isFree);
    expect(await openHolds(post)).toEqual([]);
  });
});
