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
  expect(counted).toBe('2 containers with a hidden object and 3 without one make 6 pairs.');
  expect(inOrder).toMatch(
    /^In 5 pairs \(83 %\) the container with a hidden object comes first\. The 95 % interval, .* is \d+ % to 100 %\.$/,
  );
  // so few containers leave nearly everything open
  expect(Number(/ is (\d+) %/.exec(inOrder ?? '')?.[1])).toBeLessThan(50);
  expect(others.join('\n')).toContain('does not show how good the ranking is');
  expect(others.join('\n')).toMatch(/nii evaluate \S+ --normals sim:development:\d+ --threats sim/);
});

test('a queue that is all in order is no certainty, and one without pairs has no line', () => {
  const inOrder = rankingText(queueOf([true, true, false, false]))[1];
  expect(inOrder).toBe(
    'In 4 pairs (100 %) the container with a hidden object comes first. There are too few containers to calculate a 95 % interval.',
  );
  expect(rankingText(queueOf([true, true, null]))).toEqual([]);
  expect(rankingText([])).toEqual([]);
});
