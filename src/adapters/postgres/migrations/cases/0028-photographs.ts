/** What searchers photographed (docs/decisions/0042-photographs.md). Of before there are none. */
export const photographs = `
create table photographs (
  case_id text collate "C" not null,
  id text collate "C" not null,
  added timestamptz not null,
  body json not null,
  primary key (case_id, id)
);
`;
