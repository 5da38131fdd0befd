import { Compile } from 'typebox/schema';
import type { Json } from './json.ts';

/** A check by a published schema, compiled when it is first used. It says what is wrong, or undefined; bytes may be any. */
export function checkerOf(schema: Json): (value: unknown) => string | undefined {
  if (schema.format === 'binary') return () => undefined;
  let compiled: ReturnType<typeof Compile> | undefined;
  return (value) => {
    compiled ??= Compile({ ...schema });
    if (compiled.Check(value)) return undefined;
    const [, [first]] = compiled.Errors(value);
    return `${first?.instancePath ?? ''} ${first?.message ?? 'is not as its schema says'}`.trim();
  };
}
