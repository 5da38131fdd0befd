/** What somebody decided, the newest first: a reader asks for her own. */
export const ownDecisions = `
create index measured_readings_person on measured_readings (administration, person, at desc, case_id desc);
`;
