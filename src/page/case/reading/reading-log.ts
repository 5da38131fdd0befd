import { useCallback, useRef } from 'react';
import type { ViewSettings } from '../../viewer/settings.ts';
import type { Decision } from '../claim.ts';

type Record = NonNullable<Decision['reading']>;
export type Tool = Record['tools'][number];

/** Which tools a change of the settings is the work of. */
export function toolsBetween(before: ViewSettings, after: ViewSettings): readonly Tool[] {
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const used: readonly (readonly [Tool, boolean])[] = [
    ['window', !isSame(before.window, after.window)],
    ['curve', !isSame(before.curve, after.curve)],
    ['invert', before.invert !== after.invert],
    ['colours', before.colourMap !== after.colourMap],
    ['enhancement', !isSame(before.enhancement, after.enhancement)],
    ['material', after.shown.kind === 'material' && !isSame(before.shown, after.shown)],
    ['channel', after.shown.kind === 'channel' && !isSame(before.shown, after.shown)],
    ['turn', before.rotate !== after.rotate || before.mirror !== after.mirror],
    ['zoom', before.zoom !== after.zoom],
  ];
  return used.filter(([, isUsed]) => isUsed).map(([tool]) => tool);
}

/** How the picture was looked at, gathered while it is, for the verdict. */
export interface ReadingLog {
  readonly shown: () => void;
  readonly used: (tools: readonly Tool[]) => void;
  /** Findings of models are there; or not, so that they cannot be shown. */
  readonly findings: (state: Record['findings']) => void;
  readonly read: () => Record;
}

export function useReadingLog(): ReadingLog {
  const state = useRef({ since: 0, tools: new Set<Tool>(), findings: 'none' as Record['findings'] });
  const shown = useCallback(() => {
    if (state.current.since === 0) state.current.since = performance.now();
  }, []);
  const used = useCallback((tools: readonly Tool[]) => {
    for (const tool of tools) state.current.tools.add(tool);
  }, []);
  const findings = useCallback((next: Record['findings']) => {
    // what was seen once was seen
    if (state.current.findings !== 'shown') state.current.findings = next;
  }, []);
  const read = useCallback((): Record => {
    const { since, tools, findings: seen } = state.current;
    const seconds = since === 0 ? 0 : (performance.now() - since) / 1000;
    return { findings: seen, tools: [...tools], seconds: Math.round(seconds * 10) / 10 };
  }, []);
  return useRef<ReadingLog>({ shown, used, findings, read }).current;
}
