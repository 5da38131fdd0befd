import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { NiiError } from '../../core/errors.ts';
import { headersOf, problemDocument } from '../problems.ts';
import { endWith, headersOfAll } from './raw-answer.ts';
import type { Traffic } from './traffic.ts';

/** What Node's parser says of bytes that are no HTTP. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: Uint8Array;
  /** How far the parser came in that packet. */
  readonly bytesParsed?: number;
}

/** A method that no route takes, by RFC 9110 section 9.1 any token. */
const anyMethod = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^ ]+ HTTP\/1/;

/** Answers what never becomes a request as a problem document, and counts it. */
export class ClientErrors {
  readonly #traffic: Traffic;
  readonly #answering = new WeakMap<Socket, ServerResponse>();
  readonly #ended = new WeakSet<Socket>();

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** Also the two kinds of request that Node itself would turn away without a word. */
  listen(server: Server): void {
    server.on('clientError', (error: ClientError, socket: Socket) => this.#answer(error, socket));
    server.on('request', (request, response) => this.#answering.set(request.socket, response));
    server.on('checkExpectation', (request, response) => this.#rejectExpectation(request, response));
    server.on('connect', (_request, socket) => {
      if ('destroySoon' in socket) this.#end(socket as Socket, noSuchMethod('CONNECT'));
    });
  }

  #answer(error: ClientError, socket: Socket): void {
    if (this.#ended.has(socket)) return;
    if (error.code === 'ECONNRESET' || socket.destroyed) {
      socket.destroy();
      return;
    }
    this.#end(socket, problemOfClientError(error), isHead(error) ? 'HEAD' : undefined);
  }

  #end(socket: Socket, problem: NiiError, method?: 'HEAD'): void {
    this.#traffic.countProtocolError(problem.code);
    this.#ended.add(socket);
    const response = this.#answering.get(socket);
    // An answer that is on its way is not mixed with another
    if (response?.headersSent === true && !response.writableFinished) socket.destroy();
    else endWith(socket, problem, method);
  }

  #rejectExpectation({ headers }: IncomingMessage, response: ServerResponse): void {
    const detail = `Invalid Expect "${String(headers.expect).slice(0, 64)}": use 100-continue or none`;
    const error = new NiiError('NII_EXPECTATION', { detail, field: 'expect' });
    this.#traffic.countProtocolError(error.code);
    const body = JSON.stringify(problemDocument(error, randomUUID()));
    response.writeHead(error.status, {
      ...headersOf(error),
      ...headersOfAll,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    });
    response.end(body);
  }
}

/** The parser's own codes in our words. */
function problemOfClientError(error: ClientError): NiiError {
  const { code = '' } = error;
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new NiiError('NII_REQUEST_TIMEOUT', 'The request headers did not arrive in time');
    case 'HPE_HEADER_OVERFLOW':
      return new NiiError('NII_LIMIT_HEADERS', 'Request headers are too large: use at most 16 KiB');
    case 'HPE_INVALID_METHOD':
      return invalidMethod(requestLine(error));
    case 'HPE_INVALID_VERSION':
      return notHttp('its version');
    case 'HPE_INVALID_URL':
      return notHttp('its address');
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return notHttp('its Content-Length');
    case 'HPE_INVALID_TRANSFER_ENCODING':
    case 'HPE_INVALID_CHUNK_SIZE':
    case 'HPE_STRICT':
      return notHttp('the encoding of its body');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new NiiError('NII_LIMIT_BYTES', 'Chunk extensions are too long: use at most 16 KiB');
    case 'HPE_INVALID_EOF_STATE':
      return new NiiError('NII_UPLOAD_CUT', 'The connection ended before the request was complete');
    default:
      return notHttp('its head');
  }
}

/** A sender of HEAD takes a body for the beginning of another answer (RFC 9112, section 6.3). */
function isHead(error: ClientError): boolean {
  const { rawPacket = new Uint8Array(), bytesParsed = 0 } = error;
  const read = Buffer.from(rawPacket.subarray(0, bytesParsed));
  const isFirst = !read.includes('\r\n\r\n');
  return (
    requestLine(error).startsWith('HEAD ') || (isFirst && read.subarray(0, 5).toString('latin1') === 'HEAD ')
  );
}

const REQUEST_LINE_SHOWN = 256;

/** The line in which the parser stopped. */
function requestLine({ rawPacket = new Uint8Array(), bytesParsed = 0 }: ClientError): string {
  const begin = Buffer.from(rawPacket.subarray(0, bytesParsed)).lastIndexOf(0x0a) + 1;
  return Buffer.from(rawPacket.subarray(begin, begin + REQUEST_LINE_SHOWN)).toString('latin1');
}

function invalidMethod(line: string): NiiError {
  return anyMethod.test(line) ? noSuchMethod(line.split(' ', 1)[0] ?? '') : notHttp('its request line');
}

function noSuchMethod(method: string): NiiError {
  const detail = `Invalid method "${method.slice(0, 32)}": OPTIONS on a path lists the methods that it supports`;
  return new NiiError('NII_METHOD', detail);
}

function notHttp(what: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', `Invalid HTTP/1.1: see ${what}`);
}
