#include "io/signals/nema_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/add_control.h"
#include "io/signals/table_internal.h"

/// Phases that may have green at the same time: of different rings on the same side of the barriers.
static int may_run_together(const art_nema_row *a, const art_nema_row *b)
{
  return a == b || (a->ring != b->ring && a->barrier == b->barrier);
}

/// The row of a conflict between connectors a and b, as seen from a; -1: they do not meet.
static int32_t conflict_of(const art_net *net, int32_t a, int32_t b)
{
  for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1]; ++k)
    if (net->conflict_other[k] == b && net->conflict_kind[k] != ART_CONFLICT_DIVERGE) return k;
  return -1;
}

static art_status settle_pair(const art_net *net, int32_t a, int32_t b, art_nema_row *p, art_nema_row *q,
                              art_error *err)
{
  char *la = &p->letters[net->connector_signal_group[a]], *lb = &q->letters[net->connector_signal_group[b]];
  const int32_t k = conflict_of(net, a, b), m = conflict_of(net, b, a);
  if (*la != 'G' || *lb != 'G' || k < 0 || m < 0) return ART_OK;
  const int is_back = net->connector_turn[a] == ART_TURN_U || net->connector_turn[b] == ART_TURN_U;
  const int is_same_link = net->lane_link[net->connector_from[a]] == net->lane_link[net->connector_from[b]];
  if (p != q && net->conflict_kind[k] == ART_CONFLICT_CROSS && !is_back && !is_same_link)
    return art_fail(
        err, ART_E_INPUT,
        "phases %d and %d stand in different rings on one side of a barrier, but their protected movements "
        "from '%.60s' and '%.60s' cross",
        p->number, q->number, net->link_id[net->lane_link[net->connector_from[a]]],
        net->link_id[net->lane_link[net->connector_from[b]]]);
  if (net->conflict_yield[k]) *la = 'g';
  if (net->conflict_yield[m]) *lb = 'g';
  return ART_OK;
}

art_status art_nema_plan_settle(const art_net *net, int32_t signal, art_nema_plan *plan, art_error *err)
{
  art_status status = ART_OK;
  for (int32_t a = 0; a < net->connector_count && status == ART_OK; ++a) {
    if (net->connector_signal[a] != signal) continue;
    for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1] && status == ART_OK; ++k) {
      const int32_t b = net->conflict_other[k];
      if (net->connector_signal[b] != signal || b < a) continue;
      for (int32_t i = 0; i < plan->count && status == ART_OK; ++i)
        for (int32_t j = 0; j < plan->count && status == ART_OK; ++j)
          if (may_run_together(&plan->row[i], &plan->row[j]))
            status = settle_pair(net, a, b, &plan->row[i], &plan->row[j], err);
    }
  }
  return status;
}

static int compare_rows(const void *left, const void *right)
{
  const art_nema_row *a = left, *b = right;
  const int32_t key[4][2] = {
    { a->ring, b->ring }, { a->barrier, b->barrier }, { a->position, b->position }, { a->number, b->number }
  };
  for (int i = 0; i < 4; ++i)
    if (key[i][0] != key[i][1]) return key[i][0] < key[i][1] ? -1 : 1;
  return 0;
}

/// Sides of the barriers are counted from 0, without gaps.
static void count_barriers(art_nema_plan *plan)
{
  for (int32_t side = 0, wanted = 0; side <= 15; ++side) {
    int any = 0;
    for (int32_t i = 0; i < plan->count; ++i) {
      if (plan->row[i].barrier != side) continue;
      plan->row[i].barrier = wanted;
      any = 1;
    }
    wanted += any;
  }
}

static int64_t ms_of(double seconds)
{
  return (int64_t)floor(1000.0 * seconds + 0.5);
}

static art_status check_row(const art_nema_plan *plan, const art_nema_row *row, art_error *err)
{
  if (row->number < 1 || row->number > 16 || row->ring < 0 || row->ring > 3 || row->barrier < 0 ||
      row->barrier > 15)
    return art_fail(err, ART_E_INPUT,
                    "plan \"%.60s\": phase %d in ring %d, barrier %d: accepted: 1 to 16, 0 to 3, 0 to 15",
                    plan->id, row->number, row->ring, row->barrier);
  if (!(row->min_s >= 0.0 && row->max_s >= row->min_s && row->max_s > 0.0 && row->max_s <= 3600.0))
    return art_fail(err, ART_E_INPUT,
                    "plan \"%.60s\": phase %d: green from %g to %g s: accepted: 0 to 3600, ascending",
                    plan->id, row->number, row->min_s, row->max_s);
  return ART_OK;
}

static art_table_phase phase_of(const art_nema_row *row, int32_t groups)
{
  art_table_phase phase = { .duration_ms = ms_of(row->max_s),
                            .min_ms = ms_of(row->min_s),
                            .max_ms = ms_of(row->max_s),
                            .flags = row->flags,
                            .number = row->number,
                            .ring = (uint8_t)row->ring,
                            .barrier = (uint8_t)row->barrier };
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) phase.time_ms[t] = art_phase_time_initial(t);
  phase.time_ms[ART_PHASE_TIME_extension_ms] = ms_of(row->extension_s);
  if (row->yellow_s > 0.0) phase.time_ms[ART_PHASE_TIME_yellow_ms] = ms_of(row->yellow_s);
  if (row->yellow_s > 0.0) phase.time_ms[ART_PHASE_TIME_red_ms] = ms_of(row->red_s);
  if (row->walk_s > 0.0) phase.time_ms[ART_PHASE_TIME_walk_ms] = ms_of(row->walk_s);
  if (row->foot_clearance_s > 0.0)
    phase.time_ms[ART_PHASE_TIME_foot_clearance_ms] = ms_of(row->foot_clearance_s);
  if (row->split_s > 0.0) phase.time_ms[ART_PHASE_TIME_split_ms] = ms_of(row->split_s);
  phase.letters = ART_NEW(char, groups + 1);
  memcpy(phase.letters, row->letters, (size_t)groups);
  return phase;
}

art_status art_nema_plan_add(art_net *net, int32_t signal, art_nema_plan *plan, art_error *err)
{
  for (int32_t i = 0; i < plan->count; ++i) {
    const art_status status = check_row(plan, &plan->row[i], err);
    if (status != ART_OK) return status;
  }
  count_barriers(plan);
  art_sort(plan->row, (size_t)plan->count, sizeof *plan->row, compare_rows);
  art_table_program program = { .signal = signal, .id = art_strdup(plan->id), .control = ART_CONTROL_NEMA };
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) program.value[v] = art_control_value_initial(v);
  program.value[ART_CONTROL_VALUE_is_coordinated] = plan->is_coordinated ? 1.0f : 0.0f;
  program.cycle_ms = plan->is_coordinated ? ms_of(plan->cycle_s) : 0;
  program.offset_ms = plan->is_coordinated ? ms_of(plan->offset_s) : 0;
  for (int32_t i = 0; i < plan->count; ++i)
    ART_PUSH(program.phase, program.phase_count, program.phase_capacity,
             phase_of(&plan->row[i], net->signal_group_count[signal]));
  art_table_put_program(net, &program);
  int32_t p = net->signal_first_program[signal];
  while (strcmp(net->program_id[p], plan->id) != 0) ++p;
  art_table_program_clear(&program);
  art_net_add_sensors(net, p, &ART_SENSOR_PLACES);
  net->signal_active[signal] = p;
  return ART_OK;
}
