// Places of connectors: masks pass over pairs that cannot meet, and nodes with more connectors than places decide alike.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/junction/grants.h"
#include "tests/support/check.h"
#include "tests/unit/small_net.h"

enum { ROADS = 70 };

/// ROADS roads into one node, each straight on to a road of its own. Road LATE yields to road FOE, at a crossing.
enum { FOE = 1, TWIN = FOE + ART_PLACES, LATE = 40 };

static art_net *star(void)
{
  small_link links[2 * ROADS + 1] = { { 0 } };
  small_path paths[ROADS + 1] = { { .length_m = 0 } };
  const small_conflict conflicts[] = { { FOE, LATE, ART_CONFLICT_CROSS, 0, 1, 4, 8, 4, 8 }, { .a_exit_m = 0 } };
  for (int32_t i = 0; i < ROADS; ++i) {
    links[i] = (small_link){ 1 + i, 0, 1, 100, 13.89f };
    links[ROADS + i] = (small_link){ 0, 1 + ROADS + i, 1, 100, 13.89f };
    paths[i] = (small_path){ .from_link = i, .to_link = ROADS + i, .length_m = 16, .speed_mps = 13.89f,
                             .state = i == LATE ? 'm' : 'M' };
  }
  return small_net(1 + 2 * ROADS, links, paths, conflicts);
}

static art_passage coming(const art_net *net, int32_t c, float front_m, float speed_mps)
{
  return (art_passage){ .vehicle = c, .key = (uint64_t)c, .connector = c, .from_lane = net->connector_from[c],
                        .to_lane = net->connector_to[c], .front_m = front_m, .speed_mps = speed_mps,
                        .desired_mps = 13.89f, .length_m = 5.0f, .min_gap_m = 2.5f, .accel_mps2 = 2.0f,
                        .model = ART_MODEL_IIDM, .asks = 1, .prior = ART_PRIOR_OPEN, .room_m = 100.0f,
                        .aspect = c == LATE ? ART_ASPECT_MINOR : ART_ASPECT_MAJOR, .cap_mps2 = INFINITY,
                        .stop_m = INFINITY };
}

/// What the one who yields is granted with somebody on its foe's road, on that of the same place, or on both.
static art_passage late_one(const art_net *net, int with_foe, int with_twin)
{
  float s0 = 2.5f, T = 1.2f, a = 2.0f, b = 3.0f, length = 5.0f;
  art_type_table types = {
    .count = 1, .min_gap_m = &s0, .time_gap_s = &T, .accel_mps2 = &a, .decel_mps2 = &b, .length_m = &length
  };
  art_ways ways = art_ways_of(net);
  art_passage passage[3] = { coming(net, LATE, -1.0f, 0.0f) };
  int32_t count = 1, scratch[3 * ART_DECIDE_SCRATCH];
  if (with_foe) passage[count++] = coming(net, FOE, -25.0f, 10.0f);
  if (with_twin) passage[count++] = coming(net, TWIN, -25.0f, 10.0f);
  art_junction junction = { .net = net, .ways = &ways, .types = &types, .accel = art_models_kernels()->accel,
                            .step_s = 0.5f, .next_order = 1, .count = count, .passage = passage, .scratch = scratch };
  art_grants_decide(&junction);
  art_ways_free(&ways);
  return passage[0];
}

static void one_of_the_same_place_is_no_foe(void **state)
{
  (void)state;
  art_net *net = star();
  art_ways ways = art_ways_of(net);
  assert_int_equal(ways.way[FOE].place, ways.way[TWIN].place);
  assert_true(ways.way[LATE].foes == ART_PLACE_BIT(ways.way[FOE].place) && ways.way[LATE].forks == 0);
  assert_int_equal(ways.way[LATE].streams, 1);
  assert_true(ways.way[LATE].crosses && ways.way[LATE].needs_room && !ways.way[TWIN].crosses);
  art_ways_free(&ways);

  const art_passage alone = late_one(net, 0, 0), twin = late_one(net, 0, 1);
  assert_int_equal(alone.new_grant, ART_GRANT_FULL);
  assert_int_equal(twin.new_grant, ART_GRANT_FULL);
  assert_true(twin.cap_mps2 == INFINITY && twin.stop_m == INFINITY);
  for (int with_twin = 0; with_twin < 2; ++with_twin) {
    const art_passage late = late_one(net, 1, with_twin);
    assert_int_equal(late.new_grant, ART_GRANT_NONE);
    assert_int_equal(late.refusal, ART_REFUSED_CONFLICT);
    assert_int_equal(late.waits_for, FOE);
  }
  art_net_free(net);
}

static void lanes_of_a_node_are_numbered(void **state)
{
  (void)state;
  const small_link links[] = { { 1, 0, 2, 100, 13.89f }, { 0, 2, 1, 100, 13.89f }, { 0, 3, 1, 100, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = {
    { .from_link = 0, .from_lane = 0, .to_link = 1, .length_m = 16, .speed_mps = 13.89f },
    { .from_link = 0, .from_lane = 0, .to_link = 2, .length_m = 18, .speed_mps = 13.89f, .hold_m = 3.0f },
    { .from_link = 0, .from_lane = 1, .to_link = 2, .length_m = 20, .speed_mps = 13.89f, .no_keep_clear = 1 },
    { .length_m = 0 }
  };
  const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 7, 0, 8 },
                                       { 1, 2, ART_CONFLICT_MERGE, 1, 0, 10, 18, 12, 20 },
                                       { .a_exit_m = 0 } };
  art_net *net = small_net(4, links, paths, conflicts);
  art_ways ways = art_ways_of(net);
  const art_way *way = ways.way;
  assert_true(way[0].from_place == way[1].from_place && way[0].from_place != way[2].from_place);
  assert_true(way[1].to_place == way[2].to_place && way[0].to_place != way[1].to_place);
  assert_true(way[1].forks == ART_PLACE_BIT(way[0].place) && way[1].foes == ART_PLACE_BIT(way[2].place));
  assert_float_equal(way[1].length_m, 18.0f, 0.0f);
  assert_float_equal(way[1].hold_m, 3.0f, 0.0f);
  assert_true(!way[1].crosses && !way[1].needs_room);
  const art_foe *merge = &ways.foe[way[2].first_foe];
  assert_true(merge->other == 1 && merge->kind == ART_CONFLICT_MERGE && merge->other_place == way[1].place);
  assert_float_equal(merge->enter_m, 12.0f, 0.0f);
  assert_float_equal(merge->other_exit_m, 18.0f, 0.0f);
  art_ways_free(&ways);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(one_of_the_same_place_is_no_foe),
                                      cmocka_unit_test(lanes_of_a_node_are_numbered) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
