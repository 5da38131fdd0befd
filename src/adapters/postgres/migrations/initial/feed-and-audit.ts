/**
 * The feed of changes, and the audit with its seals (docs/decisions/0015-audit-seals.md). Rows are added and never
 * changed, not even by the owner of the tables.
 */
export const feedAndAudit = `
create table changes (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz(3) not null default now(),
  administration text not null,
  site text not null,
  kind text not null,
  subject text not null,
  revision integer
);
create index changes_feed on changes (administration, xid, seq);
create index changes_converted on changes (subject, at) where kind in ('scan.converted', 'case.opened');

create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz(3) not null default now(),
  administration text not null,
  actor json not null,
  action text not null,
  subject text not null,
  detail json not null,
  site text
);
create index audit_trail on audit (administration, seq);

-- Seals form a chain of hashes. covers holds ranges of seq; highest is the highest number that this seal or one before covers
create table audit_seals (
  number bigint primary key,
  covers json not null,
  rows integer not null,
  highest bigint not null,
  previous text not null,
  sha256 text not null,
  made_at timestamptz(6) not null
);
create index audit_seals_made on audit_seals (made_at);

-- From where the stream to a SIEM goes on after a break, and the highest row that was ever sent
create table audit_stream (
  one boolean primary key default true check (one),
  seal bigint not null,
  seq bigint not null,
  sent_to bigint not null
);

create function refuse_rewriting() returns trigger language plpgsql as $body$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$body$;

-- Rebuilding from objects, and moving the database to another server, start the feed anew under a new epoch
create function refuse_rewriting_feed() returns trigger language plpgsql as $body$
begin
  if tg_op <> 'DELETE' and current_setting('nii.new_epoch', true) = 'on' then
    if tg_op = 'UPDATE' then
      return new;
    end if;
    return null;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$body$;

create trigger changes_append_only before update or delete on changes
  for each row execute function refuse_rewriting_feed();
create trigger changes_append_only_whole before truncate on changes
  for each statement execute function refuse_rewriting_feed();
create trigger audit_append_only before update or delete on audit
  for each row execute function refuse_rewriting();
create trigger audit_append_only_whole before truncate on audit
  for each statement execute function refuse_rewriting();
create trigger audit_seals_append_only before update or delete on audit_seals
  for each row execute function refuse_rewriting();
create trigger audit_seals_append_only_whole before truncate on audit_seals
  for each statement execute function refuse_rewriting();
`;
