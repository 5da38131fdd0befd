import { NiiError } from '../../core/errors.ts';
import { type DicomParts, PARTS_FILE } from '../../parsing/kinds/dicom.ts';
import { LeftFile } from '../../parsing/left-file.ts';

/** What a reader made of an instance, in the file that it left. Close it. */
export class InstanceParts {
  /** Of the parts, where they are pixels. */
  readonly transferSyntax: string | undefined;
  readonly #file: LeftFile;
  readonly #made: DicomParts;
  readonly #release: () => Promise<void>;

  private constructor(file: LeftFile, made: DicomParts, release = () => file.close()) {
    this.#file = file;
    this.#made = made;
    this.#release = release;
    this.transferSyntax = made.transferSyntax;
  }

  /** @throws NII_READER_CRASHED where the file is not as long as its parts */
  static async open(folder: string, made: DicomParts): Promise<InstanceParts> {
    const file = await LeftFile.open(folder, PARTS_FILE);
    if (made.parts.reduce((sum, bytes) => sum + bytes, 0) === file.bytes)
      return new InstanceParts(file, made);
    await file.close();
    throw new NiiError(
      'NII_READER_CRASHED',
      'The parts are smaller or larger than the file that the reader wrote',
    );
  }

  get count(): number {
    return this.#made.parts.length;
  }

  /** Of all parts. */
  get bytes(): number {
    return this.#file.bytes;
  }

  /** The same file once more; closing it only calls `release`. */
  shared(release: () => Promise<void>): InstanceParts {
    let released: Promise<void> | undefined;
    return new InstanceParts(this.#file, this.#made, () => (released ??= release()));
  }

  /** Bytes of one part. @param index - from 0 */
  stream(index: number): AsyncIterable<Uint8Array> {
    const { parts } = this.#made;
    const first = parts.slice(0, index).reduce((sum, bytes) => sum + bytes, 0);
    return this.#file.stream({ first, last: first + (parts[index] ?? 0) - 1 });
  }

  /** The same, and closes the file after it, or when it is given up, also before its first piece. */
  closing(index: number): AsyncIterable<Uint8Array> {
    const pieces = this.stream(index)[Symbol.asyncIterator]();
    const end = async (): Promise<IteratorResult<Uint8Array>> => {
      await pieces.return?.();
      await this.close();
      return { done: true, value: undefined };
    };
    const next = async () => {
      const step = await pieces.next().catch(async (error: unknown) => {
        await end();
        throw error;
      });
      return step.done === true ? end() : step;
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
  }

  close(): Promise<void> {
    return this.#release();
  }
}
