/// \file requests.h
/// What signals ask a run for. Handlers only note it; the run looks between two slices of steps.
///
/// Without checkpoints INT and TERM end the run, with the results so far. With checkpoints TERM, INT, HUP and USR2 save the
/// state and end it, USR1 saves and goes on.
#ifndef ART_SCENARIOS_RUN_REQUESTS_H
#define ART_SCENARIOS_RUN_REQUESTS_H
#include <signal.h>

enum { ART_REQUEST_SIGNALS = 5 };
/// What was done at these signals before.
typedef struct art_requests {
  int count;
  int number[ART_REQUEST_SIGNALS];
  struct sigaction before[ART_REQUEST_SIGNALS];
} art_requests;

/// Forgets earlier requests and catches signals from here on. One run at a time in a process.
void art_requests_catch(art_requests *r, int with_checkpoints);
void art_requests_release(const art_requests *r);

/// The signal that asked for the end of the run; 0: none.
int art_requests_stop(void);
/// 1 if USR1 came since the last call.
int art_requests_save(void);

#endif  // ART_SCENARIOS_RUN_REQUESTS_H
