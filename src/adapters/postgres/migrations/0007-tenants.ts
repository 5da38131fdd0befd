/**
 * Each tenant in its own room: who sent to a scan, at which site an entry of the audit was made, whose job it is, which
 * senders the register of a scanner lets join, and of which site a declaration is.
 *
 * Rows of before: a scan's senders are the keys that uploaded the originals of its revisions; a revision that was only
 * converted again brought none. A declaration stays the whole administration's. An entry of the audit has the site of
 * its actor.
 */
export const tenants = `
alter table scans add column senders text[] not null default '{}';
update scans set senders = coalesce(
  (select array_agg(uploader order by revision) from (
    select uploader, min(revision) as revision from revisions
    where scan_id = scans.id
      and position('"key":"scans/' || scan_id || '/r' || revision || '/' in originals::text) > 0
    group by uploader) as sent),
  (select array_agg(uploader) from revisions where scan_id = scans.id and revision = 1),
  '{}');

alter table audit add column site text;

alter table jobs add column administration text not null default '';
update jobs set administration = coalesce(
  (select administration from scans where scans.id =
    regexp_replace(payload::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json ->> 'scanId'),
  regexp_replace(payload::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json ->> 'administration',
  '');
drop index jobs_ready;
create index jobs_ready on jobs (administration, ready_at) where state <> 'dead';
-- Which administration a worker served when: the one that was served longest ago is next
create table job_turns (
  administration text primary key,
  served timestamptz not null
);

alter table scanners add column senders_allowed text[] not null default '{}';
alter table scanners add column register_version integer not null default 0;

alter table declarations add column site text not null default '*';
`;
