/** Its number on x64 and on arm64; undefined where that kind of machine has no such call. */
export type CallNumbers = readonly [x64: number | undefined, arm64: number | undefined];

/** One argument, of which only the bits of the mask are looked at, is one of these values. */
export interface ArgumentTest {
  readonly argument: number;
  /** A filter compares 32 bits at a time; the low ones unless given. */
  readonly half?: 'low' | 'high';
  readonly mask?: number;
  readonly values: readonly number[];
}

/** A call that is allowed if all tests of one of these ways hold. */
export interface CheckedCall {
  readonly numbers: CallNumbers;
  readonly ways: readonly (readonly ArgumentTest[])[];
}

/**
 * What a contained child may call with any arguments. Every other call is answered with EPERM, or as `checkedCalls` and
 * `missingCalls` say. Names and numbers are those of asm/unistd.h.
 */
export const allowedCalls: Readonly<Record<string, CallNumbers>> = {
  // Files that it has open
  read: [0, 63],
  readv: [19, 65],
  pread64: [17, 67],
  preadv: [295, 69],
  preadv2: [327, 286],
  write: [1, 64],
  writev: [20, 66],
  pwrite64: [18, 68],
  pwritev: [296, 70],
  pwritev2: [328, 287],
  lseek: [8, 62],
  ftruncate: [77, 46],
  fallocate: [285, 47],
  fsync: [74, 82],
  fdatasync: [75, 83],
  fadvise64: [221, 223],
  close: [3, 57],
  close_range: [436, 436],
  dup: [32, 23],
  dup2: [33, undefined],
  dup3: [292, 24],
  fstat: [5, 80],
  fstatfs: [138, 44],
  getdents64: [217, 61],
  // Files by path; Landlock, or what bubblewrap mounts, says which. Landlock hides no metadata
  stat: [4, undefined],
  lstat: [6, undefined],
  newfstatat: [262, 79],
  statx: [332, 291],
  statfs: [137, 43],
  access: [21, undefined],
  faccessat: [269, 48],
  faccessat2: [439, 439],
  readlink: [89, undefined],
  readlinkat: [267, 78],
  getcwd: [79, 17],
  mkdir: [83, undefined],
  mkdirat: [258, 34],
  unlink: [87, undefined],
  unlinkat: [263, 35],
  rename: [82, undefined],
  renameat: [264, 38],
  // Memory of its own. V8 writes programs into memory and runs them: pages may become executable
  brk: [12, 214],
  mmap: [9, 222],
  munmap: [11, 215],
  mremap: [25, 216],
  mprotect: [10, 226],
  madvise: [28, 233],
  msync: [26, 227],
  mlock: [149, 228],
  munlock: [150, 229],
  pkey_alloc: [330, 289],
  pkey_free: [331, 290],
  pkey_mprotect: [329, 288],
  mseal: [462, 462],
  // Waiting and being woken
  futex: [202, 98],
  futex_waitv: [449, 449],
  futex_wake: [454, 454],
  futex_wait: [455, 455],
  futex_requeue: [456, 456],
  set_robust_list: [273, 99],
  rseq: [334, 293],
  membarrier: [324, 283],
  restart_syscall: [219, 128],
  epoll_create1: [291, 20],
  epoll_ctl: [233, 21],
  epoll_wait: [232, undefined],
  epoll_pwait: [281, 22],
  epoll_pwait2: [441, 441],
  poll: [7, undefined],
  ppoll: [271, 73],
  select: [23, undefined],
  pselect6: [270, 72],
  eventfd2: [290, 19],
  pipe: [22, undefined],
  pipe2: [293, 59],
  nanosleep: [35, 101],
  clock_nanosleep: [230, 115],
  sched_yield: [24, 124],
  // The channel to the parent, which is there already
  shutdown: [48, 210],
  getsockname: [51, 204],
  getpeername: [52, 205],
  getsockopt: [55, 209],
  // How it takes signals
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  rt_sigpending: [127, 136],
  rt_sigsuspend: [130, 133],
  rt_sigtimedwait: [128, 137],
  sigaltstack: [131, 132],
  // Who it is, where it runs, and the time
  getpid: [39, 172],
  getppid: [110, 173],
  gettid: [186, 178],
  getpgid: [121, 155],
  getpgrp: [111, undefined],
  getsid: [124, 156],
  getuid: [102, 174],
  geteuid: [107, 175],
  getgid: [104, 176],
  getegid: [108, 177],
  getresuid: [118, 148],
  getresgid: [120, 150],
  getgroups: [115, 158],
  capget: [125, 90],
  uname: [63, 160],
  sysinfo: [99, 179],
  getcpu: [309, 168],
  getrandom: [318, 278],
  getrlimit: [97, 163],
  getrusage: [98, 165],
  getpriority: [140, 141],
  times: [100, 153],
  time: [201, undefined],
  gettimeofday: [96, 169],
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  sched_get_priority_max: [146, 125],
  sched_get_priority_min: [147, 126],
  // setpriv loads the filter before it gives up the rest; these calls can only give up more
  capset: [126, 91],
  landlock_create_ruleset: [444, 444],
  landlock_add_rule: [445, 445],
  landlock_restrict_self: [446, 446],
  // Its start and its end. setpriv starts Node under the filter; whatever the child starts in its own place is as limited
  execve: [59, 221],
  set_tid_address: [218, 96],
  arch_prctl: [158, undefined],
  exit: [60, 93],
  exit_group: [231, 94],
};

const O_WRONLY = 1;
const O_RDWR = 2;
const O_TRUNC = 0x200;
const O_ASYNC = 0x2000;
/** Set-user-id, set-group-id and sticky. */
const SPECIAL_MODES = 0o7000;

/**
 * Not with O_TRUNC alone: it empties a file that may only be read, which Landlock knows since Linux 6.2; nor with both
 * ways of writing, which Landlock takes for none. Not with a mode that runs a program as its owner.
 */
function opening(flags: number): readonly ArgumentTest[] {
  return [
    {
      argument: flags,
      mask: O_WRONLY | O_RDWR | O_TRUNC,
      values: [0, O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC, O_RDWR | O_TRUNC],
    },
    { argument: flags + 1, mask: SPECIAL_MODES, values: [0] },
  ];
}

const F_SETFL = 4;
/** F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC. No owner, lock, lease or size of a pipe. */
const DESCRIPTOR_COMMANDS = [0, 1, 2, 3, 1030];
/** FIONBIO, FIOCLEX, FIONCLEX, FIONREAD, TCGETS, TCGETS2, TIOCGWINSZ. Nothing that types into a terminal or sets an owner. */
const DEVICE_COMMANDS = [0x5421, 0x5451, 0x5450, 0x541b, 0x5401, 0x802c542a, 0x5413];
/**
 * PR_SET_NAME, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_SVE_GET_VL, PR_SET_VMA; for setpriv also PR_SET_KEEPCAPS,
 * PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS. Not PR_SET_PDEATHSIG: the child dies with its parent.
 */
const PROCESS_OPTIONS = [15, 16, 39, 51, 0x53564d41, 8, 23, 24, 38];
/** What the C libraries start a thread with: glibc, and musl, which adds CLONE_DETACHED. Never a process. */
const THREADS = [0x3d0f00, 0x7d0f00];

/** What a contained child may call with some arguments only. */
export const checkedCalls: Readonly<Record<string, CheckedCall>> = {
  open: { numbers: [2, undefined], ways: [opening(1)] },
  openat: { numbers: [257, 56], ways: [opening(2)] },
  fcntl: {
    numbers: [72, 25],
    ways: [
      [{ argument: 1, values: DESCRIPTOR_COMMANDS }],
      [
        { argument: 1, values: [F_SETFL] },
        { argument: 2, mask: O_ASYNC, values: [0] },
      ],
    ],
  },
  ioctl: { numbers: [16, 29], ways: [[{ argument: 1, values: DEVICE_COMMANDS }]] },
  prctl: { numbers: [157, 167], ways: [[{ argument: 0, values: PROCESS_OPTIONS }]] },
  // Limits of its own only
  prlimit64: { numbers: [302, 261], ways: [[{ argument: 0, values: [0] }]] },
  clone: {
    numbers: [56, 220],
    ways: [
      [
        { argument: 0, values: THREADS },
        { argument: 0, half: 'high', values: [0] },
      ],
    ],
  },
};

/**
 * Answered as on a kernel that has no such call: who makes it does without, where EPERM would be a failure. The flags of
 * clone3 are in memory, where a filter cannot look: the C library then uses clone. io_uring makes other calls unseen.
 */
export const missingCalls: Readonly<Record<string, CallNumbers>> = {
  clone3: [435, 435],
  openat2: [437, 437],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  pidfd_open: [434, 434],
  memfd_secret: [447, 447],
  cachestat: [451, 451],
  map_shadow_stack: [453, 453],
};

/** The newest call that these tables cover; newer ones fail as on a kernel without them. */
export const NEWEST_CALL = 462;
