import { ATTACKER } from '../ask.ts';
import type { Attack, Round, Strike, Target } from '../target.ts';
import { Wire } from '../wire.ts';
import { withoutBoundary, wrongRequests } from './wrong-requests.ts';

const ANSWER_MS = 10_000;

/** Bytes that are no HTTP, lengths that contradict each other, and requests hidden in the bodies of others. */
export function protocolGarbage({ rounds = 20 } = {}): Attack {
  return {
    name: 'protocol-garbage',
    summary: 'malformed heads, contradicting lengths, requests hidden in the bodies of others',
    sizes: { rounds },
    allowed: ['4xx', 'closed'],
    memoryMiB: 48,
    prepare: async (target, round) => {
      const wrong = wrongRequests({ sender: target.senderKey, reader: target.readerKey });
      const plain = wrong.map(({ bytes }) => bytes);
      return sendAll([...plain, ...smuggled(target.senderKey)], rounds, { target, round });
    },
  };
}

/** Forms that do not say where their parts end. */
export function formsWithoutBoundary({ rounds = 50 } = {}): Attack {
  return {
    name: 'forms-without-boundary',
    summary: 'multipart without a boundary',
    sizes: { rounds },
    allowed: ['400', '415'],
    memoryMiB: 48,
    prepare: async (target, round) => {
      const forms = withoutBoundary(`authorization: Bearer ${target.senderKey}`);
      return sendAll(
        forms.map(([, bytes]) => bytes),
        rounds,
        { target, round },
      );
    },
  };
}

interface Aim {
  readonly target: Target;
  readonly round: Round;
}

function sendAll(requests: readonly string[], rounds: number, { target, round }: Aim): Strike {
  return async () => {
    const words: string[] = [];
    for (let i = 0; i < rounds && !round.signal.aborted; i += 1)
      words.push(...(await Promise.all(requests.map((bytes) => wordOf(target.url, bytes)))));
    return words;
  };
}

async function wordOf(url: URL, bytes: string): Promise<string> {
  const wire = new Wire(Number(url.port), ATTACKER);
  wire.socket.write(bytes, 'latin1');
  await wire.closesWithin(ANSWER_MS);
  wire.socket.destroy();
  const isRevealed = bytes.endsWith(hidden) && wire.received.includes(REVEALED);
  return isRevealed ? 'smuggled' : wire.word;
}

/** Nothing that is sent here succeeds but the hidden request, which needs no key. */
const REVEALED = 'HTTP/1.1 200';
const hidden = 'GET /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\n';

/** Two parsers may see different ends of the first request (RFC 9112 section 11.2); ours has to see none. */
function smuggled(key: string): readonly string[] {
  const post = (...heads: readonly string[]) =>
    ['POST /v1/scans HTTP/1.1', 'host: x', `authorization: Bearer ${key}`, ...heads].join('\r\n');
  const length = `content-length: ${hidden.length + 5}`;
  const body = `\r\n\r\n0\r\n\r\n${hidden}`;
  return [
    `${post(length, 'transfer-encoding: chunked')}${body}`,
    `${post('transfer-encoding: chunked', length)}${body}`,
    `${post(length, 'transfer-encoding: xchunked')}${body}`,
    `${post(length, 'transfer-encoding : chunked')}${body}`,
    `${post(length, 'transfer-encoding: chunked', 'transfer-encoding: identity')}${body}`,
    `${post(length, 'transfer-encoding:\x0bchunked')}${body}`,
    `${post('content-length: 0', length)}${body}`,
    `${post('content-length: +5')}${body}`,
  ];
}
