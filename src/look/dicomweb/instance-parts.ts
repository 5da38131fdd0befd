import { NiiError } from '../../core/errors.ts';
import { type DicomParts, PARTS_FILE } from '../../reading/kinds/dicom.ts';
import { LeftFile } from '../../reading/left-file.ts';

/** What a reader made of an instance, in the file that it left. Close it. */
export class InstanceParts {
  /** Of the parts, where they are pixels. */
  readonly transferSyntax: string | undefined;
  readonly #file: LeftFile;
  readonly #bytes: readonly number[];

  private constructor(file: LeftFile, { parts, transferSyntax }: DicomParts) {
    this.#file = file;
    this.#bytes = parts;
    this.transferSyntax = transferSyntax;
  }

  /** @throws NII_READER_CRASHED where the file is not as long as its parts */
  static async open(folder: string, made: DicomParts): Promise<InstanceParts> {
    const file = await LeftFile.open(folder, PARTS_FILE);
    if (made.parts.reduce((sum, bytes) => sum + bytes, 0) === file.bytes)
      return new InstanceParts(file, made);
    await file.close();
    throw new NiiError('NII_READER_CRASHED', 'The parts do not fill the file that the reader left');
  }

  get count(): number {
    return this.#bytes.length;
  }

  /** Bytes of one part. @param index - from 0 */
  stream(index: number): AsyncIterable<Uint8Array> {
    const first = this.#bytes.slice(0, index).reduce((sum, bytes) => sum + bytes, 0);
    return this.#file.stream({ first, last: first + (this.#bytes[index] ?? 0) - 1 });
  }

  /** The same, and closes the file after it. */
  async *closing(index: number): AsyncGenerator<Uint8Array> {
    try {
      yield* this.stream(index);
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
