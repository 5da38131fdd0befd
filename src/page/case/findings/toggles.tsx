import { words } from '../../words/words.ts';
import { SteadyToggle } from '../reading/steady.tsx';
import type { ShownFindings } from './shown.ts';

/** Findings on or off; once they are on, of each model where several marked something. */
export function FindingToggles({ findings }: { readonly findings: ShownFindings }) {
  const { count, areShown, markers, silent } = findings;
  return (
    <>
      <SteadyToggle
        isDisabled={!count}
        isSelected={areShown}
        onChange={findings.toggle}
        text={words('viewer.findings', { count: count ?? '…' })}
        shortcut="F"
      />
      {areShown &&
        markers.length > 1 &&
        markers.map((one) => (
          <SteadyToggle
            key={one.model}
            isSelected={!one.isHidden}
            onChange={() => findings.toggleModel(one.model)}
            text={`${one.model}: ${one.count}`}
          />
        ))}
      {silent.map((one) => (
        <span key={one.model} className="quiet">
          {words('viewer.notLooked', { ...one })}
        </span>
      ))}
    </>
  );
}
