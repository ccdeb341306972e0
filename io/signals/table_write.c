// Writes signal tables: every signal with its groups, programs by their states, and schedule.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/signals/table.h"
#include "io/signals/table_internal.h"

static void put_text(FILE *file, const char *text)
{
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, file);
    return;
  }
  putc('"', file);
  for (; *text; ++text) {
    if (*text == '"') putc('"', file);
    putc(*text, file);
  }
  putc('"', file);
}

static void put_seconds(FILE *file, int64_t ms)
{
  fprintf(file, "%.10g", (double)ms / 1000.0);
}

static void put_title(FILE *file, const char *what, const char *id)
{
  const int quote = strpbrk(id, ",\"\r\n") != NULL;
  fprintf(file, quote ? "\"[%s " : "[%s ", what);
  for (; *id; ++id) {
    if (*id == '"') putc('"', file);
    putc(*id, file);
  }
  fputs(quote ? "]\"\n" : "]\n", file);
}

static void put_groups(FILE *file, const art_net *net, int32_t s)
{
  fputs("[Groups]\ngroup,places,min_green,yellow,red_yellow\n", file);
  for (int32_t g = 0; g < net->signal_group_count[s]; ++g) {
    const int32_t at = net->signal_first_group[s] + g;
    const int64_t times[] = { net->group_min_green_ms[at], net->group_yellow_ms[at],
                              net->group_red_yellow_ms[at] };
    fprintf(file, "K%d,%d", g, g);
    for (int t = 0; t < 3; ++t) {
      putc(',', file);
      if (times[t] >= 0) put_seconds(file, times[t]);
    }
    putc('\n', file);
  }
}

static void put_intergreens(FILE *file, const art_net *net, int32_t s)
{
  const int32_t first = net->signal_first_intergreen[s], end = net->signal_first_intergreen[s + 1];
  const int32_t groups = net->signal_group_count[s];
  if (first == end) return;
  fputs("[Intergreens]\nfrom", file);
  for (int32_t g = 0; g < groups; ++g) fprintf(file, ",K%d", g);
  putc('\n', file);
  for (int32_t from = 0; from < groups; ++from) {
    fprintf(file, "K%d", from);
    for (int32_t to = 0; to < groups; ++to) {
      putc(',', file);
      for (int32_t i = first; i < end; ++i)
        if (net->intergreen_from[i] == from && net->intergreen_to[i] == to)
          put_seconds(file, net->intergreen_ms[i]);
    }
    putc('\n', file);
  }
}

static void put_flags(FILE *file, uint32_t flags)
{
  const char *blank = "";
#define X(suffix, bit, name)            \
  if (flags >> (bit)&1u) {              \
    fprintf(file, "%s%s", blank, name); \
    blank = " ";                        \
  }
  ART_PHASE_FLAG_LIST(X)
#undef X
}

/// Ids may have blanks, so they are separated by semicolons.
static void put_sensors(FILE *file, const art_net *net, int32_t f)
{
  const int32_t first = net->phase_first_sensor[f], end = net->phase_first_sensor[f + 1];
  int needs_quotes = 0;
  for (int32_t i = first; i < end; ++i)
    needs_quotes |= strpbrk(net->detector_id[net->phase_sensor[i]], ",\"") != NULL;
  if (needs_quotes) putc('"', file);
  for (int32_t i = first; i < end; ++i) {
    if (i > first) putc(';', file);
    for (const char *id = net->detector_id[net->phase_sensor[i]]; *id; ++id) {
      if (*id == '"') putc('"', file);
      putc(*id, file);
    }
  }
  if (needs_quotes) putc('"', file);
}

static void put_phase(FILE *file, const art_net *net, int32_t s, int32_t f)
{
  fprintf(file, "%.*s,", net->signal_group_count[s], net->phase_state + net->phase_first_state[f]);
  put_seconds(file, net->phase_duration_ms[f]);
  putc(',', file);
  put_seconds(file, net->phase_min_ms[f]);
  putc(',', file);
  put_seconds(file, net->phase_max_ms[f]);
  fprintf(file, ",%d,%d,%d,", net->phase_number[f], net->phase_ring[f], net->phase_barrier[f]);
  put_flags(file, net->phase_flags[f]);
  putc(',', file);
  for (int32_t i = net->phase_first_next[f]; i < net->phase_first_next[f + 1]; ++i)
    fprintf(file, "%s%d", i > net->phase_first_next[f] ? " " : "", net->phase_next[i] + 1);
  putc(',', file);
  put_sensors(file, net, f);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) {
    putc(',', file);
    if (net->phase_time_ms[t][f] != art_phase_time_initial(t)) put_seconds(file, net->phase_time_ms[t][f]);
  }
  putc('\n', file);
}

static void put_program(FILE *file, const art_net *net, int32_t s, int32_t p)
{
  put_title(file, "Program", net->program_id[p]);
  fprintf(file, "control,%s\ncycle,", art_control_name(net->program_control[p]));
  put_seconds(file, net->program_cycle_ms[p]);
  fputs("\noffset,", file);
  put_seconds(file, net->program_offset_ms[p]);
  putc('\n', file);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v)
    if (net->program_value[v][p] != art_control_value_initial(v))
      fprintf(file, "%s,%.9g\n", art_control_value_name(v), (double)net->program_value[v][p]);
  fputs("state,duration,min,max,number,ring,barrier,flags,next,detectors", file);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) fprintf(file, ",%s", art_table_time_column(t));
  putc('\n', file);
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f)
    put_phase(file, net, s, f);
}

static void put_schedule(FILE *file, const art_net *net, int32_t s)
{
  fputs("[Schedule]\nfirst,", file);
  put_text(file, net->program_id[net->signal_active[s]]);
  fputs("\nperiod,", file);
  put_seconds(file, net->signal_switch_period_ms[s]);
  fputs("\ntime,program\n", file);
  for (int32_t i = net->signal_first_switch[s]; i < net->signal_first_switch[s + 1]; ++i) {
    put_seconds(file, net->switch_at_ms[i]);
    putc(',', file);
    put_text(file, net->program_id[net->switch_program[i]]);
    putc('\n', file);
  }
}

art_status art_signal_table_write(const char *path, const art_net *net, art_error *err)
{
  FILE *file = fopen(path, "w");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be written", path);
  for (int32_t s = 0; s < net->signal_count; ++s) {
    if (s) putc('\n', file);
    put_title(file, "Signal", net->signal_id[s]);
    put_groups(file, net, s);
    put_intergreens(file, net, s);
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
      put_program(file, net, s, p);
    put_schedule(file, net, s);
  }
  const int failed = ferror(file);
  if (fclose(file) != 0 || failed) return art_fail(err, ART_E_IO, "%s: cannot be written", path);
  return ART_OK;
}
