/**
 * A score is compared with scans of the same purpose (docs/decisions/0052-running-reference.md). Most scans are operational
 * and are found without help. The few of each other purpose get a small index. The table is read once.
 */
export const purposes = `
create index scans_other_purpose on scans (administration, site, purpose, received desc) where purpose <> 'operational';
`;
