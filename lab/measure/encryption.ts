/**
 * `npm run measure -- encryption [--rounds 5] [--mb 64] [--json]`: putting a file and bytes into a folder store and reading
 * them back, with a key file and without, in turns. Medians of the rounds: wall time, processor time of this process, and the
 * ratio of both.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeWithoutKey } from '../../src/adapters/objects/encrypted/no-key.ts';
import { encryptedStore } from '../../src/adapters/objects/encrypted/store.ts';
import { draftsOf, openFolderStore } from '../../src/adapters/objects/fs-store.ts';
import type { ObjectStore } from '../../src/core/ports/objects.ts';
import { toObjectKey } from '../../src/runtime/object-keys.ts';
import { optionsOf, wholeNumber } from './options.ts';

const values = optionsOf(import.meta.url, {
  rounds: { type: 'string', default: '5' },
  mb: { type: 'string', default: '64' },
  json: { type: 'boolean', default: false },
});
const rounds = wholeNumber('rounds', values.rounds, 1, 100);
const megabytes = wholeNumber('mb', values.mb, 1, 1000);
const TYPE = 'application/octet-stream';
/** Small objects are manifests and thumbnails. */
const SMALL = { bytes: 4096, count: 200 };

interface Figure {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const dir = await mkdtemp(join(tmpdir(), 'nii-encryption-'));
const path = join(dir, 'file');
const bytes = randomBytes(megabytes * 1_000_000);
const small = randomBytes(SMALL.bytes);
await writeFile(path, bytes);

async function openStores() {
  const [plain, encrypted] = [join(dir, 'plain'), join(dir, 'encrypted')];
  const keys = [toObjectKey(randomBytes(32))] as const;
  const draftsDir = draftsOf(encrypted);
  return {
    plain: storeWithoutKey(await openFolderStore(plain)),
    encrypted: encryptedStore(await openFolderStore(encrypted), { keys, plain: 'reject', draftsDir }),
  };
}

async function readAll(store: ObjectStore, key: string): Promise<void> {
  let length = 0;
  for await (const chunk of await store.stream(key)) length += chunk.length;
  if (length !== bytes.length) throw new RangeError(`${length} bytes were read`);
}

async function eachSmall(work: (key: string) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < SMALL.count; i += 1) await work(`small/${i}`);
}

const steps = {
  'put a file': (store: ObjectStore) => store.put('a/file', { path, bytes: bytes.length }, TYPE),
  'put bytes': (store: ObjectStore) => store.put('a/bytes', bytes, TYPE),
  'get bytes': async (store: ObjectStore) => void (await store.get('a/bytes')),
  'stream a file': (store: ObjectStore) => readAll(store, 'a/file'),
  'put 200 × 4 kB': (store: ObjectStore) => eachSmall((key) => store.put(key, small, TYPE)),
  'get 200 × 4 kB': (store: ObjectStore) => eachSmall((key) => store.get(key)),
};

async function time(work: () => Promise<void>): Promise<Figure> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 };
}

function median(figures: readonly Figure[], of: keyof Figure): number {
  const sorted = figures.map((figure) => figure[of]).sort((a, b) => a - b);
  return Math.round((sorted[sorted.length >> 1] ?? 0) * 10) / 10;
}

try {
  const { plain, encrypted } = await openStores();
  const rows = [];
  for (const [step, work] of Object.entries(steps)) {
    const [without, withKey]: [Figure[], Figure[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      without.push(await time(() => work(plain)));
      withKey.push(await time(() => work(encrypted)));
    }
    const [wallMs, cpuMs] = (['wallMs', 'cpuMs'] as const).map((of) => {
      const [before, after] = [median(without, of), median(withKey, of)];
      return { without: before, withKey: after, ratio: Math.round((after / before) * 100) / 100 };
    });
    rows.push({ step, wallMs, cpuMs });
  }
  if (values.json) console.log(JSON.stringify({ megabytes, rounds, rows }));
  else
    console.table(
      Object.fromEntries(
        rows.map(({ step, wallMs, cpuMs }) => [
          step,
          {
            'ms without': wallMs?.without,
            'ms with key': wallMs?.withKey,
            ratio: wallMs?.ratio,
            'CPU ms without': cpuMs?.without,
            'CPU ms with key': cpuMs?.withKey,
            'CPU ratio': cpuMs?.ratio,
          },
        ]),
      ),
    );
} finally {
  await rm(dir, { recursive: true, force: true });
}
