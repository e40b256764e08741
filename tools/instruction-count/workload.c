/* What `make instructions` counts:  workload MODEL INPUTS.idx3-ubyte TIMESTEPS
 *
 * Four phases: opening the model, attaching the arena, every picture for one timestep, and every
 * picture for all of them. Prints the classes that the last phase found. */
#include <spikelet.h>
#include <stdio.h>
#include <stdlib.h>

static uint8_t model[16 << 20], inputs[1 << 20];
static SPIKELET_ALIGNED uint8_t arena[1 << 20];

/* Begins a phase: tools/instruction-count/count.c waits for calls of it. */
void __attribute__((noinline)) count_phase(void) { __asm__ volatile("" ::: "memory"); }

static size_t read_file(const char *path, uint8_t *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  size_t count = file ? fread(bytes, 1, room, file) : 0;
  if (count == 0 || count == room) {
    fprintf(stderr, "%s: cannot be read, or is too large\n", path);
    exit(2);
  }
  fclose(file);
  return count;
}

static void check(spikelet_error_t error) {
  if (error == SPIKELET_OK) return;
  fprintf(stderr, "%s\n", spikelet_error_string(error));
  exit(2);
}

int main(int argc, char **argv) {
  spikelet_t engine = {0};
  int32_t classes[1024];
  if (argc != 4) return 2;
  size_t bytes = read_file(argv[1], model, sizeof model);
  size_t inputs_bytes = read_file(argv[2], inputs, sizeof inputs);
  int32_t timesteps = (int32_t)atoi(argv[3]);

  count_phase();
  check(spikelet_open(&engine, model, bytes));
  count_phase();
  check(spikelet_attach(&engine, arena, sizeof arena));
  count_phase();
  size_t size = spikelet_input_size(&engine), images = (inputs_bytes - 16) / size;
  if (images > sizeof classes / sizeof *classes) return 2;
  for (size_t i = 0; i < images; i++)
    check(spikelet_run(&engine, inputs + 16 + i * size, size, (uint32_t)i, 1, NULL, NULL));
  count_phase();
  for (size_t i = 0; i < images; i++)
    check(spikelet_run(&engine, inputs + 16 + i * size, size, (uint32_t)i, timesteps, &classes[i],
                       NULL));
  count_phase();
  for (size_t i = 0; i < images; i++) printf("%d\n", (int)classes[i]);
  return 0;
}
