import pg from 'pg';
import type { Template } from './templates.ts';

/** The copies that each kind of scan gets, of a thousand; the first kind gets the rest. */
const shares: Readonly<Record<Template['name'], number>> = {
  closed: 0,
  again: 20,
  waiting: 30,
  searched: 1,
  alarm: 4,
};

const AT_ONCE = 20_000;
/** Statements at the same time. */
const HANDS = 2;

/** Rows that one scan leaves: the columns that name it, and what they name. */
const tables: readonly {
  readonly table: string;
  readonly by: readonly (readonly [string, keyof Template])[];
}[] = [
  { table: 'scans', by: [['id', 'scanId']] },
  { table: 'revisions', by: [['scan_id', 'scanId']] },
  { table: 'objects', by: [['scan_id', 'scanId']] },
  { table: 'instances', by: [['scan_id', 'scanId']] },
  { table: 'analyses', by: [['scan_id', 'scanId']] },
  { table: 'observations', by: [['scan_id', 'scanId']] },
  { table: 'not_analysed', by: [['scan_id', 'scanId']] },
  { table: 'radiation', by: [['scan_id', 'scanId']] },
  { table: 'holds', by: [['scan_id', 'scanId']] },
  { table: 'cases', by: [['scan_id', 'scanId']] },
  { table: 'measured_scans', by: [['scan_id', 'scanId']] },
  { table: 'measured_cases', by: [['scan_id', 'scanId']] },
  { table: 'measured_readings', by: [['scan_id', 'scanId']] },
  { table: 'documents', by: [['path', 'passagePath']] },
  { table: 'declarations', by: [['ref', 'declaration']] },
  { table: 'declaration_containers', by: [['ref', 'declaration']] },
  {
    table: 'changes',
    by: [
      ['subject', 'scanId'],
      ['subject', 'caseId'],
      ['subject', 'holdId'],
    ],
  },
  {
    table: 'audit',
    by: [
      ['subject', 'scanId'],
      ['subject', 'caseId'],
      ['subject', 'holdId'],
    ],
  },
];

/** What triggers keep row by row, counted at once: the days of scanners, and how many scans and cases are in each state. */
const countAnew = `
  truncate scanner_days, state_counts;
  insert into scanner_days
    select administration, site, scanner, counted.*
    from (select distinct administration, site, scanner from observations) as known
    cross join lateral count_scanner_days(administration, site, scanner, '-infinity', 'infinity') as counted;
  insert into state_counts (of_table, state, band, slot, rows)
    select 'scans', state, '', 0, count(*) from scans group by state
    union all select 'cases', state, band, 0, count(*) from cases group by state, band;
`;

/**
 * Multiplies the scans that the service took in, and what was made of them, up to this many: rows as the service wrote
 * them, with identifiers, hashes, containers and times of their own, one scan each half minute back from now. One
 * container in a hundred comes twice. Keys and indexes are left out while the tables fill, and made anew at the end.
 */
export async function multiply(
  url: string,
  templates: readonly Template[],
  from: number,
  to: number,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(functions);
    const filled = names(tables.map(({ table }) => table));
    const keys = await client.query<Made>(keysQuery(filled));
    const indexes = await client.query<Made>(indexesQuery(filled));
    for (const { drop } of [...keys.rows, ...indexes.rows]) await client.query(drop);
    if (from === 0) for (const { table } of tables) await client.query(`alter table ${table} set unlogged`);
    const inserts: Insert[] = [];
    for (const template of templates) inserts.push(...(await insertsOf(client, template)));
    const starts = Array.from(
      { length: Math.ceil((to - from) / AT_ONCE) },
      (_, at) => from + 1 + at * AT_ONCE,
    );
    const statements = starts.flatMap((first) =>
      inserts.map((text) => text(first, Math.min(to, first + AT_ONCE - 1))),
    );
    await client.query(computed(false));
    await inTurns(url, statements);
    await client.query(computed(true));
    const isForeign = ({ make }: Made) => make.includes('FOREIGN KEY');
    await inTurns(
      url,
      [...keys.rows.filter((one) => !isForeign(one)), ...indexes.rows].map(({ make }) => make),
    );
    for (const { make } of keys.rows.filter(isForeign)) await client.query(make);
    await client.query(countAnew);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** Two statements at a time, in order, without triggers: what they would write is multiplied or counted at the end. */
async function inTurns(url: string, statements: readonly string[]): Promise<void> {
  const left = statements.values();
  const hand = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 0`);
      await client.query('set session_replication_role = replica');
      for (const statement of left) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: HANDS }, hand));
}

/**
 * Whether PostgreSQL computes the columns of `instances` that come out of its JSON. It reads the JSON once for each, which
 * takes most of the time; meanwhile the rows give them, as they were computed of the row that is multiplied.
 */
const computed = (isOn: boolean) => `update pg_attribute set attgenerated = '${isOn ? 's' : ''}'
  where attrelid = 'instances'::regclass and attname in ('study_date', 'patient_id', 'accession', 'instance_number')`;

interface Made {
  readonly drop: string;
  readonly make: string;
}

const names = (of: readonly string[]) => of.map((name) => `'${name}'`).join(', ');

/** Foreign keys first, as they go. */
const keysQuery = (
  filled: string,
) => `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
    format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
  from pg_constraint where contype in ('p', 'f') and conrelid::regclass::text in (${filled}) order by contype = 'p'`;

const indexesQuery = (
  filled: string,
) => `select format('drop index %s', indexrelid::regclass) as drop, pg_get_indexdef(indexrelid) as make
  from pg_index where indrelid::regclass::text in (${filled})
    and not exists (select from pg_constraint where conindid = indexrelid)`;

/** Ids of 26 characters as the service has them, hashes, containers and times, by number. */
const functions = `
create or replace function id_of(kind text, i int) returns text language sql immutable as
  $$ select translate(substr(md5(kind || i), 1, 26), 'abcdef', 'ghjkmn') $$;
create or replace function hash_of(kind text, i int) returns text language sql immutable as
  $$ select md5(kind || i) || md5(i || kind) $$;
create or replace function container_of(i int) returns text language sql immutable as $$
  select (array['MSKU', 'TGHU', 'CSQU', 'HLXU', 'MSCU', 'OOLU', 'CMAU'])[1 + n % 7] || lpad(((n::bigint * 7919) % 10000000)::text, 7, '0')
  from (select case when i % 100 = 0 then i - 50 else i end as n) as one $$;
-- one in half a minute; those that wait came within the last day
create or replace function back_of(i int, waits boolean) returns interval language sql immutable as
  $$ select (case when waits then i % 1440 else i / 2 end) * interval '1 minute' $$;`;

interface Replaced {
  readonly text: string;
  /** SQL of what stands there in copy number i. */
  readonly by: string;
}

type Insert = (first: number, last: number) => string;

/** A statement for each table that the service wrote to. */
async function insertsOf(client: pg.Client, template: Template): Promise<readonly Insert[]> {
  const replaced = await replacedOf(client, template);
  const all: Insert[] = [];
  for (const { table, by } of tables) all.push(...(await insertsInto(client, template, replaced, table, by)));
  return all;
}

async function insertsInto(
  client: pg.Client,
  template: Template,
  replaced: readonly Replaced[],
  table: string,
  by: (typeof tables)[number]['by'],
): Promise<readonly Insert[]> {
  const { rows: columns } = await client.query<{ name: string; type: string }>(columnsQuery, [table]);
  const named = by.flatMap(([column, of]) =>
    template[of] === undefined ? [] : [`${column} = '${template[of]}'`],
  );
  if (named.length === 0) return [];
  const selected = columns.map(({ name }) => `${name}::text as ${name}`).join(', ');
  const { rows } = await client.query(`select ${selected} from ${table} where ${named.join(' or ')}`);
  const waits = template.name === 'waiting';
  const into = columns.map(({ name }) => name).join(', ');
  if (rows.length === 0) return [];
  // all rows of one scan beside one another, as the service writes them
  const values = rows.map(
    (row) =>
      `(${columns.map((column) => written(table, column, row[column.name], replaced, waits)).join(', ')})`,
  );
  const facts = factsOf(replaced, waits, values.join());
  const insert = (first: number, last: number) => `insert into ${table} (${into}) select one.*
    from generate_series(${first}, ${last}) i cross join lateral (select ${facts} offset 0) v
    cross join lateral (values ${values.join(', ')}) one where ${isOf(template.name)}`;
  return [insert];
}

const columnsQuery = `select column_name as name, format_type(atttypid, atttypmod) as type
  from information_schema.columns join pg_attribute on attrelid = table_name::regclass and attname = column_name
  where table_name = $1 and table_schema = 'public' and is_identity = 'NO' and column_name <> 'xid'
    and (is_generated = 'NEVER' or table_name = 'instances')`;

/** What is computed once for each copy: only what the statement uses, as there are many rows. */
function factsOf(replaced: readonly Replaced[], waits: boolean, used: string): string {
  const back = `back_of(i, ${waits})`;
  const facts = replaced.flatMap(({ by }, at) =>
    new RegExp(`v\\.f${at}\\b`).test(used) ? [`${by.replaceAll('v.back', back)} as f${at}`] : [],
  );
  return [`${back} as back`, ...facts].join(', ');
}

function isOf(name: Template['name']): string {
  const order = Object.keys(shares);
  const before = order.slice(0, order.indexOf(name)).map((one) => shares[one as Template['name']]);
  const first = before.reduce((sum, one) => sum + one, 0);
  // spread over the thousand, so that each stretch of time has some of each kind
  const at = '(i * 7::bigint + 3) % 1000';
  const total = Object.values(shares).reduce((sum, one) => sum + one, 0);
  return name === 'closed' ? `${at} >= ${total}` : `${at} >= ${first} and ${at} < ${first + shares[name]}`;
}

function written(
  table: string,
  { name, type }: { readonly name: string; readonly type: string },
  value: unknown,
  replaced: readonly Replaced[],
  waits: boolean,
): string {
  if (value === null || value === undefined) return `null::${type}`;
  const text = String(value);
  if (table === 'cases' && name === 'priority') return `(${literal(text)}::float8 + (i % 9973) / 1e6)`;
  // far from now, so that nothing comes to be overdue while it is measured
  if (name === 'due' && waits)
    return `(${literal(text)}::timestamptz + interval '400 days' - i * interval '1 second')`;
  if (type.startsWith('timestamp')) return `(${literal(text)}::timestamptz - v.back)`;
  return `(${concatenated(text, replaced)})::${type}`;
}

/** The text with what is replaced in it, as SQL. */
function concatenated(text: string, replaced: readonly Replaced[]): string {
  const parts: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at += 1) {
    const found = replaced.findIndex((one) => text.startsWith(one.text, at));
    if (found < 0) continue;
    if (at > kept) parts.push(literal(text.slice(kept, at)));
    parts.push(`v.f${found}`);
    at += (replaced[found]?.text.length ?? 1) - 1;
    kept = at + 1;
  }
  if (kept < text.length || parts.length === 0) parts.push(literal(text.slice(kept)));
  return parts.join(' || ');
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Every value by which the rows of one scan are told from those of another; the longest first. */
async function replacedOf(client: pg.Client, template: Template): Promise<readonly Replaced[]> {
  const of = (text: string | undefined, by: string): Replaced[] =>
    text === undefined || text === '' ? [] : [{ text, by }];
  const id = template.scanId;
  const column = async (sql: string) => (await client.query(sql)).rows.map((row) => String(row.value));
  const uids = await column(
    `select distinct unnest(array[study_uid, series_uid, instance_uid]) as value from instances where scan_id = '${id}'`,
  );
  const dates = await column(
    `select distinct study_date as value from instances where scan_id = '${id}' and study_date is not null`,
  );
  const containers = await column(`select unnest(containers) as value from scans where id = '${id}'`);
  const groups = await column(`select group_key as value from scans where id = '${id}' and group_key <> ''`);
  const hashes = await column(`select content_hash as value from revisions where scan_id = '${id}'`);
  const identities = await column(
    `select unnest(array[identity, content]) as value from holds where scan_id = '${id}' and identity is not null`,
  );
  const minutes = await minutesOf(client, template);
  return [
    ...of(id, `id_of('s', i)`),
    ...of(template.caseId, `id_of('c', i)`),
    ...of(template.holdId, `id_of('h', i)`),
    ...of(template.passageId, `id_of('p', i)`),
    ...of(template.declaration, `'DECL-' || lpad(i::text, 8, '0')`),
    ...uids.map((text) => ({ text, by: `'${text.slice(0, 40)}' || i || '.${uids.indexOf(text)}'` })),
    ...containers.map((text) => ({ text, by: 'container_of(i)' })),
    ...groups.map((text) => ({ text, by: `hash_of('g', i)` })),
    ...[...new Set(hashes)].map((text, at) => ({ text, by: `hash_of('r${at}', i)` })),
    ...identities.map((text, at) => ({ text, by: `hash_of('o${at}', i)` })),
    ...dates.map((text) => ({
      text,
      by: `to_char(timestamp '${text}' + interval '12 hours' - v.back, 'YYYYMMDD')`,
    })),
    ...minutes.map((text) => ({ text, by: `to_char(timestamp '${text}' - v.back, 'YYYY-MM-DD"T"HH24:MI')` })),
  ].toSorted((a, b) => b.text.length - a.text.length);
}

/** Times in texts, to the minute. */
async function minutesOf(
  client: pg.Client,
  { scanId, passagePath = '' }: Template,
): Promise<readonly string[]> {
  const { rows } = await client.query(
    `select distinct (regexp_matches(text, '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d', 'g'))[1] as minute from (
      select body::text as text from cases where scan_id = '${scanId}'
      union all select scan::text from revisions where scan_id = '${scanId}'
      union all select received_at || coalesce(acquired_at, '') from scans where id = '${scanId}'
      union all select body::text from holds where scan_id = '${scanId}'
      union all select body::text from documents where kind = 'passage' and path = '${passagePath}') as texts`,
  );
  return rows.map(({ minute }) => String(minute));
}
