import { expect, test } from 'vitest';
import { type DemoRow, rankingText } from '../../../src/cli/demo-table.ts';

/** A queue in which these containers hide something, the most urgent first; null is a scan of somebody else. */
function queueOf(hidden: readonly (boolean | null)[]): readonly DemoRow[] {
  return hidden.map((simulatedAnomaly, i) => ({
    rank: i + 1,
    scanId: `s${i}`,
    caseId: `c${i}`,
    converter: 'numpy',
    layout: null,
    container: null,
    anomalyPercentile: 50,
    percentile: 50,
    band: 'routine' as const,
    reason: '',
    declaredRisk: null,
    completeness: null,
    link: '',
    simulatedAnomaly,
  }));
}

test('the demo says how many pairs its scans make, and how little they show', () => {
  const [counted, inOrder, ...others] = rankingText(queueOf([true, false, null, true, false, false]));
  expect(counted).toBe('2 containers with something hidden and 3 without make 6 pairs.');
  expect(inOrder).toMatch(
    /^In 5 of them \(83 %; 95 % interval (\d+) % to 100 %, .*\(bootstrap\)\) the former/,
  );
  // so few containers leave nearly everything open
  expect(Number(/interval (\d+)/.exec(inOrder ?? '')?.[1])).toBeLessThan(50);
  expect(others.join('\n')).toContain('and not how good the ranking is');
  expect(others.join('\n')).toMatch(/nii evaluate \S+ --normals sim:development:\d+ --threats sim/);
});

test('a queue in order has an interval of its own, and one without pairs no line', () => {
  expect(rankingText(queueOf([true, true, false, false]))[1]).toMatch(
    /^In 4 of them \(100 %; .* 100 % to 100 %/,
  );
  expect(rankingText(queueOf([true, true, null]))).toEqual([]);
  expect(rankingText([])).toEqual([]);
});
