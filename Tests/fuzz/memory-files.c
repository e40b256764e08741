/* What the board's program asks of the system, for Tests/fuzz/BoardTarget.swift: files of memory, memory
 * that is given back after each run, and output that is only checked. */
#include "cplatform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL, PICTURES, LABELS, VECTORS, FOLDER_PICTURES, FILES, BLOCKS = 64, OPEN = 16 };

/* The names that arguments can give: m, p, l, and the members of v. */
static struct platform_bytes good[FILES], files[FILES];
static uint8_t *blocks[BLOCKS];
static size_t block_count;
static struct { struct platform_bytes bytes; size_t position; } opened[OPEN];
static int open_count;
/* A clock that runs by a step each time it is read, and a stop that comes at a look: both of the input. */
static uint32_t ticks, step, looks, stop_at;

static struct platform_bytes load(const char *name) {
  static const char *const folder = ".build/fuzz/models/" TARGET "/";
  struct platform_bytes bytes = {NULL, 0};
  char path[256];
  snprintf(path, sizeof path, "%s%s", folder, name);
  FILE *file = fopen(path, "rb");
  uint8_t *base = malloc(1 << 16);
  if (file && base) bytes.count = fread(base, 1, 1 << 16, file);
  if (bytes.count == 0) {
    fprintf(stderr, "%s is missing: run Tests/fuzz/make-corpus " TARGET "\n", path);
    exit(2);
  }
  fclose(file);
  bytes.base = base;
  return bytes;
}

/* A copy of exactly its size, so that the address sanitizer sees every access beside it. */
static uint8_t *block(const uint8_t *bytes, size_t count) {
  if (block_count == BLOCKS) return NULL;
  uint8_t *copy = malloc(count ? count : 1);
  if (copy == NULL) return NULL;
  if (bytes) memcpy(copy, bytes, count); else memset(copy, 0, count);
  blocks[block_count++] = copy;
  return copy;
}

void memory_files_select(int32_t file, const uint8_t *bytes, size_t count) {
  if (good[MODEL].base == NULL) {
    good[MODEL] = load("model");
    good[PICTURES] = good[FOLDER_PICTURES] = load("pictures");
    good[LABELS] = load("labels");
    good[VECTORS] = load("vectors");
  }
  memcpy(files, good, sizeof files);
  files[file].base = block(bytes, count);
  files[file].count = count;
  ticks = looks = 0;
  step = (uint32_t)(count % 251);
  stop_at = (uint32_t)(count % 7);
}

void memory_files_end(void) {
  while (block_count > 0) free(blocks[--block_count]);
  open_count = 0;
}

static struct platform_bytes *find(const char *path, const char *member) {
  if (member && strcmp(path, "v") == 0)
    return &files[strcmp(member, "integer.txt") == 0 ? VECTORS : FOLDER_PICTURES];
  if (member) return NULL;
  if (strcmp(path, "m") == 0) return &files[MODEL];
  if (strcmp(path, "p") == 0) return &files[PICTURES];
  return strcmp(path, "l") == 0 ? &files[LABELS] : NULL;
}

bool platform_map(const char *path, const char *member, struct platform_bytes *file) {
  struct platform_bytes *found = find(path, member);
  if (found == NULL) return false;
  file->base = block(found->base, found->count);
  file->count = found->count;
  return file->base != NULL;
}

struct platform_bytes platform_embedded_model(void) {
  struct platform_bytes none = {(const uint8_t *)"", 0};
  return none;
}

int platform_open(const char *path, const char *member, size_t *size) {
  struct platform_bytes *found = find(path, member);
  if (found == NULL || open_count == OPEN) return -1;
  opened[open_count].bytes = *found;
  opened[open_count].position = 0;
  *size = found->count;
  return open_count++;
}

int platform_standard_input(void) {
  size_t size;
  int file = platform_open("p", NULL, &size);
  return file < 0 ? 0 : file;
}

size_t platform_read_some(int file, uint8_t *bytes, size_t count) {
  size_t rest = opened[file].bytes.count - opened[file].position;
  if (count > rest) count = rest;
  if (count == 0) return 0;
  memcpy(bytes, opened[file].bytes.base + opened[file].position, count);
  opened[file].position += count;
  return count;
}

uint8_t *platform_memory(size_t count) { return count > 1 << 24 ? NULL : block(NULL, count); }

void platform_put(int stream, const uint8_t *bytes, size_t count) {
  static volatile uint8_t last;
  if (stream != platform_output && stream != platform_error) abort();
  for (size_t i = 0; i < count; i++) last = bytes[i];
  (void)last;
}

bool platform_flush(void) { return true; }
bool platform_output_closed(void) { return false; }
bool platform_serve(void) { return true; }
void platform_admit_stop(void) {}
int32_t platform_stopped(void) { return ++looks == stop_at ? 15 : 0; }
bool platform_input_failed(void) { return looks % 3 == 2; }
uint32_t platform_ticks(void) { return ticks += step; }
uint32_t platform_elapsed(void) { return ticks; }
uint32_t platform_resident(void) { return 0; }
uint32_t platform_ratio(uint32_t a, uint32_t scale, uint32_t b) {
  return b == 0 ? UINT32_MAX : (uint32_t)((uint64_t)a * scale / b);
}
void platform_mark_stack(void) {}
size_t platform_stack_used(void) { return 0; }
