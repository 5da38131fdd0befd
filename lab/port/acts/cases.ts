/** What people do with cases: their work, and what colluders try in its place. */
import type { Case } from '../../../src/core/case/case.ts';
import type { CaseState } from '../../../src/core/case/case-states.ts';
import type { Request } from '../world.ts';
import { type Maker, post, type Scene, someCase } from './scene.ts';

const readers = ['analyst', 'supervisor'] as const;
const why = { why: 'as seen' };

type Words = (scene: Scene, value: Case) => object;

/** Of which cases a move can be made, and by whom, where not by anybody of the role: most often by them. */
interface Movable {
  readonly fits: (value: Case) => boolean;
  readonly mover?: (value: Case) => string | undefined;
}

const moveOf =
  (operation: string, path: string, { fits, mover }: Movable, words: Words = () => ({})) =>
  async (scene: Scene): Promise<Request | undefined> => {
    const value = await someCase(scene, fits);
    if (value === undefined) return undefined;
    const member = mover && scene.world.memberOf(mover(value));
    const by = member !== undefined && !scene.chance.oneIn(8) ? member : scene.by;
    return post({ ...scene, by }, operation, `/v1/cases/${value.id}/${path}`, words(scene, value));
  };

/** A move of a case in one of these states. */
const move = (operation: string, path: string, states: readonly CaseState[], words?: Words) =>
  moveOf(operation, path, { fits: ({ state }) => states.includes(state) }, words);

const inHand: Movable = { fits: ({ state }) => state === 'claimed', mover: ({ claim }) => claim?.analyst };

const moveInHand = (operation: string, path: string, words?: Words) => moveOf(operation, path, inHand, words);

const adviceOf = ({ claim }: Case) => claim?.advice;

const takeNext = (scene: Scene): Request => post(scene, 'takeNextCase', '/v1/cases/next');

const verdict: Words = ({ chance, by }) => {
  const kinds = by.colludes
    ? (['normal', 'scan-again'] as const)
    : (['normal', 'normal', 'normal', 'suspect', 'suspect', 'inconclusive', 'scan-again'] as const);
  const kind = chance.oneOf(kinds);
  const reason = kind === 'suspect' && chance.oneIn(5) ? 'person-in-danger' : 'other';
  return { kind, reason };
};

const outcome: Words = ({ chance, by }) => {
  const kind = by.colludes
    ? 'nothing-found'
    : chance.oneOf(['nothing-found', 'nothing-found', 'found', 'unsearched']);
  if (kind === 'unsearched') return { kind, note: 'no dock free' };
  const extent = by.colludes ? 'full' : chance.oneOf(['spot', 'part', 'full']);
  return {
    kind,
    method: 'unloaded',
    extent,
    ...(kind === 'found' ? { what: 'cigarettes', where: 'roof' } : {}),
  };
};

const annotation: Words = ({ chance }) => ({
  id: chance
    .below(2 ** 30)
    .toString(16)
    .padStart(32, '0'),
  ...{ shape: 'point', view: 'main', points: [{ x: 1, y: 1 }], text: 'here' },
});

/** A list at a case, and in which states its items can be moved. */
interface Listed {
  readonly list: string;
  readonly states: readonly CaseState[];
}

const marks: Listed = { list: 'annotations', states: ['claimed', 'search', 'searched'] };
const photographs: Listed = { list: 'photographs', states: ['search'] };

/** Moves something that a list at the case names. */
const moveListed =
  (operation: string, method: string, { list, states }: Listed, payload?: object) =>
  async (scene: Scene): Promise<Request | undefined> => {
    const { world, chance } = scene;
    const value = await someCase(scene, ({ state }) => states.includes(state));
    if (value === undefined) return undefined;
    const by = world.memberOf(value.claim?.analyst) ?? scene.by;
    const { json } = await world.port.ask(by.token, { url: `/v1/cases/${value.id}/${list}` });
    const { items = [] } = (json ?? {}) as { readonly items?: readonly { readonly id: string }[] };
    const one = chance.maybeOf(items);
    const url = `/v1/cases/${value.id}/${list}/${one?.id}`;
    return one && { operation, by, method, url, ...(payload && { payload }) };
  };

/** The smallest PNG. */
const photograph = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function addPhotograph(scene: Scene): Promise<Request | undefined> {
  const value = await someCase(scene, ({ state }) => state === 'search');
  return (
    value && {
      ...{
        operation: 'addPhotograph',
        by: scene.by,
        method: 'POST',
        url: `/v1/cases/${value.id}/photographs`,
      },
      ...{ payload: photograph, headers: { 'content-type': 'image/png' } },
    }
  );
}

const make = (operation: string, roles: Maker['roles'], weight: number, made: Maker['make']): Maker => ({
  operation,
  roles,
  weight,
  make: made,
});

export const caseMakers: readonly Maker[] = [
  make('takeNextCase', readers, 6, takeNext),
  make('claimCase', ['supervisor'], 8, move('claimCase', 'claim', ['queued'])),
  make('renewClaim', readers, 2, moveInHand('renewClaim', 'renewal')),
  make(
    'handBackCase',
    readers,
    2,
    moveInHand('handBackCase', 'hand-back', () => why),
  ),
  make('decideCase', readers, 22, moveInHand('decideCase', 'verdict', verdict)),
  make(
    'takeBackVerdict',
    readers,
    4,
    moveOf('takeBackVerdict', 'verdict-taken-back', {
      fits: ({ undoWindow }) => undoWindow !== undefined,
      mover: ({ verdicts }) => verdicts.at(-1)?.analyst,
    }),
  ),
  make(
    'requestOpinion',
    readers,
    3,
    move('requestOpinion', 'second-opinion', ['decided'], () => why),
  ),
  make('settleCase', ['supervisor'], 4, move('settleCase', 'settlement', ['disputed', 'decided'], verdict)),
  make('referCase', readers, 8, move('referCase', 'refer', ['decided', 'searched'])),
  make('recordOutcome', ['supervisor', 'searcher'], 6, move('recordOutcome', 'outcome', ['search'], outcome)),
  make(
    'acceptSearch',
    ['supervisor'],
    4,
    move('acceptSearch', 'search-acceptance', ['searched', 'closed'], () => why),
  ),
  make(
    'closeCase',
    readers,
    3,
    move('closeCase', 'close', ['decided'], () => why),
  ),
  make(
    'reopenCase',
    ['supervisor'],
    4,
    move('reopenCase', 'reopen', ['decided', 'closed', 'searched', 'disputed'], () => why),
  ),
  make(
    'recordCustomsRelease',
    ['lane', 'supervisor', 'administrator'],
    2,
    move('recordCustomsRelease', 'customs-release', ['decided', 'closed', 'search', 'queued'], () => ({
      reference: 'R-1',
    })),
  ),
  make(
    'reviewRelease',
    ['supervisor'],
    1,
    moveOf(
      'reviewRelease',
      'release-review',
      { fits: ({ history }) => history.some(({ kind }) => kind === 'released-while-open') },
      () => why,
    ),
  ),
  make(
    'raiseDanger',
    readers,
    1,
    moveInHand('raiseDanger', 'danger', () => ({ note: 'a hand' })),
  ),
  make(
    'acknowledgeDanger',
    ['supervisor', 'radiation-officer'],
    3,
    move(
      'acknowledgeDanger',
      'danger-acknowledgement',
      ['queued', 'claimed', 'decided', 'search', 'searched'],
      () => why,
    ),
  ),
  make(
    'requestAdvice',
    readers,
    3,
    moveInHand('requestAdvice', 'advice', () => ({ question: 'what is it?' })),
  ),
  make(
    'joinAdvice',
    readers,
    3,
    moveOf('joinAdvice', 'advice/look-along', { fits: (value) => adviceOf(value) !== undefined }),
  ),
  make(
    'sendAdvice',
    readers,
    3,
    moveOf(
      'sendAdvice',
      'advice/answer',
      {
        fits: (value) => (adviceOf(value)?.colleagues ?? []).length > 0,
        mover: (value) => adviceOf(value)?.colleagues.at(-1)?.by,
      },
      () => ({ words: 'tiles' }),
    ),
  ),
  make('addAnnotation', readers, 3, moveInHand('addAnnotation', 'annotations', annotation)),
  make('changeAnnotation', readers, 2, moveListed('changeAnnotation', 'PATCH', marks, { text: 'there' })),
  make('removeAnnotation', readers, 2, moveListed('removeAnnotation', 'DELETE', marks)),
  make('addPhotograph', ['supervisor', 'searcher'], 4, addPhotograph),
  make(
    'removePhotograph',
    ['supervisor', 'searcher'],
    2,
    moveListed('removePhotograph', 'DELETE', photographs),
  ),
];
