// The same signal written down in different ways does the same: actuated with and without yellow phases of its own, one
// NEMA ring, stages.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "models/signal/actuated.h"
#include "models/signal/guard.h"
#include "models/signal/nema.h"
#include "models/signal/stages.h"
#include "tests/support/signal_rig.h"

enum { PHASES = 4 };
typedef enum notation { WRITTEN_OUT, YELLOW_STATED, GUARDED, RING, STAGES, NOTATIONS } notation;

static const int64_t least_ms[PHASES] = { 8000, 5000, 6000, 5000 }, most_ms[PHASES] = { 30000, 15000, 25000, 12000 };

/// Four phases, yellow 3 s and 2 s of red after each.
static art_rig *signal_in(notation how, int is_coordinated)
{
  art_rig *rig = art_rig_new(PHASES, 100, art_signal_guard);
  for (int a = 0; a < PHASES; ++a)
    for (int b = a + 1; b < PHASES; ++b) art_rig_conflict(rig, a, b, 5000);
  // The cycle begins with the first green; a ring of type 170 counts from its end, and asks for no slots.
  const int64_t offset = (how == RING && is_coordinated ? most_ms[0] : 0);
  const int kind = how == RING ? ART_CONTROL_NEMA : how == STAGES ? ART_CONTROL_STAGES : ART_CONTROL_ACTUATED;
  art_rig_program(rig, kind, offset, is_coordinated ? 102000 : 0);
  art_rig_set(rig, ART_CONTROL_VALUE_is_coordinated, (float)is_coordinated);
  art_rig_set(rig, ART_CONTROL_VALUE_is_type_170, 1.0f);
  for (int i = 0; i < PHASES; ++i) {
    char state[PHASES + 1] = "rrrr";
    state[i] = 'G';
    art_rig_phase(rig, state, most_ms[i], least_ms[i], most_ms[i]);
    art_rig_time(rig, ART_PHASE_TIME_extension_ms, 2500);
    if (how == RING || how == YELLOW_STATED) {
      art_rig_time(rig, ART_PHASE_TIME_yellow_ms, 3000);
      art_rig_time(rig, ART_PHASE_TIME_red_ms, 2000);
    }
    art_rig_flag(rig, ART_PHASE_MAY_SKIP | ART_PHASE_MEMORY);
    if (i == 0 && is_coordinated) art_rig_flag(rig, ART_PHASE_COORDINATED);
    art_rig_place(rig, i + 1, 0, 0);
    art_rig_sensor(rig, i);
    if (how != WRITTEN_OUT) continue;
    state[i] = 'y';
    art_rig_phase(rig, state, 3000, 0, 0);
    art_rig_phase(rig, "rrrr", 2000, 0, 0);
  }
  art_rig_run(rig, 0, how == RING ? art_nema_control : how == STAGES ? art_stages_control : art_actuated_control, 0);
  return rig;
}

/// Runs both for two hours with the same vehicles and compares what drivers see.
static void compare(notation one, notation other, int is_coordinated)
{
  art_rig *a = signal_in(one, is_coordinated), *b = signal_in(other, is_coordinated);
  int64_t draw = 0, greens = 0;
  // Both look at sensors every second at least, from 0 s; they come onto them at full seconds, so that both see them then.
  for (; a->view.now_ms < 7200000;) {
    const int busy = a->view.now_ms % 1800000 < 900000;
    for (int s = 0; s < PHASES; ++s) {
      const double u = art_uniform(art_rng(5, (uint64_t)one, draw++, ART_FOR_GENERATOR));
      if (a->view.now_ms % 1000 || u >= (busy ? 0.3 : 0.03)) continue;
      art_rig_occupy(a, s, !a->sensor[s].occupied);
      art_rig_occupy(b, s, !b->sensor[s].occupied);
    }
    a->view.next_ms = b->view.next_ms = a->view.now_ms;  // both are asked at every step
    const char before = a->shown[1];
    art_rig_step(a);
    art_rig_step(b);
    greens += before != 'G' && a->shown[1] == 'G';
    if (memcmp(a->shown, b->shown, PHASES) != 0)
      fail_msg("notations %d and %d, coordinated %d, %.1f s: %.4s and %.4s", (int)one, (int)other, is_coordinated,
               (double)a->view.now_ms / 1000.0, a->shown, b->shown);
  }
  assert_true(greens > 30);
  assert_int_equal(art_rig_fault_count(a) + art_rig_fault_count(b), 0);
  free(a);
  free(b);
}

static void notations_agree(void **state)
{
  (void)state;
  for (int other = YELLOW_STATED; other < NOTATIONS; ++other) compare(WRITTEN_OUT, (notation)other, 0);
}

static void coordinated_notations_agree(void **state)
{
  (void)state;
  compare(WRITTEN_OUT, YELLOW_STATED, 1);
  compare(WRITTEN_OUT, RING, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(notations_agree), cmocka_unit_test(coordinated_notations_agree) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
