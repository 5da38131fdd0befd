import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { Case } from '../../../src/core/case/case.ts';
import { Analysis, Finding, UnitScore, withAnomalyPercentile } from '../../../src/core/case/finding.ts';
import { presentAnalysis } from '../../../src/http/present.ts';

const box = { view: 'main', rowFrom: 0, rowTo: 1, columnFrom: 0, columnTo: 1 };
const stored: Analysis = {
  model: { id: 'm', version: '1', sha256: '0'.repeat(64) },
  status: 'analysed',
  units: [{ unitId: 'u1', score: 0.5, percentile: 97.5 }],
  findings: [
    { id: 'f1', label: 'anomaly', box, score: 0.5, percentile: 99 },
    { id: 'f2', label: 'anomaly', box, score: 0.1 },
  ],
  milliseconds: 1,
};

test('answers say the anomaly percentile of what is stored, and until 0.3 the former name beside it', () => {
  const shown = presentAnalysis(stored);
  expect(shown.units).toEqual([{ ...stored.units[0], anomalyPercentile: 97.5 }]);
  expect(shown.findings.map(({ anomalyPercentile, percentile }) => [anomalyPercentile, percentile])).toEqual([
    [99, 99],
    [undefined, undefined],
  ]);
  expect(Compile(Analysis).Check(shown)).toBe(true);
  expect(withAnomalyPercentile({ percentile: 3 })).toEqual({ percentile: 3, anomalyPercentile: 3 });
});

test('the schemas mark the former name as deprecated, at each place that has both', () => {
  for (const schema of [Case, Finding, UnitScore]) {
    const { anomalyPercentile, percentile } = JSON.parse(
      JSON.stringify(Type.Pick(schema, ['percentile', 'anomalyPercentile'])),
    ).properties;
    expect(percentile).toMatchObject({ deprecated: true });
    expect(anomalyPercentile).not.toHaveProperty('deprecated');
  }
});
