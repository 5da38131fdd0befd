/** Cases of analysts with what belongs to each, and the declarations that they are read with. */
export const cases = `
create table cases (
  id text collate "C" primary key,
  administration text not null,
  site text not null,
  scan_id text collate "C" not null,
  state text not null,
  band text not null,
  priority double precision not null,
  container text,
  lease_until timestamptz,
  analysts text[] not null,
  body json not null,
  claimant text,
  due timestamptz not null,
  is_read boolean not null default false,
  declarations text[] not null default '{}',
  due_told boolean not null default false,
  escalated_at timestamptz,
  searched_since timestamptz,
  release_alarm timestamptz,
  stands_at timestamptz,
  danger_since timestamptz,
  danger_due timestamptz,
  reference_since timestamptz,
  advice_since timestamptz,
  advisers text[] not null default '{}',
  opened timestamptz
);
create index cases_scan on cases (scan_id, id);
create index cases_container on cases (administration, container);
create index cases_counts on cases (state, band);

-- The queue, its counts, the load, and who is dealt what (docs/decisions/0036-measures.md, 0046-a-million.md)
create index cases_queue on cases (administration, state, priority, id);
create index cases_waiting on cases (administration, site, priority, id) where state in ('queued', 'claimed');
create index cases_waiting_anywhere on cases (administration, priority, id) where state in ('queued', 'claimed');
create index cases_draw on cases (administration, band, id) where state = 'queued';
create index cases_draw_at_site on cases (administration, site, band, id) where state = 'queued';
create index cases_open on cases (administration, site, state, band, due) where state <> 'closed';
create index cases_opened on cases (opened) where state <> 'closed';
create index cases_claimant on cases (claimant) where state = 'claimed';

-- What is due at a time: leases, deadlines, and verdicts that can no longer be taken back
create index cases_lease on cases (lease_until) where state = 'claimed';
create index cases_due on cases (due) where not due_told;
create index cases_stands on cases (stands_at) where stands_at is not null;
create index cases_escalated on cases (administration, escalated_at) where escalated_at is not null and state <> 'closed';

-- Work lists: searches, releases while something was open, persons in danger, advice, and references to compare with
create index cases_searched on cases (administration, searched_since, id) where searched_since is not null;
create index cases_release_alarm on cases (administration, release_alarm, id) where release_alarm is not null;
create index cases_danger_since on cases (administration, danger_since, id) where danger_since is not null;
create index cases_danger_due on cases (danger_due) where danger_due is not null;
create index cases_advice_since on cases (administration, advice_since, id) where advice_since is not null;
create index cases_advisers on cases using gin (advisers) where advice_since is not null;
create index cases_reference on cases (administration, site, reference_since desc) where reference_since is not null;

-- Cases that somebody gave back, or let lapse, from their histories
create table hand_backs (
  case_id text collate "C" not null,
  seq integer not null,
  administration text not null,
  person text not null,
  at timestamptz not null,
  kind text not null,
  why text,
  primary key (case_id, seq)
);
create index hand_backs_person on hand_backs (administration, person, at desc);

-- Scans that the reader of a case may open beside it
create table offered_scans (
  case_id text collate "C" not null,
  scan_id text collate "C" not null,
  primary key (case_id, scan_id)
);

create table declarations (
  administration text not null,
  ref text collate "C" not null,
  updated_at text not null,
  version integer not null,
  body json not null,
  site text not null default '*',
  primary key (administration, ref)
);
create table declaration_containers (
  administration text not null,
  container text not null,
  ref text collate "C" not null,
  primary key (administration, container, ref),
  foreign key (administration, ref) references declarations (administration, ref) on delete cascade
);
create index declaration_containers_ref on declaration_containers (administration, ref);
`;
