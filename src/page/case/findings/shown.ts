import { useEffect, useMemo, useState } from 'react';
import type { ReadingLog } from '../reading-record.ts';
import { type Found, type Silent, useFindings } from './found.ts';
import { type MarkedPlace, markTogether } from './together.ts';

/** A model that marked something in the view. */
interface Marker {
  readonly model: string;
  readonly count: number;
  readonly isHidden: boolean;
}

/** Findings of models in one view, and which of them are on the picture. */
export interface ShownFindings {
  /** Of all models; undefined until that is known. */
  readonly count: number | undefined;
  /** Off until somebody asks for them. */
  readonly areShown: boolean;
  readonly toggle: () => void;
  readonly markers: readonly Marker[];
  readonly toggleModel: (model: string) => void;
  readonly silent: readonly Silent[];
  readonly places: readonly MarkedPlace[];
}

const nothing: Found = { findings: [], silent: [] };

export function useShownFindings(
  { scanId, revision }: { readonly scanId: string; readonly revision: number },
  viewId: string,
  log: ReadingLog,
): ShownFindings {
  const all = useFindings(scanId, revision);
  const [areShown, show] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const found = useMemo(
    () => (all?.findings ?? []).filter(({ finding }) => finding.box.view === viewId),
    [all, viewId],
  );
  const places = useMemo(
    () => (areShown ? markTogether(found.filter(({ model }) => !hidden.has(model))) : []),
    [areShown, found, hidden],
  );
  useEffect(() => {
    if (found.length > 0) log.findings(places.length > 0 ? 'shown' : 'not-shown');
  }, [found.length, places.length, log]);
  const models = [...new Set(found.map(({ model }) => model))];
  return {
    count: all === undefined ? undefined : found.length,
    areShown,
    toggle: () => show((before) => !before),
    markers: models.map((model) => ({
      model,
      count: found.filter((one) => one.model === model).length,
      isHidden: hidden.has(model),
    })),
    toggleModel: (model) =>
      setHidden(
        (before) =>
          new Set(before.has(model) ? [...before].filter((one) => one !== model) : [...before, model]),
      ),
    silent: (all ?? nothing).silent,
    places,
  };
}
