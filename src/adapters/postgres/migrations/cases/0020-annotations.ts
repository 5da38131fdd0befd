/** What readers drew on the pictures of cases (docs/decisions/0034-annotations.md). Of before there are none. */
export const annotations = `
create table annotations (
  case_id text collate "C" not null,
  id text collate "C" not null,
  made timestamptz not null,
  body json not null,
  primary key (case_id, id)
);
`;
