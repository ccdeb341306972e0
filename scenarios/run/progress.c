// How far a run is, on stderr.
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/par/par.h"
#include "core/step/ranks.h"
#include "scenarios/run/run_internal.h"

#define LINE_EVERY_S 5.0
#define LINE_EVERY_MS 600000
#define BAR_EVERY_S 0.2
enum { BAR_WIDTH = 30 };

double art_wall_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/// "07:15:00"; hours go on beyond 24.
static void clock_text(art_tick ms, char text[32])
{
  const art_tick s = ms / 1000;
  snprintf(text, 32, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600, s / 60 % 60, s % 60);
}

void art_progress_begin(art_progress *p, const art_scenario *scenario, const art_sim *sim, int is_quiet)
{
  const art_tick now_ms = art_sim_now(sim);
  *p = (art_progress){ .is_quiet = is_quiet || art_par_rank() != 0,
                       .is_terminal = isatty(STDERR_FILENO),
                       .begin_ms = scenario->begin_ms,
                       .end_ms = scenario->end_ms,
                       .start_ms = now_ms,
                       .last_ms = now_ms,
                       .last_updates = art_sim_ledger(sim).updates,
                       .step_ms = scenario->step_ms };
  p->start_s = p->last_s = art_wall_s();
}

void art_progress_gather(art_progress *p, const art_sim *sim)
{
  p->has_all = 1;
  p->all = art_sim_ledger_all(sim);
  p->hash = art_sim_hash_all(sim);
}

static art_ledger ledger_of(const art_progress *p, const art_sim *sim)
{
  return p->has_all ? p->all : art_sim_ledger(sim);
}

static void print_line(const art_progress *p, const art_sim *sim, double now_s)
{
  char at[32], eta[32] = "-";
  const art_tick now_ms = art_sim_now(sim);
  const art_ledger l = ledger_of(p, sim);
  const double wall_s = now_s - p->last_s > 1e-6 ? now_s - p->last_s : 1e-6;
  const double rtf = (double)(now_ms - p->last_ms) / 1000.0 / wall_s;
  clock_text(now_ms, at);
  if (rtf > 0.0) clock_text((art_tick)((double)(p->end_ms - now_ms) / rtf), eta);
  fprintf(stderr,
          "t=%s step=%" PRId64 " veh=%" PRId64 " wait=%" PRId64 " arr=%" PRId64
          " rtf=%.1f ups=%.3g io=%.0f%% eta=%s hash=%016" PRIx64 "\n",
          at, (now_ms - p->begin_ms) / p->step_ms, l.running, l.waiting, l.arrived, rtf,
          (double)(l.updates - p->last_updates) / wall_s, 100.0 * (p->output_s - p->last_output_s) / wall_s, eta,
          p->has_all ? p->hash : art_sim_hash(sim));
  fflush(stderr);
}

static void print_bar(art_progress *p, const art_sim *sim, double now_s)
{
  char at[32], eta[32], bar[BAR_WIDTH + 1];
  const art_tick now_ms = art_sim_now(sim), span_ms = p->end_ms > p->begin_ms ? p->end_ms - p->begin_ms : 1;
  const art_ledger l = ledger_of(p, sim);
  const double share = (double)(now_ms - p->begin_ms) / (double)span_ms, wall_s = now_s - p->start_s;
  const double done_ms = (double)(now_ms - p->start_ms);
  const int full = (int)(share * BAR_WIDTH);
  for (int i = 0; i < BAR_WIDTH; ++i) bar[i] = i < full ? '#' : '.';
  bar[BAR_WIDTH] = '\0';
  clock_text(now_ms, at);
  clock_text(done_ms > 0.0 ? (art_tick)(1000.0 * wall_s * (double)(p->end_ms - now_ms) / done_ms) : 0, eta);
  fprintf(stderr,
          "\r%s [%s] %3.0f%%  %" PRId64 " on the road, %" PRId64 " waiting, %" PRId64
          " arrived, %s to go\033[K",
          at, bar, 100.0 * share, l.running, l.waiting, l.arrived, eta);
  fflush(stderr);
  p->is_shown = 1;
}

void art_progress_note(const char *format, ...)
{
  va_list args;
  if (art_par_rank() != 0) return;
  va_start(args, format);
  if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  fflush(stderr);
  va_end(args);
}

static void remember(art_progress *p, const art_sim *sim, double now_s)
{
  p->last_s = now_s;
  p->last_ms = art_sim_now(sim);
  p->last_updates = ledger_of(p, sim).updates;
  p->last_output_s = p->output_s;
}

void art_progress_step(art_progress *p, const art_sim *sim, double output_s)
{
  p->output_s += output_s;
  if (p->is_quiet) return;
  const double now_s = art_wall_s();
  if (p->is_terminal) {
    if (now_s - p->last_s < BAR_EVERY_S) return;
    print_bar(p, sim, now_s);
  } else {
    if (now_s - p->last_s < LINE_EVERY_S && art_sim_now(sim) - p->last_ms < LINE_EVERY_MS) return;
    print_line(p, sim, now_s);
  }
  remember(p, sim, now_s);
}

void art_progress_end(art_progress *p, const art_sim *sim)
{
  if (p->is_quiet) return;
  if (p->is_terminal) {
    if (p->is_shown) fputs("\r\033[K", stderr);
    fflush(stderr);
  } else if (art_sim_now(sim) > p->last_ms) {
    print_line(p, sim, art_wall_s());
  }
}
