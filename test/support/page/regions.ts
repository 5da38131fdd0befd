import type { Case } from '../../../src/core/case/case.ts';
import type { Region } from '../../../src/core/case/region.ts';
import type { NiiScan } from '../../../src/core/scan/scan.ts';
import type { Harness } from '../harness.ts';

/** A region in the object of inspection of a case. */
export async function regionsOf(
  service: Harness,
  { scanId, unitId }: Pick<Case, 'scanId' | 'unitId'>,
): Promise<readonly Region[]> {
  const url = `/v1/scans/${scanId}/revisions/latest/scan.json`;
  const record: NiiScan = (await service.as('auditor', { url })).json();
  const { from } = record.units.find(({ id }) => id === unitId)?.extent ?? { from: 0 };
  const { rows = 1, columns = 1 } = record.views[0]?.channels[0] ?? {};
  const [x, y] = [from + Math.min(10, columns - from - 2), Math.min(30, rows - 2)];
  return [{ view: 'main', x, y, width: Math.min(40, columns - x), height: Math.min(30, rows - y) }];
}
