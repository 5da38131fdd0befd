import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import { isObject, type Json, listAt, objectAt } from '../json.ts';
import { oneIn, oneOf } from './chance.ts';
import { longText, oddText, word } from './odd-text.ts';

/** What a value is to be: as the schema has it, at the edge of that, or not as it has it. */
export type Aim = 'valid' | 'border' | 'wrong';

/** What values are made from: numbers by a seed, and text that earlier answers held under this name. */
export interface Making {
  readonly numbers: SeededNumbers;
  readonly learnt: (name: string) => readonly string[];
}

const DEPTH_CEILING = 12;
const LENGTH_CEILING = 9000;
const ITEMS_CEILING = 300;

/** Text that one of the patterns in the description lets through, most often. */
const patterned = [
  'latest',
  '1',
  '2',
  '999999999',
  '*',
  '"0"',
  '"1"',
  '"2"',
  '"999999999"',
  '1.2.3',
  '1.2.3.4.5',
  '.',
  '1,2',
  '1,2,3,4,5,6,7,8',
  '00280010',
  '7FE00010',
  'report.dcs',
  'gate-1',
  'a',
  'f'.repeat(64),
  'F'.repeat(64),
  '1.0',
  'anomaly@1.0.0',
  'MSCU1234566',
  '0'.repeat(8),
  'x'.repeat(255),
  '1'.repeat(64),
] as const;

/** A value for a schema, named so that what was learnt under that name is used again. */
export function makeValue(make: Making, schema: Json, aim: Aim, name: string, depth = 0): unknown {
  const { numbers } = make;
  if (depth > DEPTH_CEILING) return null;
  if (aim === 'wrong' && oneIn(numbers, 4)) return ofAnotherType(numbers);
  const choices = [...listAt(schema, 'anyOf'), ...listAt(schema, 'oneOf')].filter(isObject);
  if (choices.length > 0) return makeValue(make, oneOf(numbers, choices), aim, name, depth + 1);
  if ('const' in schema) return aim === 'wrong' ? oddText(numbers) : schema.const;
  const listed = listAt(schema, 'enum');
  if (listed.length > 0) return aim === 'wrong' ? oddText(numbers) : oneOf(numbers, listed);
  return ofType(make, schema, aim, name, depth);
}

function ofType(make: Making, schema: Json, aim: Aim, name: string, depth: number): unknown {
  switch (schema.type) {
    case 'object':
      return objectFor(make, schema, aim, depth);
    case 'array':
      return listFor(make, schema, aim, name, depth);
    case 'integer':
    case 'number':
      return numberFor(make.numbers, schema, aim);
    case 'boolean':
      return aim === 'wrong' ? oddText(make.numbers) : oneIn(make.numbers, 2);
    case 'null':
      return aim === 'wrong' ? 0 : null;
    case 'string':
      return textFor(make, schema, aim, name);
    default:
      return oneIn(make.numbers, 2) ? oddText(make.numbers) : textFor(make, schema, aim, name);
  }
}

function ofAnotherType(numbers: SeededNumbers): unknown {
  return oneOf<unknown>(numbers, [
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    [],
    [[]],
    {},
    { a: 1 },
    '',
    'x',
    [null],
    '1',
  ]);
}

function textFor({ numbers, learnt }: Making, schema: Json, aim: Aim, name: string): string {
  const { minLength = 0, maxLength = 64, pattern, format } = schema;
  const [least, most] = [Number(minLength), Math.min(Number(maxLength), LENGTH_CEILING)];
  if (aim === 'wrong') return wrongText(numbers, least, most);
  const known = learnt(name);
  if (known.length > 0 && !oneIn(numbers, 4)) return oneOf(numbers, known);
  if (typeof pattern === 'string') return matching(numbers, pattern);
  if (format === 'date-time') return timeFor(numbers, aim);
  if (aim === 'border') return word(numbers, oneIn(numbers, 2) ? least : most);
  if (oneIn(numbers, 5)) return [...oddText(numbers)].slice(0, most).join('') || word(numbers, least);
  return word(numbers, Math.min(most, least + numbers.below(12)));
}

function wrongText(numbers: SeededNumbers, least: number, most: number): string {
  if (oneIn(numbers, 3)) return longText(numbers, most + 1);
  if (least > 0 && oneIn(numbers, 3)) return word(numbers, least - 1);
  return oddText(numbers);
}

function matching(numbers: SeededNumbers, pattern: string): string {
  const expression = new RegExp(pattern, 'u');
  const fitting = patterned.filter((text) => expression.test(text));
  return fitting.length === 0 ? word(numbers, 8) : oneOf<string>(numbers, fitting);
}

function timeFor(numbers: SeededNumbers, aim: Aim): string {
  if (aim === 'border')
    return oneOf(numbers, ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-02-28T23:59:60Z']);
  return new Date(Date.UTC(2026, numbers.below(12), 1 + numbers.below(28), numbers.below(24))).toISOString();
}

function numberFor(numbers: SeededNumbers, { minimum, maximum, type }: Json, aim: Aim): number {
  const least = typeof minimum === 'number' ? minimum : 0;
  const most = typeof maximum === 'number' ? maximum : least + 1000;
  if (aim === 'border') return oneIn(numbers, 2) ? least : most;
  if (aim === 'wrong')
    return oneOf(numbers, [least - 1, most + 1, least + 0.5, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e-308]);
  const step = numbers.below(Math.min(most - least, 1000) + 1);
  return type === 'integer' ? least + step : least + step / 2;
}

function listFor(make: Making, schema: Json, aim: Aim, name: string, depth: number): readonly unknown[] {
  const { numbers } = make;
  const { minItems = 0, maxItems = 8 } = schema;
  const most = Math.min(Number(maxItems), ITEMS_CEILING);
  const usual = Number(minItems) + numbers.below(3);
  const length =
    aim === 'valid' ? usual : oneOf(numbers, [Number(minItems), most, aim === 'wrong' ? most + 1 : most]);
  const items = objectAt(schema, 'items');
  const itemAim = aim === 'wrong' && oneIn(numbers, 2) ? 'valid' : aim;
  return Array.from({ length }, () => makeValue(make, items, itemAim, name, depth + 1));
}

function objectFor(make: Making, schema: Json, aim: Aim, depth: number): Json {
  const { numbers } = make;
  const required = listAt(schema, 'required');
  const properties = Object.entries(objectAt(schema, 'properties')).filter(
    ([key]) => required.includes(key) || oneIn(numbers, 2),
  );
  const at = aim === 'valid' ? -1 : numbers.below(properties.length);
  const made = properties.map(([key, property], i): [string, unknown] => [
    key,
    makeValue(make, isObject(property) ? property : {}, i === at ? aim : 'valid', key, depth + 1),
  ]);
  return aim === 'wrong' ? spoilt(numbers, made) : Object.fromEntries(made);
}

/** One property missing, one too many, or neither: one of the values is wrong then. */
function spoilt(numbers: SeededNumbers, made: readonly [string, unknown][]): Json {
  const left = oneIn(numbers, 3) ? made.toSpliced(numbers.below(made.length), 1) : made;
  const more = oneIn(numbers, 3) ? [[oddText(numbers) || 'more', oddText(numbers)] as const] : [];
  return Object.fromEntries([...left, ...more]);
}
