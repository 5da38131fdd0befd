/** What people state, kind by kind (docs/decisions/0057-documents.md), in place of a table for each kind. */
export const documents = `
create table documents (
  kind text not null,
  path text collate "C" not null,
  version integer not null,
  administration text not null,
  site text collate "C" not null,
  subject text collate "C" not null,
  state text not null,
  at timestamptz,
  body json not null,
  primary key (kind, path, version)
);
create index documents_about on documents (kind, subject, at, path) where subject <> '';
create index documents_listed on documents (kind, administration, state, at, path) where state <> '';
drop table policies, sites, model_choices, annotations, photographs, passages;
`;
