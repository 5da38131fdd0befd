import { NiiError } from '../../core/errors.ts';

/** With the rest of a sign-in it fits into one cookie. */
const LONGEST = 1024;
/** Stands for this service while a path is resolved. */
const HERE = 'http://here.invalid';

/**
 * The path at which the browser goes on after a sign-in. It is of this service alone, so that nobody is sent elsewhere
 * by a link to our sign-in.
 * @throws NII_BAD_REQUEST
 */
export function wayBack(to: string | undefined): string {
  if (to === undefined) return '/';
  const isPath = /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && !to.includes('\\') && to.length <= LONGEST;
  if (isPath && URL.parse(to, HERE)?.origin === HERE) return to;
  throw new NiiError('NII_BAD_REQUEST', {
    detail: `Invalid to "${to.slice(0, 100)}": use a path of this service, such as /queue`,
    field: 'to',
  });
}
