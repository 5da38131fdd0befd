import { describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { containmentKinds } from '../../../src/runtime/contain/containment.ts';
import { requireContainment, warnOfFirstProcess } from '../../../src/warnings.ts';

const found = (kind: (typeof containmentKinds)[number]) => async () => ({
  kind,
  missing: ['bubblewrap: spawn bwrap ENOENT', 'landlock: unrecognized option'],
});

describe('NII_CONTAINED', () => {
  test('is none unless set: the service starts as it can', async () => {
    const config = readConfig({});
    expect(config.leastContainment).toBe('none');
    await expect(requireContainment(config, found('none'))).resolves.toBeUndefined();
  });

  test('rejects a way that is not known, and names those that are', () => {
    expect(() => readConfig({ NII_CONTAINED: 'docker' })).toThrow(/docker.*bubblewrap, landlock, unshare/);
  });

  test.each(
    containmentKinds.flatMap((least, i) => containmentKinds.map((kind, j) => [least, kind, j <= i] as const)),
  )('%s and a machine that allows %s: starts %s', async (least, kind, starts) => {
    const result = requireContainment(readConfig({ NII_CONTAINED: least }), found(kind));
    if (starts) await expect(result).resolves.toBeUndefined();
    else await expect(result).rejects.toMatchObject({ code: 'NII_CONFIG' });
  });

  test('says what is missing and what to install', async () => {
    const config = readConfig({ NII_CONTAINED: 'landlock' });
    await expect(requireContainment(config, found('unshare'))).rejects.toThrow(
      /allows only unshare: install util-linux 2\.40 .*landlock: unrecognized option/,
    );
  });
});

test.each([
  ['the first process of a container is warned, because nobody collects ended processes there', 1, 1],
  ['any other process is not warned', 4_711, 0],
])('%s', (_claim, pid, times) => {
  const warn = vi.fn();
  warnOfFirstProcess(pid, { info: vi.fn(), warn, error: vi.fn() });
  expect(warn).toHaveBeenCalledTimes(times);
});
