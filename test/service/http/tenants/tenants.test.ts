import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Role, roles } from '../../../../src/core/access.ts';
import { issueKey } from '../../../../src/features/persons/keys.ts';
import type { OperationId } from '../../../../src/http/routes/index.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { isOperationId, operations } from '../../../support/http/operations.ts';
import { story } from '../../../support/vitest/story.ts';
import { abouts, type Caller, mayCall, type Relation, relationOf, relations, sees } from './oracle.ts';
import { furnish, idsOf, REPORT, type Room, stateOf } from './rooms.ts';

/** Administrations x sites x senders: every room there is. */
const places = ['utopia', 'elsewhere'].flatMap((administration) =>
  ['harbour', 'airport'].flatMap((site) => [0, 1].map(() => [administration, site] as const)),
);

interface Calling extends Caller {
  readonly token: string;
}

const ids = Object.keys(operations).filter(isOperationId);
const seenRoutes = new Set<string>();
let service: Harness;
let rooms: readonly Room[];
let callers: readonly Calling[];
/** What was found, by address, role and relation; `x` may or sees, `.` is not there, `-` is refused. */
const found = new Map<string, Set<string>>();
const wrong: string[] = [];
/** Of each declaration, as it was changed last. */
const versions = new Map<string, number>();

beforeAll(async () => {
  service = await openHarness({
    onRoute: ({ config }) => seenRoutes.add(String(Object(config).operationId)),
  });
  rooms = await furnish(service, places);
  callers = [...rooms.map(senderOf), ...(await successors()), ...(await others())];
}, 600_000);

afterAll(async () => {
  await service?.close();
  expect(service.wrongAnswers).toEqual([]);
});

function senderOf({ administration, site, sender, token }: Room): Calling {
  return { role: 'scanner', administration, site, keyId: sender, sender, token };
}

async function callerOf(role: Role, administration: string, site: string, sender?: string): Promise<Calling> {
  const name = `${role} of ${site}`;
  const wanted = { roles: [role], administration, site, name, ...(sender === undefined ? {} : { sender }) };
  const { key, token } = await issueKey(service.deps, wanted);
  return { role, administration, site, keyId: key.keyId, sender: sender ?? key.keyId, token };
}

/** New keys of a sender that has an older one, for its site and for all. */
async function successors(): Promise<readonly Calling[]> {
  const [room] = rooms;
  if (room === undefined) throw new Error('no room');
  const keyFor = (site: string) => callerOf('scanner', room.administration, site, room.sender);
  return [await keyFor(room.site), await keyFor('*')];
}

async function others(): Promise<readonly Calling[]> {
  const wanted = roles
    .filter((role) => role !== 'scanner')
    .flatMap((role) => [
      ...['harbour', 'airport', '*'].map((site) => [role, 'utopia', site] as const),
      [role, 'elsewhere', '*'] as const,
    ]);
  return Promise.all(wanted.map(([role, administration, site]) => callerOf(role, administration, site)));
}

/** A request that would do what the address is for, about a room. */
function requestOf(id: OperationId, room: Room): InjectOptions {
  const { method, url } = operations[id];
  const values: Readonly<Record<string, string>> = {
    ...room,
    n: '1',
    annotationId: ANNOTATION,
    photographId: '0'.repeat(64),
    view: 'main',
    channel: 'high',
    name: REPORT,
    frames: '1',
    tag: '7FE00010',
    kind: 'container',
    mark: room.container,
  };
  const path = url.replaceAll(/:([A-Za-z0-9]+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${url}: no value for ${name}`);
    return value;
  });
  const extra = id === 'putDeclaration' ? restated(room) : (extras[id] ?? {});
  const query = extra.query === undefined ? '' : `?${extra.query}`;
  return {
    method,
    url: `${path}${query}`,
    headers: { ...extra.headers },
    ...(extra.payload === undefined ? {} : { payload: extra.payload }),
  };
}

interface Extra {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: object | Buffer;
}

/** A change of a declaration as it is now. */
function restated({ ref }: Room): Extra {
  const version = versions.get(ref) ?? 1;
  return { payload: { containers: [], packages: version + 1 }, headers: { 'if-match': `"${version}"` } };
}

const tus = { 'tus-resumable': '1.0.0' };
const ANNOTATION = '0'.repeat(32);
const extras: Partial<Record<OperationId, Extra>> = {
  uploadScans: { payload: Buffer.from('x'), headers: { 'content-type': 'application/octet-stream' } },
  sendResumable: {
    payload: Buffer.from('x'),
    headers: { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': '7' },
  },
  endResumable: { headers: tus },
  exportChannel: { query: 'format=npy' },
  watchChanges: { query: 'wait=0' },
  takeNextCase: { payload: {} },
  claimCase: { payload: {} },
  renewClaim: { payload: {} },
  handBackCase: { payload: { why: 'x' } },
  decideCase: { payload: { kind: 'suspect', reason: 'density' } },
  addAnnotation: { payload: { id: ANNOTATION, shape: 'point', view: 'main', points: [{ x: 1, y: 1 }] } },
  changeAnnotation: { payload: { text: 'x' } },
  addPhotograph: { payload: Buffer.from('x'), headers: { 'content-type': 'image/jpeg' } },
  requestAdvice: { payload: { question: 'x' } },
  sendAdvice: { payload: { words: 'x' } },
  acknowledgeDanger: { payload: { why: 'x' } },
  requestOpinion: { payload: { why: 'x' } },
  settleCase: { payload: { kind: 'suspect', reason: 'density' } },
  acceptSearch: { payload: { why: 'x' } },
  referCase: { payload: {} },
  recordOutcome: { payload: { kind: 'nothing-found' } },
  closeCase: { payload: {} },
  reopenCase: { payload: { why: 'x' } },
  recordCustomsRelease: { payload: {} },
  reviewRelease: { payload: { why: 'x' } },
  settlePassage: { payload: { outcome: 'accepted', why: 'x' } },
  putCheckIn: {
    payload: { plates: ['X-1'], expectedAt: '2026-03-01T05:00:00Z' },
    headers: { 'if-match': '"0"' },
  },
  confirmCheckIn: { payload: {}, headers: { 'if-match': '"0"' } },
  listCheckIns: { query: 'limit=200' },
  adjudicateHold: { payload: { decision: 'innocent', basis: 'norm' } },
  closeHold: { payload: { kind: 'released' } },
  reopenHold: { payload: { why: 'x' } },
  duplicateHold: { payload: { of: 'x', why: 'x' } },
  joinHold: { payload: { scanId: 'x', why: 'x' } },
  unjoinHold: { payload: { why: 'x' } },
  registerScanner: { payload: { sendersAllowed: [] }, headers: { 'if-match': '"0"' } },
  confirmScanner: { payload: {}, headers: { 'if-match': '"0"' } },
  acknowledgeScanner: { payload: { why: 'x' } },
  listQueue: { query: 'limit=200&state=queued&state=claimed&state=decided' },
  listScans: { query: 'limit=200' },
  listHolds: { query: 'limit=200' },
  listPassages: { query: 'limit=200' },
  listDeclarations: { query: 'limit=200' },
  listScanners: { query: 'limit=200' },
  listChanges: { query: 'limit=200' },
  readAudit: { query: 'limit=200' },
  searchStudies: { query: 'limit=200' },
  searchSeries: { query: 'limit=200' },
  searchInstances: { query: 'limit=200' },
};

function call(caller: Calling, request: InjectOptions): Promise<LightMyRequestResponse> {
  const headers = { ...request.headers, authorization: `Bearer ${caller.token}` };
  return service.app.inject({ ...request, headers });
}

function markOf(id: OperationId, { statusCode, body }: LightMyRequestResponse): string {
  if (statusCode >= 500 || statusCode === 401) return String(statusCode);
  if (statusCode === 403) return '-';
  // A search under what is not there finds nothing
  if (operations[id].tag === 'dicomweb' && id.startsWith('search') && body === '[]') return '.';
  // The instance is there; its pixels are compressed, and so no bulk data
  if (id === 'retrieveBulkData' && body.includes('get compressed pixels by frame')) return 'x';
  // The version that was named is the newest one: there is no declaration of this reference
  if (id === 'putDeclaration' && statusCode === 412) return '.';
  // The case is there, and in hand; nobody drew on it, and nothing was photographed
  if (/Unknown (annotation|photograph)/.test(body)) return 'x';
  if (statusCode === 404) return '.';
  return 'x';
}

function expected(id: OperationId, caller: Calling, room: Room): string {
  const { method, url } = operations[id];
  if (!mayCall(caller.role, method, url)) return '-';
  return sees(caller, room, abouts[id]) ? 'x' : '.';
}

function note(id: OperationId, caller: Calling, relation: Relation | 'alone', mark: string): void {
  const at = `${id} ${caller.role} ${relation}`;
  found.set(at, (found.get(at) ?? new Set()).add(mark));
}

async function check(id: OperationId, caller: Calling, room: Room): Promise<void> {
  const wanted = expected(id, caller, room);
  const answer = await call(caller, requestOf(id, room));
  const mark = markOf(id, answer);
  if (id === 'putDeclaration' && answer.statusCode === 200) versions.set(room.ref, answer.json().version);
  note(id, caller, relationOf(caller, room), mark);
  if (mark === wanted) return;
  const who = `${caller.role} of ${caller.administration} ${caller.site}`;
  wrong.push(
    `${id} by ${who} at ${room.administration} ${room.site}: ${mark} (${answer.statusCode}), not ${wanted}`,
  );
}

/** Many at once: the pool of connections is the limit. */
async function checkAll(pairs: readonly (readonly [OperationId, Calling, Room])[]): Promise<void> {
  const left = [...pairs];
  const work = async () => {
    for (let pair = left.pop(); pair !== undefined; pair = left.pop()) await check(...pair);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

const isRead = (id: OperationId) => operations[id].method === 'GET';
const isOfRoom = (id: OperationId) => abouts[id] !== 'list' && abouts[id] !== 'nobody';
/** Where the answer is the work of a thread, one key of a role and relation shows that it is given. */
const isHeavy = (id: OperationId) => ['pixels', 'dicomweb'].includes(operations[id].tag);

/** Who sent a thing matters to a scanner key alone: other keys are asked about one of the two senders of each site. */
function roomsFor(caller: Calling): readonly Room[] {
  if (caller.role === 'scanner') return rooms;
  return rooms.filter((_, i) => i % 2 === callers.indexOf(caller) % 2);
}

/** Askings of one kind: which address, of which role, standing how to the room, and what is expected. */
const MOST_OF_A_KIND = 3;

function pairsOf(wanted: (id: OperationId) => boolean): (readonly [OperationId, Calling, Room])[] {
  const given = new Map<string, number>();
  const isNew = (id: OperationId, caller: Calling, room: Room) => {
    const mark = expected(id, caller, room);
    const name = `${id} ${caller.role} ${relationOf(caller, room)} ${mark}`;
    const before = given.get(name) ?? 0;
    given.set(name, before + 1);
    return before < (mark === 'x' && isHeavy(id) ? 1 : MOST_OF_A_KIND);
  };
  const asked = ids.filter((id) => isOfRoom(id) && wanted(id));
  // one caller after the other: a reader of pictures serves one alone, and its start takes longer than all it reads
  return callers
    .flatMap((caller) => asked.flatMap((id) => roomsFor(caller).map((room) => [id, caller, room] as const)))
    .filter((pair) => isNew(...pair));
}

story('one service, first read, then moved, then written down', () => {
  test('every address of the service is in the table of the oracle, and about something', () => {
    expect(new Set(ids.map(String))).toEqual(new Set([...seenRoutes].filter(isOperationId)));
    expect(ids.filter((id) => abouts[id] === undefined)).toEqual([]);
  });

  test('every room is furnished', () => {
    for (const room of rooms) expect(Object.entries(room).filter(([, value]) => value === '')).toEqual([]);
    expect(new Set(rooms.flatMap(idsOf)).size).toBe(rooms.flatMap(idsOf).length);
  });

  test('reads show each key what is its own to see', { timeout: 600_000 }, async () => {
    await checkAll(pairsOf(isRead));
    expect(wrong.splice(0)).toEqual([]);
  });

  /** Which rooms a list may name, by each kind of id that it names. */
  const listed: Partial<Record<OperationId, (room: Room, caller: Calling) => readonly string[]>> = {
    listScans: ({ scanId, recordId }) => [scanId, recordId],
    listQueue: ({ caseId }) => [caseId],
    listHolds: ({ holdId }) => [holdId],
    listPassages: ({ passageId, scanId }) => [passageId, scanId],
    listCheckIns: ({ checkInId }) => [checkInId],
    listDeclarations: ({ ref }) => [ref],
    listScanners: ({ scanner }) => [scanner],
    listChanges: ({ scanId, recordId, caseId, holdId, ref, passageId, checkInId }, { role }) => [
      scanId,
      recordId,
      holdId,
      // Who may read an image is not told how often its case moved
      ...(role === 'supervisor' || role === 'searcher' ? [] : [caseId]),
      ...(role === 'scanner' ? [] : [ref, passageId, checkInId]),
    ],
    searchStudies: ({ study }) => [study],
    searchSeries: ({ study }) => [study],
    searchInstances: ({ study }) => [study],
  };

  const inOrder = (names: readonly string[]) => [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));

  test('lists show each key what is its own to see, all of it and nothing else', {
    timeout: 600_000,
  }, async () => {
    const [room] = rooms;
    if (room === undefined) throw new Error('no room');
    for (const [id, named] of Object.entries(listed)) {
      if (!isOperationId(id)) throw new Error(id);
      for (const caller of callers) {
        const { method, url } = operations[id];
        const answer = await call(caller, requestOf(id, room));
        note(id, caller, 'alone', markOf(id, answer));
        if (!mayCall(caller.role, method, url)) {
          expect([id, caller.role, answer.statusCode]).toEqual([id, caller.role, 403]);
          continue;
        }
        const about = id === 'listDeclarations' ? 'the site' : 'what was sent';
        const own = rooms.filter((one) => sees(caller, one, about)).flatMap((one) => named(one, caller));
        // A sibling's declaration at the same site is not a scanner's to read, and not in its feed
        const all = rooms.flatMap((one) => [...named(one, caller), one.ref]);
        const shown = [...new Set(all)].filter((name) => answer.body.includes(`"${name}"`));
        expect([id, caller.role, caller.site, inOrder(shown)]).toEqual([
          id,
          caller.role,
          caller.site,
          inOrder(own),
        ]);
      }
    }
  });

  test('the audit shows a key of one site the entries of its site', async () => {
    const [room] = rooms;
    if (room === undefined) throw new Error('no room');
    for (const caller of callers.filter(({ role }) => mayCall(role, 'GET', '/v1/audit'))) {
      const { items } = (await call(caller, requestOf('readAudit', room))).json();
      const uploads = items.filter(({ action }: { action: string }) => action === 'change upload');
      const subjects = new Set(uploads.map(({ subject }: { subject: string }) => subject));
      const own = rooms
        .filter((one) => sees(caller, one, 'the site'))
        .flatMap((one) => [one.scanId, one.recordId]);
      expect([caller.site, subjects]).toEqual([caller.site, new Set(own)]);
      note('readAudit', caller, 'alone', 'x');
    }
  });

  test('moves that are refused, or are about what is not there, change nothing', {
    timeout: 600_000,
  }, async () => {
    const before = await Promise.all(rooms.map((room) => stateOf(service, room)));
    await checkAll(pairsOf((id) => !isRead(id)).filter((pair) => expected(...pair) !== 'x'));
    expect(wrong.splice(0)).toEqual([]);
    expect(await Promise.all(rooms.map((room) => stateOf(service, room)))).toEqual(before);
  });

  test('moves that a key may make change no room that it does not see', { timeout: 600_000 }, async () => {
    const moves = pairsOf((id) => !isRead(id)).filter((pair) => expected(...pair) === 'x');
    let changes = 0;
    for (const caller of callers) {
      const hidden = rooms.filter((room) => !sees(caller, room, 'the site'));
      const all = () => Promise.all(rooms.map((room) => stateOf(service, room)));
      const own = moves.filter(([, who]) => who === caller);
      if (own.length === 0) continue;
      const before = await all();
      for (const pair of own) await check(...pair);
      const after = await all();
      changes += after.filter((state, i) => state !== before[i]).length;
      for (const room of hidden) {
        const i = rooms.indexOf(room);
        expect([caller.role, caller.site, after[i]]).toEqual([caller.role, caller.site, before[i]]);
      }
    }
    expect(wrong.splice(0)).toEqual([]);
    expect(changes).toBeGreaterThan(rooms.length);
  });

  test('an upload names the site of its key', async () => {
    for (const caller of callers.filter(({ role }) => role === 'scanner' || role === 'administrator')) {
      for (const site of ['harbour', 'airport']) {
        const request = extras.uploadScans;
        const url = `/v1/scans?site=${site}`;
        const { statusCode } = await call(caller, { method: 'POST', url, ...request } as InjectOptions);
        expect([caller.site, site, statusCode]).toEqual([
          caller.site,
          site,
          caller.site === '*' || caller.site === site ? 415 : 403,
        ]);
      }
    }
  });

  test('the table of all of this is as it is written down', async () => {
    await expect(tableText()).toMatchFileSnapshot('./tenant-table.txt');
  });

  function tableText(): string {
    const head = [
      '# Sender x scan x move, as test/service/http/tenants/tenants.test.ts found it: every address that is about a scan, its',
      '# case, hold, site or upload, asked by every role about every room. Made by the test, which compares it.',
      '#',
      '# For each role one mark for each way in which a key can stand to what was sent:',
      '#   own: its sender sent it; site: another sender did, at its site; other: at another site; all: its key is of all',
      '#   sites; out: another administration. x: sees it or may; .: is not there (404); -: the role may not (403).',
      '#   ?: of two keys that stand so one sees it and one does not: an upload is of the key that began it.',
      '#',
      `# ${roles.join(', ')}`,
    ];
    const rows = ids.filter(isOfRoom).map((id) => {
      const { method, url } = operations[id];
      const cells = roles.map((role) => relations.map((relation) => cellOf(id, role, relation)).join(''));
      return `${method.padEnd(6)} ${url}\n       ${cells.join('  ')}`;
    });
    return `${[...head, ...rows].join('\n')}\n`;
  }

  function cellOf(id: OperationId, role: Role, relation: Relation): string {
    const marks = [...(found.get(`${id} ${role} ${relation}`) ?? [])];
    if (marks.length === 0) return ' ';
    return marks.length === 1 ? String(marks[0]) : '?';
  }
});
