/* Ends the process at the nth call that changes a file, before it, after it, or in the middle of a
   write: what a kill or a power cut can leave behind. Loaded with LD_PRELOAD by kill-writes.

   KILL_AT=n   which call; 0 counts only
   KILL_HOW=b  b before the call, a after it, m after half of a write
   KILL_LOG=f  a file that gets the number of calls when the process ends by itself */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static long calls, target = -1;
static char how = 'b';

static void prepare(void) {
  if (target >= 0) return;
  const char *at = getenv("KILL_AT"), *way = getenv("KILL_HOW");
  target = at ? atol(at) : 0;
  if (way) how = way[0];
}

static void end(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

/* Counts a call; whether it is the one. */
static int is_it(void) {
  prepare();
  return __sync_add_and_fetch(&calls, 1) == target;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define AROUND(call) \
  do { \
    int hit = is_it(); \
    if (hit && how != 'a') end(); \
    __typeof__(call) result = call; \
    if (hit) end(); \
    return result; \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t count) {
  REAL(write);
  struct stat status;
  if (fstat(fd, &status) || !S_ISREG(status.st_mode)) return real(fd, bytes, count);
  int hit = is_it();
  if (hit && how == 'b') end();
  ssize_t result = real(fd, bytes, hit && how == 'm' ? count / 2 : count);
  if (hit) end();
  return result;
}

int open(const char *path, int flags, ...) {
  REAL(open);
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (!(flags & (O_CREAT | O_TRUNC))) return real(path, flags, mode);
  AROUND(real(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (!(flags & (O_CREAT | O_TRUNC))) return real(path, flags, mode);
  AROUND(real(path, flags, mode));
}

int fsync(int fd) { REAL(fsync); AROUND(real(fd)); }
int rename(const char *from, const char *to) { REAL(rename); AROUND(real(from, to)); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); AROUND(real(path, mode)); }
int rmdir(const char *path) { REAL(rmdir); AROUND(real(path)); }
int unlink(const char *path) { REAL(unlink); AROUND(real(path)); }
int unlinkat(int fd, const char *path, int flags) { REAL(unlinkat); AROUND(real(fd, path, flags)); }
int fchmod(int fd, mode_t mode) { REAL(fchmod); AROUND(real(fd, mode)); }

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("KILL_LOG");
  if (!path) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "%ld\n", calls);
  fclose(file);
}
