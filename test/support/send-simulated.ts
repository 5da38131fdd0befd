import type { Actor } from '../../src/core/access.ts';
import type { UploadMeta } from '../../src/core/upload.ts';
import { simulateFiles } from '../../src/local/simulate.ts';
import { acceptUpload } from '../../src/receive/accept.ts';
import { discardUpload, receiveUpload } from '../../src/receive/upload.ts';
import type { Parts } from '../../src/wiring.ts';

/** Takes in a small simulated scan, another one for each seed. */
export async function sendSimulated(
  deps: Parts,
  actor: Actor,
  seed: number,
  meta: UploadMeta = {},
): Promise<void> {
  const files = simulateFiles({
    seed,
    layout: 'numpy',
    container: '20ft',
    cargo: 'drums',
    anomalies: [],
    pitchMm: 30,
  });
  const upload = await receiveUpload(deps, partsOf(files), actor.keyId);
  await acceptUpload(deps, actor, upload, meta);
  await discardUpload(upload);
}

async function* partsOf(files: ReturnType<typeof simulateFiles>) {
  for (const { name, bytes } of files) yield { name, stream: streamOf(bytes) };
}

async function* streamOf(bytes: Uint8Array) {
  yield bytes;
}
