#include "cplatform.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static int nothing = -1;

/* What reads now is interrupted, and what reads later finds the end: between looking at a variable and
 * reading a signal would be lost, and the program would wait for a picture that never comes. */
static void stop(int number) {
  int before = errno;
  stopped = number;
  dup2(nothing, STDIN_FILENO);
  errno = before;
}

static void mask(int how) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(how, &set, NULL);
}

bool platform_serve(void) {
  int ends[2];
  // A pipe whose other end is closed: nothing to read, wherever there is no /dev/null.
  int input = dup(STDIN_FILENO);
  if (input < 0 || pipe(ends) != 0) return false;
  close(input);
  close(ends[1]);
  nothing = ends[0];
  mask(SIG_BLOCK);
  struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  action.sa_handler = SIG_IGN;
  action.sa_flags = 0;
  sigaction(SIGPIPE, &action, NULL);
  return true;
}

void platform_admit_stop(void) { mask(SIG_UNBLOCK); }

int32_t platform_stopped(void) { return stopped; }
