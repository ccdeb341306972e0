#include "scenarios/run/requests.h"

#include <stddef.h>

/// A handler can reach nothing else; art_requests_catch clears them first.
static volatile sig_atomic_t stop_signal, wants_save;
/// With several ranks: what any of them was asked for when they last talked.
static int has_ranks, shared_stop, shared_save;

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
  if (number == SIGHUP && r->before[r->count].sa_handler == SIG_IGN)
    sigaction(number, &r->before[r->count], NULL);
  ++r->count;
}

void art_requests_catch(art_requests *r, int with_checkpoints, int with_ranks)
{
  const int once = (int)SA_RESETHAND;  // the second one kills at once
  r->count = 0;
  stop_signal = wants_save = 0;
  has_ranks = with_ranks;
  shared_stop = shared_save = 0;
  catch_one(r, SIGINT, on_stop, once);
  // A batch system repeats TERM while the state is being saved.
  catch_one(r, SIGTERM, on_stop, with_checkpoints ? 0 : once);
  if (!with_checkpoints) return;
  catch_one(r, SIGHUP, on_stop, 0);
  catch_one(r, SIGUSR2, on_stop, 0);
  catch_one(r, SIGXCPU, on_stop, 0);  // comes every second from the soft limit of processor time on, until the hard one
  catch_one(r, SIGUSR1, on_save, 0);
}

void art_requests_release(const art_requests *r)
{
  for (int i = 0; i < r->count; ++i) sigaction(r->number[i], &r->before[i], NULL);
}

int art_requests_stop(void)
{
  return has_ranks ? shared_stop : stop_signal;
}

const char *art_requests_stop_name(void)
{
  switch (art_requests_stop()) {
  case SIGINT: return "SIGINT";
  case SIGTERM: return "SIGTERM";
  case SIGHUP: return "SIGHUP";
  case SIGUSR2: return "SIGUSR2";
  case SIGXCPU: return "SIGXCPU";
  default: return "no signal";
  }
}

int art_requests_save(void)
{
  const int was_asked = has_ranks ? shared_save : wants_save;
  shared_save = 0;
  if (was_asked && !has_ranks) wants_save = 0;
  return was_asked;
}

void art_requests_tell(int64_t words[ART_REQUEST_WORDS])
{
  words[0] = stop_signal;
  words[1] = wants_save;
  if (words[1]) wants_save = 0;
}

void art_requests_hear(const int64_t words[ART_REQUEST_WORDS])
{
  shared_stop = (int)words[0];
  shared_save |= (int)words[1];
}
