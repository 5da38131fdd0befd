import type { Scope } from '../../core/access.ts';
import type { Declaration } from '../../core/case/declaration.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Adjudication, Identification, NewMeasurement } from '../../core/radiation/adjudication.ts';
import { type Hold, isSurelyJoined, marksHeld } from '../../core/radiation/hold.ts';
import type { Nuclide } from '../../core/radiation/radiation.ts';
import { isNoMark, unsetSite } from '../../core/rules/site.ts';
import { type Mark, markOf } from '../../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { holdIdOf } from '../../stored/identity.ts';
import { type InForce, siteInForce } from '../../stored/rules.ts';
import { isOfTime } from '../../triage/declared.ts';
import {
  type Evidence,
  passedAgainIn,
  type SeenPassage,
  type SeenSpectrum,
  scanOfVehicle,
} from '../../triage/holds/evidence.ts';
import { visitWindow } from '../../triage/visit.ts';

/** Looks up what an officer names as evidence, and what is known of the vehicle of the alarm. */

export type EvidenceTx = Tx<
  | 'scan'
  | 'scanById'
  | 'revision'
  | 'newestConverted'
  | 'radiationOf'
  | 'scansOfHold'
  | 'scansOfVisit'
  | 'declaration'
  | 'declarationsByContainer'
  | 'documentInForce'
>;

/** @param scope - what the officer may see */
export async function evidenceFor(
  tx: EvidenceTx,
  scope: Scope,
  hold: Hold,
  given: Adjudication,
): Promise<Evidence> {
  const named = marksHeld(hold);
  const marks = [
    ...named,
    ...(await marksOf(tx, hold, hold.passage?.visit, hold.containers, scanOfVehicle(hold))),
  ];
  const { reference } = given.decision === 'innocent' ? given : {};
  const { spectrum } = given.identification ?? {};
  const again = passedAgainIn(given);
  return {
    marks: marks.map(toText),
    declarations: await declarationsOf(tx, hold, marks),
    portalNuclides: await nuclidesOf(tx, hold),
    ...defined({
      named: reference === undefined ? undefined : await tx.declaration(placeOf(hold), reference),
      spectrum: spectrum && (await spectrumSeen(tx, scope, hold, spectrum)),
      passage: again && (await passageSeen(tx, scope, hold, again)),
    }),
  };
}

const placeOf = ({ administration, site }: Hold): Scope => ({ administration, site });

const toText = ({ kind, value }: Mark): string => `${kind} ${value}`;

/** What a record names itself, what the scan that it is surely of names, and what their visit does. */
async function marksOf(
  tx: Tx<'scanById' | 'scansOfVisit'> & InForce,
  hold: Hold,
  visit: string | undefined,
  containers: readonly string[],
  scanId: string | undefined,
): Promise<readonly Mark[]> {
  const scan = scanId === undefined ? undefined : await tx.scanById(scanId);
  const site = (await siteInForce(tx, placeOf(hold)))?.terms ?? unsetSite;
  const isReal = (one: string | undefined) => one !== undefined && !isNoMark(site, one);
  const visits = [...new Set([visit, scan?.visit])].filter((one) => one !== undefined).filter(isReal);
  const scans: ScanRow[] = scan === undefined ? [] : [scan];
  const window = visitWindow(hold.passage?.receivedAt ?? hold.openedAt);
  for (const one of visits) scans.push(...(await tx.scansOfVisit(placeOf(hold), one, ...window)));
  const named = [...containers, ...scans.flatMap((one) => one.containers)].filter(isReal);
  return [...visits.map((one) => markOf('visit', one)), ...named.map((one) => markOf('container', one))];
}

async function declarationsOf(
  tx: Tx<'declarationsByContainer'>,
  hold: Hold,
  marks: readonly Mark[],
): Promise<readonly Declaration[]> {
  const containers = marks.filter(({ kind }) => kind === 'container').map(({ value }) => value);
  const { from, receivedAt = hold.openedAt } = hold.passage ?? {};
  const found = await tx.declarationsByContainer(placeOf(hold), [...new Set(containers)]);
  const times = [receivedAt, from ?? receivedAt];
  return found.filter((one) => times.some((time) => isOfTime(one, { receivedAt: time })));
}

/** By every record of the occupancy, and by those of its duplicates. */
async function nuclidesOf(
  tx: Tx<'newestConverted' | 'radiationOf' | 'scansOfHold'>,
  hold: Hold,
): Promise<readonly string[]> {
  const { id, scanId, duplicates = [] } = hold;
  const holds = new Set([id, ...duplicates.map(({ holdId }) => holdId)]);
  const scans = new Set([scanId, ...duplicates.flatMap(({ scanIds }) => scanIds)]);
  for (const one of holds) for (const scan of await tx.scansOfHold(one)) scans.add(scan);
  const found: string[] = [];
  for (const scan of scans) {
    const records = (await tx.newestConverted(scan))?.scan?.radiation ?? [];
    const links = new Map((await tx.radiationOf(scan)).map((link) => [link.recordId, link.holdId]));
    const own = records.filter(({ id: recordId }) =>
      holds.has(links.get(recordId) ?? holdIdOf(scan, recordId)),
    );
    found.push(...own.flatMap(({ nuclides }) => identified(nuclides)));
  }
  return found;
}

function identified(nuclides: readonly Nuclide[]): readonly string[] {
  return nuclides.filter((one) => one.identified !== false).map(({ name }) => name);
}

type NamedSpectrum = NonNullable<Identification['spectrum']>;

/** Undefined where the scan has no such original. */
async function spectrumSeen(
  tx: Tx<'scan' | 'revision' | 'newestConverted'>,
  scope: Scope,
  hold: Hold,
  { scanId, sha256 }: NamedSpectrum,
): Promise<SeenSpectrum | undefined> {
  const scan = await tx.scan(scope, scanId);
  const row = scan === undefined ? undefined : await tx.revision(scanId, scan.revision);
  if (row?.originals.some((original) => original.sha256 === sha256) !== true) return undefined;
  const records = (await tx.newestConverted(scanId))?.scan?.radiation ?? [];
  const nuclides = records.flatMap((record) => identified(record.nuclides));
  return {
    receivedAt: row.receivedAt,
    isOwn: scanId === hold.scanId,
    isMeasured: nuclides.length > 0 || records.some(({ spectra }) => spectra.length > 0),
    nuclides,
  };
}

type NamedPassage = Extract<NewMeasurement, { readonly kind: 'passed-again' }>;

/** Undefined where there is no such occupancy. */
async function passageSeen(
  tx: Tx<'scan' | 'scanById' | 'scansOfVisit' | 'newestConverted' | 'radiationOf'> & InForce,
  scope: Scope,
  hold: Hold,
  { scanId, recordId }: NamedPassage,
): Promise<SeenPassage | undefined> {
  const scan = await tx.scan(scope, scanId);
  if (scan === undefined) return undefined;
  const record = (await tx.newestConverted(scanId))?.scan?.radiation?.find(({ id }) => id === recordId);
  const link = (await tx.radiationOf(scanId)).find((one) => one.recordId === recordId);
  if (record === undefined || link === undefined) return undefined;
  const { receivedAt } = scan;
  const { join, visit, containers, from } = link;
  const isSure = isSurelyJoined({ join, passage: { isZoneStated: true, receivedAt } });
  const joined = isSure && join.kind === 'joined' ? join.scanId : undefined;
  const marks = await marksOf(tx, hold, visit, containers, joined);
  return {
    isOwn: link.holdId === hold.id || (hold.scanId === scanId && hold.recordId === recordId),
    record,
    isOperational: scan.purpose === 'operational',
    receivedAt,
    marks: marks.map(toText),
    ...defined({ from: link.timeFrom === 'file' ? from : undefined }),
  };
}
