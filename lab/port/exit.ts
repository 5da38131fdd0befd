/** The way out (H8): honest people, each in their own role and with true evidence, free every vehicle in a few rounds. */
import type { Case } from '../../src/core/case/case.ts';
import { type Hold, isSurelyJoined, scansOfJoin } from '../../src/core/radiation/hold.ts';
import { marksOfTerms, nameOf } from '../../src/core/rules/check-in.ts';
import type { Mark } from '../../src/core/rules/vehicle-hold.ts';
import { listAt, objectAt } from '../http-fuzz/json.ts';
import { marksOf, trueWords, vehicleOf } from './acts/holds.ts';
import { trueDeclaration, upload } from './acts/messages.ts';
import { openServiceHolds } from './acts/service-holds.ts';
import type { Member } from './cast.ts';
import { honestPassage, honestScan } from './messages.ts';
import type { PlannedVehicle } from './plan.ts';
import { step } from './step.ts';
import { type Fault, isFree, judgeShown, type Shown, showInstructions } from './watch.ts';
import type { Request, World } from './world.ts';

const ROUNDS = 20;
/** More cases than a history leaves. */
const CASES = 40;
/** A claim of somebody who has left ends meanwhile. */
const ROUND_SECONDS = 20 * 60;
/** Rounds from which holds by hand and those of the service are ended: last, when nothing else hides that they hold. */
const HAND_ROUND = 4;
const SERVICE_ROUND = 6;
/** The round in which scans that carry marks of another vehicle are corrected. */
const MARKS_ROUND = 3;
/** Rounds after which a vehicle is scanned anew. */
const SCAN_ROUNDS: ReadonlySet<number> = new Set([1, 7]);

type Tell = (line: string) => void;

/** @returns vehicles without a way out, and what was told wrongly on it */
export async function leadOut(world: World, tell: Tell): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  let shown = await look(world, faults);
  for (let round = 0; round < ROUNDS && heldOf(world, shown).length > 0; round += 1) {
    world.advanceTo(world.now + ROUND_SECONDS);
    await world.port.sweep();
    if (SCAN_ROUNDS.has(round)) await scanAnew(world, heldOf(world, shown), tell);
    if (round >= HAND_ROUND) await endHandHolds(world, tell);
    if (round >= SERVICE_ROUND) await endServiceHolds(world, tell);
    if (round > 1) await setAside(world, tell);
    if (round === MARKS_ROUND) await correctMarks(world, shown, tell);
    await settleHolds(world, tell);
    await readByTurn(world, tell);
    await settleCases(world, tell);
    await world.port.work();
    shown = await look(world, faults);
  }
  const kept = await lawfullyKept(world);
  const stuck = heldOf(world, shown).filter(({ id }) => !kept.has(id));
  return [...faults, ...stuck.map((vehicle) => noExit(vehicle, shown))];
}

async function look(world: World, faults: Fault[]): Promise<readonly Shown[]> {
  const shown = await showInstructions(world);
  faults.push(...judgeShown(world, shown));
  return shown;
}

const newestOf = (world: World, { id }: PlannedVehicle): string | undefined => world.scansOf(id).at(-1);

/** A site in parallel mode tells its lane nothing. */
const isSilent = ({ status }: Shown): boolean => status === 409;

function heldOf(world: World, shown: readonly Shown[]): readonly PlannedVehicle[] {
  return world.plan.vehicles.filter((vehicle) => {
    const newest = newestOf(world, vehicle);
    const its = shown.find(({ scan }) => scan === newest);
    return its === undefined
      ? newest === undefined && world.events.length > 0
      : !isFree(its) && !isSilent(its);
  });
}

function noExit({ id }: PlannedVehicle, shown: readonly Shown[]): Fault {
  const its = shown.filter(({ vehicle }) => vehicle === id).at(-1);
  const codes = listAt(its?.answer, 'reasons').map((reason) =>
    String((reason as { readonly code?: unknown }).code),
  );
  const holding = codes[0] ?? 'no reason';
  return {
    kind: `H8, principle 12: no exit from ${holding}`,
    detail: `${id}: ${JSON.stringify(its?.answer)}`,
  };
}

async function scanAnew(world: World, vehicles: readonly PlannedVehicle[], tell: Tell): Promise<void> {
  const [by] = world.honest('scanner');
  for (const vehicle of vehicles) {
    if (by === undefined) return;
    const seed = 7_000_000 + world.nextSerial();
    const file = honestScan(vehicle, seed, world.moment(world.now));
    const lane = `lane-${vehicle.lane}`;
    const { visit } = vehicle.named;
    const scanner = `scanner-${vehicle.lane}`;
    tell(await step(world, undefined, upload({ by }, file, { lane, visit, scanner })));
    const passage = honestPassage(vehicle, 8_000_000 + world.nextSerial(), world.moment(world.now));
    tell(await step(world, undefined, upload({ by }, passage, { lane, visit })));
  }
  await world.port.work();
}

const request = (by: Member, operation: string, url: string, payload: object): Request => ({
  ...{ operation, by, method: 'POST', url, payload },
});

/** One supervisor proposes that a vehicle is no longer held by hand, and another one agrees. */
async function endHandHolds(world: World, tell: Tell): Promise<void> {
  for (const { site, mark, proposer } of await heldByHand(world)) {
    const url = `/v1/sites/${site}/vehicle-holds/${mark.kind}/${encodeURIComponent(mark.value)}`;
    const payload = { isHeld: false, reason: 'it was looked into' };
    await agree(
      world,
      { url, payload, operations: ['putVehicleHold', 'confirmVehicleHold'] },
      proposer,
      tell,
    );
  }
}

/** The gap is closed by supervisors, and the clock is confirmed by administrators. */
async function endServiceHolds(world: World, tell: Tell): Promise<void> {
  for (const site of world.plan.sites)
    for (const { url, cause, proposer } of await openServiceHolds(world, site)) {
      const payload = { reason: 'it was looked into' };
      const operations = ['endServiceHold', 'confirmServiceHold'] as const;
      const role = cause === 'clock' ? 'administrator' : 'supervisor';
      await agree(world, { url, payload, operations, role }, proposer, tell);
    }
}

/** What nobody can read was scanned again, and no longer holds its vehicle. */
async function setAside(world: World, tell: Tell): Promise<void> {
  const broken = world.sent.filter(({ file }) => file.kind === 'scan' && !file.readable);
  for (const { scanId } of broken) {
    const url = `/v1/scans/${scanId}/set-aside`;
    const { json } = await world.get('administrator', url);
    if (objectAt(json, 'terms').isSetAside !== false) continue;
    const proposer = objectAt(json, 'proposal').by;
    const payload = { isSetAside: true, reason: 'it was scanned again' };
    const operations = ['putSetAside', 'confirmSetAside'] as const;
    await agree(world, { url, payload, operations }, proposer, tell);
  }
}

/** Two supervisors take off a scan what its vehicle does not carry: off a forged one that is shown with the vehicle, too. */
async function correctMarks(world: World, shown: readonly Shown[], tell: Tell): Promise<void> {
  for (const vehicle of world.plan.vehicles) {
    const own = new Set(marksOfTerms(vehicle.named).map(nameOf));
    const forged = shownWith(vehicle, shown).filter((scanId) => !world.scans.has(scanId));
    for (const scanId of [...world.scansOf(vehicle.id), ...forged]) {
      const url = `/v1/scans/${scanId}/marks`;
      const { json } = await world.get('administrator', url);
      const counting = listAt(json, 'counting').map((mark) => objectAt({ mark }, 'mark') as Mark);
      const marks = counting.filter((mark) => own.has(nameOf(mark)));
      const isOfAnother = marks.length === 0 && forged.includes(scanId);
      if (marks.length === counting.length || isOfAnother) continue;
      const proposer = objectAt(json, 'proposal').by;
      const payload = { marks, reason: 'read off the vehicle' };
      const operations = ['putScanMarks', 'confirmScanMarks'] as const;
      await agree(world, { url, payload, operations }, proposer, tell);
    }
  }
}

function shownWith({ id }: PlannedVehicle, shown: readonly Shown[]): readonly string[] {
  const its = shown.filter(({ vehicle }) => vehicle === id);
  return [...new Set(its.flatMap(({ answer }) => listAt(answer, 'otherScans').map(String)))];
}

interface Agreed {
  readonly url: string;
  readonly payload: object;
  /** Of the proposal, and of its confirmation. */
  readonly operations: readonly [string, string];
  /** Supervisors, unless another role is named. */
  readonly role?: 'administrator' | 'supervisor';
}

/** Two people agree; where somebody has proposed it already, another one confirms it. */
async function agree(
  world: World,
  { url, payload, operations: [put, confirm], role = 'supervisor' }: Agreed,
  proposer: unknown,
  tell: Tell,
): Promise<void> {
  const others = world.honest(role).filter(({ servicePerson }) => servicePerson !== proposer);
  const [first, second] = others;
  const confirmer = proposer === undefined ? second : first;
  if (first === undefined || confirmer === undefined) return;
  if (proposer === undefined) {
    const asked = { ...request(first, put, url, payload), method: 'PUT' };
    tell(await step(world, undefined, { ...asked, headers: await tagOf(world, url) }));
  }
  const confirmation = request(confirmer, confirm, `${url}/confirmation`, {});
  tell(await step(world, undefined, { ...confirmation, headers: await tagOf(world, url) }));
}

async function tagOf(world: World, url: string): Promise<{ 'if-match': string }> {
  const { headers } = await world.get('administrator', url);
  return { 'if-match': headers.etag ?? '' };
}

async function heldByHand(world: World) {
  const found = [];
  for (const site of world.plan.sites) {
    const { json } = await world.get('administrator', `/v1/sites/${site}/vehicle-holds`);
    for (const item of listAt(json, 'items')) {
      const { kind, value } = objectAt(item, 'mark');
      const proposer = objectAt(item, 'proposal').by;
      const mark = { kind: String(kind), value: String(value) };
      found.push({ site, mark, proposer: typeof proposer === 'string' ? proposer : undefined });
    }
  }
  return found;
}

async function settleHolds(world: World, tell: Tell): Promise<void> {
  const officers = world.honest('radiation-officer');
  for (const hold of await world.holds()) {
    if (isOfAnother(world, hold)) await takeOff(world, hold, officers, tell);
    if (hold.state === 'confirmed') await release(world, hold, officers, tell);
    if (hold.state !== 'open') continue;
    await showGoods(world, hold, officers, tell);
    for (const by of officers.slice(0, 2)) {
      const words = trueWords(world, hold, vehicleOf(world, hold));
      const asked = {
        ...request(by, 'adjudicateHold', `/v1/holds/${hold.id}/adjudication`, words),
        isTrue: true,
      };
      tell(await step(world, undefined, asked));
      if ((await world.hold(hold.id))?.state !== 'open') break;
    }
    await handOver(world, hold, officers, tell);
  }
}

/** Somebody has joined it to a vehicle that did not set it off. */
function isOfAnother(world: World, hold: Hold): boolean {
  const own = vehicleOf(world, hold);
  const { join } = hold;
  return join.kind === 'joined' && own !== undefined && !world.scansOf(own.id).includes(join.scanId);
}

/** Two officers see at the vehicle that it is not the one. */
async function takeOff(
  world: World,
  { id, state, join }: Hold,
  officers: readonly Member[],
  tell: Tell,
): Promise<void> {
  const [scanId] = scansOfJoin(join);
  const said = { why: 'another vehicle set it off' };
  const [by] = officers;
  if (state === 'closed' && by !== undefined)
    tell(await step(world, undefined, request(by, 'reopenHold', `/v1/holds/${id}/reopen`, said)));
  if (state === 'open' || state === 'confirmed')
    for (const one of officers.slice(0, 2))
      tell(
        await step(
          world,
          undefined,
          request(one, 'unjoinHold', `/v1/holds/${id}/unjoin`, { scanId, ...said }),
        ),
      );
}

/** Goods that emit are declared, and two officers join an alarm that names nobody to the scan of its vehicle. */
async function showGoods(world: World, hold: Hold, officers: readonly Member[], tell: Tell): Promise<void> {
  const vehicle = vehicleOf(world, hold);
  const [declarant] = world.honest('lane');
  if (vehicle?.load !== 'goods' || declarant === undefined) return;
  if (!world.declared.has(vehicle.declaration))
    tell(await step(world, undefined, trueDeclaration(vehicle, declarant)));
  const scanId = newestOf(world, vehicle);
  if (isSurelyJoined(hold) || hold.containers.length > 0 || scanId === undefined) return;
  const said = { scanId, why: 'seen at the inspection' };
  for (const by of officers.slice(0, 2))
    tell(await step(world, undefined, request(by, 'joinHold', `/v1/holds/${hold.id}/join`, said)));
}

/** What officers cannot end, because somebody has named a nuclide that is not there, the authority ends. */
async function handOver(world: World, hold: Hold, officers: readonly Member[], tell: Tell): Promise<void> {
  const [by] = officers;
  if (by === undefined || (await world.hold(hold.id))?.state !== 'open') return;
  const words = { decision: 'real', authority: 'Nuclear safety' };
  await nameVehicle(world, hold, officers, tell);
  tell(
    await step(world, undefined, request(by, 'adjudicateHold', `/v1/holds/${hold.id}/adjudication`, words)),
  );
}

/** What keeps a vehicle has to lead to it: two officers say by its mark which it is. */
async function nameVehicle(world: World, hold: Hold, officers: readonly Member[], tell: Tell): Promise<void> {
  const [vehicle] = marksOf(world, vehicleOf(world, hold)?.id ?? '');
  if (vehicle === undefined || isSurelyJoined(hold)) return;
  const said = { vehicle, why: 'read off the vehicle' };
  for (const by of officers.slice(0, 2))
    tell(await step(world, undefined, request(by, 'joinHold', `/v1/holds/${hold.id}/join`, said)));
}

/** Ended by another officer than the one who called it real; a true source stays with the authority. */
async function release(world: World, hold: Hold, officers: readonly Member[], tell: Tell): Promise<void> {
  const by = officers.find(({ servicePerson }) => servicePerson !== hold.adjudication?.officer);
  if (by === undefined) return;
  const kind = vehicleOf(world, hold)?.load === 'source' ? 'detained' : 'released';
  await nameVehicle(world, hold, officers, tell);
  const words = { kind, reference: 'A-2' };
  tell(await step(world, undefined, request(by, 'closeHold', `/v1/holds/${hold.id}/close`, words)));
}

async function casesOf(world: World): Promise<readonly Case[]> {
  const scans = new Set(world.plan.vehicles.flatMap(({ id }) => world.scansOf(id)));
  const found: Case[] = [];
  for (const scan of scans) found.push(...(await world.cases(scan)));
  return found;
}

/** Who chose a case does not clear it alone, so analysts read those whose turn it is, as long as there are any. */
async function readByTurn(world: World, tell: Tell): Promise<void> {
  const normal = { kind: 'normal', reason: 'nothing-unusual' };
  for (const analyst of world.honest('analyst'))
    for (let read = 0; read < CASES; read += 1) {
      const next = await world.send(request(analyst, 'takeNextCase', '/v1/cases/next', {}));
      if (next.status !== 200) break;
      const id = String((next.json as { readonly id?: unknown }).id);
      tell(await step(world, undefined, request(analyst, 'decideCase', `/v1/cases/${id}/verdict`, normal)));
      await world.port.work();
    }
}

async function settleCases(world: World, tell: Tell): Promise<void> {
  for (const value of await casesOf(world)) {
    const [next, ...more] = movesFor(world, value);
    for (const one of next === undefined ? [] : [next, ...more]) tell(await step(world, undefined, one));
  }
}

/** Who has read, ordered or reported in the case: they take no other place in it (principle 6). */
function usedIn({ verdicts, history }: Case): ReadonlySet<string> {
  const acts = ['decided', 'settled', 'referred', 'outcome', 'danger-raised'];
  const actors = history.filter(({ kind }) => acts.includes(kind)).map(({ actor }) => actor);
  return new Set([...actors, ...verdicts.map(({ analyst }) => analyst)]);
}

function movesFor(world: World, value: Case): readonly Request[] {
  const used = usedIn(value);
  const fresh = (role: 'supervisor' | 'searcher'): Member | undefined =>
    world.honest(role).find(({ servicePerson }) => !used.has(servicePerson ?? ''));
  const home = `/v1/cases/${value.id}`;
  const supervisor = fresh('supervisor') ?? world.honest('supervisor')[0];
  if (supervisor === undefined) return [];
  const by = (operation: string, path: string, payload: object = {}) =>
    request(supervisor, operation, `${home}/${path}`, payload);
  const danger = value.danger !== undefined && value.danger.acknowledged === undefined;
  if (danger) return [by('acknowledgeDanger', 'danger-acknowledgement', { why: 'the person is safe' })];
  const normal = { kind: 'normal', reason: 'nothing-unusual' };
  switch (value.state) {
    case 'queued':
      return [by('claimCase', 'claim'), by('decideCase', 'verdict', normal)];
    case 'claimed':
      return [by('handBackCase', 'hand-back', { why: 'the reader has left' })];
    case 'disputed':
      return [by('settleCase', 'settlement', normal), by('referCase', 'refer')];
    case 'search':
      return reportSearch(fresh('searcher'), home);
    case 'searched':
      return [by('acceptSearch', 'search-acceptance', { why: 'the rest cannot hide anything' })];
    case 'decided':
      return movesAfterVerdict(value, by, normal);
    case 'closed':
      return isEnded(value) ? [] : [by('reopenCase', 'reopen', { why: 'it was not decided' })];
  }
}

type Move = (operation: string, path: string, payload?: object) => Request;

function movesAfterVerdict({ verdicts, owedSearch }: Case, by: Move, normal: object): readonly Request[] {
  const kinds = verdicts.map(({ kind }) => kind);
  // a search that was ordered and not carried out is carried out
  if (kinds.includes('suspect') || owedSearch !== undefined) return [by('referCase', 'refer')];
  if (kinds.at(-1) === 'normal') return [];
  const settle = by('settleCase', 'settlement', normal);
  // what cannot be scanned again is searched
  return kinds.at(-1) === 'scan-again' ? [settle, by('referCase', 'refer')] : [settle];
}

const whole = { kind: 'nothing-found', method: 'unloaded', extent: 'full' } as const;

const reportSearch = (searcher: Member | undefined, home: string): readonly Request[] =>
  searcher === undefined ? [] : [request(searcher, 'recordOutcome', `${home}/outcome`, whole)];

const isEnded = ({ outcome, verdicts, owedSearch }: Case): boolean =>
  owedSearch === undefined &&
  (outcome === undefined ? verdicts.at(-1)?.kind === 'normal' : outcome.kind === 'nothing-found');

/** A find stays, and so do a real source and what an authority has detained. */
async function lawfullyKept(world: World): Promise<ReadonlySet<string>> {
  const found = world.events.flatMap((event) =>
    event.kind === 'search-reported' && event.found ? [event.scan] : [],
  );
  const kept = world.plan.vehicles.filter(({ id }) => world.scansOf(id).some((scan) => found.includes(scan)));
  const holds = (await world.holds()).filter(
    ({ state, outcome }) => state === 'confirmed' || (state === 'closed' && outcome?.kind !== 'released'),
  );
  const detained = holds.flatMap((hold) => vehicleOf(world, hold)?.id ?? []);
  return new Set([...kept.map(({ id }) => id), ...detained]);
}
