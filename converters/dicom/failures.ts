import type { DicomSdk } from './tools.ts';

interface Failure {
  readonly name: string;
  readonly error: Error & { readonly code: string };
}

/** The files of a scan that cannot be read, each with what is wrong with it: one fails alone, and the others are read. */
export class Failures {
  readonly #sdk: DicomSdk;
  readonly #all: Failure[] = [];

  constructor(sdk: DicomSdk) {
    this.#sdk = sdk;
  }

  /** What the work gives; undefined where the file is at fault. @throws any other error */
  guard<Value>({ name }: { readonly name: string }, work: () => Value): Value | undefined {
    try {
      return work();
    } catch (error) {
      this.add(name, error);
      return undefined;
    }
  }

  /** @throws the error where it is no fault of the file */
  add(name: string, error: unknown): void {
    if (!isFault(error)) throw error;
    this.#all.push({ name, error });
  }

  names(): readonly string[] {
    return this.#all.map(({ name }) => name);
  }

  /** @throws what is wrong with the first of them, where there is one */
  throwFirst(): void {
    const [first] = this.#all;
    if (first !== undefined) throw first.error;
  }

  warn(): void {
    for (const { name, error } of this.#all) {
      this.#sdk.warn('NII_W_FILE_DAMAGED', { field: name, value: error.code, message: error.message });
    }
  }
}

function isFault(error: unknown): error is Failure['error'] {
  return error instanceof Error && 'code' in error && /^NII_(?!INTERNAL|CONFIG)/.test(String(error.code));
}
