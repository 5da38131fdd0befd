import { createRequire } from 'node:module';

type SharpModule = typeof import('sharp').default;

let loaded: SharpModule | undefined;

/** The library sharp. It is native code of many megabytes: loaded for the first picture, with one thread and no cache. */
export function sharp(...args: Parameters<SharpModule>): ReturnType<SharpModule> {
  loaded ??= loadSharp();
  return loaded(...args);
}

/** The memory of a conversion is its own, and small. */
function loadSharp(): SharpModule {
  const module: SharpModule = createRequire(import.meta.url)('sharp');
  module.cache(false);
  module.concurrency(1);
  return module;
}
