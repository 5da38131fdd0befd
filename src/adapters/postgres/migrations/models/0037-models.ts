/**
 * Versions of models that were found in the folders, and which of them each administration uses
 * (docs/decisions/0050-model-versions.md). Nobody has chosen anything before: the newest version scores, as it did.
 */
export const models = `
create table model_packages (
  id text collate "C" not null,
  version text collate "C" not null,
  sha256 text not null,
  waits boolean not null,
  found timestamptz not null,
  primary key (id, version)
);

create table model_choices (
  administration text not null,
  model text collate "C" not null,
  version integer not null,
  in_force boolean not null,
  body json not null,
  primary key (administration, model, version)
);

create table shadow_analyses (
  scan_id text not null,
  revision integer not null,
  administration text not null,
  model_id text collate "C" not null,
  model_version text collate "C" not null,
  at timestamptz not null,
  body json not null,
  primary key (scan_id, revision, model_id, model_version)
);
create index shadow_analyses_newest on shadow_analyses (administration, model_id, model_version, at desc);
`;
