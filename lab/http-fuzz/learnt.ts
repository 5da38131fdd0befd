import type { SeededNumbers } from '../../src/tools/contract/mutate.ts';
import type { Description } from './description.ts';
import { isObject, type Json, parsedJson } from './json.ts';
import { oneIn, oneOf } from './make/chance.ts';
import { namesIn, operationAt, type PathValues } from './paths.ts';
import { type FuzzAnswer, type FuzzRequest, headerOf } from './request.ts';

const KEPT_CEILING = 200;
const NODES_CEILING = 4000;
const TEXT_CEILING = 512;

/** Where answers name what requests take under another name. */
const otherNames: Readonly<Record<string, string>> = { next: 'cursor', containers: 'container' };
/** Attributes of DICOM data sets that stand in paths. */
const attributes: Readonly<Record<string, string>> = {
  '0020000D': 'study',
  '0020000E': 'series',
  '00080018': 'instance',
};
/** What `id` is in the answers of operations of this tag in the path. */
const idsAt: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/(cases|queue)/, 'caseId'],
  [/^\/v1\/holds/, 'holdId'],
  [/^\/v1\/uploads/, 'uploadId'],
  [/^\/v1\/scans/, 'scanId'],
];

/** A resumable upload that was begun: how long it is to be, and how much is there. */
export interface BegunUpload {
  readonly id: string;
  readonly length: number;
  readonly offset: number;
}

/** What earlier answers told: names of things that are there, their versions, and unfinished uploads. */
export class Learnt {
  readonly #description: Description;
  /** Values of paths that belong together, by the first name. */
  readonly #places = new Map<string, PathValues[]>();
  readonly #texts = new Map<string, string[]>();
  readonly #versions = new Map<string, string>();
  readonly #uploads = new Map<string, BegunUpload>();

  constructor(description: Description) {
    this.#description = description;
  }

  texts(name: string): readonly string[] {
    return this.#texts.get(name) ?? [];
  }

  /** Values for a path; those that one answer named together where there are such. */
  place(numbers: SeededNumbers, path: string): PathValues {
    const names = namesIn(path);
    const all = this.#places.get(names[0] ?? '') ?? [];
    const whole = all.filter((values) => names.every((name) => name in values));
    if (whole.length > 0 && !oneIn(numbers, 8)) return oneOf(numbers, whole);
    return all.length === 0 ? {} : oneOf(numbers, all);
  }

  /** ETag that was last seen of what a path names. */
  version(values: PathValues): string | undefined {
    return this.#versions.get(subjectOf(values));
  }

  upload(numbers: SeededNumbers): BegunUpload | undefined {
    const all = [...this.#uploads.values()];
    return all.length === 0 ? undefined : oneOf(numbers, all);
  }

  learn(request: FuzzRequest, answer: FuzzAnswer): void {
    const values = operationAt(this.#description, request.method, request.target)?.values ?? {};
    const { location, etag } = answer.headers;
    if (answer.status < 300) this.#learnUpload(request, answer, values);
    if (location !== undefined) this.#learnText(location);
    if (etag !== undefined) bounded(this.#versions, subjectOf(values), etag);
    if (answer.status >= 400 || !(answer.headers['content-type'] ?? '').includes('json')) return;
    const ids = idsAt.find(([at]) => at.test(request.target))?.[1];
    this.#walk(parsedJson(Buffer.from(answer.body).toString('utf8')), ids);
  }

  #learnUpload(request: FuzzRequest, { headers }: FuzzAnswer, { uploadId }: PathValues): void {
    const id = uploadId ?? headers.location?.split('/').at(-1);
    const offset = Number(headers['upload-offset'] ?? 0);
    const length = this.#uploads.get(id ?? '')?.length ?? Number(headerOf(request, 'upload-length'));
    if (id === undefined || !request.target.startsWith('/v1/uploads')) return;
    if (request.method === 'DELETE') this.#uploads.delete(id);
    else bounded(this.#uploads, id, { id, length, offset });
  }

  #walk(document: unknown, ids: string | undefined): void {
    const waiting: (readonly [string, unknown])[] = [['', document]];
    for (let seen = 0; waiting.length > 0 && seen < NODES_CEILING; seen += 1) {
      const [key, value] = waiting.pop() ?? ['', undefined];
      if (typeof value === 'string') this.#learnNamed(key === 'id' ? (ids ?? key) : key, value);
      else if (Array.isArray(value)) waiting.push(...value.slice(0, 50).map((item) => [key, item] as const));
      else if (isObject(value)) {
        this.#learnInstance(value);
        waiting.push(...Object.entries(value));
      }
    }
  }

  #learnNamed(key: string, value: string): void {
    if (value.length > TEXT_CEILING) return;
    this.#learnText(value);
    const name = otherNames[key] ?? key;
    this.#keep(this.#texts, name, value);
    if (name.endsWith('Id') || name === 'ref') this.#keepPlace({ [name]: value });
  }

  /** Links lead to operations, so that their parts are values of paths. */
  #learnText(text: string): void {
    if (!/^(https?:\/)?\//.test(text) || text.includes('/:') || text.includes('{')) return;
    const path = text.replace(/^https?:\/\/[^/]+/, '');
    const values = operationAt(this.#description, 'GET', path)?.values;
    if (values !== undefined) this.#keepPlace(values);
  }

  #learnInstance(value: Json): void {
    const found = Object.entries(attributes).flatMap(([tag, name]) => {
      const attribute = value[tag];
      const [uid] = isObject(attribute) && Array.isArray(attribute.Value) ? attribute.Value : [];
      return typeof uid === 'string' ? [[name, uid] as const] : [];
    });
    if (found.length > 0) this.#keepPlace(Object.fromEntries(found));
  }

  #keepPlace(values: PathValues): void {
    const [first] = Object.keys(values);
    if (first === undefined) return;
    this.#keep(this.#places, first, values);
    for (const [name, value] of Object.entries(values)) this.#keep(this.#texts, name, value);
  }

  #keep<T>(into: Map<string, T[]>, name: string, value: T): void {
    const all = into.get(name) ?? [];
    if (!into.has(name) && into.size >= KEPT_CEILING) return;
    into.set(name, all);
    if (all.some((one) => JSON.stringify(one) === JSON.stringify(value))) return;
    all.push(value);
    if (all.length > KEPT_CEILING) all.shift();
  }
}

/** What the version is of: a case, a hold, a declaration, a scanner, a stored file. */
function subjectOf(values: PathValues): string {
  return Object.values(values).join(' ');
}

function bounded<T>(into: Map<string, T>, name: string, value: T): void {
  into.delete(name);
  into.set(name, value);
  const [oldest] = into.keys();
  if (into.size > KEPT_CEILING && oldest !== undefined) into.delete(oldest);
}
