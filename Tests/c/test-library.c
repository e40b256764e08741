/* Holds libspikelet.a to spikelet.h:  test-library MODEL INPUTS.idx3-ubyte INTEGER.txt
 *
 * Runs the golden pictures, whole and timestep by timestep, against the committed predictions and
 * scores, then makes every mistake that a caller can make. Exit code 1 where something differs. */
#define _POSIX_C_SOURCE 199309L
#define SPIKELET_POSIX_CLOCK
#include <spikelet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMESTEPS = 16, CLASSES = 10, IMAGES = 10, PIXELS = 28 * 28, ROOM = 128 * 1024 };

static uint8_t model[ROOM], damaged[ROOM], inputs[16 + IMAGES * PIXELS];
static SPIKELET_ALIGNED uint8_t arena[64 * 1024];
static int checks, failures;

static void expect(int holds, int line, const char *what) {
  checks++;
  if (holds) return;
  failures++;
  fprintf(stderr, "test-library.c:%d: %s\n", line, what);
}
#define EXPECT(condition) expect((condition) != 0, __LINE__, #condition)

static size_t read_file(const char *path, uint8_t *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  size_t count = file ? fread(bytes, 1, room, file) : 0;
  if (count == 0) {
    fprintf(stderr, "%s: cannot be read\n", path);
    exit(2);
  }
  fclose(file);
  return count;
}

static const uint8_t *picture(int image) { return inputs + 16 + image * PIXELS; }

/* Whether the engine's last error is this one. */
static int failed(const spikelet_t *engine, spikelet_error_t code, const char *field) {
  spikelet_error_details_t error = spikelet_last_error(engine);
  return error.code == code && engine->error.code == code &&
         strcmp(spikelet_field_string(error.field), field) == 0;
}

static void test_golden_pictures(spikelet_t *engine, const char *path) {
  char line[4096];
  int image = -1, expected = -1, found = 0;
  FILE *file = fopen(path, "r");
  if (!file) exit(2);
  memset(arena, 0xA5, sizeof arena); /* whatever is in the arena does not matter */
  while (fgets(line, sizeof line, file)) {
    int32_t scores[CLASSES], prediction = -1, timesteps = -1;
    char *at = line + strlen("scores");
    if (sscanf(line, "image %d prediction %d", &image, &expected) == 2) continue;
    if (strncmp(line, "scores ", 7) != 0 || image < 0 || image >= IMAGES) continue;
    found++;
    EXPECT(spikelet_run(engine, picture(image), PIXELS, (uint32_t)image, TIMESTEPS, &prediction,
                        &timesteps) == SPIKELET_OK);
    EXPECT(prediction == expected && timesteps == TIMESTEPS);
    EXPECT(spikelet_scores(engine, scores, CLASSES) == SPIKELET_OK);
    for (int class = 0; class < CLASSES; class++) EXPECT(strtol(at, &at, 10) == scores[class]);

    int32_t again[CLASSES] = {0};
    EXPECT(spikelet_reset(engine) == SPIKELET_OK);
    for (int t = 0; t < TIMESTEPS; t++)
      EXPECT(spikelet_step(engine, picture(image), PIXELS, (uint32_t)image) == SPIKELET_OK);
    EXPECT(spikelet_scores(engine, again, CLASSES) == SPIKELET_OK);
    EXPECT(memcmp(again, scores, sizeof scores) == 0);
    EXPECT(spikelet_prediction(engine, &prediction) == SPIKELET_OK && prediction == expected);
  }
  fclose(file);
  EXPECT(found == IMAGES);
}

static void test_models(size_t bytes) {
  spikelet_t engine;
  EXPECT(spikelet_open(NULL, model, bytes) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_open(&engine, NULL, bytes) == SPIKELET_NULL_POINTER);
  EXPECT(failed(&engine, SPIKELET_NULL_POINTER, "file"));
  EXPECT(spikelet_open(&engine, model, 0) == SPIKELET_TOO_SHORT);
  EXPECT(spikelet_open(&engine, model, 143) == SPIKELET_TOO_SHORT);
  EXPECT(failed(&engine, SPIKELET_TOO_SHORT, "file"));
  EXPECT(engine.error.needed == 172 && engine.error.given == 143 && engine.error.index == -1);
  EXPECT(spikelet_open(&engine, model, bytes - 1) == SPIKELET_WRONG_SIZE);
  EXPECT(spikelet_open(&engine, model, SIZE_MAX) == SPIKELET_WRONG_SIZE);
  EXPECT(spikelet_attach(&engine, arena, sizeof arena) == SPIKELET_NOT_OPEN);
  memset(damaged, 0x5A, sizeof damaged);
  EXPECT(spikelet_open(&engine, damaged, sizeof damaged) == SPIKELET_WRONG_MAGIC);
  memcpy(damaged, model, bytes);
  damaged[4]++;
  EXPECT(spikelet_open(&engine, damaged, bytes) == SPIKELET_UNSUPPORTED_VERSION);
  EXPECT(engine.error.needed == model[4] && engine.error.given == model[4] + 1);
  damaged[4]--;
  damaged[bytes / 2] ^= 16;
  EXPECT(spikelet_open(&engine, damaged, bytes) == SPIKELET_WRONG_CHECKSUM);
  EXPECT(spikelet_arena_size(&engine) == 0 && spikelet_input_size(&engine) == 0);
  EXPECT(spikelet_class_count(&engine) == 0 && spikelet_timesteps(&engine) == 0);
  EXPECT(spikelet_maximum_timesteps(&engine) == 0);
  memmove(damaged + 1, model, bytes); /* any alignment will do */
  EXPECT(spikelet_open(&engine, damaged + 1, bytes) == SPIKELET_OK);
  EXPECT(failed(&engine, SPIKELET_OK, "file"));
}

static void test_arenas(size_t bytes) {
  spikelet_t engine;
  size_t needed;
  EXPECT(spikelet_open(&engine, model, bytes) == SPIKELET_OK);
  needed = spikelet_arena_size(&engine);
  EXPECT(spikelet_attach(NULL, arena, needed) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_attach(&engine, NULL, needed) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_attach(&engine, arena, needed - 1) == SPIKELET_ARENA_TOO_SMALL);
  EXPECT(failed(&engine, SPIKELET_ARENA_TOO_SMALL, "arena"));
  EXPECT(engine.error.needed == (int32_t)needed && engine.error.given == (int32_t)needed - 1);
  EXPECT(spikelet_reset(&engine) == SPIKELET_NOT_ATTACHED);
  EXPECT(spikelet_attach(&engine, arena + 8, sizeof arena - 8) == SPIKELET_ARENA_MISALIGNED);
  EXPECT(failed(&engine, SPIKELET_ARENA_MISALIGNED, "arena"));
  EXPECT(spikelet_step(&engine, picture(0), PIXELS, 0) == SPIKELET_NOT_ATTACHED);
  EXPECT(spikelet_attach(&engine, arena + 16, needed) == SPIKELET_OK);
  EXPECT(spikelet_reset(&engine) == SPIKELET_OK);
  /* A refused arena takes the place of the one before it. */
  EXPECT(spikelet_attach(&engine, arena, 16) == SPIKELET_ARENA_TOO_SMALL);
  EXPECT(spikelet_reset(&engine) == SPIKELET_NOT_ATTACHED);
}

static void test_calls(size_t bytes) {
  spikelet_t engine = {0};
  int32_t scores[CLASSES], prediction, most;
  EXPECT(spikelet_reset(NULL) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_step(NULL, picture(0), PIXELS, 0) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_run(NULL, picture(0), PIXELS, 0, 0, NULL, NULL) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_scores(NULL, scores, CLASSES) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_prediction(NULL, &prediction) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_last_error(NULL).code == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_arena_size(NULL) == 0 && spikelet_input_size(NULL) == 0);
  EXPECT(spikelet_class_count(NULL) == 0 && spikelet_timesteps(NULL) == 0);
  EXPECT(spikelet_reset(&engine) == SPIKELET_NOT_OPEN);
  EXPECT(spikelet_run(&engine, picture(0), PIXELS, 0, 0, NULL, NULL) == SPIKELET_NOT_OPEN);
  EXPECT(failed(&engine, SPIKELET_NOT_OPEN, "file"));
  EXPECT(spikelet_scores(&engine, scores, CLASSES) == SPIKELET_NOT_OPEN);

  EXPECT(spikelet_open(&engine, model, bytes) == SPIKELET_OK);
  EXPECT(spikelet_attach(&engine, arena, sizeof arena) == SPIKELET_OK);
  most = spikelet_maximum_timesteps(&engine);
  EXPECT(spikelet_scores(&engine, scores, CLASSES) == SPIKELET_NOT_RUN);
  EXPECT(spikelet_prediction(&engine, &prediction) == SPIKELET_NOT_RUN);
  EXPECT(spikelet_run(&engine, NULL, PIXELS, 0, 0, NULL, NULL) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_step(&engine, NULL, PIXELS, 0) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_step(&engine, picture(0), PIXELS - 1, 0) == SPIKELET_WRONG_INPUT_SIZE);
  EXPECT(failed(&engine, SPIKELET_WRONG_INPUT_SIZE, "input"));
  EXPECT(engine.error.needed == PIXELS && engine.error.given == PIXELS - 1);
  EXPECT(spikelet_step(&engine, picture(0), SIZE_MAX, 0) == SPIKELET_WRONG_INPUT_SIZE);
  EXPECT(spikelet_run(&engine, picture(0), 0, 0, 0, NULL, NULL) == SPIKELET_WRONG_INPUT_SIZE);
  EXPECT(spikelet_run(&engine, picture(0), PIXELS, 0, -1, NULL, NULL) == SPIKELET_WRONG_TIMESTEPS);
  EXPECT(spikelet_run(&engine, picture(0), PIXELS, 0, most + 1, NULL, NULL) ==
         SPIKELET_WRONG_TIMESTEPS);
  EXPECT(failed(&engine, SPIKELET_WRONG_TIMESTEPS, "timesteps"));
  EXPECT(engine.error.needed == most && engine.error.given == most + 1);
  EXPECT(spikelet_scores(&engine, scores, CLASSES) == SPIKELET_NOT_RUN);

  EXPECT(spikelet_run(&engine, picture(3), PIXELS, 0, 0, NULL, NULL) == SPIKELET_OK);
  EXPECT(engine.timestep == spikelet_timesteps(&engine));
  EXPECT(spikelet_prediction(&engine, NULL) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_scores(&engine, NULL, CLASSES) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_scores(&engine, scores, CLASSES - 1) == SPIKELET_RESULT_TOO_SMALL);
  EXPECT(spikelet_run(&engine, picture(3), PIXELS, 0, most, NULL, NULL) == SPIKELET_OK);
  EXPECT(spikelet_step(&engine, picture(3), PIXELS, 0) == SPIKELET_WRONG_TIMESTEPS);
  EXPECT(spikelet_scores(&engine, scores, SIZE_MAX) == SPIKELET_OK);
}

/* A clock that goes on by ten ticks whenever it is looked at. */
static uint32_t ticking(void *context) {
  uint32_t *now = context;
  *now += 10;
  return *now;
}

static void test_deadlines(size_t bytes) {
  spikelet_t engine = {0};
  uint32_t now = 0xFFFFFFE0u; /* it wraps */
  spikelet_pace_t pace = {ticking, &now, 0, 0, 0, 0}, none = {NULL, NULL, 0, 0, 0, 0};
  spikelet_decision_t decision;
  int32_t needed[CLASSES], scores[CLASSES], prediction;
  EXPECT(spikelet_run_until(NULL, picture(0), PIXELS, 0, 0, 0, &pace, &decision) ==
         SPIKELET_NULL_POINTER);
  EXPECT(spikelet_run_until(&engine, picture(0), PIXELS, 0, 0, 0, &pace, &decision) ==
         SPIKELET_NOT_OPEN);
  EXPECT(spikelet_open(&engine, model, bytes) == SPIKELET_OK);
  EXPECT(spikelet_run_until(&engine, picture(0), PIXELS, 0, 0, 0, &pace, &decision) ==
         SPIKELET_NOT_ATTACHED);
  EXPECT(spikelet_attach(&engine, arena, sizeof arena) == SPIKELET_OK);
  EXPECT(spikelet_run_until(&engine, NULL, PIXELS, 0, 0, 0, &pace, &decision) ==
         SPIKELET_NULL_POINTER);
  EXPECT(spikelet_run_until(&engine, picture(0), PIXELS, 0, 0, 0, NULL, &decision) ==
         SPIKELET_NULL_POINTER);
  EXPECT(spikelet_run_until(&engine, picture(0), PIXELS, 0, 0, 0, &none, &decision) ==
         SPIKELET_NULL_POINTER);
  EXPECT(spikelet_run_until(&engine, picture(0), PIXELS - 1, 0, 0, 0, &pace, &decision) ==
         SPIKELET_WRONG_INPUT_SIZE);
  EXPECT(spikelet_run_until(&engine, picture(0), PIXELS, 0, -1, 0, &pace, &decision) ==
         SPIKELET_WRONG_TIMESTEPS);
  EXPECT(pace.runs == 0 && pace.longest == 0);
  for (int32_t t = 1; t <= 8; t++) {
    EXPECT(spikelet_run(&engine, picture(4), PIXELS, 0, t, &prediction, NULL) == SPIKELET_OK);
    EXPECT(spikelet_scores(&engine, needed, CLASSES) == SPIKELET_OK);
    /* The clock is looked at when the run begins, ten ticks from now, and after each timestep. */
    EXPECT(spikelet_run_until(&engine, picture(4), PIXELS, 0, 0, now + 10 + 10 * (uint32_t)t + 5,
                              &pace, &decision) == SPIKELET_OK);
    EXPECT(decision.timesteps == t && decision.prediction == prediction && decision.late == 0);
    EXPECT(decision.ending ==
           (t == 8 ? SPIKELET_ENDED_BY_LAST_TIMESTEP : SPIKELET_ENDED_BY_DEADLINE));
    EXPECT(spikelet_scores(&engine, scores, CLASSES) == SPIKELET_OK);
    EXPECT(memcmp(scores, needed, sizeof scores) == 0);
    EXPECT(pace.longest == 10 && pace.runs == (uint32_t)t);
  }
  EXPECT(pace.recent == 10 && pace.older == 0);
  EXPECT(spikelet_run_until(&engine, picture(4), PIXELS, 0, 0, now + 3, &pace, &decision) ==
         SPIKELET_OK);
  EXPECT(decision.timesteps == 1 && decision.ending == SPIKELET_ENDED_BY_DEADLINE);
  EXPECT(decision.late == 17);
  /* The system's clock, and no room for the decision. */
  none.clock = spikelet_monotonic_clock;
  EXPECT(spikelet_run_until(&engine, picture(4), PIXELS, 0, 0,
                            spikelet_monotonic_clock(NULL) + 2000000000u, &none, NULL) ==
         SPIKELET_OK);
  EXPECT(engine.timestep == 8 && none.runs == 1);
}

static int parts_run;

/* A team of one thread, which takes the last part first. */
static void run_backwards(void *context, ptrdiff_t parts, spikelet_body_t body, void *work) {
  EXPECT(context == &parts_run && parts > 1);
  while (parts > 0) {
    body(work, --parts);
    parts_run++;
  }
}

static void test_teams(size_t bytes) {
  spikelet_t engine;
  int32_t alone[CLASSES], scores[CLASSES];
  size_t size;
  EXPECT(spikelet_team_arena_size(NULL, 2) == 0);
  memset(&engine, 0, sizeof engine);
  EXPECT(spikelet_team_arena_size(&engine, 2) == 0);
  EXPECT(spikelet_attach_team(NULL, arena, sizeof arena, 2, run_backwards, NULL) ==
         SPIKELET_NULL_POINTER);
  EXPECT(spikelet_attach_team(&engine, arena, sizeof arena, 2, run_backwards, NULL) ==
         SPIKELET_NOT_OPEN);
  EXPECT(spikelet_open(&engine, model, bytes) == SPIKELET_OK);
  EXPECT(spikelet_team_arena_size(&engine, 0) == 0);
  EXPECT(spikelet_team_arena_size(&engine, 17) == 0);
  EXPECT(spikelet_team_arena_size(&engine, 1) == spikelet_arena_size(&engine));
  EXPECT(spikelet_attach_team(&engine, NULL, 0, 2, run_backwards, NULL) ==
         SPIKELET_NULL_POINTER);
  EXPECT(spikelet_attach_team(&engine, arena, sizeof arena, 1, NULL, NULL) == SPIKELET_OK);
  EXPECT(spikelet_run(&engine, picture(3), PIXELS, 0, 0, NULL, NULL) == SPIKELET_OK);
  EXPECT(spikelet_scores(&engine, alone, CLASSES) == SPIKELET_OK);
  size = spikelet_team_arena_size(&engine, 4);
  if (spikelet_attach_team(&engine, arena, size, 4, run_backwards, &parts_run) ==
      SPIKELET_UNSUPPORTED) {
    EXPECT(failed(&engine, SPIKELET_UNSUPPORTED, "number of threads"));
    EXPECT(engine.error.needed == 1 && engine.error.given == 4);
    EXPECT(spikelet_run(&engine, picture(3), PIXELS, 0, 0, NULL, NULL) ==
           SPIKELET_NOT_ATTACHED);
    return;
  }
  EXPECT(engine.error.code == SPIKELET_OK);
  EXPECT(spikelet_run(&engine, picture(3), PIXELS, 0, 0, NULL, NULL) == SPIKELET_OK);
  EXPECT(spikelet_scores(&engine, scores, CLASSES) == SPIKELET_OK);
  EXPECT(memcmp(alone, scores, sizeof scores) == 0);
  EXPECT(parts_run > 0);
  EXPECT(spikelet_attach_team(&engine, arena, size, 4, NULL, NULL) == SPIKELET_NULL_POINTER);
  EXPECT(spikelet_attach_team(&engine, arena, size, 0, run_backwards, NULL) ==
         SPIKELET_OUT_OF_RANGE);
  EXPECT(spikelet_attach_team(&engine, arena, size, 17, run_backwards, NULL) ==
         SPIKELET_OUT_OF_RANGE);
  EXPECT(failed(&engine, SPIKELET_OUT_OF_RANGE, "number of threads"));
  EXPECT(engine.error.needed == 16 && engine.error.given == 17);
  EXPECT(spikelet_attach_team(&engine, arena, size - 1, 4, run_backwards, NULL) ==
         SPIKELET_ARENA_TOO_SMALL);
  EXPECT(spikelet_run(&engine, picture(3), PIXELS, 0, 0, NULL, NULL) == SPIKELET_NOT_ATTACHED);
  EXPECT(spikelet_attach(&engine, arena, size) == SPIKELET_OK);
}

static void test_texts(void) {
  EXPECT(strcmp(spikelet_error_string(SPIKELET_OK), "is right") == 0);
  EXPECT(strcmp(spikelet_error_string(SPIKELET_ARENA_TOO_SMALL), "is too small") == 0);
  EXPECT(strcmp(spikelet_error_string(18), spikelet_error_string(-1)) == 0);
  EXPECT(strcmp(spikelet_error_string(99), spikelet_error_string(105)) == 0);
  for (int a = 0; a <= SPIKELET_RESULT_TOO_SMALL; a++)
    for (int b = 0; b < a; b++)
      if ((a <= 16 || a >= 100) && (b <= 16 || b >= 100))
        EXPECT(strcmp(spikelet_error_string(a), spikelet_error_string(b)) != 0);
  EXPECT(strcmp(spikelet_field_string(0), "file") == 0);
  EXPECT(strcmp(spikelet_field_string(-1), "unknown field") == 0);
  EXPECT(strcmp(spikelet_owner_string(0), "model") == 0);
  EXPECT(strcmp(spikelet_owner_string(12345), "model") == 0);
}

int main(int argc, char **argv) {
  spikelet_t engine;
  size_t bytes;
  if (argc != 4) return 2;
  bytes = read_file(argv[1], model, sizeof model);
  if (read_file(argv[2], inputs, sizeof inputs) != sizeof inputs) return 2;

  EXPECT(spikelet_state_size() == sizeof(spikelet_t));
  EXPECT(sizeof(spikelet_t) == (sizeof(void *) == 8 ? 80 : 56));
  EXPECT(spikelet_open(&engine, model, bytes) == SPIKELET_OK);
  EXPECT(spikelet_arena_size(&engine) > 0 && spikelet_arena_size(&engine) <= sizeof arena);
  EXPECT(spikelet_input_size(&engine) == PIXELS && spikelet_class_count(&engine) == CLASSES);
  EXPECT(spikelet_timesteps(&engine) == 8);
  EXPECT(spikelet_attach(&engine, arena, spikelet_arena_size(&engine)) == SPIKELET_OK);
  test_golden_pictures(&engine, argv[3]);
  test_models(bytes);
  test_arenas(bytes);
  test_calls(bytes);
  test_teams(bytes);
  test_deadlines(bytes);
  test_texts();
  if (failures > 0) return 1;
  printf("%d checks of the C interface\n", checks);
  return 0;
}
