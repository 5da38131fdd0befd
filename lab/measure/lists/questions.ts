import type { Role } from '../../../src/core/access.ts';
import { query } from '../../../test/support/postgres-server.ts';
import type { MeasuredService } from './service.ts';

/** What the measure asks. */
export interface Question {
  readonly name: string;
  readonly role: Role;
  readonly method: 'GET' | 'POST';
  /** Of the request with this number. */
  readonly path: (i: number) => string;
  readonly body?: object;
}

/** What is in the database, to be asked for. */
interface Seen {
  readonly scanId: string;
  /** A scan with objects in the store. */
  readonly stored: string;
  readonly caseId: string;
  readonly study: string;
  readonly scanner: string;
  readonly end: string;
  readonly auditEnd: string;
  /** Of scans all over the years. */
  readonly containers: readonly string[];
  /** Of scans of the last day. */
  readonly recent: readonly { readonly scanId: string; readonly container: string; readonly visit: string }[];
}

const COPIES = 40;
const DAY_MS = 86_400_000;

/**
 * Every list, queue, feed, count and search of the interface, over this many scans.
 * @param stored - a scan that has objects in the store, which copies of rows have not
 */
export async function questionsOf(
  service: MeasuredService,
  scans: number,
  stored: string,
): Promise<readonly Question[]> {
  const seen = await lookFor(service, scans, stored);
  return [
    ...laneQuestions(seen),
    ...queueQuestions(seen),
    ...listQuestions(seen),
    ...scanQuestions(seen),
    ...dicomQuestions(seen),
  ];
}

async function lookFor(service: MeasuredService, scans: number, stored: string): Promise<Seen> {
  const ids = Array.from(
    { length: COPIES },
    (_, at) => `id_of('s', ${1 + Math.floor((at * scans) / COPIES)})`,
  );
  const rows = await query(
    service.ownerUrl,
    `select scans.id, containers[1] as container, cases.id as case_id, (
       select study_uid from instances where scan_id = scans.id limit 1) as study
     from scans join cases on cases.scan_id = scans.id where scans.id in (${ids.join(', ')}) and cases.state = 'closed'`,
  );
  const [scanner] = await query(service.ownerUrl, 'select id from scanners order by id limit 1');
  const [audit] = await query(service.ownerUrl, 'select max(seq) - 100 as seq from audit');
  const recent = await query(
    service.ownerUrl,
    `select id, containers[1] as container, visit from scans
       where visit is not null and received > now() - interval '1 day' order by id limit ${COPIES}`,
  );
  const start = JSON.parse((await service.ask('auditor', 'GET', '/v1/changes?limit=1')).text);
  const [epoch] = Buffer.from(start.cursor, 'base64url').toString('latin1').split('.');
  const [newest] = await query(
    service.ownerUrl,
    'select xid::text as xid, seq from changes order by seq desc limit 1',
  );
  const end = `${epoch}.${String(newest?.xid)}.${Number(newest?.seq) - 20}`;
  return {
    stored,
    scanner: String(scanner?.id),
    scanId: String(rows[0]?.id),
    caseId: String(rows[0]?.case_id),
    study: String(rows[0]?.study),
    containers: rows.map(({ container }) => String(container)),
    recent: recent.map(({ id, container, visit }) => ({
      scanId: String(id),
      container: String(container),
      visit: String(visit),
    })),
    auditEnd: Buffer.from(JSON.stringify([String(audit?.seq)])).toString('base64url'),
    end: Buffer.from(end, 'latin1').toString('base64url'),
  };
}

const get = (name: string, role: Role, path: string | ((i: number) => string)): Question => ({
  name,
  role,
  method: 'GET',
  path: typeof path === 'string' ? () => path : path,
});

const timeAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
/** A day of the copies' acquisition, which the simulated scanner puts a half year back. */
const dicomDay = (days: number) => timeAgo(days).slice(0, 10).replaceAll('-', '');

function laneQuestions({ recent }: Seen): readonly Question[] {
  const of = (i: number) => recent[i % recent.length];
  const byMark = (mark: string) => `/v1/sites/harbour/vehicles/${mark}/lane-instruction`;
  return [
    get('instruction of a scan', 'lane', (i) => `/v1/scans/${of(i)?.scanId}/lane-instruction`),
    get('instruction of a container', 'lane', (i) => byMark(`container/${of(i)?.container}`)),
    get('instruction of a visit', 'lane', (i) => byMark(`visit/${of(i)?.visit}`)),
  ];
}

function queueQuestions({ caseId, containers }: Seen): readonly Question[] {
  return [
    { ...get('next case', 'analyst', '/v1/cases/next'), method: 'POST', body: {} },
    get('queue', 'supervisor', '/v1/queue?limit=50'),
    get('queue, closed', 'supervisor', '/v1/queue?state=closed&limit=50'),
    get('queue of a container', 'supervisor', (i) => `/v1/queue?state=closed&container=${at(containers, i)}`),
    get('queue, escalated', 'supervisor', '/v1/queue?escalated=true&limit=50'),
    get('queue counts', 'analyst', '/v1/queue/counts'),
    get('load of the room', 'supervisor', '/v1/load'),
    get('a case', 'supervisor', `/v1/cases/${caseId}`),
    get('annotations of a case', 'supervisor', `/v1/cases/${caseId}/annotations`),
  ];
}

const at = (containers: readonly string[], i: number) => containers[i % containers.length] ?? '';

function listQuestions({ scanner, end, auditEnd, containers }: Seen): readonly Question[] {
  const measure = (name: string) => `/v1/measures/${name}?from=${timeAgo(1)}&to=${timeAgo(0)}`;
  return [
    get('searches', 'searcher', '/v1/searches?limit=50'),
    get('releases while open', 'supervisor', '/v1/releases-while-open?limit=50'),
    get('not analysed', 'supervisor', '/v1/not-analysed?limit=50'),
    get('dangers', 'supervisor', '/v1/dangers?limit=50'),
    get('advice', 'supervisor', '/v1/advice?limit=50'),
    get('own decisions', 'supervisor', '/v1/own-decisions?limit=50'),
    get('passages', 'supervisor', '/v1/passages?limit=50'),
    get('holds', 'supervisor', '/v1/holds?limit=50'),
    get('holds, innocent', 'supervisor', '/v1/holds?state=innocent&limit=50'),
    get('holds, escalated', 'supervisor', '/v1/holds?escalated=true&limit=50'),
    get('declarations', 'supervisor', '/v1/declarations?limit=50'),
    get(
      'declarations of a container',
      'supervisor',
      (i) => `/v1/declarations?container=${at(containers, i)}`,
    ),
    get('scanners', 'supervisor', '/v1/scanners?limit=50'),
    get('a scanner', 'supervisor', `/v1/scanners/harbour/${scanner}`),
    get('persons', 'administrator', '/v1/persons?limit=50'),
    get('keys', 'administrator', '/v1/keys?limit=50'),
    get('sites', 'administrator', '/v1/sites?limit=50'),
    get('changes, from the start', 'auditor', '/v1/changes?limit=200'),
    get('changes, at the end', 'auditor', `/v1/changes?wait=0&limit=200&cursor=${end}`),
    get('audit, from the start', 'auditor', '/v1/audit?limit=200'),
    get('audit, at the end', 'auditor', `/v1/audit?limit=200&cursor=${auditEnd}`),
    get('throughput of a day', 'supervisor', measure('throughput')),
    get('times of a day', 'supervisor', measure('times')),
    get('rates of a day', 'supervisor', measure('rates')),
    get('agreement of a day', 'supervisor', measure('agreement')),
    get('past due', 'supervisor', measure('past-due')),
    get(
      'scans behind a figure',
      'supervisor',
      `${measure('throughput').replace('?', '/scans?')}&figure=scans&limit=50`,
    ),
    get('metrics', 'auditor', '/metrics'),
  ];
}

function scanQuestions({ scanId, stored, containers }: Seen): readonly Question[] {
  const scans = (name: string, filter: (i: number) => string) =>
    get(`scans${name}`, 'supervisor', (i) => `/v1/scans?${filter(i)}limit=50`);
  return [
    scans('', () => ''),
    scans(' of a container', (i) => `container=${at(containers, i)}&`),
    scans(' by state', () => 'state=analysed&'),
    scans(' that failed', () => 'state=failed&'),
    scans(' by plate', () => 'plate=ABC123&'),
    scans(' of a day', (i) => `receivedFrom=${timeAgo(2 + (i % 2))}&receivedTo=${timeAgo(1 + (i % 2))}&`),
    get('a scan', 'supervisor', `/v1/scans/${scanId}`),
    get('revisions of a scan', 'supervisor', `/v1/scans/${scanId}/revisions`),
    get('the record of a scan', 'supervisor', `/v1/scans/${stored}/revisions/1/scan.json`),
  ];
}

function dicomQuestions({ study, containers }: Seen): readonly Question[] {
  const levels = ['studies', 'series', 'instances'] as const;
  const day = (i: number) => dicomDay(181 + (i % 3));
  const filters: readonly (readonly [string, (i: number) => string])[] = [
    ['', () => ''],
    [' of a day', (i) => `StudyDate=${day(i)}&`],
    [' of a container', (i) => `PatientID=${at(containers, i)}&`],
    [' by wildcard, one', (i) => `PatientID=${at(containers, i).slice(0, 10)}?&`],
    [' by wildcard, many', (i) => `PatientID=*${at(containers, i).slice(5, 9)}*&`],
    [' by wildcard, a seventh', () => 'PatientID=MSKU*&'],
    [' by wildcard, all', () => 'PatientID=*U*&'],
    [' by wildcard, two letters', (i) => `PatientID=*${at(containers, i).slice(9)}&`],
    [' by wildcard, none', () => 'PatientID=*XQ*&'],
  ];
  return [
    ...filters.flatMap(([name, filter]) =>
      levels.map((level) =>
        get(`QIDO ${level}${name}`, 'supervisor', (i) => `/dicomweb/${level}?${filter(i)}limit=50`),
      ),
    ),
    get('QIDO studies with a modality', 'supervisor', '/dicomweb/studies?ModalitiesInStudy=XRAY&limit=50'),
    get('QIDO studies with a rare modality', 'supervisor', '/dicomweb/studies?ModalitiesInStudy=DX&limit=50'),
    get('QIDO series of a study', 'supervisor', `/dicomweb/studies/${study}/series`),
    get('QIDO instances of a study', 'supervisor', `/dicomweb/studies/${study}/instances`),
  ];
}
