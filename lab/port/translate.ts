/** Translates the requests that the service accepted into events of the history. */

import { markOfJoin, scansOfJoin } from '../../src/core/radiation/hold.ts';
import { marksOfTerms, nameOf } from '../../src/core/rules/check-in.ts';
import { isObject, listAt, objectAt, parsedJson } from '../http-fuzz/json.ts';
import { operationAt } from '../http-fuzz/paths.ts';
import { toBy } from './cast.ts';
import { description } from './description.ts';
import { evidenceHolds } from './evidence.ts';
import type { AlarmClosed, AlarmJudged, CaseMoved, Event, SearchReported, Verdict } from './history.ts';
import type { Taken } from './taken.ts';
import { messageEvents } from './translate-messages.ts';
import {
  checkInEvents,
  handHoldEvents,
  noteProposer,
  ruleEvents,
  scanMarksEvents,
  serviceHoldEvents,
} from './translate-rules.ts';
import type { Request, World } from './world.ts';

type Translation = (taken: Taken) => readonly Event[] | Promise<readonly Event[]>;

const verdicts: ReadonlySet<unknown> = new Set(['normal', 'suspect', 'inconclusive', 'scan-again']);

/** Events about the object of inspection of a case. */
function ofCase(
  make: (taken: Taken, place: { scan: string; unit: number }) => readonly Event[],
): Translation {
  return async (taken) => {
    const place = await taken.world.caseRef(taken.values.caseId ?? '');
    return place === undefined ? [] : make(taken, place);
  };
}

const verdictBy = (settles: boolean): Translation =>
  ofCase(({ base, body }, place) => {
    if (!verdicts.has(body.kind)) return [];
    const verdict = body.kind as Verdict['verdict'];
    const events: Event[] = [{ ...base, kind: 'verdict', ...place, verdict, settles }];
    if (verdict === 'suspect' && body.reason === 'person-in-danger' && !settles)
      events.push({ ...base, kind: 'danger-raised', ...place });
    return events;
  });

const moved = (move: CaseMoved['move']): Translation =>
  ofCase(({ base }, place) => [{ ...base, kind: 'case-moved', ...place, move }]);

const ofHold =
  (make: (taken: Taken, record: string) => readonly Event[] | Promise<readonly Event[]>): Translation =>
  (taken) => {
    const record = taken.hold && taken.world.recordOf(taken.hold);
    return record === undefined ? [] : make(taken, record);
  };

/** The vehicle that truly carries a mark; none if an officer made the mark up. */
function vehicleWith(world: World, { kind, value }: Readonly<Record<string, unknown>>): { vehicle: string } {
  const mark = `${String(kind)}:${String(value)}`;
  const found = world.plan.vehicles.find(({ named }) => marksOfTerms(named).map(nameOf).includes(mark));
  return { vehicle: found?.id ?? 'nobody' };
}

const words: Readonly<Record<string, AlarmJudged['word']>> = {
  real: 'real',
  innocent: 'innocent',
  false: 'false',
  'test-or-maintenance': 'test',
  'tamper-or-fault': 'measured-again',
};

/** What one officer has shown is there for all who say the same, also for those who said it before. */
function shareEvidence({ events }: World, record: string, word: AlarmJudged['word']): void {
  for (const [i, event] of events.entries())
    if (event.kind === 'alarm-judged' && event.record === record && event.word === word)
      events[i] = { ...event, evidenceHolds: true };
}

const lastReportOf = ({ events }: World, { scan, unit }: { scan: string; unit: number }) =>
  events.findLast(
    (event): event is SearchReported =>
      event.kind === 'search-reported' && event.scan === scan && event.unit === unit,
  );

async function checkInsSent(taken: Taken): Promise<readonly Event[]> {
  const ids = listAt(taken.answer.json, 'checkIns').map((one) => String(objectAt({ one }, 'one').checkInId));
  const events: Event[] = [];
  for (const id of ids) events.push(...(await checkInEvents(taken, id)));
  return events;
}

const translations: Readonly<Record<string, Translation>> = {
  decideCase: verdictBy(false),
  settleCase: verdictBy(true),
  takeBackVerdict: moved('taken-back'),
  reopenCase: moved('reopened'),
  handBackCase: moved('handed-back'),
  closeCase: moved('closed'),
  requestOpinion: moved('second-opinion'),
  referCase: ofCase(({ base }, place) => [{ ...base, kind: 'search-ordered', ...place }]),
  recordOutcome: ofCase(({ base, body }, place) => [
    {
      ...base,
      kind: 'search-reported',
      ...place,
      found: body.kind === 'found',
      extent: body.kind === 'unsearched' ? 'none' : body.extent === 'full' ? 'full' : 'partial',
    },
  ]),
  // after a find it means that what was found is seized, and that the vehicle may go
  acceptSearch: ofCase(({ base, world }, place) => {
    const isFind = lastReportOf(world, place)?.found === true;
    return [{ ...base, kind: isFind ? 'seized-and-released' : 'search-accepted', ...place }];
  }),
  declareConflict: ({ world, request }) => {
    if (request.by.servicePerson !== undefined) world.conflicted.add(request.by.servicePerson);
    return [];
  },
  setConflict: ({ world, values }) => {
    if (values.personId !== undefined) world.conflicted.add(values.personId);
    return [];
  },
  putDeclaration: ({ world, values }) => {
    world.declared.add(values.ref ?? '');
    return [];
  },
  raiseDanger: ofCase(({ base }, place) => [{ ...base, kind: 'danger-raised', ...place }]),
  acknowledgeDanger: ofCase(({ base }, place) => [{ ...base, kind: 'danger-acknowledged', ...place }]),
  adjudicateHold: ofHold(async (taken, record) => {
    const word = words[String(taken.body.decision)];
    if (word === undefined) return [];
    const isShown = evidenceHolds(taken, record, word);
    if (isShown) shareEvidence(taken.world, record, word);
    return [{ ...taken.base, kind: 'alarm-judged', record, word, evidenceHolds: isShown }];
  }),
  closeHold: ofHold(({ base, body }, record) => [
    { ...base, kind: 'alarm-closed', record, outcome: body.kind as AlarmClosed['outcome'] },
  ]),
  reopenHold: ofHold(({ base }, record) => [{ ...base, kind: 'alarm-reopened', record }]),
  joinHold: ofHold(({ base, body, world }, record) => {
    const of = [
      ...(body.scanId === undefined ? [] : [{ scan: String(body.scanId) }]),
      ...(isObject(body.vehicle) ? [vehicleWith(world, body.vehicle)] : []),
    ];
    return of.map((one) => ({ ...base, kind: 'alarm-joined', record, ...one, joined: true }));
  }),
  unjoinHold: ofHold(({ base, body, hold, world }, record) => {
    const join = hold?.join ?? { kind: 'none', why: '' };
    const isAll = body.scanId === undefined && body.vehicle === undefined;
    const scans = isAll ? scansOfJoin(join) : body.scanId === undefined ? [] : [String(body.scanId)];
    const mark = isAll ? markOfJoin(join) : isObject(body.vehicle) ? body.vehicle : undefined;
    const of = [
      ...scans.map((scan) => ({ scan })),
      ...(mark === undefined ? [] : [vehicleWith(world, mark)]),
    ];
    return of.map((one) => ({ ...base, kind: 'alarm-joined', record, ...one, joined: false }));
  }),
  duplicateHold: ofHold(async ({ base, body, world }, record) => {
    const other = await world.hold(String(body.of));
    const of = other && world.recordOf(other);
    return of === undefined ? [] : [{ ...base, kind: 'alarm-duplicate', record, of }];
  }),
  uploadScans: messageEvents,
  putSite: ruleEvents,
  confirmSite: ruleEvents,
  putPolicy: ruleEvents,
  confirmPolicy: ruleEvents,
  registerScanner: ruleEvents,
  putVehicleHold: handHoldEvents,
  confirmVehicleHold: handHoldEvents,
  sendCheckIns: checkInsSent,
  sendCheckInFile: checkInsSent,
  putCheckIn: (taken) => checkInEvents(taken, taken.values.checkInId ?? ''),
  confirmCheckIn: (taken) => checkInEvents(taken, taken.values.checkInId ?? ''),
  confirmScanner: ruleEvents,
  confirmServiceHold: serviceHoldEvents,
  putScanMarks: scanMarksEvents,
  confirmScanMarks: scanMarksEvents,
};

/** What a request says, before it is sent: a hold may be another one after it. */
export async function readRequest(world: World, request: Request): Promise<Omit<Taken, 'answer'>> {
  const found = operationAt(description, request.method, request.url);
  const values = found?.values ?? {};
  const text = request.payload instanceof Uint8Array ? Buffer.from(request.payload).toString() : undefined;
  const body = text === undefined ? request.payload : parsedJson(text);
  const { holdId } = values;
  // no database stores U+0000
  const hold = holdId === undefined || holdId.includes('\0') ? undefined : await world.hold(holdId);
  return {
    world,
    request,
    values,
    body: isObject(body) ? body : {},
    query: new URL(request.url, 'http://port').searchParams,
    base: { at: world.now, accepted: true, by: toBy(request.by) },
    hold,
  };
}

/** Events of a request that the service took; a repeated answer is none. */
export async function toEvents(taken: Taken): Promise<readonly Event[]> {
  const { request, answer } = taken;
  if (answer.status >= 300 || answer.headers['idempotency-replayed'] === 'true') return [];
  noteProposer(taken);
  return (await translations[request.operation]?.(taken)) ?? [];
}
