import type { FastifyRequest } from 'fastify';
import { NiiError } from '../../core/errors.ts';

/** What a page sends with each request: 1, or background where the person did nothing. */
const PAGE_HEADER = 'nii-page';
const BACKGROUND = 'background';

/** A page of ours asks, which shows what it asks for to a person. */
export function isOfPage({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers[PAGE_HEADER] !== undefined;
}

/** The page asks by itself, as for what has changed: it keeps no session alive. */
export function isBackground({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers[PAGE_HEADER] === BACKGROUND;
}

/**
 * Rejects a change that another site could have made the browser send. A header of our own is sent by scripts of this
 * origin alone, because the service offers no CORS.
 * @throws NII_CROSS_SITE
 */
export function requireSameOrigin({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): void {
  if (method === 'GET' || method === 'HEAD') return;
  const page = headers[PAGE_HEADER];
  if (page !== '1' && page !== BACKGROUND)
    throw new NiiError(
      'NII_CROSS_SITE',
      `Invalid header ${PAGE_HEADER} "${page ?? ''}": send 1 with a request that changes data and uses a cookie, or ${BACKGROUND}`,
    );
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin')
    throw new NiiError('NII_CROSS_SITE', `Invalid Sec-Fetch-Site "${site}": only same-origin is allowed`);
}
