import type { Verdict, VerdictKind } from '../../../src/core/case/case.ts';
import type * as triage from '../../../src/triage/case.ts';

export const opening: triage.Opening = {
  id: 'c1',
  administration: 'xx',
  site: 'port-a',
  scanId: 's1',
  unitId: 'u1',
  revision: 1,
  openedAt: '2026-01-02T03:00:00.000Z',
};

/** Of the analyst with this number. */
export function verdictOf(kind: VerdictKind, i: number): Verdict {
  return { kind, reason: 'other', analyst: `analyst ${i}`, at: '2026-01-02T03:00:00.000Z', revision: 1 };
}
