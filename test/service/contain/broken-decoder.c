/*
 * A decoder with a planted overflow, as an addon: the name in a picture is copied without a look at its length and reaches
 * the number of the function that goes on. That one tries what a JavaScript check would stop, by system calls. It prints
 * what succeeded, one line a try.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SERVICE atoi(PARENT)
#define CHANNEL 3

/* Numbers that are the same on every machine, and that an older header lacks. */
enum { CLONE3 = 435, PIDFD_OPEN = 434, PIDFD_GETFD = 438, IO_URING_SETUP = 425, OPEN_TREE = 428, FCHMODAT2 = 452 };

static char room_path[4096];

/* A path in the folder that it may write. */
static const char *in_room(const char *name) {
  snprintf(room_path, sizeof room_path, "%s/%s", getenv("NII_ROOM"), name);
  return room_path;
}

static int own_file(const char *name) { return open(in_room(name), O_CREAT | O_RDWR, 0600); }

/* ---- Network ---- */

static struct sockaddr_in local_port(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  return to;
}

static int can_connect(void) {
  struct sockaddr_in to = local_port();
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
}

static int can_send(void) {
  struct sockaddr_in to = local_port();
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  return fd >= 0 && sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1;
}

static int can_listen(void) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0;
}

static int can_reach_socket(void) {
  struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
}

/* Older versions of Node fill the name with zeros. */
static int can_reach_abstract_socket(void) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  memcpy(to.sun_path + 1, ABSTRACT, strlen(ABSTRACT));
  socklen_t exact = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(ABSTRACT);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return 0;
  return connect(fd, (struct sockaddr *)&to, exact) == 0 || connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
}

static int can_ask_kernel_of_network(void) { return socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }
static int can_open_raw_socket(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0; }

static int can_make_socket_pair(void) {
  int pair[2];
  return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

static int can_send_over_channel(void) {
  struct msghdr nothing = {0};
  return sendmsg(CHANNEL, &nothing, MSG_NOSIGNAL) == 0;
}

/* ---- Files ---- */

static int can_read(const char *path) {
  char byte;
  int fd = open(path, O_RDONLY);
  return fd >= 0 && read(fd, &byte, 1) == 1;
}

static int can_read_secret(void) { return can_read(SECRET); }
static int can_write_outside(void) { return open(ELSEWHERE, O_CREAT | O_WRONLY, 0600) >= 0; }
static int can_see_size(void) {
  struct stat state;
  return stat(SECRET, &state) == 0;
}
static int can_truncate(void) { return truncate(VICTIMS "/object", 1) == 0; }
static int can_empty_readable(void) { return open(READABLE, O_RDONLY | O_TRUNC) >= 0; }
static int can_empty_opened_both_ways(void) { return open(READABLE, O_WRONLY | O_RDWR | O_TRUNC) >= 0; }
static int can_delete(void) { return unlink(VICTIMS "/doomed") == 0; }
static int can_rename(void) { return rename(VICTIMS "/named", VICTIMS "/renamed") == 0; }
static int can_make_folder(void) { return mkdir(VICTIMS "/made", 0700) == 0; }
static int can_link(void) { return link(SECRET, in_room("hard-native")) == 0; }
static int can_make_symlink(void) { return symlink(SECRET, in_room("soft-native")) == 0; }
static int can_make_fifo(void) { return mknod(in_room("fifo-native"), S_IFIFO | 0600, 0) == 0; }
static int can_chmod_data(void) { return chmod(VICTIMS "/data", 0777) == 0; }
static int can_chmod_object(void) { return chmod(VICTIMS "/object", 0777) == 0; }
static int can_chmod_object_anew(void) {
  return syscall(FCHMODAT2, AT_FDCWD, VICTIMS "/object", 0777, AT_SYMLINK_NOFOLLOW) == 0;
}
static int can_chmod_room(void) { return chmod(getenv("NII_ROOM"), 0777) == 0; }
static int can_chmod_open_file(void) { return fchmod(own_file("mode-native"), 04755) == 0; }

static int can_make_setuid_program(void) {
  struct stat state;
  int fd = open(in_room("setuid-native"), O_CREAT | O_WRONLY, 04755);
  return fd >= 0 && fstat(fd, &state) == 0 && (state.st_mode & S_ISUID) != 0;
}

static int can_chown(void) { return chown(VICTIMS "/object", getuid(), getgid()) == 0; }
static int can_chown_link(void) { return lchown(VICTIMS "/object", getuid(), getgid()) == 0; }
static int can_chown_open_file(void) { return fchown(own_file("owner-native"), getuid(), getgid()) == 0; }
static int can_set_times(void) { return utimensat(AT_FDCWD, VICTIMS "/object", NULL, 0) == 0; }
static int can_set_times_of_open_file(void) { return futimens(own_file("times-native"), NULL) == 0; }
static int can_set_attribute(void) { return setxattr(VICTIMS "/object", "user.nii", "x", 1, 0) == 0; }
static int can_set_attribute_of_open_file(void) {
  return fsetxattr(own_file("attribute-native"), "user.nii", "x", 1, 0) == 0;
}
static int can_watch(void) { return inotify_add_watch(inotify_init1(0), VICTIMS, IN_ALL_EVENTS) >= 0; }
static int can_lock(void) { return flock(open(READABLE, O_RDONLY), LOCK_EX | LOCK_NB) == 0; }
static int can_lock_range(void) {
  struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
  return fcntl(open(READABLE, O_RDONLY), F_SETLK, &all) == 0;
}
static int can_lease(void) { return fcntl(open(READABLE, O_RDONLY), F_SETLEASE, F_RDLCK) == 0; }
static int can_note_changes(void) { return fcntl(open(VICTIMS, O_RDONLY), F_NOTIFY, DN_MODIFY) == 0; }

static int can_name_by_handle(void) {
  struct {
    struct file_handle head;
    char bytes[MAX_HANDLE_SZ];
  } handle = {.head.handle_bytes = MAX_HANDLE_SZ};
  int mount;
  return name_to_handle_at(AT_FDCWD, READABLE, &handle.head, &mount, 0) == 0;
}

static int can_mount(void) {
  return mount("none", getenv("NII_ROOM"), "tmpfs", 0, NULL) == 0 && umount(getenv("NII_ROOM")) == 0;
}
static int can_copy_mount(void) { return syscall(OPEN_TREE, AT_FDCWD, "/", 1) >= 0; }
static int can_change_root(void) { return chroot("/") == 0; }
static int can_open_shared_memory(void) {
  int fd = shm_open("/nii-shared", O_CREAT | O_RDWR, 0600);
  shm_unlink("/nii-shared");
  return fd >= 0;
}

/* ---- Processes ---- */

static int can_fork(void) {
  char byte;
  int ready[2];
  if (pipe(ready) != 0) return 0;
  pid_t child = fork();
  if (child < 0) return 0;
  if (child > 0) return read(ready[0], &byte, 1) == 1;
  setsid();
  prctl(PR_SET_NAME, LEFT_BEHIND);
  for (int fd = 1; fd <= CHANNEL; fd++) close(fd); /* nobody waits for it */
  write(ready[1], "x", 1);
  sleep(60);
  _exit(0);
}

static int can_vfork(void) {
  pid_t child = vfork();
  if (child == 0) _exit(0);
  return child > 0;
}

static int ends(long child) {
  if (child == 0) _exit(0);
  return child > 0;
}

static int can_clone_with_high_bits(void) {
  return ends(syscall(SYS_clone, 0xffffffff00000000UL | SIGCHLD, 0, 0, 0, 0));
}

static int can_clone3(void) {
  unsigned long long how[11] = {[4] = SIGCHLD};
  return ends(syscall(CLONE3, how, 64));
}

static void *do_nothing(void *none) { return none; }
static int can_start_thread(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, do_nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static int can_make_program_in_memory(void) { return memfd_create("program", 0) >= 0; }
static int can_unshare_users(void) { return unshare(CLONE_NEWUSER) == 0; }
static int can_unshare_mounts(void) { return unshare(CLONE_NEWNS) == 0; }
static int can_enter_space(void) { return setns(open("/proc/" PARENT "/ns/mnt", O_RDONLY), 0) == 0; }
static int can_read_environment(void) { return can_read("/proc/" PARENT "/environ"); }
static int can_read_map(void) { return can_read("/proc/" PARENT "/maps"); }
static int can_read_status(void) { return can_read("/proc/" PARENT "/status"); }
static int can_open_memory(void) { return open("/proc/" PARENT "/mem", O_RDONLY) >= 0; }
static int can_choose_victim_of_memory(void) { return open("/proc/" PARENT "/oom_score_adj", O_WRONLY) >= 0; }
static int can_trace(void) { return ptrace(PTRACE_SEIZE, SERVICE, NULL, NULL) == 0; }

static int can_copy_memory(void) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
  return process_vm_readv(SERVICE, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static int can_take_descriptor(void) { return syscall(PIDFD_GETFD, syscall(PIDFD_OPEN, SERVICE, 0), 1, 0) >= 0; }
static int can_signal(void) { return kill(SERVICE, 0) == 0; }
static int can_signal_thread(void) { return syscall(SYS_tgkill, SERVICE, SERVICE, 0) == 0; }

static int can_queue_signal(void) {
  union sigval nothing = {0};
  return sigqueue(SERVICE, 0, nothing) == 0;
}

static int can_own_pipe(void) {
  int ends[2];
  return pipe(ends) == 0 && fcntl(ends[0], F_SETOWN, SERVICE) == 0;
}

static int can_own_pipe_anew(void) {
  int ends[2];
  struct f_owner_ex owner = {F_OWNER_PID, SERVICE};
  return pipe(ends) == 0 && fcntl(ends[0], F_SETOWN_EX, &owner) == 0;
}

static int can_own_channel(void) {
  int owner = SERVICE;
  return ioctl(CHANNEL, 0x8901 /* FIOSETOWN */, &owner) == 0;
}

static int can_choose_signal(void) {
  int ends[2];
  return pipe(ends) == 0 && fcntl(ends[0], F_SETSIG, SIGKILL) == 0;
}

static int can_ask_for_signals(void) {
  int ends[2];
  return pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_ASYNC) == 0;
}

/* The kill of a process that has done nothing but run as the same user. */
static int can_kill_by_pipe(void) {
  int ends[2];
  if (pipe(ends) != 0 || fcntl(ends[0], F_SETOWN, atoi(getenv("NII_VICTIM"))) != 0) return 0;
  if (fcntl(ends[0], F_SETSIG, SIGKILL) != 0 || fcntl(ends[0], F_SETFL, O_ASYNC) != 0) return 0;
  return write(ends[1], "x", 1) == 1;
}

static int can_leave_session(void) { return setsid() >= 0; }
static int can_outlive_service(void) { return prctl(PR_SET_PDEATHSIG, 0) == 0; }
static int can_set_priority(void) {
  return setpriority(PRIO_PROCESS, SERVICE, getpriority(PRIO_PROCESS, SERVICE)) == 0;
}
static int can_set_scheduler(void) {
  struct sched_param plain = {0};
  return sched_setscheduler(SERVICE, SCHED_OTHER, &plain) == 0;
}
static int can_set_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 && sched_setaffinity(SERVICE, sizeof set, &set) == 0;
}
static int can_see_limits(void) {
  struct rlimit limit;
  return prlimit(SERVICE, RLIMIT_NOFILE, NULL, &limit) == 0;
}
static int can_set_own_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_CORE, &limit) == 0 && setrlimit(RLIMIT_CORE, &limit) == 0;
}
static int can_change_user(void) { return setuid(getuid()) == 0; }
static int can_grow_pipe(void) {
  int ends[2];
  return pipe(ends) == 0 && fcntl(ends[0], F_SETPIPE_SZ, 1 << 16) >= 0;
}

/* ---- What processes share ---- */

static int can_share_memory(void) {
  int id = shmget(IPC_PRIVATE, 4096, 0600);
  return id >= 0 && shmctl(id, IPC_RMID, NULL) == 0;
}
static int can_share_semaphore(void) {
  int id = semget(IPC_PRIVATE, 1, 0600);
  return id >= 0 && semctl(id, 0, IPC_RMID) == 0;
}
static int can_share_queue(void) {
  int id = msgget(IPC_PRIVATE, 0600);
  return id >= 0 && msgctl(id, IPC_RMID, NULL) == 0;
}
static int can_open_queue(void) {
  mqd_t queue = mq_open("/nii-queue", O_CREAT | O_RDWR, 0600, NULL);
  mq_unlink("/nii-queue");
  return queue >= 0;
}
static int can_keep_key(void) {
  return syscall(SYS_add_key, "user", "nii", "x", 1, KEY_SPEC_PROCESS_KEYRING) >= 0;
}

/* ---- The kernel ---- */

static int can_use_io_uring(void) {
  char how[120] = {0};
  return syscall(IO_URING_SETUP, 1, how) >= 0;
}
static int can_load_program_into_kernel(void) {
  unsigned map[32] = {2 /* an array */, 4, 4, 1};
  return syscall(SYS_bpf, 0, map, sizeof map) >= 0;
}
static int can_count_events(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .exclude_kernel = 1};
  return syscall(SYS_perf_event_open, &event, 0, -1, -1, 0) >= 0;
}
static int can_handle_faults(void) { return syscall(SYS_userfaultfd, 1 /* of user space only */) >= 0; }
static int can_change_personality(void) { return personality(ADDR_NO_RANDOMIZE) >= 0; }
static int can_read_kernel_log(void) { return klogctl(10 /* its size */, NULL, 0) > 0; }
static int can_write_kernel_setting(void) { return open("/proc/sys/kernel/hostname", O_WRONLY) >= 0; }
static int can_run_written_memory(void) {
  return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static const struct {
  const char *name;
  int (*attempt)(void);
} attempts[] = {
    {"connect to a port of this machine", can_connect},
    {"send a datagram", can_send},
    {"listen on a port", can_listen},
    {"connect to a local socket", can_reach_socket},
    {"connect to an abstract socket", can_reach_abstract_socket},
    {"open a netlink socket", can_ask_kernel_of_network},
    {"open a raw socket", can_open_raw_socket},
    {"make a pair of sockets", can_make_socket_pair},
    {"send with sendmsg over its channel", can_send_over_channel},
    {"read a file of the service", can_read_secret},
    {"see the size of a file of the service", can_see_size},
    {"write outside its folder", can_write_outside},
    {"truncate a file of the service", can_truncate},
    {"empty a file that it may only read", can_empty_readable},
    {"empty it with both ways of writing", can_empty_opened_both_ways},
    {"delete a file of the service", can_delete},
    {"rename a file of the service", can_rename},
    {"make a folder outside its folder", can_make_folder},
    {"link a file of the service into its folder", can_link},
    {"make a symbolic link", can_make_symlink},
    {"make a named pipe", can_make_fifo},
    {"chmod the data folder", can_chmod_data},
    {"chmod an object", can_chmod_object},
    {"chmod an object with fchmodat2", can_chmod_object_anew},
    {"chmod its own folder", can_chmod_room},
    {"chmod an open file", can_chmod_open_file},
    {"make a set-user-ID program", can_make_setuid_program},
    {"chown a file", can_chown},
    {"chown a link", can_chown_link},
    {"chown an open file", can_chown_open_file},
    {"set the times of a file", can_set_times},
    {"set the times of an open file", can_set_times_of_open_file},
    {"set an extended attribute", can_set_attribute},
    {"set an extended attribute of an open file", can_set_attribute_of_open_file},
    {"watch a folder of the service", can_watch},
    {"lock a file that it may only read", can_lock},
    {"lock a part of it", can_lock_range},
    {"take a lease on it", can_lease},
    {"be told of changes by a signal", can_note_changes},
    {"name a file by its handle", can_name_by_handle},
    {"mount", can_mount},
    {"copy a mount", can_copy_mount},
    {"change the root", can_change_root},
    {"open POSIX shared memory", can_open_shared_memory},
    {"start a program", can_fork},
    {"start a process with vfork", can_vfork},
    {"start a process with high bits in clone", can_clone_with_high_bits},
    {"start a process with clone3", can_clone3},
    {"start a thread", can_start_thread},
    {"make a program in memory", can_make_program_in_memory},
    {"make a user namespace", can_unshare_users},
    {"make a mount namespace", can_unshare_mounts},
    {"enter a namespace of the service", can_enter_space},
    {"read the environment of the service", can_read_environment},
    {"read the memory map of the service", can_read_map},
    {"read the status of the service", can_read_status},
    {"open the memory of the service", can_open_memory},
    {"offer the service to the out-of-memory killer", can_choose_victim_of_memory},
    {"trace the service", can_trace},
    {"copy memory of the service", can_copy_memory},
    {"take a descriptor of the service", can_take_descriptor},
    {"signal the service", can_signal},
    {"signal a thread of the service", can_signal_thread},
    {"queue a signal to the service", can_queue_signal},
    {"make the service owner of a pipe (F_SETOWN)", can_own_pipe},
    {"make the service owner of a pipe (F_SETOWN_EX)", can_own_pipe_anew},
    {"make the service owner of the channel (FIOSETOWN)", can_own_channel},
    {"choose the signal of a pipe (F_SETSIG)", can_choose_signal},
    {"ask for signals of a pipe (O_ASYNC)", can_ask_for_signals},
    {"kill a process by a pipe", can_kill_by_pipe},
    {"leave its session", can_leave_session},
    {"outlive the service (PR_SET_PDEATHSIG)", can_outlive_service},
    {"set the priority of the service", can_set_priority},
    {"set the scheduler of the service", can_set_scheduler},
    {"set the processors of the service", can_set_processors},
    {"see the limits of the service", can_see_limits},
    {"set its own limits", can_set_own_limit},
    {"change its user", can_change_user},
    {"grow a pipe", can_grow_pipe},
    {"make System V shared memory", can_share_memory},
    {"make a System V semaphore", can_share_semaphore},
    {"make a System V queue", can_share_queue},
    {"open a POSIX queue", can_open_queue},
    {"keep a key in the kernel", can_keep_key},
    {"use io_uring", can_use_io_uring},
    {"use bpf", can_load_program_into_kernel},
    {"count events of the kernel", can_count_events},
    {"handle page faults", can_handle_faults},
    {"change its personality", can_change_personality},
    {"read the log of the kernel", can_read_kernel_log},
    {"write a setting of the kernel", can_write_kernel_setting},
    {"run memory that it wrote", can_run_written_memory},
};

static void report(const char *name, int (*attempt)(void)) {
  if (attempt()) dprintf(2, "native: %s\n", name);
}

/* What succeeds changes the process: where it may have others, each attempt has one of its own. */
static void attack(void) {
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
    pid_t child = fork();
    if (child > 0) waitpid(child, NULL, 0);
    else report(attempts[i].name, attempts[i].attempt);
    if (child == 0) _exit(0);
  }
  dprintf(2, "native: ran\n");
  /* the last, because it does not return */
  dup2(2, 1);
  execl("/usr/bin/echo", "echo", "native: become another program", NULL);
}

static void decode(void) {}

static void (*const steps[])(void) = {decode, attack};

__attribute__((constructor)) static void read_picture(void) {
  struct {
    char name[16];
    unsigned step;
  } picture = {"", 0};
  char *bytes = (char *)&picture;
  int fd = open(getenv("NII_PICTURE"), O_RDONLY);
  if (fd >= 0 && read(fd, bytes, 64) >= 0) steps[picture.step % 2](); /* 64 bytes into 16 */
}
