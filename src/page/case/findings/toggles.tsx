import { words } from '../../words/words.ts';
import { SteadyToggle } from '../reading/steady.tsx';
import type { VendorFindings } from './load.ts';
import type { VisibleFindings } from './visible.ts';

/** Findings on or off; once they are on, of each model where several marked something, and of each vendor's algorithm. */
export function FindingToggles({ findings }: { readonly findings: VisibleFindings }) {
  const { count, isAnything, areShown, markers, vendors, silent } = findings;
  return (
    <>
      <SteadyToggle
        isDisabled={!isAnything}
        isSelected={areShown}
        onChange={findings.toggle}
        text={words('viewer.findings', { count: count ?? '…' })}
        shortcut="F"
      />
      {areShown &&
        markers.length + vendors.length > 1 &&
        markers.map((one) => (
          <SteadyToggle
            key={one.model}
            isSelected={!one.isHidden}
            onChange={() => findings.toggleOne('model', one.model)}
            text={`${one.model}: ${one.count}`}
          />
        ))}
      {areShown &&
        vendors.map((one) => (
          <SteadyToggle
            key={one.name}
            isSelected={!one.isHidden}
            onChange={() => findings.toggleOne('vendor', one.name)}
            text={inWords(one)}
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

/** A file may say in words of its own what is no decision of DICOS. */
function inWords({ name, decision, verdict, findings }: VendorFindings): string {
  const said = decision === 'UNKNOWN' && verdict !== undefined ? verdict : words(`vendor.${decision}`);
  return words('viewer.vendor', { name, said, count: findings.length });
}
