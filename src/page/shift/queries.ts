import { api, bodyOf, type Case, type Person, type Release } from '../api/client.ts';

/** What a supervisor sees of a shift. */

/** A change that waits for its reason. */
export interface PendingAction {
  readonly title: string;
  readonly move: (why: string) => Promise<unknown>;
}

const page = { query: { limit: 200 } } as const;

export const askService = async () => bodyOf(await api.GET('/v1/health/ready', {}));

export const askLoad = async () => bodyOf(await api.GET('/v1/load', {})).items;

const askCases = async (state: Case['state']): Promise<readonly Case[]> =>
  bodyOf(await api.GET('/v1/queue', { params: { query: { limit: 200, state: [state] } } })).items;

export const askClaimed = () => askCases('claimed');
export const askDisputed = () => askCases('disputed');
export const askSearched = () => askCases('searched');

export const askFinds = async (): Promise<readonly Case[]> =>
  bodyOf(await api.GET('/v1/finds', { params: page })).items;

export const askReleases = async (): Promise<readonly Release[]> =>
  bodyOf(await api.GET('/v1/releases-while-open', { params: page })).items;

/** More persons than a supervisor knows are not asked for. */
const MOST_PAGES = 10;

export async function askPersons(): Promise<readonly Person[]> {
  const persons: Person[] = [];
  let cursor: string | undefined;
  for (let asked = 0; asked < MOST_PAGES; asked++) {
    const query = cursor === undefined ? page.query : { ...page.query, cursor };
    const { items, next } = bodyOf(await api.GET('/v1/persons', { params: { query } }));
    persons.push(...items);
    if (next === undefined) break;
    cursor = next;
  }
  return persons;
}

/** Names the version that the supervisor saw, so that a change is rejected if somebody else changed the case meanwhile. */
export const versionOf = ({ id, tag }: Pick<Case, 'id' | 'tag'>) => ({
  path: { caseId: id },
  header: { 'if-match': tag === undefined ? '*' : `"${tag}"` },
});
