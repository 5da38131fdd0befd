/**
 * The instances that a report refers to, so that an image that comes after it finds it. Reports of before are found by
 * images that come later once `nii reindex` has read them again.
 */
export const reportReferences = `
alter table instances add column refers_to text[] not null default '{}';
create index instances_refer on instances using gin (refers_to) where refers_to <> '{}';
`;
