/// \file requests.h
/// What signals ask a run for. Handlers only note it; the run looks between two slices of steps.
///
/// Without checkpoints INT and TERM end the run, with the results so far. With checkpoints TERM, INT, HUP, USR2 and XCPU save
/// the state and end it, USR1 saves and goes on.
#ifndef ART_SCENARIOS_RUN_REQUESTS_H
#define ART_SCENARIOS_RUN_REQUESTS_H
#include <signal.h>
#include <stdint.h>

enum { ART_REQUEST_SIGNALS = 6 };
/// What was done at these signals before.
typedef struct art_requests {
  int count;
  int number[ART_REQUEST_SIGNALS];
  struct sigaction before[ART_REQUEST_SIGNALS];
} art_requests;

/// Forgets earlier requests and catches signals from here on. One run at a time in a process. With several ranks what came
/// counts only once art_requests_hear has told all of them.
void art_requests_catch(art_requests *r, int with_checkpoints, int with_ranks);
void art_requests_release(const art_requests *r);

/// The signal that asked for the end of the run; 0: none.
int art_requests_stop(void);
/// Its name, "SIGTERM".
const char *art_requests_stop_name(void);
/// 1 if USR1 came since the last call.
int art_requests_save(void);

/// Between ranks: what this one was asked for, to be combined by maximum, and what any was.
enum { ART_REQUEST_WORDS = 2 };
void art_requests_tell(int64_t words[ART_REQUEST_WORDS]);
void art_requests_hear(const int64_t words[ART_REQUEST_WORDS]);

#endif  // ART_SCENARIOS_RUN_REQUESTS_H
