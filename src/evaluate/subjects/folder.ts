import { defined } from '../../core/defined.ts';
import type { Problem } from '../../core/errors.ts';
import { planesInMemory } from '../../core/scan/plane-source.ts';
import { convertLocal, type LocalTools } from '../../local/local.ts';
import type { Ordinary } from './subject.ts';

/** A scan of a folder, or files of it that are none. */
export type FolderScan =
  | { readonly kind: 'scan'; readonly scan: Ordinary }
  | { readonly kind: 'rejected'; readonly files: readonly string[]; readonly problem: Problem };

/** What every folder of converted scans holds beside its planes; the planes are read, and hold the record too. */
const RECORD = /(^|\/)scan\.json$/;

/**
 * Reads every scan of a folder with the service's converters, one after the other: files of a scanner, or DICOS as
 * `nii convert --format dicos` writes it.
 * @throws NII_NOT_FOUND where the folder is not there
 */
export async function* scansOfFolder(tools: LocalTools, path: string): AsyncGenerator<FolderScan> {
  for await (const outcome of convertLocal(tools, [path])) {
    if (outcome.kind === 'rejected') {
      if (!outcome.files.every((name) => RECORD.test(name))) yield outcome;
      continue;
    }
    const { scan, planes } = outcome.result;
    const converter = tools.converters.find(({ manifest }) => manifest.id === outcome.group.converter.id);
    const name = scan.originals.map(({ sha256 }) => sha256.slice(0, 16)).join('-');
    yield {
      kind: 'scan',
      scan: {
        name: name.slice(0, 100),
        cargo: 'not known',
        source: { scan, planes: planesInMemory(planes) },
        ...defined({ assumedHeightMm: converter?.manifest.defaults?.assumedHeightMm }),
      },
    };
  }
}
