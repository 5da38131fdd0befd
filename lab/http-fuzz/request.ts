/** One request before it is sent. It holds no secret: who calls is a role, and the key is put in on the way out. */
export interface FuzzRequest {
  /** What it was made for; undefined where it is for no operation. */
  readonly operation: string | undefined;
  readonly method: string;
  /** Path and query as they go on the wire. */
  readonly target: string;
  readonly caller: Caller;
  readonly headers: readonly Header[];
  readonly body: Uint8Array | undefined;
  /** A body of unknown length goes in chunks. */
  readonly framing: 'length' | 'chunked';
}

export type Header = readonly [name: string, value: string];

export type Caller =
  | { readonly kind: 'key'; readonly role: string; readonly number: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'header'; readonly value: string };

export interface FuzzAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** False where the connection ended before the answer did. */
  readonly isWhole: boolean;
  readonly milliseconds: number;
}

/** A key of each role, several so that none meets its limit of requests at once. */
export interface Key {
  readonly role: string;
  readonly token: string;
}

export function authorizationOf(caller: Caller, keys: readonly Key[]): readonly Header[] {
  if (caller.kind === 'none') return [];
  if (caller.kind === 'header') return [['authorization', caller.value]];
  const all = keys.filter(({ role }) => role === caller.role);
  const key = all[caller.number % Math.max(1, all.length)];
  return key === undefined ? [] : [['authorization', `Bearer ${key.token}`]];
}

export function headerOf(request: FuzzRequest, name: string): string | undefined {
  return request.headers.find(([known]) => known === name)?.[1];
}

/** How the body is framed. Of a method that carries none it says so, or that it comes in chunks of which there are none. */
export function framingOf({ method, body, framing }: FuzzRequest): readonly Header[] {
  if (body === undefined && !['POST', 'PUT', 'PATCH'].includes(method)) return [];
  return framing === 'chunked'
    ? [['transfer-encoding', 'chunked']]
    : [['content-length', String(body?.length ?? 0)]];
}
