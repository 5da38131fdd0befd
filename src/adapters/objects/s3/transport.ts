import http from 'node:http';
import https from 'node:https';

type Request = (
  options: http.RequestOptions,
  answer: (response: http.IncomingMessage) => void,
) => http.ClientRequest;

/** The HTTP of the S3 client: connections that are kept, and an end to waiting on a server that has gone silent. */
export interface S3Transport {
  readonly request: Request;
  readonly agent: http.Agent;
}

/** Statuses at which the client gives up without reading the answer; unread, it would hold the connection. */
const UNREAD_STATUSES = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

/**
 * @param silenceMs - a request whose connection has moved no byte for this long, while connecting, sending or
 *   receiving, fails with the code ETIMEDOUT. Time in which the reader of an answer leaves it unread does not count.
 */
export function makeS3Transport(secure: boolean, silenceMs: number): S3Transport {
  const options = { keepAlive: true, maxFreeSockets: 16 };
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  const send = secure ? https.request : http.request;
  return {
    agent,
    request(request, answer) {
      let response: http.IncomingMessage | undefined;
      const sent = send({ ...request, timeout: silenceMs }, (received) => {
        response = received;
        if (UNREAD_STATUSES.has(received.statusCode ?? 0)) received.resume();
        answer(received);
      });
      sent.on('timeout', () => {
        // Bytes lie here unread: the reader is slow, the server has done its part
        if (response !== undefined && response.readableLength > 0) sent.socket?.setTimeout(silenceMs);
        else (response ?? sent).destroy(silence(silenceMs));
      });
      return sent;
    },
  };
}

function silence(ms: number): Error {
  return Object.assign(new Error(`No data from the S3 server for ${ms} ms`), { code: 'ETIMEDOUT' });
}
