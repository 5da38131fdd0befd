/** What administrations decide, one row a version. Nobody has decided anything before. */
export const rules = `
create table policies (
  administration text not null,
  version integer not null,
  in_force boolean not null,
  body json not null,
  primary key (administration, version)
);
`;
