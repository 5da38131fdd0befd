import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PublicPlace } from '../dicomweb/addresses.ts';

/**
 * The cookies of people who sign in. Over https they have the prefix `__Host-`, by which a browser takes them from this
 * very host alone, for every path and over TLS. Without TLS, which is for this machine only, they have a plain name:
 * some browsers take no secure cookie there.
 */

const names = { session: 'nii-session', signIn: 'nii-sign-in' } as const;
export type Cookie = keyof typeof names;

/** More than a browser sends. */
const MOST_COOKIES = 200;

function nameOf(cookie: Cookie, isSecure: boolean): string {
  return isSecure ? `__Host-${names[cookie]}` : names[cookie];
}

/** What the browser sent, if it sent the cookie once: of two with one name nobody knows which is ours. */
export function readCookie(
  { headers }: Pick<FastifyRequest, 'headers'>,
  cookie: Cookie,
  isSecure: boolean,
): string | undefined {
  const name = `${nameOf(cookie, isSecure)}=`;
  const sent = (headers.cookie ?? '').split(';', MOST_COOKIES).map((pair) => pair.trim());
  const [value, ...more] = sent.filter((pair) => pair.startsWith(name));
  return more.length > 0 ? undefined : value?.slice(name.length);
}

/** @param seconds - undefined: until the browser ends */
export function setCookie(
  reply: FastifyReply,
  cookie: Cookie,
  value: string,
  { isSecure, seconds }: { readonly isSecure: boolean; readonly seconds?: number },
): void {
  const age = seconds === undefined ? [] : [`Max-Age=${seconds}`];
  const secure = isSecure ? ['Secure'] : [];
  const parts = [
    `${nameOf(cookie, isSecure)}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    ...secure,
    ...age,
  ];
  reply.header('set-cookie', parts.join('; '));
}

export function clearCookie(reply: FastifyReply, cookie: Cookie, isSecure: boolean): void {
  setCookie(reply, cookie, '', { isSecure, seconds: 0 });
}

/** Whether browsers reach the service by TLS. */
export function isSecurePlace({ publicUrl }: PublicPlace): boolean {
  return publicUrl?.startsWith('https:') ?? false;
}
