// A small team of threads that run the parts of some work side by side.
//
// One thread, the owner, starts a team, gives it work and stops it; it does parts itself. Whoever is
// free takes the next part, so a thread that the system holds up delays no more than its own part.
// Between two pieces of work the others look for the next one for some microseconds and then sleep.
// Nothing here uses a heap of its own.
#ifndef THREAD_TEAM_H
#define THREAD_TEAM_H

#include <stdbool.h>
#include <stddef.h>

// What may be NULL, for Swift.
#ifdef __clang__
#pragma clang assume_nonnull begin
#define THREAD_TEAM_NULLABLE _Nullable
#else
#define THREAD_TEAM_NULLABLE
#endif

/// The most threads of a team, the owner among them.
#define THREAD_TEAM_MAXIMUM 16

/// What runs one part.
typedef void (*thread_team_body)(void *work, ptrdiff_t part);

/// The bytes of a team, which its owner keeps at a multiple of 64 while it runs.
size_t thread_team_bytes(void);

/// Starts a team of `threads` threads, the caller among them: 1 to THREAD_TEAM_MAXIMUM. False where the
/// system gives no more threads; then none has been started.
///
/// `stacks` is memory for `threads` - 1 stacks of `stack_bytes` each, whole pages, or NULL for stacks of
/// the system's choice.
bool thread_team_start(
    void *team, size_t threads, void *THREAD_TEAM_NULLABLE stacks, size_t stack_bytes);

/// Runs `body(work, part)` for each part below `parts` and returns when all are done. What they have
/// written is seen by the caller. Only the owner of a team may call this.
void thread_team_run(
    void *THREAD_TEAM_NULLABLE team, ptrdiff_t parts, thread_team_body body, void *work);

/// Ends the threads and waits for them.
void thread_team_stop(void *team);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
