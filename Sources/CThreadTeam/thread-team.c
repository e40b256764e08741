// An executable without threads takes nothing of the C library's threads along.
#ifndef SPIKELET_WITHOUT_THREADS

#include "thread_team.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>

struct thread_team {
  // Parts that nobody has taken yet, and those that are done: each on a cache line of its own.
  uint32_t left;
  uint32_t beside_left[15];
  uint32_t done;
  uint32_t beside_done[15];
  thread_team_body body;
  void *work;
  uint32_t parts;
  uint32_t sleeping;
  uint32_t stopping;
  uint32_t count;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  pthread_t threads[THREAD_TEAM_MAXIMUM - 1];
};

size_t thread_team_bytes(void) { return sizeof(struct thread_team); }

// Work is given out by one word, the number of parts that nobody has taken. Who lowers it from n to
// n − 1 has taken part n − 1. The rest of the team's words belong to the owner until it has set this one,
// and to nobody from then on until all parts are done: a thread that has taken a part may read them,
// because the owner cannot go on before that part is done.

// Looks before a thread sleeps: some ten microseconds on a board, so that the short steps between two
// pieces of work do not cost a call of the system.
enum { looks = 4096 };

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

/// Takes a part and runs it; false where none is left.
static bool run_one(struct thread_team *team) {
  uint32_t left = __atomic_load_n(&team->left, __ATOMIC_ACQUIRE);
  do {
    if (left == 0) return false;
  } while (!__atomic_compare_exchange_n(
      &team->left, &left, left - 1, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
  // The first part is taken first.
  team->body(team->work, (ptrdiff_t)(team->parts - left));
  __atomic_fetch_add(&team->done, 1, __ATOMIC_RELEASE);
  return true;
}

static void *help(void *argument) {
  struct thread_team *team = argument;
  for (;;) {
    uint32_t look = 0;
    while (!run_one(team)) {
      if (__atomic_load_n(&team->stopping, __ATOMIC_ACQUIRE)) return NULL;
      if (look++ < looks) {
        relax();
        continue;
      }
      look = 0;
      pthread_mutex_lock(&team->mutex);
      // The owner sets `left` and then reads `sleeping`, this thread the other way round: one of them
      // sees what the other has written.
      __atomic_fetch_add(&team->sleeping, 1, __ATOMIC_SEQ_CST);
      while (__atomic_load_n(&team->left, __ATOMIC_SEQ_CST) == 0 &&
             !__atomic_load_n(&team->stopping, __ATOMIC_ACQUIRE))
        pthread_cond_wait(&team->wake, &team->mutex);
      __atomic_fetch_sub(&team->sleeping, 1, __ATOMIC_SEQ_CST);
      pthread_mutex_unlock(&team->mutex);
    }
  }
}

static void wake_all(struct thread_team *team) {
  pthread_mutex_lock(&team->mutex);
  pthread_cond_broadcast(&team->wake);
  pthread_mutex_unlock(&team->mutex);
}

static bool start_thread(
    struct thread_team *team, pthread_t *thread, void *stack, size_t stack_bytes) {
  if (stack == NULL) return pthread_create(thread, NULL, help, team) == 0;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  bool started = pthread_attr_setstack(&attributes, stack, stack_bytes) == 0 &&
                 pthread_create(thread, &attributes, help, team) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

bool thread_team_start(void *memory, size_t threads, void *stacks, size_t stack_bytes) {
  struct thread_team *team = memory;
  if (threads < 1 || threads > THREAD_TEAM_MAXIMUM) return false;
  team->left = team->done = team->parts = team->sleeping = team->stopping = team->count = 0;
  team->body = NULL;
  team->work = NULL;
  if (pthread_mutex_init(&team->mutex, NULL) != 0) return false;
  if (pthread_cond_init(&team->wake, NULL) != 0) {
    pthread_mutex_destroy(&team->mutex);
    return false;
  }
  while (team->count + 1 < threads) {
    void *stack = stacks == NULL ? NULL : (char *)stacks + team->count * stack_bytes;
    if (!start_thread(team, &team->threads[team->count], stack, stack_bytes)) {
      thread_team_stop(team);
      return false;
    }
    team->count++;
  }
  return true;
}

void thread_team_run(void *context, ptrdiff_t parts, thread_team_body body, void *work) {
  struct thread_team *team = context;
  if (parts < 1) return;
  team->body = body;
  team->work = work;
  team->parts = (uint32_t)parts;
  __atomic_store_n(&team->done, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&team->left, (uint32_t)parts, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&team->sleeping, __ATOMIC_SEQ_CST) > 0) wake_all(team);
  while (run_one(team)) {
  }
  uint32_t look = 0;
  while (__atomic_load_n(&team->done, __ATOMIC_ACQUIRE) != (uint32_t)parts) {
    // Whoever has the last part may wait for this processor.
    if (look++ < looks) {
      relax();
    } else {
      sched_yield();
    }
  }
}

void thread_team_stop(void *memory) {
  struct thread_team *team = memory;
  __atomic_store_n(&team->stopping, 1, __ATOMIC_RELEASE);
  wake_all(team);
  for (uint32_t i = 0; i < team->count; i++) pthread_join(team->threads[i], NULL);
  team->count = 0;
  pthread_cond_destroy(&team->wake);
  pthread_mutex_destroy(&team->mutex);
}

#endif
