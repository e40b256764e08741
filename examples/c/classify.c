/* Classifies the pictures of an IDX file, or one raw picture:  classify MODEL PICTURES
 * Prints one class a line. On an error: one line on standard error, exit code 2. */
#include <spikelet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t model[128 * 1024], pictures[1024 * 1024];
static SPIKELET_ALIGNED uint8_t arena[64 * 1024];

static size_t read_file(const char *path, uint8_t *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  size_t count = file ? fread(bytes, 1, room, file) : 0;
  if (!file || ferror(file) || !feof(file)) {
    fprintf(stderr, "%s: %s\n", path, file ? "is unreadable or too large" : "cannot be opened");
    exit(2);
  }
  fclose(file);
  return count;
}

static void check(spikelet_error_t error, const spikelet_t *engine, const char *path) {
  spikelet_error_details_t at = spikelet_last_error(engine);
  if (error == SPIKELET_OK) return;
  fprintf(stderr, "%s: %s %s", path, spikelet_field_string(at.field), spikelet_error_string(error));
  if (at.index >= 0) fprintf(stderr, ", %s %d", spikelet_owner_string(at.field), (int)at.index);
  if (at.needed != 0 || at.given != 0)
    fprintf(stderr, " (needed %d, given %d)", (int)at.needed, (int)at.given);
  fputc('\n', stderr);
  exit(2);
}

int main(int argc, char **argv) {
  spikelet_t engine = {0};
  if (argc != 3) {
    fputs("usage: classify MODEL PICTURES\n", stderr);
    return 2;
  }
  check(spikelet_open(&engine, model, read_file(argv[1], model, sizeof model)), &engine, argv[1]);
  check(spikelet_attach(&engine, arena, sizeof arena), &engine, argv[1]);

  size_t count = read_file(argv[2], pictures, sizeof pictures), size = spikelet_input_size(&engine);
  size_t first = count >= 16 && memcmp(pictures, "\0\0\10\3", 4) == 0 ? 16 : 0; /* an IDX header */
  for (size_t at = first; at < count || at == first; at += size) {
    int32_t class;
    size_t rest = count - at < size || first == 0 ? count - at : size;
    uint32_t image = (uint32_t)((at - first) / size);
    check(spikelet_run(&engine, pictures + at, rest, image, 0, &class, NULL), &engine, argv[2]);
    printf("%d\n", (int)class);
  }
  return 0;
}
