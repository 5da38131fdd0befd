import type { ModelRunner } from '../../../src/core/ports/inference.ts';
import { ModelShelf } from '../../../src/infer/installed/shelf.ts';
import type { ModelPackage } from '../../../src/infer/packages.ts';

/** The models of a service whose packages lie in no folder, opened by the test; none unless given. */
export function shelfOf(
  models: readonly {
    readonly pkg: Pick<ModelPackage, 'manifest' | 'path'>;
    readonly runner: () => Promise<ModelRunner>;
  }[] = [],
): Promise<ModelShelf> {
  return ModelShelf.open({
    read: async () => models.map(({ pkg }) => ({ ...pkg, waits: false, isRecorded: false })),
    open: async ({ path }) => {
      const found = models.find(({ pkg }) => pkg.path === path);
      if (found === undefined) throw new Error(`no model at ${path}`);
      return found.runner();
    },
    test: async () => {},
    onLeftOut: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
}
