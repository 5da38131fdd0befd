import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import { activeReasons, reasonInWords, useReasons, usualReason } from '../../reasons/reasons.ts';
import { ProblemNotice } from '../../shell/problem.tsx';
import { words } from '../../words/words.ts';
import type { VerdictKind } from '../claim.ts';
import type { Draft } from './draft.ts';
import { LaneOutlook } from './outlook.tsx';

export const kinds: readonly VerdictKind[] = ['normal', 'suspect', 'inconclusive', 'scan-again'];

interface Props {
  /** Of a case in hand, so that she is shown what the lane will be told. */
  readonly caseId?: string;
  readonly draft: Draft;
  /** Annotations, which the verdict carries as regions. */
  readonly drawn?: number;
  readonly change: (changes: Partial<Draft>) => void;
  readonly isBusy: boolean;
  readonly isHeld: boolean;
  /** The picture is there: nobody judges what was not seen. */
  readonly isShown: boolean;
  readonly problem: string | undefined;
  readonly onSend: () => void;
  /** Absent where nothing is in hand. */
  readonly onHandBack?: () => void;
}

export function VerdictForm({
  caseId,
  draft,
  drawn = 0,
  change,
  isBusy,
  isHeld,
  isShown,
  problem,
  onSend,
  onHandBack,
}: Props) {
  const reasons = useReasons();
  const reason = draft.reason ?? usualReason(reasons, draft.kind);
  return (
    <form
      className="verdict"
      aria-label={words('verdict.title')}
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <RadioGroup
        value={draft.kind ?? null}
        onChange={(value) => {
          const kind = kinds.find((one) => one === value);
          if (kind !== undefined) change({ kind, reason: undefined });
        }}
      >
        <Label className="quiet">{words('verdict.title')}</Label>
        <div className="kinds">
          {kinds.map((kind, i) => (
            <Radio key={kind} value={kind} className={`kind ${kind}`}>
              {words(`verdict.${kind}`)} <kbd>{i + 1}</kbd>
            </Radio>
          ))}
        </div>
      </RadioGroup>
      <label>
        <span className="quiet">{words('verdict.reason')}</span>
        <select
          value={reason ?? ''}
          onChange={(event) => {
            change({ reason: event.target.value });
          }}
        >
          <option value="" disabled />
          {activeReasons(reasons).map(({ code }) => (
            <option key={code} value={code}>
              {reasonInWords(reasons, code)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="quiet">{words('verdict.note')}</span>
        <textarea
          value={draft.note}
          maxLength={4096}
          onChange={(event) => change({ note: event.target.value })}
        />
      </label>
      {draft.regions.length + drawn > 0 && (
        <span className="quiet">{words('verdict.regions', { count: draft.regions.length + drawn })}</span>
      )}
      {isHeld && caseId !== undefined && draft.kind !== undefined && (
        <LaneOutlook caseId={caseId} kind={draft.kind} />
      )}
      {problem !== undefined && <ProblemNotice message={problem} />}
      <div className="row">
        {onHandBack !== undefined && (
          <Button className="button" onPress={onHandBack} isDisabled={!isHeld || isBusy}>
            {words('case.handBack')}
          </Button>
        )}
        <Button
          className="button main"
          type="submit"
          isDisabled={!isHeld || !isShown || isBusy || draft.kind === undefined || reason === undefined}
        >
          {words(isBusy ? 'verdict.sending' : 'verdict.send')} <kbd>Enter</kbd>
        </Button>
      </div>
    </form>
  );
}
