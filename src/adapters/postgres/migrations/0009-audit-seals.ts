/**
 * Seals over the rows of the audit, in a chain of hashes (docs/decisions/0015-audit-seals.md), and how far they were
 * streamed to a SIEM. `covers` holds ranges of `seq`; `highest` is the highest number that this seal or one before covers.
 */
export const auditSeals = `
create table audit_seals (
  number bigint primary key,
  covers json not null,
  rows integer not null,
  highest bigint not null,
  previous text not null,
  sha256 text not null,
  made_at timestamptz(6) not null
);
create trigger audit_seals_append_only before update or delete on audit_seals
  for each row execute function refuse_rewriting();
create trigger audit_seals_append_only_whole before truncate on audit_seals
  for each statement execute function refuse_rewriting();
create index audit_seals_made on audit_seals (made_at);

-- From where it goes on after a break, and the highest row that was ever sent
create table audit_stream (
  one boolean primary key default true check (one),
  seal bigint not null,
  seq bigint not null,
  sent_to bigint not null
);
`;
