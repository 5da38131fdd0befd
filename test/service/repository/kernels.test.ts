import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compiledModule, kernels } from '../../../scripts/kernels.mjs';

test.each(kernels)('$module is what $source compiles to', async (kernel) => {
  expect(readFileSync(kernel.module, 'utf8')).toBe(await compiledModule(kernel));
});
