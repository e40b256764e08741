/* Spikelet's engine for C and C++ programs.
 *
 * `make install-library` builds and installs the library (docs/embedding.md); examples/ has whole
 * programs.
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

/* What runs one part of a layer: a function of the library. */
typedef void (*spikelet_body_t)(void *work, ptrdiff_t part);

/* A function of the caller's that runs body(work, part) for each part from 0 to parts - 1, on any
 * threads and in any order, and returns when all are done. What they have written must then be seen
 * by the caller, as after a pthread_join. `context` is what spikelet_attach_team was given. */
typedef void (*spikelet_run_parts_t)(void *context, ptrdiff_t parts, spikelet_body_t body,
                                     void *work);

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
  int32_t threads;
  spikelet_run_parts_t run_parts;
  void *context;
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

/* The same for an engine whose large layers several threads run together: 1 to 16, the caller's own
 * among them. The library starts no thread: it cuts the layers into parts and calls `run_parts`, from
 * the thread that calls spikelet_run or spikelet_step (docs/threads.md has one). No result depends on
 * the number of threads, nor on which of them runs which part. `bytes` is at least
 * spikelet_team_arena_size(engine, threads). A library that was built without threads takes 1 and
 * answers SPIKELET_UNSUPPORTED to more; `run_parts` may be null for 1. */
spikelet_error_t spikelet_attach_team(spikelet_t *engine, void *arena, size_t bytes,
                                      int32_t threads, spikelet_run_parts_t run_parts,
                                      void *context);

/* The bytes of arena that as many threads need; 0 where no model is open or threads is not 1 to 16. */
size_t spikelet_team_arena_size(const spikelet_t *engine, int32_t threads);

/* Classifies one picture: `count` = spikelet_input_size bytes in the order channel, row, column.
 *
 * `image` selects the random stream of a model with Poisson input; others ignore it. `timesteps` is
 * 1 to spikelet_maximum_timesteps, or 0 for the model's own number. `prediction` and
 * `timesteps_run` (fewer than `timesteps` where the model's exit policy ended the run) may be null.
 */
spikelet_error_t spikelet_run(spikelet_t *engine, const uint8_t *pixels, size_t count,
                              uint32_t image, int32_t timesteps, int32_t *prediction,
                              int32_t *timesteps_run);

/* Ticks since any moment, of any length; the count may wrap. `context` is what spikelet_pace_t has. */
typedef uint32_t (*spikelet_clock_t)(void *context);

/* A clock, and how long timesteps take here as it has measured them. Set `clock` and `context`, zero the
 * rest (`{clock, context}`), and keep it for an engine on a machine. */
typedef struct {
  spikelet_clock_t clock;
  void *context;
  uint32_t longest; /* ticks of the longest timestep of all runs: none ends later after its deadline */
  uint32_t recent;  /* the longest after a first one: of the last runs, 1,024 at most, */
  uint32_t older;   /* and of the 1,024 runs before; both 0: none is known */
  uint32_t runs;
} spikelet_pace_t;

/* What ended a run. */
enum {
  SPIKELET_ENDED_BY_EXIT = 1,          /* the model's exit policy held */
  SPIKELET_ENDED_BY_LAST_TIMESTEP = 2, /* all timesteps ran, and it did not hold */
  SPIKELET_ENDED_BY_DEADLINE = 3       /* the next timestep might not have been over in time */
};

typedef struct {
  int32_t prediction;
  int32_t timesteps; /* that ran; the scores are those of a run of as many */
  int32_t ending;    /* SPIKELET_ENDED_BY_... */
  uint32_t late;     /* ticks by which the deadline was missed, or 0 */
} spikelet_decision_t;

/* Classifies one picture, with the best answer that there is when the clock says `deadline`, which is
 * less than 2^31 ticks ahead (what is further has passed). After each timestep it goes on only if
 * another one, as long as the longest so far, would be over by then. The first timestep always runs,
 * since there is no answer without it. A run is late by one timestep at most, the one that took longer
 * than all before it. Where no timestep but first ones has been measured, the first one of the run stands
 * for the next: run a picture or two with a deadline far ahead to begin with.
 *
 *     spikelet_pace_t pace = {spikelet_monotonic_clock, NULL};
 *     spikelet_decision_t decision;
 *     spikelet_run_until(&engine, pixels, 28 * 28, 0, 0, spikelet_monotonic_clock(NULL) + 5000,
 *                        &pace, &decision);
 *
 * `decision` may be null; all else is as in spikelet_run. */
spikelet_error_t spikelet_run_until(spikelet_t *engine, const uint8_t *pixels, size_t count,
                                    uint32_t image, int32_t timesteps, uint32_t deadline,
                                    spikelet_pace_t *pace, spikelet_decision_t *decision);

/* Timestep by timestep, with the exit policy left to the caller: begin a picture, run its timesteps
 * with the same pixels, and look at the result after any of them. */
spikelet_error_t spikelet_reset(spikelet_t *engine);
spikelet_error_t spikelet_step(spikelet_t *engine, const uint8_t *pixels, size_t count,
                               uint32_t image);

/* The class with the largest score, after a run or spikelet_step. */
spikelet_error_t spikelet_prediction(const spikelet_t *engine, int32_t *prediction);

/* Writes the spikelet_class_count scores after spikelet_run or spikelet_step: potentials or spike
 * counts, as the model says. `count` is the room in `scores`, in elements. */
spikelet_error_t spikelet_scores(const spikelet_t *engine, int32_t *scores, size_t count);

/* The last error of spikelet_open, _attach, _reset, _step, _run or _run_until; code SPIKELET_OK after a
 * success. The same as `engine->error`. */
spikelet_error_details_t spikelet_last_error(const spikelet_t *engine);

/* An error in words, to stand after its field's name, as in "arena is too small". Never null. */
const char *spikelet_error_string(spikelet_error_t error);

/* The name of a field as docs/model-format.md writes it, and what its index counts: "layer",
 * "connection", "buffer", or "model" for fields without an index. Never null. */
const char *spikelet_field_string(int32_t field);
const char *spikelet_owner_string(int32_t field);

/* A clock of the system, in microseconds: with SPIKELET_POSIX_CLOCK defined before this header is
 * included. The library itself asks no system for anything. */
#ifdef SPIKELET_POSIX_CLOCK
#include <time.h>
static inline uint32_t spikelet_monotonic_clock(void *context) {
  struct timespec now;
  (void)context;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec * 1000000u + (uint32_t)(now.tv_nsec / 1000);
}
#endif

#ifdef __cplusplus
}
#endif

#endif
