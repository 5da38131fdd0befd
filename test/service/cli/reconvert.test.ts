import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { tryAgain } from '../../../src/maintenance/convert-again.ts';
import { reconvert } from '../../../src/maintenance/reconvert.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import type { Service } from '../../../src/wiring.ts';
import { send } from '../../support/stage.ts';
import { story } from '../../support/vitest/story.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let scanId: string;

const within = async <T>(work: (service: Service) => Promise<T>): Promise<T> => {
  const service = await world.open();
  try {
    return await work(service);
  } finally {
    await service.close();
  }
};

/** As if an older version of the converter had read the container wrong and lost a channel's open beam. */
async function ageConversion(): Promise<void> {
  await within(({ deps }) =>
    deps.records.transaction(async (tx) => {
      const row = await tx.revision(scanId, 1);
      if (row?.scan === undefined) throw new Error('not converted');
      const [view, ...views] = row.scan.views;
      const [first, ...channels] = view?.channels ?? [];
      if (view === undefined || first === undefined) throw new Error('no channel');
      const { openBeam: _, ...channel } = first;
      await tx.updateRevision({
        ...row,
        converter: { id: 'numpy-array', version: '0.0.1' },
        scan: {
          ...row.scan,
          source: { ...row.scan.source, site: 'read wrong' },
          views: [{ ...view, channels: [channel, ...channels] }, ...views],
        },
      });
    }),
  );
}

beforeAll(async () => {
  world = await openWorld();
  await within(async ({ deps }) => {
    const files = simulateFiles({
      seed: 5,
      layout: 'numpy',
      container: '20ft',
      cargo: 'drums',
      anomalies: [],
      pitchMm: 40,
    });
    const [accepted] = await send(deps, files);
    scanId = accepted?.scanId ?? '';
    await drainJobs(deps, 'test');
  });
  await ageConversion();
});

afterAll(() => world.close());

const again = async (...args: readonly string[]) => {
  const ran = await world.nii('reconvert', '--administration', 'utopia', '--json', ...args);
  return { ...ran, answer: ran.out === '' ? undefined : JSON.parse(ran.out) };
};
const revisions = () => within(({ deps }) => deps.records.transaction((tx) => tx.revisions(scanId)));

story('one scan, converted again and again', () => {
  test('a dry run shows what a better converter changes, field by field, and changes nothing', async () => {
    const { code, answer } = await again('--outdated', '--dry-run');
    expect(code).toBe(0);
    const [{ difference, converter }] = answer.scans;
    expect(converter).toMatchObject({ id: 'numpy-array', was: '0.0.1' });
    expect(difference.fields).toContainEqual(
      expect.objectContaining({ path: '/source/site', before: 'read wrong' }),
    );
    expect(difference.channels).toEqual([
      {
        channel: expect.any(String),
        change: 'description',
        fields: [{ path: '/openBeam', after: expect.any(Number) }],
      },
    ]);
    expect(await revisions()).toHaveLength(1);
    const text = await world.nii('reconvert', '--administration', 'utopia', '--all', '--dry-run');
    expect(text.err).toBe('');
    expect(text.out).toContain('/source/site: "read wrong"');
    expect(text.out).toContain('1 scans checked, 1 differ, 0 new revisions');
  });

  test('without it a scan that would change gets a new revision, and one that would not gets none', async () => {
    const first = await again('--outdated');
    expect(first.answer.scans).toMatchObject([{ scanId, madeRevision: 2 }]);
    await within(({ deps }) => drainJobs(deps, 'test'));
    expect((await revisions()).map(({ state }) => state)).toEqual(['analysed', 'analysed']);
    expect((await again('--outdated')).answer.scans).toEqual([]);
    const all = await again('--all');
    expect(all.answer.scans).toMatchObject([{ scanId, difference: { same: true } }]);
    expect(all.answer.scans[0].madeRevision).toBeUndefined();
    expect((await again('--all', '--force')).answer.scans[0].madeRevision).toBe(3);
  });

  test('it asks which scans are meant, and takes no files', async () => {
    expect((await again()).code).toBe(2);
    expect((await again('--all', 'x.npy')).code).toBe(2);
  });

  test('a scan or a converter that is not there is said, and is no success', async () => {
    for (const which of [
      ['--scan', 'none'],
      ['--converter', 'no-such'],
    ]) {
      const { code, err } = await again(...which);
      expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(/^NII_NOT_FOUND/) });
    }
  });

  test('two runs at once make one revision, not two', async () => {
    await within(({ deps }) => drainJobs(deps, 'test'));
    await within(async ({ deps }) => {
      const trial = await tryAgain(deps, { administration: 'utopia', site: '*' }, scanId);
      const actor = { keyId: 'k', role: 'administrator', administration: 'utopia', site: '*' } as const;
      await reconvert(deps, { actor }, scanId, trial.revision);
      await drainJobs(deps, 'test');
      await expect(reconvert(deps, { actor }, scanId, trial.revision)).rejects.toMatchObject({
        code: 'NII_STATE_CONFLICT',
      });
    });
  });

  test('a scan whose converter is gone is told, and stops no other', async () => {
    await within(({ deps }) =>
      deps.records.transaction(async (tx) => {
        const row = (await tx.revisions(scanId)).at(-1);
        if (row !== undefined)
          await tx.updateRevision({ ...row, converter: { id: 'gone', version: '1.0.0' } });
      }),
    );
    const { code, answer } = await again('--outdated', '--dry-run');
    expect(code).toBe(3);
    expect(answer.failed).toMatchObject([{ scanId, problem: { code: 'NII_UNKNOWN_FORMAT' } }]);
    await within(({ deps }) =>
      deps.records.transaction(async (tx) => {
        const row = (await tx.revisions(scanId)).at(-1);
        if (row !== undefined)
          await tx.updateRevision({ ...row, converter: { id: 'numpy-array', version: '0.0.2' } });
      }),
    );
  });

  test('a damaged original is refused, and never converted into samples that nobody measured', async () => {
    const rows = await revisions();
    await within(async ({ deps }) => {
      const original = rows.at(-1)?.originals.find(({ name }) => name.endsWith('.npy'));
      if (original === undefined) throw new Error('no array');
      const bytes = Buffer.from(await deps.objects.get(original.key));
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      await deps.objects.put(original.key, bytes, 'application/octet-stream');
    });
    for (const how of [['--dry-run'], []]) {
      const { code, answer } = await again('--scan', scanId, ...how);
      expect(code).toBe(3);
      expect(answer).toMatchObject({ scans: [], failed: [{ scanId, problem: { code: 'NII_CORRUPT' } }] });
    }
    expect(await revisions()).toHaveLength(rows.length);
  });
});
