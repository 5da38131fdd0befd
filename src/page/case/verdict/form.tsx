import { Button } from 'react-aria-components';
import { activeReasons, reasonInWords, useReasons, usualReason } from '../../reasons/reasons.ts';
import { Choice, Form, Kinds, TextArea } from '../../shell/form.tsx';
import { ProblemNotice } from '../../shell/problem.tsx';
import { words } from '../../words/words.ts';
import { verdictKinds } from '../kinds.ts';
import type { Draft } from './draft.ts';
import { LaneOutlook } from './outlook.tsx';

interface Props {
  /** Of a case in hand, for which the form shows what the lane will be told. */
  readonly caseId?: string;
  readonly draft: Draft;
  /** Number of annotations, which the verdict carries as regions. */
  readonly drawn?: number;
  readonly change: (changes: Partial<Draft>) => void;
  readonly isBusy: boolean;
  readonly isHeld: boolean;
  /** The picture is there: nobody judges what they have not seen. */
  readonly isShown: boolean;
  readonly problem: string | undefined;
  readonly onSend: () => void;
  /** Absent where nothing is in hand. */
  readonly onHandBack?: () => void;
}

export function VerdictForm({ caseId, draft, drawn = 0, change, ...props }: Props) {
  const { isBusy, isHeld, isShown, problem, onHandBack } = props;
  const reasons = useReasons();
  const reason = draft.reason ?? usualReason(reasons, draft.kind);
  return (
    <Form label={words('verdict.title')} onSubmit={props.onSend}>
      <Kinds
        label={words('verdict.title')}
        values={verdictKinds}
        value={draft.kind}
        contentOf={(kind, i) => (
          <>
            {words(`verdict.${kind}`)} <kbd>{i + 1}</kbd>
          </>
        )}
        onChange={(kind) => change({ kind, reason: undefined })}
      />
      <Choice
        label={words('verdict.reason')}
        values={activeReasons(reasons).map(({ code }) => code)}
        value={reason}
        textOf={(code) => reasonInWords(reasons, code)}
        onChange={(code) => change({ reason: code })}
      />
      <TextArea label={words('verdict.note')} value={draft.note} onChange={(note) => change({ note })} />
      {drawn > 0 && <span className="quiet">{words('verdict.regions', { count: drawn })}</span>}
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
    </Form>
  );
}
