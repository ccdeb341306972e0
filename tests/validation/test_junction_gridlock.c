// V25: two one-way streets each way make a loop of four signals. Everybody who goes on in the loop wants the link that others
// are in; with more demand than capacity, boxes that are not kept clear lock the loop.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { NODES = 4, HOURS = 3, PHASES = 6 };
static const int64_t phase_ms[PHASES] = { 24000, 3000, 3000, 36000, 3000, 3000 };
#define LINK_M 200
#define BOX_M 16

/// Links: i enters node i, NODES + i goes on from node i to node i + 1, 2 NODES + i leaves at node i. Paths: 2 i straight
/// from outside into the loop, 2 i + 1 right and out; 2 NODES + 2 i from loop link i on around, + 1 straight and out.
static art_net *loop(int keep_clear)
{
  small_link links[3 * NODES + 1];
  small_path paths[4 * NODES + 1];
  small_conflict conflicts[5 * NODES + 1];
  char states[PHASES * 4 * NODES];
  for (int i = 0; i < NODES; ++i) {
    const int next = (i + 1) % NODES, before = 2 * NODES + 2 * ((i + NODES - 1) % NODES);
    links[i] = (small_link){ NODES + i, i, 1, LINK_M, 13.89f };
    links[NODES + i] = (small_link){ i, next, 1, LINK_M, 13.89f };
    links[2 * NODES + i] = (small_link){ i, 2 * NODES + i, 1, LINK_M, 13.89f };
    const small_path path = { .length_m = BOX_M, .no_keep_clear = !keep_clear };
    small_path *p = &paths[2 * i], *q = &paths[2 * NODES + 2 * i];
    p[0] = p[1] = q[0] = q[1] = path;
    p[0].from_link = p[1].from_link = i;
    q[0].from_link = q[1].from_link = NODES + i;
    p[0].to_link = NODES + i;
    p[1].to_link = 2 * NODES + i;
    q[0].to_link = NODES + next;
    q[1].to_link = 2 * NODES + next;
    p[0].speed_mps = q[1].speed_mps = 13.89f;
    p[1].speed_mps = q[0].speed_mps = 7.0f;
    small_conflict *c = &conflicts[5 * i];
    c[0] = (small_conflict){ 2 * i, 2 * i + 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 };
    c[1] = (small_conflict){ before, before + 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 };
    c[2] = (small_conflict){ 2 * i, before + 1, ART_CONFLICT_CROSS, 0, 0, 6, 10, 6, 10 };
    c[3] = (small_conflict){ 2 * i, before, ART_CONFLICT_MERGE, 0, 0, 9, BOX_M, 9, BOX_M };
    c[4] = (small_conflict){ 2 * i + 1, before + 1, ART_CONFLICT_MERGE, 0, 0, 9, BOX_M, 9, BOX_M };
  }
  links[3 * NODES] = (small_link){ .length_m = 0 };
  paths[4 * NODES] = (small_path){ .length_m = 0 };
  conflicts[5 * NODES] = (small_conflict){ .a_exit_m = 0 };
  art_net *net = small_net(3 * NODES, links, paths, conflicts);
  for (int phase = 0; phase < PHASES; ++phase)
    for (int c = 0; c < 4 * NODES; ++c) {
      const int mine = (c >= 2 * NODES) == (phase >= 3);
      states[phase * 4 * NODES + c] = !mine ? 'r' : phase % 3 == 0 ? 'G' : phase % 3 == 1 ? 'y' : 'r';
    }
  small_signal(net, PHASES, phase_ms, states);
  return net;
}

/// Per hour and entry; six of ten leave at the second node, three at the third, one at the fourth: 2.5 nodes a trip, so
/// that the loop carries 1.5 times the flow of an entry, as its green is 1.5 times as long.
static art_demand *traffic(double per_hour, double hours, int entries)
{
  const art_vtype type = art_lab_car();
  art_lab_route routes[3 * NODES];
  for (int i = 0; i < NODES; ++i) {
    const int a = NODES + i, b = NODES + (i + 1) % NODES, c = NODES + (i + 2) % NODES;
    routes[3 * i] = (art_lab_route){ { i, a, NODES + b, -1 } };
    routes[3 * i + 1] = (art_lab_route){ { i, a, b, NODES + c, -1 } };
    routes[3 * i + 2] = (art_lab_route){ { i, a, b, c, 2 * NODES + (i + 3) % NODES, -1 } };
  }
  const int32_t each = (int32_t)(per_hour * hours);
  art_lab_trip *trips = ART_NEW(art_lab_trip, NODES * each);
  for (int i = 0; i < entries; ++i)
    for (int32_t n = 0; n < each; ++n) {
      const int32_t tenth = (int32_t)((uint32_t)n * 7u % 10u);
      trips[i * each + n] = (art_lab_trip){ .depart_ms = (int64_t)(3600e3 / per_hour * n) + 100 * i,
                                            .pos_m = ART_POS_BASE,
                                            .speed_mps = ART_SPEED_MAX,
                                            .route = 3 * i + (tenth < 6   ? 0
                                                              : tenth < 9 ? 1
                                                                          : 2) };
    }
  art_demand *d = art_lab_demand(1, &type, 3 * NODES, routes, entries * each, trips);
  free(trips);
  return d;
}

/// What one entry lets through per hour when nothing stands behind its node.
static double isolated_capacity(void)
{
  art_net *net = loop(1);
  art_demand *demand = traffic(1200, 1.0, 1);
  for (int32_t t = 0; t < demand->trip_count; ++t) demand->trip_route[t] = 0;
  for (int phase = 0; phase < PHASES; ++phase)
    for (int32_t c = 2 * NODES; c < 4 * NODES; ++c)
      net->phase_state[phase * 4 * NODES + c] = 'G';  // the rest of the way
  art_sim_setup setup = small_setup(net, demand);
  art_sim *sim;
  art_error err;
  int32_t count[4 * NODES];
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 720000, &err), err);
  art_sim_take_movements(sim, count);
  assert_ok(art_sim_advance(sim, 720000 + 72000 * 30, &err), err);
  art_sim_take_movements(sim, count);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return (double)count[0] / (0.02 * 30.0);
}

typedef struct outcome {
  double throughput;             // per hour, in the hour after the second
  int32_t changes, boxes_taken;  // greens that began, with a body in the way
  art_ledger ledger;
} outcome;

/// Fronts inside of nodes, where a green begins.
static int32_t count_boxes_taken(const art_sim *sim, const art_snapshot *shot)
{
  int32_t taken = 0;
  for (int64_t i = 0; i < shot->count; ++i) taken += art_net_is_connector(sim->net, shot->lane[i]);
  return taken;
}

static outcome run_loop(int keep_clear, double per_hour)
{
  outcome o = { 0 };
  art_net *net = loop(keep_clear);
  art_demand *demand = traffic(per_hour, HOURS, NODES);
  art_sim_setup setup = small_setup(net, demand);
  setup.end_ms = HOURS * 3600000;
  art_sim *sim;
  art_error err;
  art_snapshot shot = { 0 };
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  int64_t at_two_hours = 0;
  for (art_tick t = 0; t < setup.end_ms; t += 72000)
    for (int half = 1; half >= 0; --half) {  // the greens begin at 30 s and at 72 s of a cycle
      assert_ok(art_sim_advance(sim, t + (half ? 30000 : 72000), &err), err);
      art_sim_snapshot(sim, &shot);
      ++o.changes;
      o.boxes_taken += count_boxes_taken(sim, &shot) > 0;
      if (art_sim_now(sim) <= 7200000) at_two_hours = art_sim_ledger(sim).arrived;
    }
  o.ledger = art_sim_ledger(sim);
  o.throughput = (double)(o.ledger.arrived - at_two_hours) / (HOURS - 2);
  art_sim_free(sim);
  art_snapshot_free(&shot);
  art_demand_free(demand);
  art_net_free(net);
  return o;
}

static void check_conservation(const art_ledger *l)
{
  art_answer(ART_GATE_HARD, "V25", "loaded - arrived - running - waiting", "vehicles", 0.0,
             (double)(l->loaded - l->arrived - l->running - l->waiting), 0.0);
  assert_int_equal(l->removed, 0);
}

static void boxes_stay_clear_and_traffic_flows(void **state)
{
  (void)state;
  const double isolated = isolated_capacity();
  const outcome o = run_loop(1, 1.2 * isolated), off = run_loop(0, 1.2 * isolated);
  art_answer(ART_GATE_HARD, "V25", "boxes with a body in them where a green begins, rule on", "boxes", 0.0,
             o.boxes_taken, 0.0);
  art_answer_within(ART_GATE_HARD, "V25", "throughput after 2 h over isolated capacity, rule on", "1", 0.8,
                    INFINITY, o.throughput / (NODES * isolated));
  check_conservation(&o.ledger);
  check_conservation(&off.ledger);
  assert_int_equal(o.ledger.rotations, 0);
  // Without the rule the loop locks; that shows: in bodies left in boxes, in circles found, in the standing time.
  assert_true(off.throughput < 0.5 * o.throughput);
  assert_true(off.boxes_taken > o.changes / 2);
  art_answer_within(ART_GATE_HARD, "V25", "circles of waiting vehicles found, rule off", "1", 1, INFINITY,
                    (double)off.ledger.rotations);
  // Nobody stands for ever, because circles are moved on, but for as long as it takes to find them.
  assert_true(off.ledger.longest_standstill_ms > 120000);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(boxes_stay_clear_and_traffic_flows) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
