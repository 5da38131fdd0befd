import { expect, test } from 'vitest';
import type { RevisionRow } from '../../../src/core/scan/stored-scan.ts';
import { type AnalysisOutcome, ModelResultCache } from '../../../src/steps/analysis/model-result-cache.ts';

/** As far as it is asked about. */
const revision = (scanId: string) => ({ scanId, revision: 1, contentHash: 'c'.repeat(64) }) as RevisionRow;
const model = (version: string) => ({ id: 'cargo', version, sha256: 'a'.repeat(64) });
const outcome = (reason: string, bytes: number): AnalysisOutcome => ({
  analysis: { model: model('1'), status: 'not-analysed', reason, units: [], findings: [], milliseconds: 0 },
  map: { rows: 1, columns: bytes, bytes: new Uint8Array(bytes) },
});

/** Reason of what is said, and how often anybody was asked. */
function asker() {
  const said = new ModelResultCache();
  const asked: string[] = [];
  const ask = async (scanId: string, version: string, bytes = 0) => {
    const found = await said.once({ row: revision(scanId), options: {} }, model(version), async () => {
      asked.push(`${scanId} ${version}`);
      return outcome(`${scanId} ${version}`, bytes);
    });
    return found.analysis.reason;
  };
  return { said, asked, ask };
}

test('each version of a model is asked once of a revision, until that is forgotten', async () => {
  const { said, asked, ask } = asker();
  expect([await ask('a', '1'), await ask('a', '2'), await ask('b', '1'), await ask('a', '1')]).toEqual([
    'a 1',
    'a 2',
    'b 1',
    'a 1',
  ]);
  expect(asked).toEqual(['a 1', 'a 2', 'b 1']);
  said.forget(revision('a'));
  await ask('a', '1');
  await ask('b', '1');
  expect(asked).toEqual(['a 1', 'a 2', 'b 1', 'a 1']);
});

test('a model looks again where the rule for the cab has changed', async () => {
  const { said, ask } = asker();
  await ask('a', '1');
  const leftOut = [{ view: 'side', from: 0, to: 10 }] as never;
  const anew = await said.once({ row: revision('a'), options: { leftOut } }, model('1'), async () =>
    outcome('anew', 0),
  );
  expect(anew.analysis.reason).toBe('anew');
});

test('a model that throws has said nothing', async () => {
  const { said, ask } = asker();
  const gone = () => Promise.reject(new Error('gone'));
  await expect(said.once({ row: revision('a'), options: {} }, model('1'), gone)).rejects.toThrow('gone');
  expect(await ask('a', '1')).toBe('a 1');
});

test('of more than 32 scans, or of more than 64 MiB of maps, the earliest is forgotten', async () => {
  const { asked, ask } = asker();
  for (let i = 0; i < 33; i += 1) await ask(`scan ${i}`, '1');
  asked.length = 0;
  await ask('scan 1', '1');
  await ask('scan 0', '1');
  expect(asked).toEqual(['scan 0 1']);

  const large = asker();
  for (const scan of ['a', 'b', 'c']) await large.ask(scan, '1', 30 * 1024 * 1024);
  large.asked.length = 0;
  for (const scan of ['b', 'c', 'a']) await large.ask(scan, '1');
  expect(large.asked).toEqual(['a 1']);
});
