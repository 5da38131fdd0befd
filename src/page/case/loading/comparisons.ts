import { useCallback } from 'react';
import { type Asked, useAsked } from '../../api/asked.ts';
import { api, bodyOf, type Comparison } from '../../api/client.ts';

/** Pictures that may be looked at beside that of a case; asked for when they are wanted. */
export function useComparisons(caseId: string): Asked<Comparison[]> {
  return useAsked(
    useCallback(async () => {
      const path = { caseId };
      return bodyOf(await api.GET('/v1/cases/{caseId}/comparisons', { params: { path } })).items;
    }, [caseId]),
  );
}
