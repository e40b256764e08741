/* Checks the kernels against plain loops, counts their instructions and times them.
 *
 *     bench check N [SEED]      N random problems, every kernel against a plain loop
 *     bench count PROBLEM PER_CENT KERNEL    one run; tools/instruction-count counts it
 *     bench picture N KERNEL, bench firing N    the same for a first layer, and for spikes
 *     bench time PER_CENT       every problem, kernels in turn, minima
 *
 * scripts/bench-kernels builds and runs it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KIND, CIN, H, W, PH, PW, PSH, PSW, PPT, PPL, POOLED_H, POOLED_W, KH, KW, SH, SW, PT, PL,
       COUT, OH, OW, BITS, MEMBRANE, TOP, LEFT, ROWS, COLUMNS, WORDS };

int32_t list_bytes(const int32_t *, int32_t rows);
int32_t gather_bytes(const int32_t *);
int32_t gather_zero(const int32_t *);
int32_t gather_position(const int32_t *, int32_t o, int32_t i, int32_t y, int32_t x);
void build_list(const int32_t *, int32_t rows, const void *spikes, void *lists);
long gather(const int32_t *, int32_t rows, void *lists, const void *weights, void *membranes, long);
int32_t scatter_bytes(const int32_t *);
uint32_t scatter(const int32_t *, const void *spikes, const void *weights, void *membranes, long);

void scatter_picture(const int32_t *, const void *pixels, const void *zeros, const void *weights, void *sums, long);
int32_t picture_bytes(const int32_t *);
int32_t picture_scratch(const int32_t *);
int32_t picture_position(const int32_t *, int32_t o, int32_t i, int32_t y, int32_t x);
void add_picture(const int32_t *, const void *pixels, const void *zeros, const void *weights, void *scratch, void *sums, long);
void fire(const int32_t *words, void *sums, const void *thresholds, void *spikes);
int32_t gray_bytes(const int32_t *);
int32_t gray_scratch(const int32_t *);
int32_t gray_position(const int32_t *, int32_t o, int32_t y, int32_t x);
void add_gray(const int32_t *, const void *pixels, uint8_t zero, const void *weights, void *scratch, void *sums, long);

static uint64_t state = 1;
static uint32_t rnd(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)(state >> 32);
}
static int pick(int low, int high) { return low + (int)(rnd() % (uint32_t)(high - low + 1)); }

/* Begins a phase: tools/instruction-count/count.c waits for calls of it. */
void __attribute__((noinline)) count_phase(void) { __asm__ volatile("" ::: "memory"); }

static int site_bytes(int channels) {
  int b = (channels + 7) / 8;
  return b <= 2 ? b : (b + 3) & ~3;
}
static int padded(int c) { return (c + 7) & ~7; }
static int minimum(int a, int b) { return a < b ? a : b; }

typedef struct {
  int32_t p[WORDS];
  uint8_t *neuron;   /* H·W·CIN, 0 or 1 */
  uint8_t *spikes;   /* the map */
  int8_t *weights;   /* [o][i][ky][kx] */
  uint8_t *gathered; /* weights of the gather */
  uint8_t *scattered;
  int kh, kw, rows;
} Problem;

static void *room(size_t n) {
  void *m = NULL;
  if (posix_memalign(&m, 64, n + 64)) exit(2);
  memset(m, 0, n + 64);
  return m;
}

/* The scatter's place of a column: by phase, within a phase the last first. */
static int place(int column, int size, int stride) {
  int at = 0;
  for (int phase = 0; phase < stride; phase++)
    for (int turn = (size - 1 - phase) / stride; turn >= 0 && phase < size; turn--, at++)
      if (turn * stride + phase == column) return at;
  return -1;
}

static void fill(Problem *q, double rate, int extreme) {
  int32_t *p = q->p;
  int dense = p[KIND] == 2, max = p[BITS] == 8 ? 127 : 7;
  q->kh = dense ? p[POOLED_H] : p[KH], q->kw = dense ? p[POOLED_W] : p[KW];
  int sb = site_bytes(p[CIN]), sites = p[H] * p[W], cout = p[COUT];
  q->neuron = room((size_t)sites * p[CIN]), q->spikes = room((size_t)sites * sb);
  for (int s = 0; s < sites; s++)
    for (int c = 0; c < p[CIN]; c++)
      if (rnd() < rate * 4294967295.0 || rate >= 1) {
        q->neuron[s * p[CIN] + c] = 1;
        q->spikes[s * sb + c / 8] |= 1 << (c & 7);
      }
  size_t taps = (size_t)q->kh * q->kw * p[CIN];
  q->weights = room(taps * cout);
  for (size_t i = 0; i < taps * cout; i++)
    q->weights[i] = extreme ? (extreme > 0 ? max : -max - 1) : pick(-max - 1, max);
  q->gathered = room(gather_bytes(p)), q->scattered = room(scatter_bytes(p));
  memset(q->gathered, gather_zero(p), gather_bytes(p));
  size_t columns = padded(cout) * p[BITS] / 8;
  for (int o = 0; o < cout; o++)
    for (int i = 0; i < p[CIN]; i++)
      for (int y = 0; y < q->kh; y++)
        for (int x = 0; x < q->kw; x++) {
          int w = q->weights[((o * p[CIN] + i) * q->kh + y) * q->kw + x];
          int at = gather_position(p, o, i, y, x);
          if (p[BITS] == 8) q->gathered[at / 8] = w;
          else q->gathered[at / 8] ^= (w & 15) << (at & 7);
          size_t row = dense ? (y * q->kw + x) * p[CIN] + i
                             : (i * q->kh + y) * q->kw + place(x, q->kw, p[SW]);
          if (p[BITS] == 8) q->scattered[row * columns + o] = w;
          else q->scattered[row * columns + o / 2] |= (w & 15) << (o & 1) * 4;
        }
}
static void empty(Problem *q) {
  free(q->neuron), free(q->spikes), free(q->weights), free(q->gathered), free(q->scattered);
}

/* Spikes of a channel in a window of the pool. */
static int pooled(const Problem *q, int y, int x, int c) {
  const int32_t *p = q->p;
  int sum = 0;
  for (int i = 0; i < p[PH]; i++)
    for (int j = 0; j < p[PW]; j++) {
      int yy = y * p[PSH] - p[PPT] + i, xx = x * p[PSW] - p[PPL] + j;
      if (yy >= 0 && xx >= 0 && yy < p[H] && xx < p[W]) sum += q->neuron[(yy * p[W] + xx) * p[CIN] + c];
    }
  return sum;
}

/* Adds what the tile's outputs get, and returns the operations. */
static long plain(const Problem *q, int32_t *sums) {
  const int32_t *p = q->p;
  int dense = p[KIND] == 2, sh = dense ? 1 : p[SH], sw = dense ? 1 : p[SW];
  int height = minimum(p[ROWS], p[OH] - p[TOP]), width = minimum(p[COLUMNS], p[OW] - p[LEFT]);
  long operations = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int ky = 0; ky < q->kh; ky++)
        for (int kx = 0; kx < q->kw; kx++) {
          int yy = (y + p[TOP]) * sh - (dense ? 0 : p[PT]) + ky;
          int xx = (x + p[LEFT]) * sw - (dense ? 0 : p[PL]) + kx;
          if (yy < 0 || xx < 0 || yy >= p[POOLED_H] || xx >= p[POOLED_W]) continue;
          for (int i = 0; i < p[CIN]; i++) {
            int n = pooled(q, yy, xx, i);
            operations += (long)n * p[COUT];
            for (int o = 0; n && o < p[COUT]; o++)
              sums[(y * width + x) * padded(p[COUT]) + o] +=
                  n * q->weights[((o * p[CIN] + i) * q->kh + ky) * q->kw + kx];
          }
        }
  return operations;
}

static int sums_count(const int32_t *p) {
  return minimum(p[ROWS], p[OH] - p[TOP]) * minimum(p[COLUMNS], p[OW] - p[LEFT]) * padded(p[COUT]);
}

/* Whether sums are what they should be; of 16 bits, modulo 2^16. */
static int same(const int32_t *p, const int32_t *wanted, const void *given) {
  int lanes = padded(p[COUT]), count = sums_count(p);
  for (int i = 0; i < count; i++) {
    if (i % lanes >= p[COUT]) continue;
    int32_t v = p[MEMBRANE] == 32 ? ((const int32_t *)given)[i] : ((const int16_t *)given)[i];
    int32_t w = p[MEMBRANE] == 32 ? wanted[i] : (int16_t)wanted[i];
    if (v != w) {
      printf("at %d of %d: %d, not %d\n", i, count, v, w);
      return 0;
    }
  }
  return 1;
}

static void begin(const int32_t *p, int32_t *wanted, void *given) {
  for (int i = 0; i < sums_count(p); i++) {
    wanted[i] = pick(-1000, 1000);
    if (p[MEMBRANE] == 32) ((int32_t *)given)[i] = wanted[i];
    else ((int16_t *)given)[i] = wanted[i];
  }
}

static void explain(const int32_t *p, const char *kernel) {
  printf("WRONG %s:", kernel);
  for (int i = 0; i < WORDS; i++) printf(" %d", p[i]);
  printf("\n");
  exit(1);
}

static void random_problem(int32_t *p) {
  static const int channels[] = {1, 2, 3, 6, 8, 10, 16, 17, 31, 32, 33, 40, 64, 65, 84, 120, 130, 192};
  int big = pick(0, 7) == 0;
  p[KIND] = pick(1, 2);
  p[CIN] = channels[pick(0, big ? 17 : 12)], p[COUT] = channels[pick(0, 17)];
  p[H] = pick(1, big ? 6 : 12), p[W] = pick(1, big ? 6 : 12);
  for (int i = PH; i <= PSW; i++) p[i] = 1;
  p[PPT] = p[PPL] = 0;
  p[POOLED_H] = p[H], p[POOLED_W] = p[W];
  int kind = pick(0, 3);
  if (kind == 1 && p[H] > 1 && p[W] > 1) {
    for (int i = PH; i <= PSW; i++) p[i] = 2;
    p[POOLED_H] = p[H] / 2, p[POOLED_W] = p[W] / 2;
  } else if (kind == 2) {
    p[PH] = pick(1, 4), p[PW] = pick(1, 4), p[PSH] = pick(1, 3), p[PSW] = pick(1, 3);
    p[PPT] = pick(0, p[PH] - 1), p[PPL] = pick(0, p[PW] - 1);
    p[POOLED_H] = (p[H] + p[PPT] - 1) / p[PSH] + 1, p[POOLED_W] = (p[W] + p[PPL] - 1) / p[PSW] + 1;
  }
  p[KH] = pick(1, 5), p[KW] = pick(1, 5), p[SH] = pick(1, 3), p[SW] = pick(1, 3);
  p[PT] = pick(0, p[KH] - 1), p[PL] = pick(0, p[KW] - 1);
  p[BITS] = pick(0, 1) ? 8 : 4, p[MEMBRANE] = pick(0, 1) ? 16 : 32;
  if (p[KIND] == 2) {
    p[OH] = p[OW] = 1;
  } else {
    int right = pick(0, p[KW] - 1), bottom = pick(0, p[KH] - 1);
    p[OH] = (p[POOLED_H] + p[PT] + bottom - p[KH]) / p[SH] + 1;
    p[OW] = (p[POOLED_W] + p[PL] + right - p[KW]) / p[SW] + 1;
    if (p[POOLED_H] + p[PT] + bottom < p[KH] || p[POOLED_W] + p[PL] + right < p[KW]) {
      random_problem(p);
      return;
    }
  }
  p[ROWS] = pick(1, p[OH]), p[COLUMNS] = pick(1, p[OW]);
  p[TOP] = pick(0, (p[OH] - 1) / p[ROWS]) * p[ROWS];
  p[LEFT] = pick(0, (p[OW] - 1) / p[COLUMNS]) * p[COLUMNS];
}

/* The weights as the blocks of a picture have them. */
static uint8_t *picture_weights(const Problem *q) {
  const int32_t *p = q->p;
  uint8_t *weights = room(picture_bytes(p));
  for (int o = 0; o < p[COUT]; o++)
    for (int i = 0; i < p[CIN]; i++)
      for (int y = 0; y < q->kh; y++)
        for (int x = 0; x < q->kw; x++)
          weights[picture_position(p, o, i, y, x)] =
              q->weights[((o * p[CIN] + i) * q->kh + y) * q->kw + x];
  return weights;
}

static uint8_t *gray_weights(const Problem *q) {
  const int32_t *p = q->p;
  uint8_t *weights = room(gray_bytes(p));
  for (int o = 0; o < p[COUT]; o++)
    for (int y = 0; y < q->kh; y++)
      for (int x = 0; x < q->kw; x++)
        weights[gray_position(p, o, y, x)] = q->weights[(o * q->kh + y) * q->kw + x];
  return weights;
}

static void check_picture(void) {
  Problem q;
  int32_t *p = q.p;
  do random_problem(p); while (p[KIND] != 1);
  p[CIN] = pick(1, 4), p[COUT] = pick(1, 20), p[BITS] = 8;
  for (int i = PH; i <= PSW; i++) p[i] = 1;
  p[PPT] = p[PPL] = 0, p[H] = p[POOLED_H], p[W] = p[POOLED_W];
  fill(&q, 0, pick(0, 9) == 0 ? pick(0, 1) * 2 - 1 : 0);
  int32_t zeros[4], size = sums_count(p), blank = pick(0, 3);
  uint8_t *pixels = room(p[CIN] * p[H] * p[W]), *weights = picture_weights(&q);
  for (int c = 0; c < p[CIN]; c++) {
    zeros[c] = pick(0, 2) ? pick(0, 255) : 0;
    for (int i = 0; i < p[H] * p[W]; i++)
      pixels[c * p[H] * p[W] + i] = pick(0, 3) < blank ? zeros[c] : pick(0, 255);
  }
  int32_t *wanted = room(size * 4);
  void *given = room(size * 4), *scattered = room(size * 4);
  begin(p, wanted, given);
  memcpy(scattered, given, size * 4);
  int height = minimum(p[ROWS], p[OH] - p[TOP]), width = minimum(p[COLUMNS], p[OW] - p[LEFT]);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int ky = 0; ky < q.kh; ky++)
        for (int kx = 0; kx < q.kw; kx++) {
          int yy = (y + p[TOP]) * p[SH] - p[PT] + ky, xx = (x + p[LEFT]) * p[SW] - p[PL] + kx;
          if (yy < 0 || xx < 0 || yy >= p[H] || xx >= p[W]) continue;
          for (int i = 0; i < p[CIN]; i++)
            for (int o = 0; o < p[COUT]; o++)
              wanted[(y * width + x) * padded(p[COUT]) + o] +=
                  (pixels[(i * p[H] + yy) * p[W] + xx] - zeros[i])
                  * q.weights[((o * p[CIN] + i) * q.kh + ky) * q.kw + kx];
        }
  int bytes = picture_scratch(p);
  uint8_t *scratch = room(bytes + 64);
  memset(scratch, 0xA5, bytes + 64);
  add_picture(p, pixels, zeros, weights, scratch, given, size * p[MEMBRANE] / 8);
  for (int i = 0; i < 64; i++) if (scratch[bytes + i] != 0xA5) explain(p, "picture: behind its end");
  if (!same(p, wanted, given)) explain(p, "picture");
  if (p[CIN] == 1 && p[SH] == 1 && p[SW] == 1 && gray_bytes(p)) {
    uint8_t *gray = gray_weights(&q), *lists = room(gray_scratch(p) + 64);
    memset(lists, 0xA5, gray_scratch(p) + 64);
    memcpy(given, scattered, size * 4);
    add_gray(p, pixels, zeros[0], gray, lists, given, size * p[MEMBRANE] / 8);
    for (int i = 0; i < 64; i++)
      if (lists[gray_scratch(p) + i] != 0xA5) explain(p, "gray: behind its end");
    if (!same(p, wanted, given)) explain(p, "gray");
    free(gray), free(lists);
  }
  scatter_picture(p, pixels, zeros, q.scattered, scattered, size * p[MEMBRANE] / 8);
  if (!same(p, wanted, scattered)) explain(p, "scatter of a picture");
  free(pixels), free(weights), free(wanted), free(given), free(scattered), free(scratch), empty(&q);
}

static void check_firing(void) {
  int channels = pick(1, 40), ph = pick(1, 3), pw = pick(1, 3), bits = pick(0, 1) ? 32 : 16;
  int height = ph * pick(1, 4) + pick(0, ph - 1), width = pw * pick(1, 4) + pick(0, pw - 1);
  int32_t p[6] = {channels, height, width, ph, pw, bits};
  int lanes = padded(channels), sb = site_bytes(channels), h = height / ph, w = width / pw;
  int32_t *sums = room(height * width * lanes * 4), *limits = room(lanes * 4);
  uint8_t *given = room(h * w * sb), *wanted = room(h * w * sb);
  memset(given, 0xA5, h * w * sb);
  for (int i = 0; i < height * width * lanes; i++)
    if (bits == 32) sums[i] = pick(-100000, 100000);
    else ((int16_t *)sums)[i] = pick(-300, 300);
  for (int i = 0; i < lanes; i++)
    if (bits == 32) limits[i] = pick(-100000, 100000);
    else ((int16_t *)limits)[i] = pick(-300, 300);
  for (int y = 0; y < h * ph; y++)
    for (int x = 0; x < w * pw; x++)
      for (int c = 0; c < channels; c++) {
        int i = (y * width + x) * lanes + c;
        int fires = bits == 32 ? sums[i] >= limits[c]
                               : ((int16_t *)sums)[i] >= ((int16_t *)limits)[c];
        wanted[(y / ph * w + x / pw) * sb + c / 8] |= fires << (c & 7);
      }
  fire(p, sums, limits, given);
  if (memcmp(given, wanted, h * w * sb)) {
    printf("WRONG firing: %d %d %d %d %d %d\n", p[0], p[1], p[2], p[3], p[4], p[5]);
    exit(1);
  }
  free(sums), free(limits), free(given), free(wanted);
}

static int check(int count) {
  static const double rates[] = {0, .02, .05, .1, .25, .5, .9, 1};
  for (int n = 0; n < count; n++) {
    Problem q;
    int32_t *p = q.p;
    random_problem(p);
    fill(&q, rates[pick(0, 7)], pick(0, 9) == 0 ? pick(0, 1) * 2 - 1 : 0);
    int size = sums_count(p);
    int32_t *wanted = room(size * 4);
    uint8_t *given = room(size * 4 + 64);
    uint64_t before = state;
    begin(p, wanted, given);
    long operations = plain(&q, wanted);
    /* All rows, or a ring of as many as the tile needs. */
    int tile_rows = minimum(p[ROWS], p[OH] - p[TOP]);
    int need = p[KIND] == 2 ? p[POOLED_H] : (tile_rows - 1) * p[SH] + p[KH];
    int rows = pick(0, 1) ? p[POOLED_H] : minimum(need, p[POOLED_H]);
    int bytes = list_bytes(p, rows);
    uint8_t *lists = room(bytes + 64);
    memset(lists, 0xA5, bytes + 64);
    build_list(p, rows, q.spikes, lists);
    for (int i = 0; i < 64; i++) if (lists[bytes + i] != 0xA5) explain(p, "list: behind its end");
    long counted = gather(p, rows, lists, q.gathered, given, size * p[MEMBRANE] / 8);
    if (!same(p, wanted, given) || counted != operations) explain(p, "gather");
    state = before;
    begin(p, wanted, given);
    plain(&q, wanted);
    if ((long)scatter(p, q.spikes, q.scattered, given, size * p[MEMBRANE] / 8) != operations
        || !same(p, wanted, given)) explain(p, "scatter");
    free(wanted), free(given), free(lists), empty(&q);
    check_picture();
    check_firing();
  }
  printf("%d problems, every kernel as a plain loop\n", count);
  return 0;
}

#define CONV(cin, h, w, pool, k, pad, cout, oh, ow, bits, membrane) \
  {1, cin, h, w, pool, pool, pool, pool, 0, 0, h / pool, w / pool, k, k, 1, 1, pad, pad, cout, oh, ow, bits, membrane, 0, 0, oh, ow}
#define DENSE(cin, h, w, pool, cout, bits, membrane) \
  {2, cin, h, w, pool, pool, pool, pool, 0, 0, h / pool, w / pool, 1, 1, 1, 1, 0, 0, cout, 1, 1, bits, membrane, 0, 0, 1, 1}
static const struct { const char *name; int32_t p[WORDS]; } problems[] = {
  {"LeNet-5 convolution 2, pooled 2x2", CONV(6, 28, 28, 2, 5, 0, 16, 10, 10, 8, 16)},
  {"the same, plain 14x14", CONV(6, 14, 14, 1, 5, 0, 16, 10, 10, 8, 16)},
  {"the same, int4", CONV(6, 14, 14, 1, 5, 0, 16, 10, 10, 4, 16)},
  {"LeNet-5 400-120, pooled", DENSE(16, 10, 10, 2, 120, 8, 16)},
  {"LeNet-5 120-84", DENSE(120, 1, 1, 1, 84, 8, 16)},
  {"LeNet-5 84-10", DENSE(84, 1, 1, 1, 10, 8, 16)},
  {"64-64 3x3 at 16x16", CONV(64, 16, 16, 1, 3, 1, 64, 16, 16, 8, 16)},
  {"the same, 32-bit membranes", CONV(64, 16, 16, 1, 3, 1, 64, 16, 16, 8, 32)},
  {"the same, int4", CONV(64, 16, 16, 1, 3, 1, 64, 16, 16, 4, 16)},
  {"16-16 3x3 at 32x32", CONV(16, 32, 32, 1, 3, 1, 16, 32, 32, 8, 16)},
  {"AlexNet 64-192 at 16x16, pooled", CONV(64, 32, 32, 2, 3, 1, 192, 16, 16, 8, 32)},
  {"AlexNet 192-384 at 8x8, pooled", CONV(192, 16, 16, 2, 3, 1, 384, 8, 8, 8, 32)},
  {"AlexNet 384-256 at 8x8", CONV(384, 8, 8, 1, 3, 1, 256, 8, 8, 8, 32)},
  {"AlexNet 256-256 at 8x8", CONV(256, 8, 8, 1, 3, 1, 256, 8, 8, 8, 32)},
  {"dense 1024-512", DENSE(1024, 1, 1, 1, 512, 8, 32)},
};
enum { COUNT = sizeof problems / sizeof *problems };

static const struct { const char *name; int32_t p[WORDS]; } pictures[] = {
  {"LeNet-5 first layer, gray", CONV(1, 28, 28, 1, 5, 2, 6, 28, 28, 8, 32)},
  {"the same, 32 channels 3x3", CONV(1, 28, 28, 1, 3, 1, 32, 28, 28, 8, 32)},
  {"AlexNet first layer, 3-64 3x3 at 32x32", CONV(3, 32, 32, 1, 3, 1, 64, 32, 32, 8, 32)},
  {"3-16 3x3 at 32x32", CONV(3, 32, 32, 1, 3, 1, 16, 32, 32, 8, 32)},
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static double macs(const Problem *q) {
  const int32_t *p = q->p;
  return (double)p[OH] * p[OW] * p[COUT] * p[CIN] * q->kh * q->kw;
}

static Problem prepared(int n, double rate, uint8_t **lists, uint8_t **sums) {
  Problem q;
  memcpy(q.p, problems[n].p, sizeof q.p);
  fill(&q, rate, 0);
  *lists = room(list_bytes(q.p, q.p[POOLED_H]));
  *sums = room(sums_count(q.p) * 4);
  return q;
}

int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "check")) {
    if (argc > 3) state = strtoull(argv[3], NULL, 10);
    return check(atoi(argv[2]));
  }
  if (argc > 4 && !strcmp(argv[1], "count")) {
    uint8_t *lists, *sums;
    Problem q = prepared(atoi(argv[2]), atof(argv[3]) / 100, &lists, &sums);
    long bytes = sums_count(q.p) * 4;
    count_phase();
    if (!strcmp(argv[4], "gather")) {
      build_list(q.p, q.p[POOLED_H], q.spikes, lists);
      gather(q.p, q.p[POOLED_H], lists, q.gathered, sums, bytes);
    } else {
      scatter(q.p, q.spikes, q.scattered, sums, bytes);
    }
    count_phase();
    printf("%s\t%.0f\n", problems[atoi(argv[2])].name, macs(&q));
    return 0;
  }
  if (argc > 2 && !strcmp(argv[1], "firing")) {
    static const int32_t maps[][6] = {
      {6, 28, 28, 1, 1, 32}, {6, 28, 28, 2, 2, 32}, {6, 28, 28, 1, 1, 16}, {6, 28, 28, 2, 2, 16},
      {192, 16, 16, 1, 1, 32}, {192, 16, 16, 2, 2, 32}};
    const int32_t *p = maps[atoi(argv[2])];
    void *sums = room(p[1] * p[2] * padded(p[0]) * 4), *limits = room(padded(p[0]) * 4);
    void *spikes = room(p[1] * p[2] * 32);
    count_phase();
    fire(p, sums, limits, spikes);
    count_phase();
    printf("firing %d %d %d %d %d %d\t%d\n", p[0], p[1], p[2], p[3], p[4], p[5],
           p[1] * p[2] * padded(p[0]) / 8);
    return 0;
  }
  if (argc > 3 && !strcmp(argv[1], "picture")) {
    Problem q;
    int n = atoi(argv[2]);
    memcpy(q.p, pictures[n].p, sizeof q.p);
    fill(&q, 0, 0);
    int32_t zeros[64] = {0};
    uint8_t *pixels = room(q.p[CIN] * q.p[H] * q.p[W]), *sums = room(sums_count(q.p) * 4);
    for (int c = 0; c < q.p[CIN]; c++)
      for (int y = 0; y < q.p[H]; y++)
        for (int x = 0; x < q.p[W]; x++) /* one channel: a stroke, as of a digit; otherwise noise */
          pixels[(c * q.p[H] + y) * q.p[W] + x] =
              q.p[CIN] > 1 || (y > 3 && y < 24 && abs(x - 8 - y / 2) < 4) ? pick(1, 255) : 0;
    long bytes = sums_count(q.p) * 4;
    uint8_t *weights = picture_weights(&q), *scratch = room(picture_scratch(q.p));
    int is_gray = q.p[CIN] == 1 && gray_bytes(q.p) > 0;
    uint8_t *gray = is_gray ? gray_weights(&q) : NULL, *lists = room(gray_scratch(q.p));
    count_phase();
    if (!strcmp(argv[3], "blocks")) add_picture(q.p, pixels, zeros, weights, scratch, sums, bytes);
    else if (!strcmp(argv[3], "gray")) add_gray(q.p, pixels, 0, gray, lists, sums, bytes);
    else scatter_picture(q.p, pixels, zeros, q.scattered, sums, bytes);
    count_phase();
    printf("%s\t%.0f\n", pictures[n].name, macs(&q));
    return 0;
  }
  if (argc > 2 && !strcmp(argv[1], "time")) {
    double rate = atof(argv[2]) / 100;
    for (int n = 0; n < COUNT; n++) {
      uint8_t *lists, *sums;
      Problem q = prepared(n, rate, &lists, &sums);
      long bytes = sums_count(q.p) * 4;
      double best[3] = {1e9, 1e9, 1e9};
      for (int round = 0; round < 60; round++) {
        double a = now();
        build_list(q.p, q.p[POOLED_H], q.spikes, lists);
        double b = now();
        gather(q.p, q.p[POOLED_H], lists, q.gathered, sums, bytes);
        double c = now();
        scatter(q.p, q.spikes, q.scattered, sums, bytes);
        double d = now();
        if (b - a < best[0]) best[0] = b - a;
        if (c - b < best[1]) best[1] = c - b;
        if (d - c < best[2]) best[2] = d - c;
      }
      printf("%-34s list %7.1f gather %8.1f scatter %8.1f us, %5.2f times; %.2f ps a dense MAC\n",
             problems[n].name, best[0], best[1], best[2], best[2] / (best[0] + best[1]),
             (best[0] + best[1]) * 1e6 / macs(&q));
      empty(&q), free(lists), free(sums);
    }
    return 0;
  }
  if (argc > 1 && !strcmp(argv[1], "problems")) {
    printf("%d\n", (int)COUNT);
    return 0;
  }
  return 2;
}
