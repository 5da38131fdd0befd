import { Dicer } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { NiiError } from '../../core/errors.ts';
import type { UploadPart } from '../../receive/upload.ts';
import { requireBoundary } from '../upload-parts.ts';

type DicerPart = Dicer.PartStream;
interface Arriving {
  readonly stream: DicerPart;
  readonly contentType: string;
}

const HEADER_PAIRS = 32;

/**
 * The instances of a multipart/related body as they arrive, named by their place.
 * @throws NII_MEDIA_TYPE for other parts than application/dicom, NII_BAD_REQUEST without a boundary or a last
 *   boundary, NII_UPLOAD_CUT when the connection ends
 */
export async function* relatedParts(request: FastifyRequest): AsyncGenerator<UploadPart> {
  const reading = new Reading(request);
  let count = 0;
  try {
    for (let part = await reading.next(); part !== undefined; part = await reading.next()) {
      if (part.contentType !== 'application/dicom') {
        throw new NiiError(
          'NII_MEDIA_TYPE',
          `Invalid part of type ${part.contentType}: use application/dicom`,
        );
      }
      count += 1;
      yield { name: `${count}.dcm`, stream: part.stream };
    }
  } finally {
    reading.leave();
  }
}

/** Media type of the parts, as the request names it. */
export function typeOfParts({ headers }: FastifyRequest): string {
  const [, quoted, plain] = /;\s*type=(?:"([^"]*)"|([^;\s]+))/i.exec(headers['content-type'] ?? '') ?? [];
  return (quoted ?? plain ?? '').toLowerCase();
}

/** One reader of one body: parts wait here until they are asked for. */
class Reading {
  readonly #request: FastifyRequest;
  readonly #dicer: Dicer;
  readonly #arrived: Arriving[] = [];
  #current: DicerPart | undefined;
  #ended = false;
  #failure: NiiError | undefined;
  #wake: () => void = () => {};

  constructor(request: FastifyRequest) {
    this.#request = request;
    this.#dicer = new Dicer({ boundary: requireBoundary(request), maxHeaderPairs: HEADER_PAIRS });
    this.#dicer.on('part', (part) => this.#take(part));
    this.#dicer.on('finish', () => this.#end());
    this.#dicer.on('error', () => this.#fail(badBody()));
    request.raw.once('error', () => this.#fail(cut()));
    request.raw.once('close', () => {
      if (!request.raw.complete) this.#fail(cut());
    });
    request.raw.pipe(this.#dicer);
  }

  async next(): Promise<Arriving | undefined> {
    while (this.#arrived.length === 0 && !this.#ended && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const part = this.#arrived.shift();
    if (part === undefined && this.#failure !== undefined) throw this.#failure;
    return part;
  }

  /** Nothing of the rest is wanted; the message stays open for its answer. */
  leave(): void {
    this.#request.raw.unpipe(this.#dicer);
    this.#current?.resume();
  }

  #take(stream: DicerPart): void {
    this.#current = stream;
    stream.on('error', () => {});
    stream.once('header', (header) => {
      const [type = 'application/dicom'] = (header as Record<string, string[]>)['content-type'] ?? [];
      this.#arrived.push({ stream, contentType: type.split(';')[0]?.trim().toLowerCase() ?? '' });
      this.#wake();
    });
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  #fail(error: NiiError): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#failure = error;
    this.#current?.destroy(error);
    this.#wake();
  }
}

function badBody(): NiiError {
  return new NiiError(
    'NII_BAD_REQUEST',
    'The body ends before its last boundary: send the complete body again',
  );
}

function cut(): NiiError {
  return new NiiError(
    'NII_UPLOAD_CUT',
    'The connection ended before the request was complete: send it again',
  );
}
