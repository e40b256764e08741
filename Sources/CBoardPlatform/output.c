#include "cplatform.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

// One buffer serves both streams: it is written out when the stream changes or it is full.
static struct {
  int stream;
  size_t count;
  int failure;  // of errno; 0 while all could be written
  uint8_t bytes[1024];
} pending;

static void write_out(void) {
  const uint8_t *bytes = pending.bytes;
  size_t count = pending.count;
  while (count > 0) {
    ssize_t written = write(pending.stream, bytes, count);
    if (written < 0 && errno == EINTR) continue;
#ifndef SPIKELET_WITHOUT_SERVE
    // A pipe that others have made so: waiting is for us.
    if (written < 0 && errno == EAGAIN) {
      struct pollfd room = {.fd = pending.stream, .events = POLLOUT};
      poll(&room, 1, -1);
      continue;
    }
#endif
    if (written <= 0) {
      pending.failure = written < 0 ? errno : EIO;
      break;
    }
    bytes += written;
    count -= (size_t)written;
  }
  pending.count = 0;
}

void platform_put(int stream, const uint8_t *bytes, size_t count) {
  if (stream != pending.stream) write_out();
  pending.stream = stream;
  while (count > 0) {
    size_t room = sizeof pending.bytes - pending.count;
    size_t part = count < room ? count : room;
    memcpy(pending.bytes + pending.count, bytes, part);
    pending.count += part;
    bytes += part;
    count -= part;
    if (pending.count == sizeof pending.bytes) write_out();
  }
}

bool platform_flush(void) {
  write_out();
  return pending.failure == 0;
}

bool platform_output_closed(void) { return pending.failure == EPIPE; }
