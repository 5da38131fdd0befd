/** Numbers of system calls that a contained child may not make, for the two kinds of machine that we know. */
type Machine = 'x64' | 'arm64';

/** No network: not even a socket of this machine. The channel to the parent is there already. */
const sockets = { x64: [41, 42, 43, 49, 50, 288], arm64: [198, 200, 201, 202, 203, 242] };
/** fork and vfork; clone is looked at more closely. */
const forks = { x64: [57, 58], arm64: [] };
/** kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal, pidfd_open, pidfd_getfd. */
const signals = {
  x64: [62, 200, 234, 129, 297, 424, 434, 438],
  arm64: [129, 130, 131, 138, 240, 424, 434, 438],
};
/** ptrace, process_vm_readv, process_vm_writev, kcmp, process_madvise. */
const otherProcesses = { x64: [101, 310, 311, 312, 440], arm64: [117, 270, 271, 272, 440] };
/** setpgid, setsid, setpriority, sched_setparam, sched_setscheduler, sched_setattr, ioprio_set. */
const groups = { x64: [109, 112, 141, 142, 144, 314, 251], arm64: [154, 157, 140, 118, 119, 274, 30] };
/** unshare, setns, mount, umount2, pivot_root, chroot, the newer calls for mounts, mknod, mknodat. */
const mounts = {
  x64: [272, 308, 165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 133, 259],
  arm64: [97, 268, 40, 39, 41, 51, 428, 429, 430, 431, 432, 433, 442, 33],
};
/** io_uring (it makes other calls unseen), bpf, perf_event_open, userfaultfd, keys, file handles, personality. */
const kernel = {
  x64: [425, 426, 427, 321, 298, 323, 248, 249, 250, 303, 304, 135],
  arm64: [425, 426, 427, 280, 241, 282, 217, 218, 219, 264, 265, 92],
};

const special = {
  x64: { architecture: 0xc000003e, clone: 56, clone3: 435, prlimit: 302 },
  arm64: { architecture: 0xc00000b7, clone: 220, clone3: 435, prlimit: 261 },
};

/** linux/filter.h, linux/seccomp.h */
const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const FIRST_ARGUMENT_AT = 16;
const CLONE_THREAD = 0x10000;
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
  const { architecture, clone, clone3, prlimit } = special[machine];
  const denied = [sockets, forks, signals, otherProcesses, groups, mounts, kernel].flatMap(
    (of) => of[machine],
  );
  return [
    [LOAD, 0, 0, ARCHITECTURE_AT],
    [IF_EQUAL, 1, 0, architecture],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    ...answer(IF_AT_LEAST, X32, EPERM),
    ...denied.flatMap((number) => answer(IF_EQUAL, number, EPERM)),
    // its flags are in memory, where a filter cannot look: the C library then uses clone
    ...answer(IF_EQUAL, clone3, ENOSYS),
    // a thread is no new process
    [IF_EQUAL, 0, 4, clone],
    [LOAD, 0, 0, FIRST_ARGUMENT_AT],
    [IF_ANY_BIT, 1, 0, CLONE_THREAD],
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
    // limits of its own only
    [IF_EQUAL, 0, 3, prlimit],
    [LOAD, 0, 0, FIRST_ARGUMENT_AT],
    [IF_EQUAL, 1, 0, 0],
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
  ];
}

function answer(test: number, value: number, result: number): readonly Instruction[] {
  return [
    [test, 0, 1, value],
    [RETURN, 0, 0, result],
  ];
}
