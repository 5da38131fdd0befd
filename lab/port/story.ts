/** One line for each act, for people who read what happened. */
import type { Answer } from './port.ts';
import type { Request, World } from './world.ts';

const WORDS_CEILING = 260;

export function storyLine(
  world: World,
  { operation, by, url, payload, file }: Request,
  answer: Answer,
): string {
  const who = `${by.id}${by.id.startsWith(by.role) ? '' : ` (${by.role})`}`;
  const what = file === undefined ? wordsOf(url, payload) : messageOf(url, file);
  const why = answer.status < 300 ? '' : ` (${answer.text.slice(0, 120)})`;
  return `${timeOf(world.now)} ${who}: ${operation} ${what} → ${answer.status}${why}`;
}

function wordsOf(url: string, payload: object | Buffer | undefined): string {
  const body = payload === undefined || payload instanceof Uint8Array ? '' : JSON.stringify(payload);
  const short = url.replace(/([\w-]{6})[\w-]{16,}/g, '$1…');
  return `${short} ${body === '{}' ? '' : body}`.trim().slice(0, WORDS_CEILING);
}

function messageOf(url: string, file: NonNullable<Request['file']>): string {
  const query = new URL(url, 'http://port').searchParams;
  const given = ['lane', 'visit', 'purpose'].flatMap((name) =>
    query.get(name) === null ? [] : [`${name} ${query.get(name)}`],
  );
  const marks = file.named.containers.join(' ') || 'no marks';
  if (file.kind === 'scan') {
    const state = file.readable ? '' : ', unreadable';
    return `image of ${file.of}, made ${timeOf(file.madeAt)}${state}: ${[marks, ...given].join(', ')}`;
  }
  const found =
    file.alarms.join(' and ') ||
    (file.measured ? 'nothing' : file.isReadable ? 'not measured' : 'unreadable');
  return `${file.record} of ${file.of ?? 'a source'}, passed ${timeOf(file.passedAt)}, clock ${file.clock}, ${file.name}: ${found}; ${[marks, ...given].join(', ')}`;
}

function timeOf(seconds: number): string {
  const at = Math.abs(seconds);
  const parts = [at / 3600, (at / 60) % 60, at % 60].map((part) => String(Math.floor(part)).padStart(2, '0'));
  return `${seconds < 0 ? '-' : ''}${parts.join(':')}`;
}
