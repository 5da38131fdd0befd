import { open, stat } from 'node:fs/promises';
import pg from 'pg';
import { query } from '../../../test/support/postgres-server.ts';
import type { MeasuredService } from './service.ts';

/** A statement that PostgreSQL ran, as its log has it. */
export interface Statement {
  /** Milliseconds of parsing, binding and running. */
  readonly ms: number;
  readonly text: string;
  /** As literals of SQL. */
  readonly parameters: readonly string[];
}

/** Workers look for jobs all the time; that is no part of a request. */
const isOfWorkers = ({ text }: Statement) =>
  /\b"?(jobs|job_turns|sender_turns)"?\b/.test(text) && !/cases/.test(text);

/** What turns the log on and off. */
const isOfTheLog = ({ text }: Statement) => /^alter system|pg_reload_conf|pg_sleep/.test(text);

/** What PostgreSQL runs while the work goes on, from its log. */
export async function statementsOf(
  { ownerUrl, logFile }: MeasuredService,
  work: () => Promise<void>,
): Promise<readonly Statement[]> {
  await logAll(ownerUrl, true);
  const { size } = await stat(logFile);
  await work();
  await logAll(ownerUrl, false);
  return parse(await readFrom(logFile, size)).filter((one) => !isOfWorkers(one) && !isOfTheLog(one));
}

async function logAll(url: string, isOn: boolean): Promise<void> {
  await query(url, `alter system set log_line_prefix = '%p '`);
  await query(url, `alter system set log_min_duration_statement = ${isOn ? 0 : -1}`);
  await query(url, 'select pg_reload_conf()');
  // servers of connections read it between two statements
  await query(url, 'select pg_sleep(0.05)');
}

async function readFrom(file: string, position: number): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(size - position), 0, size - position, position);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}

/** A statement is parsed, bound and run; the three are added up. */
function parse(log: string): readonly Statement[] {
  const found: Statement[] = [];
  const before = new Map<string, number>();
  let isRun = false;
  for (const entry of log.split(/\n(?=\d+ [A-Z]+: {2})/)) {
    const [, process = '', time = '', step = '', text = ''] = durationLine.exec(entry) ?? [];
    const [, values] = parametersLine.exec(entry) ?? [];
    const last = found.at(-1);
    if (values !== undefined && isRun && last !== undefined)
      found.splice(-1, 1, { ...last, parameters: literals(values) });
    isRun = step === 'execute' || step === 'statement';
    const ms = Number(time) + (before.get(process) ?? 0);
    if (isRun) found.push({ ms, text: text.trim(), parameters: [] });
    if (isRun) before.delete(process);
    else if (step !== '') before.set(process, ms);
  }
  return found;
}

const durationLine =
  /^(\d+) LOG: {2}duration: ([\d.]+) ms(?: {2}(parse|bind|execute|statement)[^:]*: ([\s\S]*))?/;
const parametersLine = /^\d+ DETAIL: {2}[Pp]arameters: ([\s\S]*)/;

function literals(values: string): readonly string[] {
  return [...values.matchAll(/\$\d+ = ('(?:[^']|'')*'|NULL)/g)].map(([, literal = '']) => literal);
}

/** How PostgreSQL runs the statement, with what it read: EXPLAIN (ANALYZE, BUFFERS). Nothing that it changes stays. */
export async function planOf(url: string, { text, parameters }: Statement): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`prepare asked as ${text}`);
    const values = parameters.length === 0 ? '' : `(${parameters.join(', ')})`;
    const { rows } = await client.query(`explain (analyze, buffers) execute asked${values}`);
    return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
  } finally {
    await client.end();
  }
}
