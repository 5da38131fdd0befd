import {
  type ArgumentTest,
  allowedCalls,
  type CallNumbers,
  checkedCalls,
  missingCalls,
  NEWEST_CALL,
} from './system-call-table.ts';

type Machine = 'x64' | 'arm64';

/** linux/audit.h */
const architectures = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** linux/filter.h, linux/seccomp.h */
const LOAD = 0x20;
const AND = 0x54;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const ARGUMENTS_AT = 16;
/** Numbers of the x32 calls begin here; they would pass by the table. */
const X32 = 0x40000000;

type Instruction = readonly [code: number, jumpIf: number, jumpElse: number, value: number];

/** The filter as the kernel takes it (seccomp(2)); undefined for a machine of another kind. */
export function systemCallFilter(machine: string = process.arch): Buffer | undefined {
  if (machine !== 'x64' && machine !== 'arm64') return undefined;
  const program = programFor(machine);
  const bytes = Buffer.alloc(program.length * 8);
  for (const [i, [code, jumpIf, jumpElse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(jumpIf, i * 8 + 2);
    bytes.writeUInt8(jumpElse, i * 8 + 3);
    bytes.writeUInt32LE(value, i * 8 + 4);
  }
  return bytes;
}

function programFor(machine: Machine): readonly Instruction[] {
  const on = ([x64, arm64]: CallNumbers) => (machine === 'x64' ? x64 : arm64);
  const each = (table: Readonly<Record<string, CallNumbers>>, result: number) =>
    Object.values(table).flatMap((numbers) => forCall(on(numbers), [[RETURN, 0, 0, result]]));
  return [
    [LOAD, 0, 0, ARCHITECTURE_AT],
    [IF_EQUAL, 1, 0, architectures[machine]],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    [IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, EPERM],
    [IF_AT_LEAST, 0, 1, NEWEST_CALL + 1],
    [RETURN, 0, 0, ENOSYS],
    // the kernel remembers the answer to what has no checks, so only these cost anything at each call
    ...Object.values(checkedCalls).flatMap(({ numbers, ways }) =>
      forCall(on(numbers), [...ways.flatMap(allowIf), [RETURN, 0, 0, EPERM]]),
    ),
    ...each(allowedCalls, ALLOW),
    ...each(missingCalls, ENOSYS),
    [RETURN, 0, 0, EPERM],
  ];
}

/** @param answer - ends the program */
function forCall(number: number | undefined, answer: readonly Instruction[]): readonly Instruction[] {
  return number === undefined ? [] : [[IF_EQUAL, 0, answer.length, number], ...answer];
}

/** Allows the call if all tests hold; goes on behind these instructions if one does not. */
function allowIf([first, ...others]: readonly ArgumentTest[]): readonly Instruction[] {
  if (first === undefined) return [[RETURN, 0, 0, ALLOW]];
  const { argument, half = 'low', mask, values } = first;
  const rest = allowIf(others);
  return [
    [LOAD, 0, 0, ARGUMENTS_AT + 8 * argument + (half === 'low' ? 0 : 4)],
    ...(mask === undefined ? [] : [[AND, 0, 0, mask] as const]),
    ...values.map((value, i): Instruction => {
      const left = values.length - 1 - i;
      return [IF_EQUAL, left, left === 0 ? rest.length : 0, value];
    }),
    ...rest,
  ];
}
