/*
 * A decoder with a planted overflow, as an addon: the name in a picture is copied without a look at its length and reaches
 * the number of the function that goes on. That one tries what a JavaScript check would stop, by system calls. It prints
 * what succeeded, one line a try.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void report(const char *what, int succeeded) {
  if (succeeded) dprintf(2, "native: %s\n", what);
}

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

static int can_reach_socket(void) {
  struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
}

static int can_read(const char *path) {
  char byte;
  int fd = open(path, O_RDONLY);
  return fd >= 0 && read(fd, &byte, 1) == 1;
}

static int can_fork(void) {
  char byte;
  int ready[2];
  if (pipe(ready) != 0) return 0;
  pid_t child = fork();
  if (child < 0) return 0;
  if (child > 0) return read(ready[0], &byte, 1) == 1;
  setsid();
  prctl(PR_SET_NAME, LEFT_BEHIND);
  write(ready[1], "x", 1);
  sleep(60);
  _exit(0);
}

static void attack(void) {
  report("connect to a port of this machine", can_connect());
  report("send a datagram", can_send());
  report("connect to a local socket", can_reach_socket());
  report("read a file of the service", can_read(SECRET));
  report("read the environment of the service", can_read("/proc/" PARENT "/environ"));
  report("open the memory of the service", open("/proc/" PARENT "/mem", O_RDONLY) >= 0);
  report("start a program", can_fork());
  report("write outside its folder", open(ELSEWHERE, O_CREAT | O_WRONLY, 0600) >= 0);
  report("signal the service", kill(atoi(PARENT), 0) == 0);
  dprintf(2, "native: ran\n");
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
