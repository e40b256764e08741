/* Spikelet's engine for C and C++ programs.
 *
 * scripts/build-c-library makes the library; examples/c shows a whole program.
 *
 *     static SPIKELET_ALIGNED uint8_t arena[65536];
 *     spikelet_t engine;
 *     int32_t digit;
 *     if (spikelet_open(&engine, model, model_bytes) != SPIKELET_OK ||
 *         spikelet_attach(&engine, arena, sizeof arena) != SPIKELET_OK ||
 *         spikelet_run(&engine, pixels, 28 * 28, 0, 0, &digit, NULL) != SPIKELET_OK)
 *       puts(spikelet_error_string(engine.error.code));
 *
 * The library allocates nothing, writes nothing but the caller's `spikelet_t`, arena and results,
 * and keeps no state of its own. One `spikelet_t` serves one thread at a time; any number of them
 * may share a model. Every function accepts null pointers and calls in any order, and answers with
 * an error; a `spikelet_t` must be zeroed (`{0}`) or passed to `spikelet_open` before all else.
 */
#ifndef SPIKELET_H
#define SPIKELET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where an arena must begin: at a multiple of this many bytes. */
#define SPIKELET_ARENA_ALIGNMENT 16

/* Aligns a variable so: `static SPIKELET_ALIGNED uint8_t arena[65536];`. With other compilers than
 * gcc and clang, align by their own means. */
#if defined(__GNUC__)
#define SPIKELET_ALIGNED __attribute__((aligned(SPIKELET_ARENA_ALIGNMENT)))
#endif

/* What a function answers: SPIKELET_OK or one of the errors below. The numbers never change. */
typedef int32_t spikelet_error_t;

enum {
  SPIKELET_OK = 0,

  /* The model, the arena or an argument is refused; spikelet_last_error says which part. */
  SPIKELET_TOO_SHORT = 1,
  SPIKELET_WRONG_MAGIC = 2,
  SPIKELET_UNSUPPORTED_VERSION = 3,
  SPIKELET_WRONG_SIZE = 4,
  SPIKELET_WRONG_CHECKSUM = 5,
  SPIKELET_OUT_OF_RANGE = 6,
  SPIKELET_OUT_OF_BOUNDS = 7,
  SPIKELET_MISALIGNED = 8,
  SPIKELET_MISMATCH = 9,
  SPIKELET_OVERLAP = 10,
  SPIKELET_OVERFLOW = 11,
  SPIKELET_UNSUPPORTED = 12,
  SPIKELET_ARENA_TOO_SMALL = 13,
  SPIKELET_ARENA_MISALIGNED = 14,
  SPIKELET_WRONG_INPUT_SIZE = 15,
  SPIKELET_WRONG_TIMESTEPS = 16,
  SPIKELET_NOT_EMPTY = 17,

  /* The call makes no sense; only this interface has these. */
  SPIKELET_NULL_POINTER = 100,
  SPIKELET_NOT_OPEN = 101,
  SPIKELET_NOT_ATTACHED = 102,
  SPIKELET_NOT_RUN = 103,
  SPIKELET_RESULT_TOO_SMALL = 104
};

/* What an error is about. */
typedef struct {
  spikelet_error_t code;
  int32_t field;  /* the part of the model or the argument: spikelet_field_string */
  int32_t index;  /* the layer, connection or buffer of that field, or -1 */
  int32_t needed; /* what the format, the shapes or the engine demand, or 0 */
  int32_t given;  /* what the file or the caller gave, or 0 */
} spikelet_error_details_t;

/* An engine. Read `error` if you like; write nothing. It may be copied or moved as plain bytes, but
 * only one of the copies may go on with the arena. */
typedef struct {
  const void *model;
  size_t model_bytes;
  void *arena;
  size_t arena_bytes;
  uint32_t phase;
  int32_t timestep;
  spikelet_error_details_t error;
  int32_t reserved;
} spikelet_t;

/* The size of spikelet_t as the library was built: equal to sizeof(spikelet_t) where header and
 * library belong together. */
size_t spikelet_state_size(void);

/* Opens a model file of `bytes` bytes, at any alignment, and validates all of it. The file must
 * stay in place, unchanged, while the engine is in use: nothing is copied. */
spikelet_error_t spikelet_open(spikelet_t *engine, const void *model, size_t bytes);

/* What an open model says; 0 where none is open. */
size_t spikelet_arena_size(const spikelet_t *engine);         /* bytes of arena it needs */
size_t spikelet_input_size(const spikelet_t *engine);         /* bytes of one picture */
int32_t spikelet_class_count(const spikelet_t *engine);       /* classes, and scores */
int32_t spikelet_timesteps(const spikelet_t *engine);         /* its own number of timesteps */
int32_t spikelet_maximum_timesteps(const spikelet_t *engine); /* the most that it can run */

/* Gives an open engine its memory: `bytes` bytes, at least spikelet_arena_size, beginning at a
 * multiple of SPIKELET_ARENA_ALIGNMENT. They may hold anything, and belong to the engine until
 * another arena is attached or the engine is not used any more. */
spikelet_error_t spikelet_attach(spikelet_t *engine, void *arena, size_t bytes);

/* Classifies one picture: `count` = spikelet_input_size bytes in the order channel, row, column.
 *
 * `image` selects the random stream of a model with Poisson input; others ignore it. `timesteps` is
 * 1 to spikelet_maximum_timesteps, or 0 for the model's own number. `prediction` and
 * `timesteps_run` (fewer than `timesteps` where the model's exit policy ended the run) may be null.
 */
spikelet_error_t spikelet_run(spikelet_t *engine, const uint8_t *pixels, size_t count,
                              uint32_t image, int32_t timesteps, int32_t *prediction,
                              int32_t *timesteps_run);

/* Timestep by timestep, with the exit policy left to the caller: begin a picture, run its timesteps
 * with the same pixels, and look at the result after any of them. */
spikelet_error_t spikelet_reset(spikelet_t *engine);
spikelet_error_t spikelet_step(spikelet_t *engine, const uint8_t *pixels, size_t count,
                               uint32_t image);

/* The class with the largest score, after spikelet_run or spikelet_step. */
spikelet_error_t spikelet_prediction(const spikelet_t *engine, int32_t *prediction);

/* Writes the spikelet_class_count scores after spikelet_run or spikelet_step: potentials or spike
 * counts, as the model says. `count` is the room in `scores`, in elements. */
spikelet_error_t spikelet_scores(const spikelet_t *engine, int32_t *scores, size_t count);

/* The last error of spikelet_open, _attach, _reset, _step or _run; code SPIKELET_OK after a
 * success. The same as `engine->error`. */
spikelet_error_details_t spikelet_last_error(const spikelet_t *engine);

/* An error in words, to stand after its field's name, as in "arena is too small". Never null. */
const char *spikelet_error_string(spikelet_error_t error);

/* The name of a field as docs/model-format.md writes it, and what its index counts: "layer",
 * "connection", "buffer", or "model" for fields without an index. Never null. */
const char *spikelet_field_string(int32_t field);
const char *spikelet_owner_string(int32_t field);

#ifdef __cplusplus
}
#endif

#endif
