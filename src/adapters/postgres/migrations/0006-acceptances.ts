/** How often a process has begun to take in a whole resumable upload, and died of it or has not ended yet. */
export const uploadAcceptances = `
alter table resumable_uploads add column acceptances integer not null default 0;
`;
