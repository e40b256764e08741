/* Opens and runs damaged model files, and compares with what the host made of them:
 *
 *     replay-mutants FILE…
 *
 * The files are those of SPIKELET_SAMPLES (Tests/SpikeletRuntimeTests/Corruption/MutantSample.swift).
 * Model, arena and picture lie against pages that nobody may touch: an access outside of them ends
 * the program, which says then where it was. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <spikelet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STEPS = 3, PICTURES = 2, CLASSES = 65535 };

static const size_t model_room = 1 << 23, arena_room = 1 << 22, pixel_room = 1 << 22;
static uint8_t *model_memory, *arena_memory, *pixel_memory;
static uint8_t base[1 << 23];
static size_t base_bytes, page;
static int32_t scores[CLASSES];
static unsigned long number;
static const char *file_name;

static void fail(const char *text) {
  fprintf(stderr, "%s, mutant %lu: %s\n", file_name, number, text);
  exit(1);
}

/* Memory of a size between two such pages. */
static uint8_t *guarded(size_t room) {
  void *all = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || mprotect((uint8_t *)all + page, room, PROT_READ | PROT_WRITE) != 0)
    fail("there is no memory");
  return (uint8_t *)all + page;
}

/* Where `bytes` of it begin: against the page behind, or against the one before. */
static uint8_t *place(uint8_t *memory, size_t room, size_t bytes, int at_end, size_t alignment) {
  if (bytes > room) fail("is too large for this program");
  return at_end ? memory + ((room - bytes) & ~(alignment - 1)) : memory;
}

static void report_fault(int signal_number) {
  char text[64];
  int length = snprintf(text, sizeof text, "FAULT: mutant %lu, signal %d\n", number, signal_number);
  if (write(2, text, (size_t)length) < 0) _exit(4);
  _exit(3);
}

/* The next word of a file; false at its end. */
static int next(FILE *file, uint32_t *word) {
  uint8_t bytes[4];
  if (fread(bytes, 1, 4, file) != 4) return 0;
  *word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
          (uint32_t)bytes[3] << 24;
  return 1;
}

static uint32_t word(FILE *file) {
  uint32_t value = 0;
  if (!next(file, &value)) fail("the sample ends in the middle");
  return value;
}

/* A digest of predictions and scores after every timestep of every picture. */
static uint32_t run(spikelet_t *engine, int at_end) {
  size_t arena_bytes = spikelet_arena_size(engine), size = spikelet_input_size(engine);
  int32_t classes = spikelet_class_count(engine), most = spikelet_maximum_timesteps(engine);
  uint8_t *arena = place(arena_memory, arena_room, arena_bytes, at_end, SPIKELET_ARENA_ALIGNMENT);
  uint8_t *pixels = place(pixel_memory, pixel_room, size, 1, 1);
  uint32_t digest = 0x811C9DC5;
  if (spikelet_attach(engine, arena, arena_bytes) != SPIKELET_OK) fail("is not attached");
  for (uint32_t image = 0; image < PICTURES; image++) {
    for (size_t i = 0; i < size; i++) pixels[i] = (uint8_t)(i * 37 + (i >> 8) * 13 + image * 91);
    if (spikelet_reset(engine) != SPIKELET_OK) fail("is not reset");
    for (int32_t step = 0; step < STEPS && step < most; step++) {
      int32_t prediction = -1;
      if (spikelet_step(engine, pixels, size, image) != SPIKELET_OK ||
          spikelet_prediction(engine, &prediction) != SPIKELET_OK ||
          spikelet_scores(engine, scores, CLASSES) != SPIKELET_OK)
        fail("does not run");
      digest = (digest ^ (uint32_t)prediction) * 0x01000193;
      for (int32_t class = 0; class < classes; class++)
        digest = (digest ^ (uint32_t)scores[class]) * 0x01000193;
    }
  }
  return digest;
}

/* Reads a mutant, opens it, and compares; says whether it opened. */
static int replay(FILE *file) {
  size_t bytes = word(file), copied = bytes < base_bytes ? bytes : base_bytes;
  uint32_t patches = word(file), needed[5], digest;
  int at_end = number % 2 == 0;
  uint8_t *model = place(model_memory, model_room, bytes, at_end, 1);
  spikelet_t engine = {0};
  memcpy(model, base, copied);
  memset(model + copied, 0, bytes - copied);
  while (patches-- > 0) {
    uint32_t offset = word(file);
    if (offset >= bytes) fail("changes what is not there");
    model[offset] = (uint8_t)word(file);
  }
  for (int i = 0; i < 5; i++) needed[i] = word(file);
  digest = word(file);
  if ((uint32_t)spikelet_open(&engine, model, bytes) != needed[0]) fail("has another outcome");
  if (needed[0] != SPIKELET_OK) {
    if ((uint32_t)engine.error.field != needed[1] || (uint32_t)engine.error.index != needed[2] ||
        (uint32_t)engine.error.needed != needed[3] || (uint32_t)engine.error.given != needed[4])
      fail("is refused for another reason");
    return 0;
  }
  if (run(&engine, at_end) != digest) fail("computes something else");
  return 1;
}

int main(int argc, char **argv) {
  unsigned long opened = 0;
  page = (size_t)sysconf(_SC_PAGESIZE);
  if (argc < 2) return 2;
  model_memory = guarded(model_room);
  arena_memory = guarded(arena_room);
  pixel_memory = guarded(pixel_room);
  int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], report_fault);
  for (int i = 1; i < argc; i++) {
    uint32_t kind;
    FILE *file = fopen(argv[i], "rb");
    file_name = argv[i];
    if (!file) fail("there is no sample");
    while (next(file, &kind)) {
      if (kind == 1) {
        base_bytes = word(file);
        if (base_bytes > sizeof base) fail("has a base too large for this program");
        if (fread(base, 1, base_bytes, file) != base_bytes) fail("the sample ends in the middle");
        continue;
      }
      opened += (unsigned long)replay(file);
      number++;
    }
    fclose(file);
  }
  printf("%lu mutants, %lu refused, %lu ran\n", number, number - opened, opened);
  return number > 0 ? 0 : 1;
}
