import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import type { Role } from '../../../src/core/access.ts';
import { builtPage } from '../../../src/http/pages/workstation.ts';
import { type Composing, closePages, sharedChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness, type HarnessOptions, openHarness, SITE } from '../harness.ts';
import { repositoryRoot } from '../markdown-table.ts';

const token = 'a-token-of-this-test';

/** Where pictures and trees of the page are kept, to be looked at. */
export const artefacts = join(repositoryRoot, '.cache/page');

/** The service with the page of the workstation, and a browser. */
export interface Workstation {
  readonly service: Harness;
  readonly address: string;
  readonly browser: Browser;
}

/**
 * @param deps - in place of what the service has otherwise. People are let in by a link, without a provider.
 * @param site - of those who are let in; * for all
 */
export async function openWorkstation(
  deps: HarnessOptions['deps'] = {},
  { composing, site = SITE }: { readonly composing?: Composing; readonly site?: string } = {},
): Promise<Workstation> {
  mkdirSync(artefacts, { recursive: true });
  const pageFolder = builtPage();
  if (pageFolder === undefined) throw new Error('the page is not built: npm run build');
  const service = await openHarness({
    pageFolder,
    demoSignIn: { token, administration: ADMINISTRATION, site },
    deps: { sessions: { source: 'a test', idleMinutes: 15, hours: 12 }, ...deps },
  });
  return { service, address: await service.listen(), browser: await sharedChromium(composing) };
}

/** Also where it was never opened, or not to the end. */
export async function closeWorkstation({ service, browser }: Partial<Workstation>): Promise<void> {
  await closePages(browser);
  await service?.close();
  if (service !== undefined) expect(service.wrongAnswers).toEqual([]);
}

/** The address at which a browser is signed in with the role, and goes on at `to`. */
export function signInAddress(address: string, role: Role, to?: string): string {
  const query = new URLSearchParams({ token, role, ...(to === undefined ? {} : { to }) });
  return `${address}/demo-sign-in?${query}`;
}
