import { openFolderStore } from '../../src/adapters/objects/fs-store.ts';
import { isNiiError } from '../../src/core/errors.ts';

/** Puts objects on a few keys until it is killed or refused, and prints each key once it is acknowledged. */
const store = await openFolderStore(process.argv[2] ?? '');

async function putForEver(lane: number): Promise<void> {
  for (let round = 0; ; round += 1) {
    const blocks = 1 + ((round * 7 + lane * 31) % 200);
    const key = `lane/${lane}/${round % 5}/object`;
    await store.put(key, Buffer.alloc(blocks * 4096, blocks), 'application/octet-stream');
    process.stdout.write(`${key}\n`);
  }
}

async function putUntilRefused(lane: number): Promise<void> {
  await putForEver(lane).catch((error: unknown) => {
    process.stdout.write(`${isNiiError(error) ? error.code : String(error)}\n`);
    process.exitCode = 1;
  });
}

// each lane comes to a size that is refused, and removes its draft
await Promise.all([1, 2, 3, 4].map(putUntilRefused));
