import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { decideCab, placeCab } from '../../../support/http/decide-cab.ts';
import { movableClock } from '../../../support/stage.ts';
import { story } from '../../../support/vitest/story.ts';

let service: Harness;
/** Another analyst. */
let second: string;
let seed = 400;
const clock = movableClock('2026-06-01T08:00:00.000Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
  second = await service.newToken('analyst', ADMINISTRATION, SITE);
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'searcher' | 'auditor';

const move = (role: Role, { id }: Pick<Case, 'id'>, what: string, payload: object = {}) =>
  service.as(role, { method: 'POST', url: `/v1/cases/${id}/${what}`, payload });

/** A case that the analyst decided, a minute after the one before. */
async function decided(decision: object): Promise<Case> {
  seed += 1;
  clock.advance(60_000);
  await service.sendFake({ seed, containers: `MSKU${String(seed).padStart(7, '0')}` });
  const next = { method: 'POST', url: '/v1/cases/next', payload: {} } as const;
  const answer = await move('analyst', (await service.as('analyst', next)).json(), 'verdict', decision);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const suspect = {
  kind: 'suspect',
  reason: 'shape',
  regions: [{ view: 'main', x: 2, y: 3, width: 4, height: 5 }],
};
const normal = { kind: 'normal', reason: 'nothing-unusual' };

async function searched(outcome: object): Promise<Case> {
  const value = await decided(suspect);
  await move('analyst', value, 'refer');
  const answer = await move('searcher', value, 'outcome', outcome);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

interface Item {
  readonly caseId: string;
  readonly became: string;
  readonly canBeOpened: boolean;
}

async function listed(query = ''): Promise<Item[]> {
  const answer = await service.as('analyst', { url: `/v1/own-decisions${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

const found = { kind: 'found', what: 'cigarettes', where: 'floor', method: 'unloaded', extent: 'full' };

story('what a reader decided herself', () => {
  test('is listed with what became of it, the newest first, page by page', async () => {
    const ids = [
      await searched(found),
      await searched({ kind: 'nothing-found', method: 'opened', extent: 'full' }),
      await searched({ kind: 'unsearched', note: 'the lorry had left' }),
      await decided(normal),
    ].map(({ id }) => id);
    const again = await decided(normal);
    await move('supervisor', again, 'reopen', { why: 'look once more' });
    await move('supervisor', again, 'claim');
    await move('supervisor', again, 'verdict', normal);
    const sent = await decided(suspect);
    await move('analyst', sent, 'refer');
    const items = await listed();
    const inOrder = [sent.id, again.id, ...ids.toReversed()];
    expect(items.map(({ caseId }) => caseId)).toEqual(inOrder);
    expect(items.map(({ became }) => became)).toEqual([
      'in-search',
      'recalled',
      'not-searched',
      'not-searched',
      'nothing-found',
      'found',
    ]);
    const pages: string[] = [];
    for (let cursor = ''; ; ) {
      const answer = await service.as('analyst', { url: `/v1/own-decisions?limit=2${cursor}` });
      const page = answer.json();
      pages.push(...page.items.map(({ caseId }: Item) => caseId));
      if (page.next === undefined) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(pages).toEqual(inOrder);
  });

  test('can be opened with the picture and what was found, and nothing of it moves', async () => {
    const value = await searched(found);
    const url = `/v1/own-decisions/${value.id}`;
    const opened = (await service.as('analyst', { url })).json();
    expect(opened).toMatchObject({
      became: 'found',
      canBeOpened: true,
      case: { id: value.id, outcome: { what: 'cigarettes' }, verdicts: [{ regions: suspect.regions }] },
      shown: { view: 'main', rows: 16, columns: 16 },
    });
    const picture = await service.as('analyst', { url: `${url}/preview` });
    expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/png']);
    const { items } = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
    const actions = items
      .filter(({ subject }: { subject: string }) => subject === value.id)
      .map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(['view own decision', 'view own decision: preview']));
  });

  test('has a picture that is flat where the policy masks the cab, and says so', async () => {
    const url = `/v1/own-decisions/${(await searched(found)).id}`;
    const look = async () => {
      const { rawPayload } = await service.as('analyst', { url: `${url}/preview` });
      return sharp(rawPayload).greyscale().raw().toBuffer();
    };
    const before = await look();
    await placeCab(service, 'fake.unnamed', { side: 'right', share: 0.25 });
    await decideCab(service, 'masked');
    expect((await service.as('analyst', { url })).json()).toMatchObject({ isCabMasked: true });
    // 16 x 16 pixels, of which the last four columns are masked
    expect([...(await look())]).toEqual([...before].map((value, i) => (i % 16 < 12 ? value : 128)));
    await decideCab(service, 'shown');
    expect((await service.as('analyst', { url })).json()).toMatchObject({ isCabMasked: false });
    expect([...(await look())]).toEqual([...before]);
  });

  test('belongs to one reader: another has a separate list, and cannot open these cases', async () => {
    const value = await decided(normal);
    const asked = await service.ask(second, { url: '/v1/own-decisions' });
    expect(asked.json().items).toEqual([]);
    for (const end of ['', '/preview'])
      expect((await service.ask(second, { url: `/v1/own-decisions/${value.id}${end}` })).statusCode).toBe(
        404,
      );
    const url = `/v1/own-decisions/${value.id}`;
    expect((await service.as('supervisor', { url })).statusCode).toBe(404);
    expect((await service.as('auditor', { url: '/v1/own-decisions' })).statusCode).toBe(403);
  });

  test('says nothing while somebody may still read the image, and cannot be opened then', async () => {
    const value = await decided(normal);
    await move('analyst', value, 'second-opinion', { why: 'not sure' });
    const one = (await listed()).find(({ caseId }) => caseId === value.id);
    expect(one).toMatchObject({ became: 'open', canBeOpened: false });
    const url = `/v1/own-decisions/${value.id}`;
    expect((await service.as('analyst', { url })).statusCode).toBe(404);
    expect((await service.as('analyst', { url: `${url}/preview` })).statusCode).toBe(404);
  });
});
