import { verifyAudit } from '../../src/audit/verify-seals.ts';
import type { Service } from '../../src/wiring.ts';
import { eventually } from '../../test/support/eventually.ts';
import { faultsOfScan, faultsOfStores } from '../siege/judge.ts';
import type { Load, LoadKeys } from './load.ts';
import type { Servers } from './servers.ts';

const DRAIN_SECONDS = 180;

interface Judged {
  readonly address: string;
  readonly servers: Servers;
  readonly service: Service;
  readonly keys: LoadKeys;
  readonly load: Load;
}

/**
 * What is not as it was acknowledged: each upload there once with its bytes, converted once, with one case; each verdict
 * there once; the audit whole; every object named and unchanged.
 */
export async function faultsAtTheEnd({
  address,
  servers,
  service,
  keys,
  load,
}: Judged): Promise<readonly string[]> {
  const faults: string[] = [];
  await eventually('every job is done', DRAIN_SECONDS, () => isIdle(service)).catch((error: unknown) =>
    faults.push(String(error)),
  );
  for (const scan of load.uploads) faults.push(...(await faultsOfScan(new URL(address), scan)));
  faults.push(...(await faultsOfStores(service, [keys], load.uploads)));
  faults.push(...(await doubles(servers)), ...(await faultsOfVerdicts(servers, load.verdicts)));
  const { rows, faults: broken, more } = await verifyAudit(service.deps.records);
  if (rows === 0) faults.push('the audit is empty');
  if (broken.length + more > 0) faults.push(`the audit has faults: ${JSON.stringify(broken).slice(0, 500)}`);
  return [...load.faults, ...faults];
}

/** Of these, those that the database does not have. */
export async function lostScans(servers: Servers, scanIds: readonly string[]): Promise<readonly string[]> {
  const rows = await servers.query('select id from scans');
  const there = new Set(rows.map(({ id }) => String(id)));
  return scanIds.filter((id) => !there.has(id));
}

/** Of these, those that their case does not have. */
export async function lostVerdicts(servers: Servers, verdicts: Load['verdicts']): Promise<readonly string[]> {
  return (await faultsOfVerdicts(servers, verdicts)).filter((fault) => fault.startsWith('lost'));
}

async function isIdle({ deps }: Service): Promise<boolean> {
  const counts = Object.values(await deps.jobs.counts());
  return counts.every(({ waiting, running }) => waiting === 0 && running === 0);
}

async function doubles(servers: Servers): Promise<readonly string[]> {
  const twice = await servers.query(
    `select kind, subject, count(*) from changes where kind in ('scan.received', 'scan.converted', 'scan.analysed')
     group by kind, subject, revision having count(*) > 1`,
  );
  const cases = await servers.query('select scan_id from cases group by scan_id having count(*) > 1');
  const dead = await servers.query("select id, kind, error from jobs where state = 'dead'");
  return [
    ...twice.map((row) => `doubled: ${JSON.stringify(row)}`),
    ...cases.map((row) => `doubled: ${JSON.stringify(row)} has several cases`),
    ...dead.map((row) => `given up: ${JSON.stringify(row)}`),
  ];
}

async function faultsOfVerdicts(servers: Servers, verdicts: Load['verdicts']): Promise<readonly string[]> {
  const rows = await servers.query(
    `select cases.id, verdict ->> 'analyst' as analyst, count(*)::int as given
     from cases, json_array_elements(body -> 'verdicts') as verdict group by 1, 2`,
  );
  const given = new Map(rows.map((row) => [`${row.id} ${row.analyst}`, Number(row.given)]));
  return verdicts.flatMap(({ caseId, analyst }) => {
    const count = given.get(`${caseId} ${analyst}`) ?? 0;
    if (count === 1) return [];
    return [
      `${count === 0 ? 'lost' : 'doubled'}: the verdict of ${analyst} on ${caseId} is there ${count} times`,
    ];
  });
}
