// Signal programs as GMNS tables: those by the clock as one ring, NEMA programs as they are.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/gmns/gmns_internal.h"

typedef struct tables {
  FILE *controller, *plan, *phase, *service, *coordination;
  char id[420];  // of the plan that is being written: "signal.program"
  int32_t phases, services, coordinations;
} tables;

/// Does the phase let nobody start: the way from one stage to the next?
static int is_change(const art_net *net, int32_t f)
{
  return !art_net_phase_is_stage(net, f);
}

static void write_services(tables *t, const art_net *net, int32_t s, int32_t f)
{
  const char *state = net->phase_state + net->phase_first_state[f];
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_signal[c] != s || !art_letter_is_green(state[net->connector_signal_group[c]]))
      continue;
    fprintf(t->service, "%" PRId32 ",%" PRId32 ",%" PRId32 ",,%s\n", ++t->services, t->phases, c + 1,
            state[net->connector_signal_group[c]] == 'G' ? "protected" : "permitted");
  }
}

/// One ring; a stage, and the phases after it up to the next one as its clearance.
static void write_fixed(tables *t, const art_net *net, int32_t s, int32_t p)
{
  const int32_t first = net->program_first_phase[p], end = net->program_first_phase[p + 1];
  int32_t position = 0;
  for (int32_t f = first; f < end; ++f) {
    if (is_change(net, f)) continue;
    double yellow = 0.0, red = 0.0;
    for (int32_t k = f + 1; k < end && is_change(net, k); ++k) {
      const char *state = net->phase_state + net->phase_first_state[k];
      const int64_t n = net->phase_first_state[k + 1] - net->phase_first_state[k];
      *(memchr(state, 'y', (size_t)n) ? &yellow : &red) += (double)net->phase_duration_ms[k] / 1000.0;
    }
    const double green = (double)net->phase_duration_ms[f] / 1000.0;
    ++position;
    fprintf(t->phase, "%" PRId32 ",%s,%" PRId32 ",%.10g,%.10g,,%.10g,,,1,1,%" PRId32 ",yellow=%.10g\n",
            ++t->phases, t->id, position, green, green, yellow + red, position, yellow);
    write_services(t, net, s, f);
  }
}

static void write_nema(tables *t, const art_net *net, int32_t s, int32_t p)
{
  int32_t position = 0, coordinated = 0;
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    const int64_t *const *time = (const int64_t *const *)net->phase_time_ms;
    const double yellow =
        time[ART_PHASE_TIME_yellow_ms][f] > 0 ? (double)time[ART_PHASE_TIME_yellow_ms][f] / 1000.0 : 3.0;
    const double red =
        time[ART_PHASE_TIME_red_ms][f] > 0 ? (double)time[ART_PHASE_TIME_red_ms][f] / 1000.0 : 0.0;
    if (!coordinated && net->phase_flags[f] & ART_PHASE_COORDINATED) coordinated = net->phase_number[f];
    fprintf(t->phase,
            "%" PRId32 ",%s,%" PRId32 ",%.10g,%.10g,%.10g,%.10g,%.10g,%.10g,%d,%d,%" PRId32 ",yellow=%.10g\n",
            ++t->phases, t->id, net->phase_number[f], (double)net->phase_min_ms[f] / 1000.0,
            (double)net->phase_max_ms[f] / 1000.0, (double)time[ART_PHASE_TIME_extension_ms][f] / 1000.0,
            yellow + red, (double)time[ART_PHASE_TIME_walk_ms][f] / 1000.0,
            (double)time[ART_PHASE_TIME_foot_clearance_ms][f] / 1000.0, net->phase_ring[f] + 1,
            net->phase_barrier[f] + 1, ++position, yellow);
    write_services(t, net, s, f);
  }
  if (net->program_value[ART_CONTROL_VALUE_is_coordinated][p] > 0.0f)
    fprintf(t->coordination, "%" PRId32 ",%s,%s,%s,%" PRId32 ",begin_of_green,%.10g\n", ++t->coordinations,
            t->id, net->signal_id[s], net->signal_id[s], coordinated,
            (double)net->program_offset_ms[p] / 1000.0);
}

static void write_program(tables *t, const art_net *net, int32_t s, int32_t p, art_gmns_losses *losses)
{
  const int control = net->program_control[p];
  if (strcmp(net->program_id[p], "guess") == 0) return;  // no data: it is guessed again
  if (control != ART_CONTROL_FIXED && control != ART_CONTROL_NEMA) {
    ++losses->programs;
    return;
  }
  const int is_coordinated = net->program_value[ART_CONTROL_VALUE_is_coordinated][p] > 0.0f;
  double cycle = is_coordinated ? (double)net->program_cycle_ms[p] / 1000.0 : 0.0;
  for (int32_t f = net->program_first_phase[p];
       f < net->program_first_phase[p + 1] && control == ART_CONTROL_FIXED; ++f)
    cycle += (double)net->phase_duration_ms[f] / 1000.0;
  snprintf(t->id, sizeof t->id, "%.200s.%.200s", net->signal_id[s], net->program_id[p]);
  // Plans that do not run are for no day of the week.
  fprintf(t->plan, "%s,%s,%s,,", t->id, net->signal_id[s],
          p == net->signal_active[s] ? "" : "00000000_0000_2400");
  if (cycle > 0.0) fprintf(t->plan, "%.10g", cycle);
  fputs(",\n", t->plan);
  if (control == ART_CONTROL_NEMA) {
    write_nema(t, net, s, p);
    return;
  }
  write_fixed(t, net, s, p);
  fprintf(t->coordination, "%" PRId32 ",%s,%s,%s,,begin_of_green,%.10g\n", ++t->coordinations, t->id,
          net->signal_id[s], net->signal_id[s], (double)net->program_offset_ms[p] / 1000.0);
}

art_status art_gmns_write_signals(const art_net *net, const char *folder, art_gmns_losses *losses,
                                  art_error *err)
{
  tables t = { 0 };
  const struct {
    const char *name, *header;
    FILE **file;
  } list[] = {
    { "signal_controller", "controller_id", &t.controller },
    { "signal_timing_plan", "timing_plan_id,controller_id,time_day,time_day_id,cycle_length,opt_comment",
      &t.plan },
    { "signal_timing_phase",
      "timing_phase_id,timing_plan_id,signal_phase_num,min_green,max_green,extension,clearance,walk_time,ped_"
      "clearance,"
      "ring,barrier,position,opt_comment",
      &t.phase },
    { "signal_phase_mvmt", "signal_phase_mvmt_id,timing_phase_id,mvmt_id,link_id,protection", &t.service },
    { "signal_coordination",
      "coordination_id,timing_plan_id,controller_id,coord_contr_id,coord_phase,coord_ref_to,offset",
      &t.coordination },
  };
  enum { TABLES = sizeof list / sizeof *list };
  art_status status = ART_OK;
  for (int i = 0; i < TABLES && status == ART_OK; ++i) {
    char *path = art_gmns_path(folder, list[i].name, 1);
    *list[i].file = fopen(path, "w");
    if (*list[i].file)
      fprintf(*list[i].file, "%s\n", list[i].header);
    else
      status = art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", path, strerror(errno));
    free(path);
  }
  for (int32_t s = 0; s < net->signal_count && status == ART_OK; ++s) {
    fprintf(t.controller, "%s\n", net->signal_id[s]);
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
      write_program(&t, net, s, p, losses);
  }
  for (int i = 0; i < TABLES; ++i) {
    FILE *file = *list[i].file;
    if (!file) continue;
    const int failed = ferror(file);
    if ((fclose(file) != 0 || failed) && status == ART_OK)
      status = art_fail(err, ART_E_IO, "%s/%s.csv: cannot be written", folder, list[i].name);
  }
  return status;
}
