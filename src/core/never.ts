/** After the last case of a switch: compiles only while no value is left, and throws if untyped code brings one. */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected kind: ${JSON.stringify(value)}`);
}
