import { type Verdict, VerdictKind } from '../../core/case/case.ts';
import type { LaneInstruction, LaneReason } from '../../core/case/lane.ts';
import type { ToldWhen, WhatMayHold } from '../../core/case/outlook.ts';
import { defined } from '../../core/defined.ts';
import type { ControlTerms } from '../../core/rules/controls.ts';
import type { KnownControls } from '../../triage/controls.ts';
import {
  combineRows,
  type KnownCase,
  type KnownOfVehicle,
  laneRows,
  rowsOf,
} from '../../triage/instruction.ts';

import type { CasePolicy } from '../../triage/policy.ts';
import { mayBeReadAgain } from '../../triage/readings.ts';
import { verdicts } from '../../triage/verdicts.ts';

/**
 * What the lane would be told by each verdict, for who is about to give one. It goes by the image alone and by alarms: not by
 * what others said of the image, nor by other objects of inspection or scans, so nobody learns of them by it.
 */

/** What is known to who looks at the image. */
export interface KnownToReader extends Pick<KnownOfVehicle, 'scan' | 'holds' | 'near'> {
  /** In the same scan as the image shows it. */
  readonly hasOtherObjects: boolean;
  /** The scan names a visit, which other scans may name, too. */
  readonly hasVisit: boolean;
  /** What the policy requires of the scan, and of the object of inspection in the case. */
  readonly controls?: { readonly ofScan: ControlTerms; readonly ofCase: ControlTerms };
}

export interface Outlook {
  readonly kind: VerdictKind;
  readonly instruction: LaneInstruction;
  readonly told: ToldWhen;
  readonly reasons: readonly LaneReason[];
  readonly mayHold: readonly WhatMayHold[];
}

type Terms = Pick<CasePolicy, 'secondOpinionOn' | 'secondOpinionShare' | 'randomSearchShare' | 'readers'>;

/** @param seconds - for how long a verdict may be taken back */
export function outlookOf(known: KnownToReader, policy: Terms, seconds: number): readonly Outlook[] {
  return VerdictKind.enum.map((kind) => outlookOfKind(kind, known, policy, seconds));
}

function outlookOfKind(
  kind: VerdictKind,
  { scan, holds, near, hasOtherObjects, hasVisit, controls }: KnownToReader,
  policy: Terms,
  seconds: number,
): Outlook {
  const verdict: Verdict = { kind, reason: 'other', analyst: '', at: '', revision: 1 };
  const cases: readonly KnownCase[] = [{ unitId: '', state: 'decided', verdicts: [verdict] }];
  const ofImage = controls && knownControls(controls);
  const codes = rowsOf({ scan, cases, holds, near, ...defined({ controls: ofImage }) }).map(
    ({ code }) => code,
  );
  const { instruction } = combineRows(codes);
  const reasons = [...new Set(codes.filter((code) => laneRows[code].instruction === instruction))];
  if (instruction === 'hold') return { kind, instruction, told: 'at-once', reasons, mayHold: [] };
  const possible: readonly (readonly [WhatMayHold, boolean])[] = [
    ['second-reading', mayBeReadAgain(kind, policy)],
    ['random-search', verdicts[kind].letsGo && (policy.randomSearchShare ?? 0) > 0],
    ['other-objects', hasOtherObjects],
    ['other-scans', hasVisit],
  ];
  const mayHold = possible.filter(([, may]) => may).map(([what]) => what);
  const atEnd = seconds === 0 ? 'at-once' : 'when-it-stands';
  return { kind, instruction, told: mayHold.length === 0 ? atEnd : 'when-all-is-read', reasons, mayHold };
}

/** Whether another reader is asked is told as what may hold the vehicle still. */
function knownControls({ ofScan, ofCase }: NonNullable<KnownToReader['controls']>): KnownControls {
  const { readers: _, ...terms } = ofCase;
  return { ofScan, ofUnits: { '': terms } };
}
