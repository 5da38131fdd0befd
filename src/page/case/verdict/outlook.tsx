import { useCallback } from 'react';
import { api, bodyOf, type VerdictOutlooks } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import { type WordKey, words } from '../../words/words.ts';
import type { VerdictKind } from '../claim.ts';

type Outlook = VerdictOutlooks['verdicts'][number];

const about = ['scan', 'hold', 'radiation', 'site', 'policy'] as const;

/** Why a vehicle holds, as far as she may know it before her verdict. */
const holdReasons: Readonly<Partial<Record<Outlook['reasons'][number], WordKey>>> = {
  'person-in-danger': 'lane.person-in-danger',
  'alarm-waits': 'lane.alarm-waits',
  'not-measured': 'lane.not-measured',
  'alarm-confirmed': 'lane.alarm-confirmed',
  'alarm-near': 'lane.alarm-near',
  'alarm-kept': 'lane.alarm-kept',
  'scan-failed': 'lane.scan-failed',
  'scan-under-way': 'lane.scan-under-way',
  incomplete: 'lane.incomplete',
  suspect: 'verdict.suspect',
  inconclusive: 'verdict.inconclusive',
};

function inWords({ instruction, told, reasons, mayHold }: Outlook, seconds: number): string {
  const what = words(`outlook.${instruction}`);
  if (instruction === 'hold') {
    const why = reasons.flatMap((code) => holdReasons[code] ?? []).map((key) => words(key));
    return words('outlook.because', { what, why: why.join(', ') });
  }
  if (told === 'at-once') return words('outlook.atOnce', { what });
  if (told === 'when-it-stands') return words('outlook.whenItStands', { what, seconds });
  const others = mayHold.map((one) => words(`outlook.may.${one}`)).join(', ');
  return words('outlook.whenAllIsRead', { what, others });
}

/** What the lane will be told, before she sends the verdict. */
export function LaneOutlook({ caseId, kind }: { readonly caseId: string; readonly kind: VerdictKind }) {
  const ask = useCallback(
    async () => bodyOf(await api.GET('/v1/cases/{caseId}/verdict-outlook', { params: { path: { caseId } } })),
    [caseId],
  );
  const { value, problem } = useQuery(ask, about);
  const outlook = value?.verdicts.find((one) => one.kind === kind);
  const said = outlook === undefined ? problem : inWords(outlook, value?.secondThoughtsSeconds ?? 0);
  return (
    <p className="outlook" aria-live="polite">
      <span className="quiet">{words('outlook.title')}</span> {said ?? words('app.loading')}
    </p>
  );
}
