/** Moments of a case on the browser's own clock, for its developer tools and `npm run measure -- page`. */
type Moment = 'nii:case' | 'nii:first-picture' | 'nii:looked-at' | 'nii:whole';

const moments: readonly Moment[] = ['nii:case', 'nii:first-picture', 'nii:looked-at', 'nii:whole'];

/** A case was dealt: what is marked from now on is of it. */
export function startTiming(): void {
  for (const moment of moments) performance.clearMarks(moment);
  performance.mark('nii:case');
}

/** What was marked before is of something else. */
export function clearMoment(moment: Moment): void {
  performance.clearMarks(moment);
}

/** Only the first time that it happens in a case. */
export function markFirst(moment: Moment): void {
  if (performance.getEntriesByName(moment).length === 0) performance.mark(moment);
}
