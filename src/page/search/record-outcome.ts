import { api, type Case, type Outcome, type Seen, seenIn } from '../api/client.ts';

/** Says what a search found, of the case as it was seen. @throws Rejected */
export async function recordOutcome({ value, tag }: Seen<Case>, outcome: Outcome): Promise<Seen<Case>> {
  const params = { path: { caseId: value.id }, header: { 'if-match': tag } };
  return seenIn(await api.POST('/v1/cases/{caseId}/outcome', { params, body: outcome }));
}
