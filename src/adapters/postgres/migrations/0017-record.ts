/**
 * Scans are found by plates, seals and numbers of trade. Of what was converted before, the plates, seals and declarations
 * of the newest record are found, too; a reindex finds the rest. What an administrator says of a
 * scanner is kept with it.
 */
export const recordFacts = `
alter table scans add column terms text[] not null default '{}';
update scans set terms = found.terms from (
  select newest.scan_id, array_agg(distinct newest.term) as terms from (
    select record.scan_id, kinds.kind || ':' || upper(regexp_replace(value.written, '[^[:alnum:]]', '', 'g')) as term
    from (
      select distinct on (scan_id) scan_id, regexp_replace(scan::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::jsonb as scan
      from revisions where scan is not null order by scan_id, revision desc
    ) as record
    cross join (values ('plate', 'plates'), ('seal', 'seals'), ('declaration', 'declarations')) as kinds (kind, field)
    cross join lateral jsonb_array_elements(record.scan -> 'units') as unit
    cross join lateral jsonb_array_elements_text(unit -> kinds.field) as value (written)
    where value.written ~ '[[:alnum:]]' and length(value.written) <= 128
  ) as newest
  group by newest.scan_id
) as found
where found.scan_id = scans.id;
create index scans_terms on scans using gin (terms) with (fastupdate = off);
alter table scanners add column facts json;
`;
