// Checks a raw trace against integer golden vectors: check-vectors integer.txt trace.bin
// Layout of both: docs/verification.md. Little-endian machines; any C99 compiler.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t fnv1a(const unsigned char *p, size_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  while (n--) h = (h ^ *p++) * 0x100000001b3u;
  return h;
}

int main(int argc, char **argv) {
  FILE *v = argc == 3 ? fopen(argv[1], "r") : NULL, *t = v ? fopen(argv[2], "rb") : NULL;
  int T, L, C, N, index, prediction, exit_at, step;
  if (!t) return fprintf(stderr, "usage: check-vectors integer.txt trace.bin\n"), 2;
  if (fscanf(v, "spikelet-vectors 1 model %*s inputs %*s timesteps %d layers %d classes %d images %d",
             &T, &L, &C, &N) != 4 || L < 1 || L > 4096)
    return fprintf(stderr, "%s: not golden vectors of format 1\n", argv[1]), 2;
  size_t *bytes = calloc(L, sizeof *bytes), largest = 0, potentials, spikes;
  for (int l = 0; l < L; l++) {
    if (fscanf(v, " layer %d %zu %zu %*s", &index, &potentials, &spikes) != 3) return 2;
    bytes[l] = 4 * potentials + spikes;
    if (bytes[l] > largest) largest = bytes[l];
  }
  unsigned char *state = malloc(largest);
  for (int n = 0; n < N; n++) {
    if (fscanf(v, " image %d prediction %d exit %d", &index, &prediction, &exit_at) != 3) return 2;
    for (int s = 1; s <= T; s++) {
      if (fscanf(v, " step %d", &step) != 1) return 2;
      for (int l = 0; l < L; l++) {
        uint64_t expected;
        if (fscanf(v, "%" SCNx64, &expected) != 1 || fread(state, 1, bytes[l], t) != bytes[l])
          return fprintf(stderr, "cut short at image %d, timestep %d, layer %d\n", n, s, l), 2;
        if (fnv1a(state, bytes[l]) != expected)
          return printf("FAIL: image %d, timestep %d, layer %d\n", n, s, l), 1;
      }
    }
    if (fscanf(v, " scores") != 0) return 2;
    for (int c = 0; c < C; c++) if (fscanf(v, "%*d") != 0) return 2;
  }
  return printf("PASS: %d images, %d timesteps, %d layers\n", N, T, L), 0;
}
