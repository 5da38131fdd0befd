import { Agent } from 'node:http';
import type { NamedBytes } from '../../src/tools/contract/fixtures.ts';
import { SeededNumbers } from '../../src/tools/contract/mutate.ts';
import type { Description, Operation } from './description.ts';
import { Learnt } from './learnt.ts';
import { judgeLife, type LifeSign } from './life.ts';
import { oneIn } from './make/chance.ts';
import { nextVisit } from './make/journeys.ts';
import { requestFor } from './make/request-for.ts';
import type { Sources } from './make/sources.ts';
import { type Fault, judge, judgeCrooked } from './oracle.ts';
import { crookedRequest, sendBytes } from './raw-requests.ts';
import type { FuzzAnswer, FuzzRequest, Key } from './request.ts';
import { type NoAnswer, send, type Target } from './send.ts';
import { shrunk } from './shrink.ts';
import { Tally } from './tally.ts';

export interface FuzzOptions {
  readonly description: Description;
  readonly host: string;
  readonly port: number;
  readonly keys: readonly Key[];
  readonly files: readonly NamedBytes[];
  readonly dicomFiles: readonly NamedBytes[];
  readonly seed: number;
  readonly requests: number;
  /** Milliseconds since the epoch at which no new request begins. */
  readonly until: number;
  /** How the process that answers is; undefined where that cannot be seen from here. */
  readonly life: () => Promise<LifeSign | undefined>;
  readonly progress?: (tally: Tally) => void;
}

/** Requests that are on their way at a time. */
const VISITORS = 12;
/** An answer takes at most this long, and as long as the request itself asks for. */
const ANSWER_MS = 60_000;
/** A malformed request is given up by the service when its head or body does not go on. */
const CROOKED_MS = 40_000;
const CROOKED_ONE_IN = 40;
/** After this many requests, caches are warm and the first look is taken; then one after each this many. */
const LOOK_EVERY = 2000;

interface Run {
  readonly options: FuzzOptions;
  readonly target: Target;
  readonly learnt: Learnt;
  readonly tally: Tally;
  readonly life: { first: LifeSign | undefined; lookedAt: number };
}

/** Sends requests of every kind until there are enough, and judges each answer by the service's own description. */
export async function fuzzHttp(options: FuzzOptions): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: VISITORS * 2 });
  const run: Run = {
    options,
    target: { host: options.host, port: options.port, agent, keys: options.keys },
    learnt: new Learnt(options.description),
    tally: new Tally(),
    life: { first: await options.life(), lookedAt: 0 },
  };
  try {
    await Promise.all(Array.from({ length: VISITORS }, (_, i) => visit(run, i)));
    await look(run);
  } finally {
    agent.destroy();
  }
  return run.tally;
}

async function visit(run: Run, visitor: number): Promise<void> {
  const { options, learnt, tally } = run;
  const numbers = new SeededNumbers(Math.imul(options.seed + 1, 2_654_435_761) ^ (visitor + 1));
  const roles = [...new Set(options.keys.map(({ role }) => role))];
  const sources = { numbers, learnt, roles, files: options.files, dicomFiles: options.dicomFiles };
  let waiting: readonly Operation[] = [];
  while (tally.requests < options.requests && Date.now() < options.until) {
    if (waiting.length === 0) waiting = nextVisit(options.description, numbers);
    const [operation, ...rest] = waiting;
    waiting = rest;
    await step(run, sources, operation);
    options.progress?.(tally);
    if (tally.requests - run.life.lookedAt >= LOOK_EVERY) await look(run);
  }
}

async function step(run: Run, sources: Sources, operation: Operation | undefined): Promise<void> {
  const { numbers } = sources;
  if (operation === undefined || oneIn(numbers, CROOKED_ONE_IN)) return tryCrooked(run, numbers);
  const request = requestFor(sources, operation);
  await tryRequest(run, request);
  if (oneIn(numbers, 12)) await tryRequest(run, request);
}

async function tryRequest(run: Run, request: FuzzRequest): Promise<FuzzAnswer | NoAnswer> {
  const { tally, learnt } = run;
  const { answer, faults } = await answered(run, request);
  if ('status' in answer) learnt.learn(request, answer);
  const status = 'status' in answer ? answer.status : 0;
  tally.count(request.operation ?? 'none', status, 'status' in answer ? answer.milliseconds : 0);
  for (const fault of faults) {
    if (!tally.blame(fault, { kind: 'request', request })) continue;
    const again = async (one: FuzzRequest) => (await answered(run, one)).faults;
    tally.replaceExample(fault, { kind: 'request', request: await shrunk(request, fault, again) });
  }
  return answer;
}

interface Answered {
  readonly answer: FuzzAnswer | NoAnswer;
  readonly faults: readonly Fault[];
}

/** A connection that was kept alive may end as a request sets out on it: that one goes again, once. */
async function answered(run: Run, request: FuzzRequest): Promise<Answered> {
  const patience = ANSWER_MS + waitOf(request);
  const first = await send(run.target, request, patience);
  const answer =
    'kind' in first && first.kind === 'closed'
      ? await send({ ...run.target, agent: false }, request, patience)
      : first;
  if ('status' in answer) return { answer, faults: judge(run.options.description, request, answer) };
  if (answer.kind === 'unsendable') return { answer, faults: [] };
  const kind = answer.kind === 'late' ? 'late' : 'no-answer';
  return { answer, faults: [{ kind, detail: `${request.operation ?? 'none'}: ${answer.detail}` }] };
}

function waitOf({ target }: FuzzRequest): number {
  return Math.min(60, Number(/[?&]wait=(\d+)/.exec(target)?.[1] ?? 0)) * 1000;
}

async function tryCrooked({ options, tally }: Run, numbers: SeededNumbers): Promise<void> {
  const key = options.keys[numbers.below(options.keys.length)]?.token ?? '';
  const text = crookedRequest(numbers);
  const bytes = Buffer.from(text.replaceAll('$KEY', key), 'latin1');
  const answer = await sendBytes(options, bytes, CROOKED_MS);
  const status = 'status' in answer ? answer.status : 0;
  tally.count('crooked', status, 'status' in answer ? answer.milliseconds : 0);
  const example = { kind: 'bytes', bytes: new Uint8Array(Buffer.from(text, 'latin1')) } as const;
  if ('status' in answer)
    for (const fault of judgeCrooked(options.description, answer)) tally.blame(fault, example);
  else if (answer.kind === 'late')
    tally.blame({ kind: 'late', detail: `crooked: ${answer.detail}` }, example);
}

async function look(run: Run): Promise<void> {
  const { life, options, tally } = run;
  const wasFirst = life.lookedAt === 0;
  life.lookedAt = tally.requests;
  for (const operation of options.description.operations.filter(isPlain)) await askPlainly(run, operation);
  if (life.first === undefined) return;
  const now = await options.life();
  for (const fault of judgeLife(life.first, now)) tally.blame(fault, undefined);
  if (wasFirst && now?.pid === life.first.pid) life.first = now;
}

/** Needs nothing to be named: what was sent before must not have broken it. */
function isPlain({ method, path, parameters }: Operation): boolean {
  const needsNothing = !path.includes('{') && parameters.every(({ isRequired }) => !isRequired);
  return method === 'GET' && needsNothing && !needsSetting.test(path);
}

/** Of a service with an identity provider, and with figures of persons switched on; else they are not found, or rejected. */
const needsSetting = /^\/(sign-in(\/|$)|v1\/measures\/persons$)/;

const patientOf: ReadonlySet<number> = new Set([429, 503]);

/** A request in which nothing is odd is answered with what it asks for, or is asked to come later. */
async function askPlainly(run: Run, { id, method, path, roles, parameters }: Operation): Promise<void> {
  const target = parameters.some(({ name }) => name === 'wait') ? `${path}?wait=0` : path;
  const role = run.options.keys.find((key) => roles.length === 0 || roles.includes(key.role))?.role;
  if (role === undefined) return;
  const caller = { kind: 'key', role, number: run.tally.requests } as const;
  const request: FuzzRequest = {
    ...{ operation: id, method, target, caller },
    ...{ headers: [], body: undefined, framing: 'length' },
  };
  const answer = await tryRequest(run, request);
  if (!('status' in answer) || answer.status < 300 || patientOf.has(answer.status)) return;
  const detail = `${id} answers ${answer.status} to a request in which nothing is odd`;
  run.tally.blame({ kind: 'plain-request-rejected', detail }, { kind: 'request', request });
}
