#include "cplatform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A named pipe without a writer would block, and a terminal could become this program's: what is no
 * plain file is refused once it is open. */
enum { reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

static int open_member(const char *path, const char *member) {
  if (member == NULL) return open(path, reading);
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  int file = openat(folder, member, reading);
  close(folder);
  return file;
}

int platform_open(const char *path, const char *member, size_t *size) {
  int file = open_member(path, member);
  if (file < 0) return -1;
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > INT32_MAX) {
    close(file);
    return -1;
  }
  *size = (size_t)status.st_size;
  return file;
}

bool platform_map(const char *path, const char *member, struct platform_bytes *file) {
  static const uint8_t nothing[1];
  size_t size = 0;
  int descriptor = platform_open(path, member, &size);
  if (descriptor < 0) return false;
  file->base = nothing;
  file->count = size;
  if (size > 0) {
    void *base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (base == MAP_FAILED) {
      close(descriptor);
      return false;
    }
    file->base = base;
  }
  close(descriptor);
  return true;
}

int platform_standard_input(void) { return STDIN_FILENO; }

#ifndef SPIKELET_WITHOUT_SERVE
static bool input_failed;

bool platform_input_failed(void) { return input_failed; }
#endif

size_t platform_read_some(int file, uint8_t *bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = read(file, bytes + done, count - done);
    if (got < 0 && errno == EINTR) continue;
#ifndef SPIKELET_WITHOUT_SERVE
    // A pipe that others have made so: waiting is for us. A signal ends it, or what is polled.
    if (got < 0 && errno == EAGAIN) {
      struct pollfd more = {.fd = file, .events = POLLIN};
      poll(&more, 1, -1);
      continue;
    }
    if (got < 0) input_failed = true;
#endif
    if (got <= 0) break;
    done += (size_t)got;
  }
  return done;
}

uint8_t *platform_memory(size_t count) {
  if (count == 0) count = 1;
  void *base = mmap(
      NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return base == MAP_FAILED ? NULL : base;
}
