import { useEffect, useState } from 'react';
import type { Lines } from '../../../core/scan/cab.ts';
import { api, bodyOf } from '../../api/client.ts';

/** Lines of a view that the policy masks: the cab of a truck. The samples that come have one value there. */
export type MaskedLines = readonly (Lines & { readonly view: string })[];

const nothing: MaskedLines = [];

/** What is masked in a revision; nothing until it is known. */
export function useMaskedLines(scanId: string, revision: number | 'latest'): MaskedLines {
  const [masked, setMasked] = useState<MaskedLines>(nothing);
  useEffect(() => {
    let isOver = false;
    setMasked(nothing);
    const ask = async () => {
      const path = { scanId, n: String(revision) };
      const found = bodyOf(await api.GET('/v1/scans/{scanId}/revisions/{n}', { params: { path } }));
      if (!isOver && found.masked !== undefined) setMasked(found.masked);
    };
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [scanId, revision]);
  return masked;
}
