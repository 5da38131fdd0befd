import { useCallback } from 'react';
import type { VerdictKind } from '../../../core/case/case.ts';
import type { LaneInstruction, LaneReason } from '../../../core/case/lane.ts';
import { api, bodyOf, type VerdictOutlooks } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import { type WordKey, words } from '../../words/words.ts';

type Outlook = VerdictOutlooks['verdicts'][number];

const about = ['scan', 'hold', 'radiation', 'site', 'policy'] as const;

/** What the reader may know of a reason before the verdict; nothing where it follows from what others said. */
const knownReasons: Readonly<Record<LaneReason, WordKey | undefined>> = {
  'person-in-danger': 'lane.person-in-danger',
  'held-by-hand': undefined,
  'mark-unclear': undefined,
  'alarm-waits': 'lane.alarm-waits',
  'not-measured': 'lane.not-measured',
  'alarm-confirmed': 'lane.alarm-confirmed',
  'alarm-near': 'lane.alarm-near',
  'record-unread': 'lane.record-unread',
  'recovery-gap': undefined,
  'clock-unsure': undefined,
  'control-missing': undefined,
  'alarm-kept': 'lane.alarm-kept',
  'alarm-innocent': undefined,
  'alarm-released': undefined,
  'alarm-false': undefined,
  'alarm-test': undefined,
  'measured-again': undefined,
  'alarm-duplicate': undefined,
  'scan-failed': 'lane.scan-failed',
  'scan-under-way': 'lane.scan-under-way',
  'nothing-to-decide': undefined,
  undecided: undefined,
  'selected-for-search': 'lane.selected-for-search',
  'visit-missing': 'lane.visit-missing',
  'in-search': undefined,
  inconclusive: 'verdict.inconclusive',
  incomplete: 'lane.incomplete',
  disputed: undefined,
  suspect: 'verdict.suspect',
  found: undefined,
  unsearched: undefined,
  'left-undecided': undefined,
  'searched-in-part': undefined,
  rescan: undefined,
  'nothing-found': undefined,
  seized: undefined,
  'search-accepted': undefined,
  normal: undefined,
  'portal-only': undefined,
};

/** The page says why a vehicle gets the instruction. */
const isExplained: Readonly<Record<LaneInstruction, boolean>> = { hold: true, proceed: false, rescan: false };

function inWords({ instruction, told, reasons, mayHold }: Outlook, seconds: number): string {
  const what = words(`outlook.${instruction}`);
  if (isExplained[instruction]) {
    const why = reasons.flatMap((code) => knownReasons[code] ?? []).map((key) => words(key));
    return words('outlook.because', { what, why: why.join(', ') });
  }
  if (told === 'at-once') return words('outlook.atOnce', { what });
  if (told === 'when-it-stands') return words('outlook.whenItStands', { what, seconds });
  const others = mayHold.map((one) => words(`outlook.may.${one}`)).join(', ');
  return words('outlook.whenAllIsRead', { what, others });
}

/** What the lane will be told, shown before the verdict is sent. */
export function LaneOutlook({ caseId, kind }: { readonly caseId: string; readonly kind: VerdictKind }) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/cases/{caseId}/verdict-outlook', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value, problem } = useQuery(ask, about);
  const outlook = value?.verdicts.find((one) => one.kind === kind);
  const said = outlook === undefined ? problem : inWords(outlook, value?.undoWindowSeconds ?? 0);
  return (
    <p className="outlook" aria-live="polite">
      <span className="quiet">{words('outlook.title')}</span> {said ?? words('app.loading')}
    </p>
  );
}
