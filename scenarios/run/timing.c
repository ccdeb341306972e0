// Where the time of a run went.
#include "scenarios/run/timing.h"

#include <inttypes.h>
#include <string.h>

int64_t art_peak_kib(void)
{
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  long long kib = 0;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmHWM: %lld kB", &kib) == 1) break;
  if (file) fclose(file);
  return kib;
}

static double share(double part, double whole)
{
  return whole > 0.0 ? part / whole : 0.0;
}

/// What a phase's time is divided by: "" for nothing.
static const char *unit_of(const art_timing *t, art_phase phase, int64_t *units, int64_t *updates)
{
  *units = *updates = 0;
  switch (phase) {
  case ART_PHASE_SETTLE_LINKS:
  case ART_PHASE_MOVE_LINKS:
    *units = t->link_lanes;
    *updates = t->link_updates;
    return "link lane";
  case ART_PHASE_SETTLE_NODES:
  case ART_PHASE_MOVE_NODES:
    *units = t->connectors;
    *updates = t->connector_updates;
    return "connector";
  case ART_PHASE_DECIDE:
    *units = t->nodes;
    *updates = t->link_updates + t->connector_updates;
    return "node";
  default: return "";
  }
}

static void print_phase(const art_timing *t, art_phase phase, double whole_s, FILE *file)
{
  int64_t units, updates;
  const char *unit = unit_of(t, phase, &units, &updates);
  fprintf(file, "  %-14s%10.4f%10.4f%8.1f %%", art_phase_name(phase), t->seconds[phase], t->cpu_seconds[phase],
          100.0 * share(t->seconds[phase], whole_s));
  if (units > 0)
    fprintf(file, "%10.1f ns a %-9s and step%9.1f ns a vehicle there and step",
            1e9 * share(t->seconds[phase], (double)units * (double)t->steps), unit,
            1e9 * share(t->seconds[phase], (double)updates));
  fputc('\n', file);
}

static void print_table(const art_run_timing *r, FILE *file)
{
  fprintf(file, "  %-14s%10s\n", "run", "s");
  fprintf(file, "  %-14s%10.4f\n  %-14s%10.4f\n  %-14s%10.4f\n  %-14s%10.4f\n  %-14s%10.4f\n  %-14s%10.4f\n",
          "load", r->load_s, "set up", r->setup_s, "steps", r->step_s, "outputs", r->output_s, "close",
          r->close_s, "in all", r->wall_s);
  if (!r->with_phases) return;
  double whole_s = 0.0;
  for (int p = 0; p < ART_PHASE_COUNT; ++p) whole_s += r->phase.seconds[p];
  fprintf(file, "  %-14s%10s%10s%10s\n", "phase", "thread s", "cpu s", "share");
  for (int p = 0; p < ART_PHASE_COUNT; ++p) print_phase(&r->phase, (art_phase)p, whole_s, file);
}

static void print_phases_line(const art_timing *t, FILE *file)
{
  fprintf(file,
          " link_updates=%" PRId64 " connector_updates=%" PRId64
          " settle_pass_s=%.6f decide_pass_s=%.6f move_pass_s=%.6f",
          t->link_updates, t->connector_updates, t->pass_seconds[0], t->pass_seconds[1], t->pass_seconds[2]);
  for (int p = 0; p < ART_PHASE_COUNT; ++p)
    fprintf(file, " %s_s=%.6f", art_phase_name((art_phase)p), t->seconds[p]);
  for (int p = 0; p < ART_PHASE_COUNT; ++p)
    fprintf(file, " %s_cpu_s=%.6f", art_phase_name((art_phase)p), t->cpu_seconds[p]);
}

/// What ranks spend on talking and on waiting for one another, of the time of all phases.
static double communication_share(const double *seconds)
{
  double whole = 0.0;
  for (int p = 0; p < ART_PHASE_COUNT; ++p) whole += seconds[p];
  return share(seconds[ART_PHASE_TELL] + seconds[ART_PHASE_EXCHANGE], whole);
}

void art_run_timing_print(const art_run_timing *r, FILE *file)
{
  print_table(r, file);
  fprintf(file,
          "timings: threads=%" PRId32 " from_s=%.3f steps=%" PRId64 " updates=%" PRId64
          " load_s=%.4f setup_s=%.4f step_s=%.6f output_s=%.4f close_s=%.4f run_s=%.4f"
          " link_lanes=%" PRId32 " connectors=%" PRId32 " nodes=%" PRId32,
          r->phase.threads, (double)r->from_ms / 1000.0, r->steps, r->updates, r->load_s, r->setup_s,
          r->step_s, r->output_s, r->close_s, r->wall_s, r->phase.link_lanes, r->phase.connectors,
          r->phase.nodes);
  if (r->with_phases) print_phases_line(&r->phase, file);
  if (r->ranks > 1)
    fprintf(file,
            " ranks=%" PRId32 " nodes_here=%" PRId32 " lanes_here=%" PRId32 " peers=%" PRId32 " watched_lanes=%" PRId32
            " shared_nodes=%" PRId32 " sent_bytes_a_step=%.0f all_updates=%" PRId64,
            r->ranks, r->part.nodes, r->part.lanes, r->part.peers, r->part.watched_lanes, r->part.shared_nodes,
            share((double)r->part.sent_bytes, (double)r->all_steps), r->all_updates);
  if (r->ranks > 1 && r->with_phases)
    fprintf(file, " communication_share=%.4f communication_cpu_share=%.4f work_mean_s=%.6f work_most_s=%.6f",
            communication_share(r->phase.seconds), communication_share(r->phase.cpu_seconds), r->work_mean_s, r->work_most_s);
  fprintf(file, "\nmemory: peak_kib=%" PRId64 " lanes=%" PRId64 " vehicles=%" PRId64 " trips=%" PRId64,
          r->peak_kib, r->memory.lanes, r->memory.vehicles, r->memory.trips);
#define X(name, sentence) fprintf(file, " " #name "_bytes=%" PRId64, r->memory.name##_bytes);
  ART_MEMORY_LIST(X)
#undef X
  fprintf(file, " city_bytes=%" PRId64 " demand_bytes=%" PRId64 "\n", r->city_bytes, r->demand_bytes);
}
