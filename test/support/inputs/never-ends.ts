/** The reader of spinning-child.ts never ends on a picture that bears it. */
export const NEVER_ENDS = 'NEVER ENDS';
