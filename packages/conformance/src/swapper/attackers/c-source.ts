/** The same as the Perl program, for places that have a compiler and no Perl. */
export const cSource = String.raw`
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static char mid[4096], spare[4096];
static int atomic_exchange_works = 1, aside;

static void end(int number) { (void)number; stop = 1; }
static int is_link(const char *path) { struct stat s; return lstat(path, &s) == 0 && S_ISLNK(s.st_mode); }
static int is_there(const char *path) { struct stat s; return lstat(path, &s) == 0; }

static int exchange(const char *one, const char *other) {
#ifdef SYS_renameat2
  if (atomic_exchange_works) {
    if (syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2) == 0) return 1;
    if (errno != ENOSYS && errno != EINVAL) return 0;
    atomic_exchange_works = 0;
  }
#endif
  return rename(one, mid) == 0 && rename(other, one) == 0 && rename(mid, other) == 0;
}

static int come_back(const char *one, const char *other) {
  if (!is_there(other)) return 0;
  if (is_there(one)) {
    snprintf(spare, sizeof spare, "%s.aside%d", other, aside++);
    rename(one, spare);
  }
  return rename(other, one) == 0;
}

int main(int count_of_arguments, char **arguments) {
  if (count_of_arguments != 6) return 2;
  int exchanges = strcmp(arguments[1], "exchange") == 0;
  const char *one = arguments[2], *other = arguments[3], *link = arguments[4];
  long pause = atol(arguments[5]), count = 0, swapped = 0;
  signal(SIGTERM, end);
  signal(SIGINT, end);
  signal(SIGHUP, end);
  snprintf(mid, sizeof mid, "%s.mid", other);
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  while (!stop) {
    int done = exchanges ? exchange(one, other) : swapped ? come_back(one, other) : rename(one, other) == 0;
    if (done) {
      count++;
      swapped = !swapped;
    } else if (!exchanges) swapped = is_there(other);
    if (*link && (pause || !(count & 63)) && !is_link(one) && !is_link(other)) {
      snprintf(spare, sizeof spare, "%s.link", other);
      if (symlink(link, spare) == 0) rename(spare, other);
    }
    if (pause || !(count & 127)) printf("%ld\n", count);
    if (pause) usleep((useconds_t)pause);
  }
  if (!exchanges) come_back(one, other);
  else if (*link ? is_link(one) : swapped) exchange(one, other);
  printf("%ld\n", count);
  return 0;
}
`;
