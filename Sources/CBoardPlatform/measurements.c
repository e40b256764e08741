#include "cplatform.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint32_t platform_ticks(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return (uint32_t)now.tv_sec * 10000000u + (uint32_t)(now.tv_nsec / 100);
}

uint32_t platform_elapsed(void) {
  static struct timespec start;
  static bool started;
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  if (!started) {
    start = now;
    started = true;
  }
  int64_t seconds = (int64_t)now.tv_sec - start.tv_sec;
  int64_t ticks = seconds * 10000000 + (now.tv_nsec - start.tv_nsec) / 100;
  return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

uint32_t platform_ratio(uint32_t a, uint32_t scale, uint32_t b) {
  if (b == 0) return 0;
  uint64_t quotient = ((uint64_t)a * scale + b / 2) / b;
  return quotient > UINT32_MAX ? UINT32_MAX : (uint32_t)quotient;
}

// The marked part of the stack. It is enough for any run, and small beside the memory that a run
// takes anyway: marking makes it resident.
enum { marked_words = 6 * 1024, mark = 0x5AFE57AC };

static uintptr_t marked_from, marked_to;

__attribute__((noinline)) void platform_mark_stack(void) {
  volatile uint32_t words[marked_words];
  for (size_t i = 0; i < marked_words; i++) words[i] = mark;
  marked_from = (uintptr_t)words;
  marked_to = (uintptr_t)__builtin_frame_address(0);
}

__attribute__((noinline)) size_t platform_stack_used(void) {
  uintptr_t at = marked_from;
  while (at < marked_to && *(volatile const uint32_t *)at == mark) at += sizeof(uint32_t);
  return marked_to - at;
}

// The counter behind VmHWM of /proc/self/status is kept for each processor, in batches: since Linux 6.2
// it says 4 KiB of a process as small as this one. The rollup adds up the tables of pages.
uint32_t platform_resident(void) {
  int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  // Four bytes are compared at the start of each line, and the text may end in one.
  char text[2048 + 4] = {0};
  size_t count = 0;
  ssize_t got;
  while (count < 2048 && (got = read(file, text + count, 2048 - count)) > 0)
    count += (size_t)got;
  close(file);
  const char *line = text;
  // Compared by hand: strstr alone is larger than this file.
  while (memcmp(line, "Rss:", 4) != 0) {
    while (*line != '\n' && *line != 0) line++;
    if (*line == 0) return 0;
    line++;
  }
  line += 4;
  while (*line == ' ' || *line == '\t') line++;
  uint32_t kib = 0;
  while (*line >= '0' && *line <= '9') kib = kib * 10 + (uint32_t)(*line++ - '0');
  return kib;
}
