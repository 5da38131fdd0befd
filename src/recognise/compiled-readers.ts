import { basename, dirname, join } from 'node:path';

/** Readers that are bundled apart from their packages: the built-in ones, for the processes that run them. */
export interface CompiledReaders {
  /** Folder of the packages. */
  readonly packages: string;
  /** Folder with the reader of each, in a folder of its name. */
  readonly readers: string;
}

/** Of a program of the bundle whose first argument is the folder of the built-in packages. */
export function compiledBeside([, program = '', packages = '']: readonly string[]): CompiledReaders {
  return { packages, readers: join(dirname(program), 'readers') };
}

/** Path of a package's bundled reader; undefined for a package from elsewhere, which brings a reader that Node can load. */
export function compiledReader(folder: string, compiled: CompiledReaders | undefined): string | undefined {
  if (compiled === undefined || dirname(folder) !== compiled.packages) return undefined;
  return join(compiled.readers, basename(folder), 'reader.js');
}
