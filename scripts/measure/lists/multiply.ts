import { query } from '../../../test/support/postgres-server.ts';

/** Of so many cases that many wait: the rest has been decided. */
const WAITING_SHARE = 0.03;
const AT_ONCE = 20_000;

/** Rows that a scan leaves, and the column that names it. */
const tables = [
  ['scans', 'id'],
  ['revisions', 'scan_id'],
  ['instances', 'scan_id'],
  ['analyses', 'scan_id'],
  ['cases', 'scan_id'],
] as const;

/** What is different for each copy of a row, over the values that are replaced wherever they stand. */
const changed: Readonly<Record<(typeof tables)[number][0], string>> = {
  scans: `'group_key', md5('g' || i), 'received', moment, 'taken', moment, 'acquired_at', to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  revisions: `'content_hash', md5('c' || i) || md5('d' || i)`,
  instances: `'sha256', md5('s' || i) || md5('t' || i)`,
  analyses: `'scan_id', scan_of(i)`,
  cases: `'priority', i, 'due', moment + interval '400 days', 'state', case when i % ${Math.round(1 / WAITING_SHARE)} = 0 then 'queued' else 'closed' end`,
};

/**
 * Multiplies the one scan that a database holds, and what was made of it, up to so many scans: rows as the service wrote
 * them, with identifiers and dates of their own. One in a hundred containers comes twice.
 */
export async function multiply(url: string, from: number, to: number): Promise<void> {
  const [scan] = await query(url, 'select id from scans order by received limit 1');
  const id = String(scan?.id);
  const [found] = await query(url, `select id, container from cases where scan_id = '${id}'`);
  const rows = await query(
    url,
    `select distinct unnest(array[study_uid, series_uid, instance_uid]) as uid, study_date from instances where scan_id = '${id}'`,
  );
  const uids = rows.map(({ uid }) => String(uid)).toSorted((a, b) => b.length - a.length);
  await query(url, functionsFor(id, String(found?.id)));
  const values = [
    ...uids.map((uid) => [`"${uid}"`, `'"${uid.slice(0, 40)}' || i || '.${uids.indexOf(uid)}"'`] as const),
    [id, 'scan_of(i)'] as const,
    [String(found?.id), 'case_of(i)'] as const,
    [String(found?.container), `'MSKU' || lpad((i / 2 * 2 + (i % 100)::int)::text, 7, '0')`] as const,
    [String(rows[0]?.study_date), `to_char(moment, 'YYYYMMDD')`] as const,
  ];
  const replaced = values.reduce(
    (text, [before, after]) => `replace(${text}, '${before}', ${after})`,
    'to_jsonb(t)::text',
  );
  for (const [table, column] of tables) {
    const columns = await query(
      url,
      `select string_agg(quote_ident(column_name), ', ') as names from information_schema.columns
       where table_name = '${table}' and is_generated = 'NEVER' and table_schema = 'public'`,
    );
    const names = String(columns[0]?.names);
    const picked = names
      .split(', ')
      .map((name) => `r.${name}`)
      .join(', ');
    for (let first = from + 1; first <= to; first += AT_ONCE)
      await query(
        url,
        `insert into ${table} (${names}) select ${picked} from ${table} t
         cross join generate_series(${first}, ${Math.min(to, first + AT_ONCE - 1)}) i
         cross join lateral (select now() - i * interval '30 seconds' as moment) m
         cross join lateral jsonb_populate_record(null::${table}, (${replaced})::jsonb || jsonb_build_object(${changed[table]})) r
         where t.${column} = '${id}'`,
      );
  }
  await query(
    url,
    `insert into changes (administration, site, kind, subject, revision)
     select administration, site, 'scan.converted', scan_of(i), 1 from scans, generate_series(${from + 1}, ${to}) i where id = '${id}'`,
  );
  await query(url, 'vacuum analyze');
}

function functionsFor(scanId: string, caseId: string): string {
  const like = (id: string, letter: string) =>
    `substr('${letter}' || translate(md5('${letter}' || i), 'abcdef', 'ghjkmn') || '${'0'.repeat(60)}', 1, ${id.length})`;
  return `create or replace function scan_of(i int) returns text language sql immutable as $$ select ${like(scanId, 's')} $$;
    create or replace function case_of(i int) returns text language sql immutable as $$ select ${like(caseId, 'c')} $$;`;
}
