import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allowedCalls, checkedCalls, missingCalls } from '../../../src/runtime/contain/system-call-table.ts';
import { systemCallFilter } from '../../../src/runtime/contain/system-calls.ts';

const machines = ['x64', 'arm64'] as const;
type Machine = (typeof machines)[number];

const answers: Readonly<Record<number, string>> = {
  2147418112: 'allowed',
  2147483648: 'killed',
  327681: 'EPERM',
  327718: 'ENOSYS',
};
const architectures = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Runs the filter as the kernel does. */
function answerTo(
  machine: Machine,
  number: number,
  args: readonly bigint[] = [],
  architecture = architectures[machine],
) {
  const program = systemCallFilter(machine) ?? Buffer.alloc(0);
  const call = Buffer.alloc(64);
  call.writeUInt32LE(number, 0);
  call.writeUInt32LE(architecture, 4);
  for (const [i, value] of args.entries()) call.writeBigUInt64LE(value, 16 + 8 * i);
  let loaded = 0;
  for (let at = 0; at < program.length; at += 8) {
    const value = program.readUInt32LE(at + 4);
    const jump = (holds: boolean) => {
      at += 8 * program.readUInt8(at + (holds ? 2 : 3));
    };
    switch (program.readUInt16LE(at)) {
      case 0x20:
        loaded = call.readUInt32LE(value);
        break;
      case 0x54:
        loaded = (loaded & value) >>> 0;
        break;
      case 0x15:
        jump(loaded === value);
        break;
      case 0x35:
        jump(loaded >= value);
        break;
      case 0x06:
        return answers[value];
    }
  }
  return 'no answer';
}

const numberOf = (machine: Machine, [x64, arm64]: readonly (number | undefined)[]) =>
  machine === 'x64' ? x64 : arm64;

function answerToCall(machine: Machine, name: string, ...args: bigint[]) {
  const number = numberOf(machine, checkedCalls[name]?.numbers ?? []);
  return number === undefined ? undefined : answerTo(machine, number, args);
}

const withArguments: readonly [name: string, what: string, args: readonly bigint[], expected: string][] = [
  ['fcntl', 'F_GETFL', [0n, 3n], 'allowed'],
  ['fcntl', 'F_DUPFD_CLOEXEC', [0n, 1030n, 0x2000n], 'allowed'],
  ['fcntl', 'F_SETFL with O_NONBLOCK', [0n, 4n, 0x800n], 'allowed'],
  ['fcntl', 'F_SETFL with O_ASYNC', [0n, 4n, 0x2000n], 'EPERM'],
  ['fcntl', 'F_SETOWN', [0n, 8n], 'EPERM'],
  ['fcntl', 'F_SETSIG', [0n, 10n], 'EPERM'],
  ['fcntl', 'F_SETOWN_EX', [0n, 15n], 'EPERM'],
  ['fcntl', 'F_SETLK', [0n, 6n], 'EPERM'],
  ['fcntl', 'F_SETLEASE', [0n, 1024n], 'EPERM'],
  ['fcntl', 'F_NOTIFY', [0n, 1026n], 'EPERM'],
  ['ioctl', 'FIONBIO', [0n, 0x5421n], 'allowed'],
  ['ioctl', 'TIOCSTI', [0n, 0x5412n], 'EPERM'],
  ['ioctl', 'TCSETS', [0n, 0x5402n], 'EPERM'],
  ['ioctl', 'FIOSETOWN', [0n, 0x8901n], 'EPERM'],
  ['prctl', 'PR_SET_NAME', [15n], 'allowed'],
  ['prctl', 'PR_SET_PDEATHSIG', [1n], 'EPERM'],
  ['prctl', 'PR_SET_DUMPABLE', [4n], 'EPERM'],
  ['prctl', 'PR_SET_SECCOMP', [22n], 'EPERM'],
  ['prlimit64', 'its own limits', [0n], 'allowed'],
  ['prlimit64', 'the limits of another process', [1n], 'EPERM'],
  ['clone', 'a thread', [0x3d0f00n], 'allowed'],
  ['clone', 'a process', [0x11n], 'EPERM'],
  ['clone', 'other flags', [0x13d0f00n << 4n], 'EPERM'],
  ['clone', 'a thread with a high bit', [0x1003d0f00n], 'EPERM'],
  ['clone', 'a thread with namespaces', [0x103d0f00n], 'EPERM'],
  ['openat', 'reading', [0n, 0n, 0n, 0n], 'allowed'],
  ['openat', 'writing a new file', [0n, 0n, 0x241n, 0o666n], 'allowed'],
  ['openat', 'emptying what is only read', [0n, 0n, 0x200n, 0n], 'EPERM'],
  ['openat', 'both ways of writing', [0n, 0n, 3n, 0n], 'EPERM'],
  ['openat', 'emptying with both', [0n, 0n, 0x203n, 0n], 'EPERM'],
  ['openat', 'a set-user-ID program', [0n, 0n, 0x41n, 0o4755n], 'EPERM'],
  ['openat', 'a set-group-ID program', [0n, 0n, 0x41n, 0o2755n], 'EPERM'],
];

describe.each(machines)('the filter of system calls for %s', (machine) => {
  test('allows each call of its table, and knows no other', () => {
    const numbers = (table: typeof allowedCalls) =>
      Object.values(table).flatMap((pair) => numberOf(machine, pair) ?? []);
    const allowed = new Set(numbers(allowedCalls));
    const missing = new Set(numbers(missingCalls));
    const checked = new Set(
      Object.values(checkedCalls).flatMap(({ numbers: pair }) => numberOf(machine, pair) ?? []),
    );
    for (let number = 0; number < 600; number++) {
      if (checked.has(number)) continue;
      const isUnknown = missing.has(number) || number > 462;
      const expected = allowed.has(number) ? 'allowed' : isUnknown ? 'ENOSYS' : 'EPERM';
      expect(answerTo(machine, number), `${number}`).toBe(expected);
    }
  });

  test('kills who calls as another kind of machine, and stops x32 calls', () => {
    const other = machine === 'x64' ? architectures.arm64 : architectures.x64;
    expect(answerTo(machine, 0, [], other)).toBe('killed');
    expect(answerTo(machine, 0x40000000)).toBe('EPERM');
  });

  test.each(withArguments)('%s, %s', (name, _what, args, expected) => {
    expect(answerToCall(machine, name, ...args)).toBe(expected);
  });

  const folder = machine === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu';
  const header = `/usr/include/${folder}/asm/unistd_64.h`;

  test.skipIf(!existsSync(header))('has the numbers of asm/unistd.h, where this machine has it', () => {
    const text = readFileSync(header, 'utf8');
    const defined = new Map(
      [...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name = '', number]) => [
        name,
        Number(number),
      ]),
    );
    const checked = Object.entries(checkedCalls).map(([name, { numbers }]) => [name, numbers] as const);
    for (const [name, pair] of [...Object.entries(allowedCalls), ...Object.entries(missingCalls), ...checked])
      expect(numberOf(machine, pair), name).toBe(defined.get(name));
  });
});

test('open is checked as openat is', () => {
  expect(answerToCall('x64', 'open', 0n, 0x200n)).toBe('EPERM');
  expect(answerToCall('x64', 'open', 0n, 0x41n, 0o4755n)).toBe('EPERM');
  expect(answerToCall('x64', 'open', 0n, 0x41n, 0o644n)).toBe('allowed');
});

test('a machine of another kind has no filter', () => {
  expect(systemCallFilter('riscv64')).toBeUndefined();
});
