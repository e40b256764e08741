/* What `scripts/tool opening` counts:  opening MODEL
 *
 * One phase: opening the model. */
#include <spikelet.h>
#include <stdio.h>
#include <stdlib.h>

/* Begins a phase: tools/instruction-count/count.c waits for calls of it. */
void __attribute__((noinline)) count_phase(void) { __asm__ volatile("" ::: "memory"); }

int main(int argc, char **argv) {
  static const size_t room = 64 << 20;
  spikelet_t engine = {0};
  uint8_t *model = malloc(room);
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (model == NULL || file == NULL) return 2;
  size_t bytes = fread(model, 1, room, file);
  fclose(file);

  count_phase();
  spikelet_error_t error = spikelet_open(&engine, model, bytes);
  count_phase();
  if (error != SPIKELET_OK) {
    fprintf(stderr, "%s: %s %s\n", argv[1], spikelet_field_string(engine.error.field),
            spikelet_error_string(error));
    return 2;
  }
  free(model);
  return 0;
}
