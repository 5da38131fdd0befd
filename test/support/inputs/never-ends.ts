/** The reader of spinning-child.ts never ends on a picture that bears it. */
export const NEVER_ENDS = 'NEVER ENDS';
/** The same, without the processor of other tests. */
export const HANGS = 'HANGS';
