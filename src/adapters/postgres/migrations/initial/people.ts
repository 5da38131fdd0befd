/**
 * Keys, the persons that they belong to (docs/decisions/0019-persons.md), and sessions of people who signed in
 * (docs/decisions/0029-sign-in.md). Identities are what the persons say, so that one is found by them.
 */
export const people = `
create table keys (
  key_id text collate "C" primary key,
  administration text not null,
  body json not null,
  person text collate "C",
  last_used timestamptz
);
create index keys_administration on keys (administration, key_id);
create index keys_person on keys (person);

create table persons (
  id text collate "C" primary key,
  administration text not null,
  version integer not null,
  body json not null
);
create index persons_administration on persons (administration, id);

create table identities (
  administration text not null,
  issuer text not null,
  subject text not null,
  person text collate "C" not null,
  primary key (administration, issuer, subject)
);
create index identities_person on identities (person);

create table sessions (
  id text collate "C" primary key,
  secret_sha256 text not null,
  person text collate "C" not null,
  administration text not null,
  site text not null,
  roles text[] not null,
  issuer text not null,
  subject text not null,
  source text not null,
  begun timestamptz not null,
  used timestamptz not null,
  ends timestamptz not null,
  ended timestamptz
);
create index sessions_person on sessions (person) where ended is null;
create index sessions_identity on sessions (issuer, subject) where ended is null;
create index sessions_ends on sessions (ends);

-- Sign-ins on their way to the provider
create table sign_ins (
  cookie_sha256 text collate "C" primary key,
  state text not null,
  nonce text not null,
  verifier text not null,
  target text not null,
  ends timestamptz not null
);
create index sign_ins_ends on sign_ins (ends);
`;
