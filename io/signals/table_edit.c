// Changes of a net: programs that come and go, with all that counts them.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/add_control.h"
#include "io/signals/table_internal.h"

void art_table_phase_clear(art_table_phase *phase)
{
  free(phase->letters);
  free(phase->next);
  free(phase->sensor);
  *phase = (art_table_phase){ 0 };
}

void art_table_program_clear(art_table_program *program)
{
  for (int32_t k = 0; k < program->phase_count; ++k) art_table_phase_clear(&program->phase[k]);
  free(program->phase);
  free(program->id);
  *program = (art_table_program){ 0 };
}

/// Takes `less` items out from item `at` on.
static void narrow(void *array, int64_t count, int64_t at, int64_t less, size_t size)
{
  char *bytes = array;
  memmove(bytes + (size_t)at * size, bytes + (size_t)(at + less) * size, (size_t)(count - at - less) * size);
}
#define NARROW(column, count, at, less) narrow(net->column, count, at, less, sizeof *net->column)

/// Replaces the items of rows [row, row + rows) of a list in CSR form by `count` items in its first row.
static void replace_items(int32_t *first, int32_t row_count, int32_t row, int32_t rows, int32_t **items,
                          int32_t *item_count, const int32_t *list, int32_t count)
{
  const int32_t begin = first[row], end = first[row + rows], more = count - (end - begin);
  int32_t *wide = ART_NEW(int32_t, *item_count + more);
  if (begin) memcpy(wide, *items, (size_t)begin * sizeof *wide);
  if (count) memcpy(wide + begin, list, (size_t)count * sizeof *wide);
  if (*item_count > end) memcpy(wide + begin + count, *items + end, (size_t)(*item_count - end) * sizeof *wide);
  free(*items);
  *items = wide;
  *item_count += more;
  for (int32_t k = row + 1; k < row + rows; ++k) first[k] = begin + count;
  for (int32_t k = row + rows; k <= row_count; ++k) first[k] += more;
}

static void drop_phases(art_net *net, int32_t f, int32_t less)
{
  const int32_t n = net->phase_count;
  const int64_t at = net->phase_first_state[f], letters = net->phase_first_state[f + less] - at;
  replace_items(net->phase_first_next, n, f, less, &net->phase_next, &net->phase_next_count, NULL, 0);
  replace_items(net->phase_first_sensor, n, f, less, &net->phase_sensor, &net->phase_sensor_count, NULL, 0);
  NARROW(phase_state, net->phase_first_state[n], at, letters);
  for (int32_t k = f + less; k <= n; ++k) net->phase_first_state[k] -= letters;
  NARROW(phase_first_state, n + 1, f, less);
  NARROW(phase_first_next, n + 1, f, less);
  NARROW(phase_first_sensor, n + 1, f, less);
  NARROW(phase_duration_ms, n, f, less);
  NARROW(phase_min_ms, n, f, less);
  NARROW(phase_max_ms, n, f, less);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) NARROW(phase_time_ms[t], n, f, less);
  NARROW(phase_flags, n, f, less);
  NARROW(phase_number, n, f, less);
  NARROW(phase_ring, n, f, less);
  NARROW(phase_barrier, n, f, less);
  net->phase_count -= less;
  net->control_phases = net->phase_count;
}

/// Nothing names program p any more.
static void drop_program(art_net *net, int32_t signal, int32_t p)
{
  const int32_t n = net->program_count, f = net->program_first_phase[p], less = net->program_first_phase[p + 1] - f;
  drop_phases(net, f, less);
  for (int32_t q = p + 1; q <= n; ++q) net->program_first_phase[q] -= less;
  NARROW(program_first_phase, n + 1, p, 1);
  free(net->program_id[p]);
  NARROW(program_id, n, p, 1);
  NARROW(program_offset_ms, n, p, 1);
  NARROW(program_control, n, p, 1);
  NARROW(program_cycle_ms, n, p, 1);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) NARROW(program_value[v], n, p, 1);
  --net->program_count;
  net->control_programs = net->program_count;
  for (int32_t s = signal + 1; s <= net->signal_count; ++s) --net->signal_first_program[s];
  for (int32_t s = 0; s < net->signal_count; ++s) net->signal_active[s] -= net->signal_active[s] > p;
  for (int32_t r = 0; r < net->switch_count; ++r) net->switch_program[r] -= net->switch_program[r] > p;
}

static void fill_phase(art_net *net, int32_t f, const art_table_phase *phase)
{
  net->phase_min_ms[f] = phase->min_ms;
  net->phase_max_ms[f] = phase->max_ms;
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) net->phase_time_ms[t][f] = phase->time_ms[t];
  net->phase_flags[f] = phase->flags;
  net->phase_number[f] = phase->number;
  net->phase_ring[f] = phase->ring;
  net->phase_barrier[f] = phase->barrier;
  replace_items(net->phase_first_next, net->phase_count, f, 1, &net->phase_next, &net->phase_next_count, phase->next,
                phase->next_count);
  replace_items(net->phase_first_sensor, net->phase_count, f, 1, &net->phase_sensor, &net->phase_sensor_count,
                phase->sensor, phase->sensor_count);
}

static int32_t add_program(art_net *net, const art_table_program *program)
{
  const int32_t groups = net->signal_group_count[program->signal];
  int64_t *duration_ms = ART_NEW(int64_t, program->phase_count);
  char *letters = ART_NEW(char, program->phase_count * groups);
  for (int32_t k = 0; k < program->phase_count; ++k) {
    duration_ms[k] = program->phase[k].duration_ms;
    memcpy(letters + k * groups, program->phase[k].letters, (size_t)groups);
  }
  const int32_t p =
      art_net_add_program(net, program->signal, program->id, program->phase_count, duration_ms, letters);
  net->program_control[p] = (uint8_t)program->control;
  net->program_cycle_ms[p] = program->cycle_ms;
  net->program_offset_ms[p] = program->offset_ms;
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) net->program_value[v][p] = program->value[v];
  for (int32_t k = 0; k < program->phase_count; ++k)
    fill_phase(net, net->program_first_phase[p] + k, &program->phase[k]);
  free(duration_ms);
  free(letters);
  return p;
}

int art_table_put_program(art_net *net, const art_table_program *program)
{
  const int32_t s = program->signal, first = net->signal_first_program[s];
  const int32_t before =
      art_net_find(net->program_id + first, net->signal_first_program[s + 1] - first, program->id);
  const int32_t p = add_program(net, program);
  if (before < 0) return 0;
  const int32_t old = first + before;
  if (net->signal_active[s] == old) net->signal_active[s] = p;
  for (int32_t r = 0; r < net->switch_count; ++r)
    if (net->switch_program[r] == old) net->switch_program[r] = p;
  drop_program(net, s, old);
  return 1;
}

/// Room for `count` rows of signal s in place of those it has; the rows of other signals move.
static int32_t make_room(int32_t *first, int32_t signal_count, int32_t s, int32_t *total, int32_t count)
{
  const int32_t more = count - (first[s + 1] - first[s]);
  for (int32_t k = s + 1; k <= signal_count; ++k) first[k] += more;
  *total += more;
  return more;
}

static void *move_rows(void *rows, int32_t total, int32_t begin, int32_t old_end, int32_t more, size_t size)
{
  char *wide = art_new((size_t)(total + more), size);
  memcpy(wide, rows, (size_t)begin * size);
  memcpy(wide + (size_t)(old_end + more) * size, (char *)rows + (size_t)old_end * size, (size_t)(total - old_end) * size);
  free(rows);
  return wide;
}

void art_table_put_intergreens(art_net *net, int32_t s, int32_t count, const int32_t *from, const int32_t *to,
                               const int64_t *ms)
{
  const int32_t begin = net->signal_first_intergreen[s], end = net->signal_first_intergreen[s + 1];
  const int32_t total = net->intergreen_count;
  const int32_t more = make_room(net->signal_first_intergreen, net->signal_count, s, &net->intergreen_count, count);
  net->intergreen_from = move_rows(net->intergreen_from, total, begin, end, more, sizeof *net->intergreen_from);
  net->intergreen_to = move_rows(net->intergreen_to, total, begin, end, more, sizeof *net->intergreen_to);
  net->intergreen_ms = move_rows(net->intergreen_ms, total, begin, end, more, sizeof *net->intergreen_ms);
  for (int32_t i = 0; i < count; ++i) {
    net->intergreen_from[begin + i] = from[i];
    net->intergreen_to[begin + i] = to[i];
    net->intergreen_ms[begin + i] = ms[i];
  }
}

void art_table_put_schedule(art_net *net, int32_t s, int32_t count, const int64_t *at_ms, const int32_t *program,
                            int64_t period_ms)
{
  const int32_t begin = net->signal_first_switch[s], end = net->signal_first_switch[s + 1];
  const int32_t total = net->switch_count;
  const int32_t more = make_room(net->signal_first_switch, net->signal_count, s, &net->switch_count, count);
  net->switch_at_ms = move_rows(net->switch_at_ms, total, begin, end, more, sizeof *net->switch_at_ms);
  net->switch_program = move_rows(net->switch_program, total, begin, end, more, sizeof *net->switch_program);
  for (int32_t i = 0; i < count; ++i) {
    net->switch_at_ms[begin + i] = at_ms[i];
    net->switch_program[begin + i] = program[i];
  }
  net->signal_switch_period_ms[s] = period_ms;
}
