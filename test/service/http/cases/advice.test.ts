import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

let post: BorderPost;
/** Analysts, each a person of its own. */
let ann: string;
let ben: string;
let cem: string;

beforeAll(async () => {
  post = await BorderPost.open();
  [ann, ben, cem] = [
    await post.newKey('analyst'),
    await post.newKey('analyst'),
    await post.newKey('analyst'),
  ];
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const json = async (by: string, url: string) => (await post.get(by, url)).json();
const asked = async (by: string) => (await json(by, '/v1/advice')).items;
const observe = (by: string, id: string) => post.post(by, `/v1/cases/${id}/advice/look-along`);
const stored = (id: string): Promise<Case> => json('auditor', `/v1/cases/${id}`);
const codeOf = async (answer: ReturnType<BorderPost['post']>) => (await answer).json().code;

/** A case in the hand of Ann, who asks. */
async function askedByAnn(containers = 'MSKU1234565') {
  const scanId = await post.xray(0, { containers });
  const { id } = (await post.post(ann, '/v1/cases/next')).json();
  await post.post(ann, `/v1/cases/${id}/advice`, { question: 'what is it?' });
  return { id, scanId };
}
const done = (id: string) => post.post(ann, `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'other' });

test('a colleague sees the picture and the annotations while observing, until the reader decides', async () => {
  const { id, scanId } = await askedByAnn();
  const shape = { shape: 'box', view: 'main', text: 'here' };
  const points = [
    { x: 1, y: 1 },
    { x: 4, y: 4 },
  ];
  await post.post(ann, `/v1/cases/${id}/annotations`, { id: 'a'.repeat(32), ...shape, points });
  const record = `/v1/scans/${scanId}/revisions/1/scan.json`;
  const open = [`/v1/cases/${id}`, `/v1/cases/${id}/annotations`, `/v1/cases/${id}/advice`, record];
  for (const url of open) expect((await post.get(ben, url)).statusCode, url).toBe(404);
  expect(await asked(ben)).toMatchObject([{ caseId: id, question: 'what is it?', looksAlong: false }]);
  expect((await asked(ben))[0]).not.toHaveProperty('container');

  expect((await observe(ben, id)).statusCode).toBe(200);
  for (const url of open) expect((await post.get(ben, url)).statusCode, url).toBe(200);
  expect((await json(ben, `/v1/cases/${id}/annotations`)).items).toMatchObject([{ text: 'here' }]);
  expect((await asked(ben))[0]).toMatchObject({ looksAlong: true, container: 'MSKU1234565' });
  expect(await codeOf(post.post(ben, `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'other' }))).toBe(
    'NII_STATE_CONFLICT',
  );
  expect((await post.get(cem, record)).statusCode, 'nobody else').toBe(404);

  await post.post(ben, `/v1/cases/${id}/advice/answer`, { words: 'frozen fish' });
  const colleagues = [{ name: 'test analyst', answers: [{ words: 'frozen fish' }] }];
  expect(await json(ann, `/v1/cases/${id}/advice`)).toMatchObject({ colleagues });
  await reindex(post.service.deps);
  expect((await post.get(ben, record)).statusCode, 'a rebuilt database knows it').toBe(200);

  await done(id);
  for (const url of open) expect((await post.get(ben, url)).statusCode, url).toBe(404);
  expect(await asked(ben)).toEqual([]);
  const said = (await stored(id)).history.filter(({ kind }) => kind.startsWith('advice-'));
  expect(said.map(({ kind, detail }) => [kind, detail.words])).toEqual([
    ['advice-asked', 'what is it?'],
    ['advice-joined', undefined],
    ['advice-given', 'frozen fish'],
  ]);
  const { items } = await json('auditor', '/v1/audit?limit=200');
  const actions = items.map(({ action }: { action: string }) => action);
  for (const one of ['ask for advice', 'observe', 'give advice'])
    expect(actions).toContain(`change case: ${one}`);
});

test('an observer is not assigned the case later, and learns of no other reading', async () => {
  const { id } = await askedByAnn();
  await observe(ben, id);
  await done(id);
  await post.post(ann, `/v1/cases/${id}/second-opinion`, { why: 'not sure' });
  expect((await post.post(ben, '/v1/cases/next')).statusCode, 'nothing for Ben').toBe(204);
  expect((await post.post(cem, '/v1/cases/next')).json()).toMatchObject({ id });
  await post.post(cem, `/v1/cases/${id}/advice`, { question: 'and this?' });
  for (const key of [ann, ben]) {
    expect(await asked(key)).toEqual([]);
    expect((await observe(key, id)).statusCode).toBe(409);
  }
  await post.post(cem, `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'other' });
});

test('a supervisor sees who asks, and the answers only as an observer, who cannot read the case later', async () => {
  const { id } = await askedByAnn();
  await observe(ben, id);
  await post.post(ben, `/v1/cases/${id}/advice/answer`, { words: 'frozen fish' });
  expect(await asked('supervisor')).toMatchObject([
    { caseId: id, container: 'MSKU1234565', colleagues: [{ answers: 1 }] },
  ]);
  expect((await post.get('supervisor', `/v1/cases/${id}/advice`)).json().code).toBe('NII_STATE_CONFLICT');
  expect((await post.get('supervisor', `/v1/cases/${id}`)).body).not.toContain('fish');
  expect((await post.get('searcher', `/v1/cases/${id}`)).body).not.toContain('fish');
  expect(await json('auditor', `/v1/cases/${id}/advice`)).toMatchObject({ questions: [{}] });
  const elsewhere = await post.service.newToken('supervisor', 'utopia', 'airport');
  expect(await asked(elsewhere)).toEqual([]);
  expect((await observe(elsewhere, id)).statusCode).toBe(404);
  await observe('supervisor', id);
  expect((await post.get('supervisor', `/v1/cases/${id}/advice`)).body).toContain('fish');
  await post.post(ann, `/v1/cases/${id}/hand-back`, { why: 'cannot tell' });
  expect(await codeOf(post.post('supervisor', `/v1/cases/${id}/claim`))).toBe('NII_STATE_CONFLICT');
  await post.post(cem, '/v1/cases/next');
  await post.post(cem, `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'other' });
});

test('a colleague with a conflict of interest cannot observe, and does not learn of the case', async () => {
  const { id } = await askedByAnn('CSQU3054383');
  const { items } = await json('supervisor', '/v1/persons?limit=200');
  const persons: readonly { readonly id: string }[] = items;
  for (const person of persons)
    await post.post('supervisor', `/v1/persons/${person.id}/conflicts`, {
      about: 'container',
      value: 'CSQU3054383',
      why: 'family',
    });
  expect(await asked(ben)).toEqual([]);
  expect(await codeOf(observe(ben, id))).toBe('NII_STATE_CONFLICT');
  await done(id);
});
