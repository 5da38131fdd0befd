import type { Fault } from './oracle.ts';
import type { FuzzRequest } from './request.ts';

const TRIES_CEILING = 60;

/**
 * The same request with as little in it as still shows the fault, found by leaving out one thing after the other. A fault
 * that does not show again when the request is sent alone is left as it is.
 */
export async function shrunk(
  request: FuzzRequest,
  fault: Fault,
  faultsOf: (request: FuzzRequest) => Promise<readonly Fault[]>,
): Promise<FuzzRequest> {
  const shows = async (one: FuzzRequest) =>
    (await faultsOf(one)).some(({ kind, detail }) => kind === fault.kind && detail === fault.detail);
  let smallest = request;
  if (!(await shows(smallest))) return smallest;
  let tries = 0;
  for (let found: FuzzRequest | undefined = smallest; found !== undefined; ) {
    found = undefined;
    for (const smaller of smallerThan(smallest)) {
      tries += 1;
      if (tries > TRIES_CEILING) return smallest;
      if (!(await shows(smaller))) continue;
      smallest = smaller;
      found = smaller;
      break;
    }
  }
  return smallest;
}

function* smallerThan(request: FuzzRequest): Generator<FuzzRequest> {
  const { headers, target, body } = request;
  for (let i = 0; i < headers.length; i += 1) yield { ...request, headers: headers.toSpliced(i, 1) };
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const pairs = query.split('&').filter((pair) => pair !== '');
  for (let i = 0; i < pairs.length; i += 1) {
    const left = pairs.toSpliced(i, 1);
    yield { ...request, target: left.length === 0 ? path : `${path}?${left.join('&')}` };
  }
  if (body === undefined) return;
  yield { ...request, body: undefined };
  if (body.length > 1) yield { ...request, body: body.subarray(0, body.length >> 1) };
}
