import { useEffect, useState } from 'react';
import { api, bodyOf, type Finding } from '../../api/client.ts';

/** A finding of a model, with the model named. */
export interface NamedFinding {
  readonly finding: Finding;
  readonly model: string;
}

/** What models marked in a revision; undefined until that is known. */
export function useFindings(scanId: string, revision: number): readonly NamedFinding[] | undefined {
  const [found, setFound] = useState<readonly NamedFinding[]>();
  useEffect(() => {
    let isOver = false;
    const ask = async () => {
      const path = { scanId, n: String(revision) };
      const { items } = bodyOf(
        await api.GET('/v1/scans/{scanId}/revisions/{n}/findings', { params: { path } }),
      );
      const named = items.flatMap(({ model, findings }) =>
        findings.map((finding) => ({ finding, model: `${model.id} ${model.version}` })),
      );
      if (!isOver) setFound(named);
    };
    ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [scanId, revision]);
  return found;
}
