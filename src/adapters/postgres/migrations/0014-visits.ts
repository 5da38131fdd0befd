/** Scans and occupancies of one vehicle share a visit id. Nothing of before has one. */
export const visits = `
alter table scans add column visit text collate "C";
create index scans_visit on scans (administration, site, visit, taken) where visit is not null;
alter table radiation add column visit text collate "C";
create index radiation_visit on radiation (administration, site, visit) where visit is not null;
`;
