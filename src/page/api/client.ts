import type { components, paths } from 'nii-hub/openapi';
import createClient, { type Middleware } from 'openapi-fetch';
import { isErrorCode } from '../../core/errors.ts';
import { words } from '../words/words.ts';
import { reportNoResponse, reportResponse } from './connection.ts';

/** The public interface, as the OpenAPI document describes it. Nothing of the page speaks to the service but this. */

type Schemas = components['schemas'];
export type Case = Schemas['Case'];
export type Declaration = Schemas['DeclarationDetails'];
type Answer<Path extends keyof paths> = paths[Path] extends {
  readonly get: {
    readonly responses: { readonly 200: { readonly content: { readonly 'application/json': infer T } } };
  };
}
  ? T
  : never;
export type Annotation = Schemas['Annotation'];
export type VendorReport = Schemas['VendorReport'];
export type Emptiness = Schemas['Emptiness'];
export type Photograph = Schemas['Photograph'];
export type Outcome = Schemas['SearchOutcome'];
export type Comparison = Answer<'/v1/cases/{caseId}/comparisons'>['items'][number];
export type Search = Answer<'/v1/searches'>['items'][number];
export type Load = Answer<'/v1/load'>['items'][number];
export type Release = Answer<'/v1/releases-while-open'>['items'][number];
export type Passage = Answer<'/v1/passages'>['items'][number];
export type CheckIn = Answer<'/v1/check-ins'>['items'][number];
export type Person = Answer<'/v1/persons'>['items'][number];
export type PersonFigure = Exclude<Answer<'/v1/measures/persons'>, string>['rows'][number];
export type OwnDecision = Answer<'/v1/own-decisions'>['items'][number];
export type Policy = Answer<'/v1/policy'>;
export type Hold = Answer<'/v1/holds'>['items'][number];
export type Vehicle = Answer<'/v1/sites/{site}/vehicles/{kind}/{mark}'>;
export type VehicleHold = Answer<'/v1/sites/{site}/vehicle-holds/{kind}/{mark}'>;
export type Proposal = Answer<'/v1/proposals'>['items'][number];
export type Scan = Answer<'/v1/scans'>['items'][number];
export type AdviceAsked = Answer<'/v1/advice'>['items'][number];
export type AdviceGiven = Answer<'/v1/cases/{caseId}/advice'>;
export type Reason = Answer<'/v1/reasons'>['items'][number];
export type DangerOfCase = Answer<'/v1/dangers'>['items'][number];
export type VerdictOutlooks = Answer<'/v1/cases/{caseId}/verdict-outlook'>;
export type QueueCounts = Answer<'/v1/queue/counts'>;
export type Session = Answer<'/v1/session'>;
export type ScanRecord = Answer<'/v1/scans/{scanId}/revisions/{n}/scan.json'>;

/** A request that the service rejected, or that did not reach it. Its message is to be shown by `Trouble`. */
export class Rejected extends Error {
  /** 0: the service was not reached. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

const isProblem = (value: unknown): value is { readonly code: string; readonly detail?: string } =>
  typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';

/** What the service answered where it rejected. */
export function rejectionFrom(status: number, body: unknown): Rejected {
  const { code, detail } = isProblem(body) ? body : { code: 'NII_UNKNOWN', detail: undefined };
  const said = detail ?? `HTTP ${status}`;
  return new Rejected(status, code, isErrorCode(code) ? `${words(`problem.${code}`)}\n${said}` : said);
}

const ACTIVE_MS = 60_000;
let lastInput = performance.now();
for (const event of ['keydown', 'pointerdown', 'pointermove', 'wheel'])
  window.addEventListener(event, () => (lastInput = performance.now()), { passive: true, capture: true });

/** What the page asks by itself while nobody is at it keeps no session alive. */
export const pageHeader = () => (performance.now() - lastInput < ACTIVE_MS ? '1' : 'background');

/** Says that the page sent it: no other site can set this header. */
const fromPage: Middleware = {
  onRequest({ request }) {
    request.headers.set('nii-page', pageHeader());
    return request;
  },
  async onResponse({ response }) {
    reportResponse(response.status);
    if (response.ok) return undefined;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => undefined);
    throw rejectionFrom(response.status, body);
  },
  onError({ error }) {
    if (error instanceof Rejected) return undefined;
    reportNoResponse(error);
    return new Rejected(0, 'UNREACHABLE', error instanceof Error ? error.message : String(error));
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });
api.use(fromPage);

/** The body of an answer whose failures were thrown. */
export function bodyOf<T>({ data }: { readonly data?: T }): T {
  if (data === undefined) throw new Rejected(0, 'EMPTY', 'The answer was empty');
  return data;
}

/** What was read of the service, with the version that a change of it names. */
export interface Versioned<T> {
  readonly value: T;
  readonly tag: string;
}

export function versionedFrom<T>(answer: { readonly data?: T; readonly response: Response }): Versioned<T> {
  const tag = answer.response.headers.get('etag');
  if (tag === null) throw new Rejected(0, 'EMPTY', 'The answer names no version');
  return { value: bodyOf(answer), tag };
}

/** What to tell the reader of a failure. */
export function queryErrorText(error: unknown): string {
  if (error instanceof Rejected && (error.status === 0 || isErrorCode(error.code)))
    return rejectionText(error);
  return words('app.error', { detail: error instanceof Error ? error.message : String(error) });
}

/** Why a change was not taken: what it is in the language of the page, then the words of the service. */
export function rejectionText(error: unknown): string {
  if (error instanceof Rejected && error.status === 0) return words('app.unreachable');
  return error instanceof Error ? error.message : String(error);
}
