#include "scenarios/run/requests.h"

#include <stddef.h>

/// A handler can reach nothing else; art_requests_catch clears them first.
static volatile sig_atomic_t stop_signal, wants_save;

static void on_stop(int number)
{
  stop_signal = number;
}

static void on_save(int number)
{
  (void)number;
  wants_save = 1;
}

static void catch_one(art_requests *r, int number, void (*handler)(int), int flags)
{
  struct sigaction action = { .sa_handler = handler, .sa_flags = flags | SA_RESTART };
  sigemptyset(&action.sa_mask);
  r->number[r->count] = number;
  sigaction(number, &action, &r->before[r->count]);
  // nohup and shells that start jobs in the background ignore it on purpose
  if (number == SIGHUP && r->before[r->count].sa_handler == SIG_IGN) sigaction(number, &r->before[r->count], NULL);
  ++r->count;
}

void art_requests_catch(art_requests *r, int with_checkpoints)
{
  const int once = (int)SA_RESETHAND;  // the second one kills at once
  r->count = 0;
  stop_signal = wants_save = 0;
  catch_one(r, SIGINT, on_stop, once);
  // A batch system repeats TERM while the state is being saved.
  catch_one(r, SIGTERM, on_stop, with_checkpoints ? 0 : once);
  if (!with_checkpoints) return;
  catch_one(r, SIGHUP, on_stop, 0);
  catch_one(r, SIGUSR2, on_stop, 0);
  catch_one(r, SIGUSR1, on_save, 0);
}

void art_requests_release(const art_requests *r)
{
  for (int i = 0; i < r->count; ++i) sigaction(r->number[i], &r->before[i], NULL);
}

int art_requests_stop(void)
{
  return stop_signal;
}

int art_requests_save(void)
{
  const int was_asked = wants_save;
  if (was_asked) wants_save = 0;
  return was_asked;
}
