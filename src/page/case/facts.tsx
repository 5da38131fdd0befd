import { useEffect, useState } from 'react';
import { api, bodyOf, type Case, type Declaration, type ScanRecord } from '../api/client.ts';
import { words } from '../words/words.ts';

/** What is known of the goods and of the scan, beside the picture. */

export function useDeclarations(refs: readonly string[]): readonly Declaration[] {
  const [found, setFound] = useState<readonly Declaration[]>([]);
  const key = refs.join('\n');
  useEffect(() => {
    const asked = key === '' ? [] : key.split('\n');
    void Promise.all(
      asked.map(async (ref) =>
        bodyOf(await api.GET('/v1/declarations/{ref}', { params: { path: { ref } } })),
      ),
    )
      .then(setFound)
      .catch(() => setFound([]));
  }, [key]);
  return found;
}

export function Row({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  if (value === undefined || value === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

export const time = (iso: string) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function Facts({ value, record }: { readonly value: Case; readonly record: ScanRecord | undefined }) {
  const declarations = useDeclarations(value.declarations ?? []);
  const { anomalyPercentile, declaredRisk } = value;
  return (
    <section
      className="facts"
      // it scrolls, and keys can only scroll what has the focus
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={words('case.title', { container: value.container ?? value.id })}
    >
      <h1>{value.container ?? words('case.noContainer')}</h1>
      <dl>
        <Row name={words('case.due')} value={time(value.dueAt)} />
        <Row
          name={words('case.percentile')}
          value={
            anomalyPercentile === undefined ? words('case.notScored') : `${anomalyPercentile.toFixed(1)} %`
          }
        />
        <Row name={words('case.risk')} value={declaredRisk === undefined ? undefined : `${declaredRisk}`} />
      </dl>
      <h2>{words('case.reasons')}</h2>
      <ul>
        {value.reasons.map(({ text }) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <h2>{words('case.declaration')}</h2>
      {declarations.length === 0 && <span className="quiet">{words('case.noDeclaration')}</span>}
      {declarations.map(({ ref, body }) => (
        <dl key={ref}>
          <Row name={words('case.declaration')} value={body.mrn ?? ref} />
          <Row name={words('case.goods')} value={body.description} />
          <Row name={words('case.hs')} value={body.hsCodes?.join(', ')} />
          <Row
            name={words('case.weight')}
            value={body.grossMassKg === undefined ? undefined : `${body.grossMassKg.toLocaleString()} kg`}
          />
          <Row name={words('case.packages')} value={body.packages?.toLocaleString()} />
          <Row name={words('case.origin')} value={body.origin} />
          {body.declaredEmpty === true && <Row name={words('case.declaredEmpty')} value="✓" />}
        </dl>
      ))}
      <h2>{words('case.scan')}</h2>
      {record !== undefined && (
        <>
          <dl>
            <Row
              name={words('case.scanner')}
              value={[record.source.manufacturer, record.source.model, record.source.format]
                .filter(Boolean)
                .join(' · ')}
            />
            <Row name={words('case.taken')} value={record.acquired.utc ?? record.acquired.written} />
            <Row name={words('case.completeness')} value={record.completeness} />
          </dl>
          <h2>{words('case.warnings')}</h2>
          {record.warnings.length === 0 ? (
            <span className="quiet">{words('case.noWarnings')}</span>
          ) : (
            <ul>
              {[...new Set(record.warnings.map(({ message }) => message))].map((message) => (
                <li key={message}>{message}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}
