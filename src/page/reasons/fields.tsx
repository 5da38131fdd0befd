import type { VerdictKind } from '../../core/case/case.ts';
import { verdictKinds } from '../case/kinds.ts';
import { words } from '../words/words.ts';
import { canEnd, type EditedReason, labelLanguages } from './draft.ts';

interface Props {
  readonly one: EditedReason;
  readonly onChange: (next: EditedReason) => void;
}

/** One reason: what it is called in each language, the verdicts that it is proposed for, and whether it is offered. */
export function ReasonFields({ one, onChange }: Props) {
  const { code, labels, isActive, isBuiltIn, isNew } = one;
  return (
    <fieldset>
      <legend>
        {isNew ? words('reasons.new') : code}
        {isBuiltIn && <span className="quiet"> {words('reasons.builtIn')}</span>}
      </legend>
      {isNew && (
        <label>
          <span className="quiet">{words('reasons.code')}</span>
          <input
            value={code}
            required
            pattern="[a-z][a-z0-9\-]{0,47}"
            title={words('reasons.code')}
            onChange={(event) => onChange({ ...one, code: event.target.value })}
          />
        </label>
      )}
      {labelLanguages.map((language) => (
        <label key={language}>
          <span className="quiet">{words(`reasons.label.${language}`)}</span>
          <input
            value={labels[language]}
            lang={language}
            maxLength={120}
            onChange={(event) => onChange({ ...one, labels: { ...labels, [language]: event.target.value } })}
          />
        </label>
      ))}
      <UsualVerdicts usualFor={one.usualFor} onChange={(usualFor) => onChange({ ...one, usualFor })} />
      <label className="switch">
        <input
          type="checkbox"
          checked={isActive}
          disabled={!canEnd(one)}
          onChange={(event) => onChange({ ...one, isActive: event.target.checked })}
        />
        {words(canEnd(one) ? 'reasons.active' : 'reasons.always')}
      </label>
    </fieldset>
  );
}

interface UsualVerdictsProps {
  readonly usualFor: EditedReason['usualFor'];
  readonly onChange: (next: readonly VerdictKind[]) => void;
}

function UsualVerdicts({ usualFor, onChange }: UsualVerdictsProps) {
  const turn = (kind: VerdictKind, isOn: boolean) =>
    onChange(isOn ? [...usualFor, kind] : usualFor.filter((other) => other !== kind));
  return (
    <div className="row">
      <span className="quiet">{words('reasons.usualFor')}</span>
      {verdictKinds.map((kind) => (
        <label key={kind} className="switch">
          <input
            type="checkbox"
            checked={usualFor.includes(kind)}
            onChange={(event) => turn(kind, event.target.checked)}
          />
          {words(`verdict.${kind}`)}
        </label>
      ))}
    </div>
  );
}
