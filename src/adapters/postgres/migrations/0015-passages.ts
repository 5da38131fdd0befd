/** Passages of vehicles that lane controllers reported. Of before there are none. */
export const passages = `
create table passages (
  id text collate "C" primary key,
  administration text not null,
  site text not null,
  state text not null,
  passed timestamptz not null,
  body json not null
);
create index passages_listed on passages (administration, state, passed, id) where state <> 'valid';
`;
