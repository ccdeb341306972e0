// What is measured agrees with itself, and with an observer, in random small cities:
//   loops and areas, timed within the step, with an observer who looks at all bodies after every step, to one step for
//   everybody who comes or goes; movements with the counts of links; cycles and passages of lane groups with movements;
//   entry-exit zones with their own counts; and everything is the same for 1 and 3 threads.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/step/approaches.h"
#include "core/step/sim_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/property/random_detectors.h"
#include "tests/support/check.h"
#include "tests/support/seed.h"

enum { CITIES = 80, LOOPS = 6, AREAS = 4, ZONES = 2, MOST_OVER = 24, UNTIL_MS = 420000 };
enum { DETECTORS = LOOPS + AREAS + ZONES };

static art_sim *create(const random_city *city, uint64_t seed, int32_t step_ms, int32_t threads)
{
  const art_sim_setup setup = { .net = city->net,
                                .demand = city->demand,
                                .kernels = art_models_kernels(),
                                .seed = seed,
                                .step_ms = step_ms,
                                .end_ms = 3600000,
                                .threads = threads,
                                .model = ART_MODEL_IIDM,
                                .change_count = city->change_count,
                                .change = city->change,
                                .approaches = 1 };
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

/// Whoever is over each loop or area after a step.
typedef struct observer {
  const art_sim *sim;
  int32_t over[LOOPS + AREAS][MOST_OVER], count[LOOPS + AREAS];
  int64_t sampled_ms[LOOPS + AREAS], changes[LOOPS + AREAS];
  int32_t *lane;  ///< by trip, after the last step; -1: not on the road yet
} observer;

static void note(int32_t (*over)[MOST_OVER], int32_t *count, const art_net *net, int32_t lane, int32_t trip,
                 float rear, float front)
{
  for (int32_t k = 0; k < LOOPS + AREAS; ++k) {
    const int32_t q = net->detector_first_point[k];
    if (net->detector_lane[q] != lane || front < net->detector_pos_m[q] || rear >= net->detector_end_m[q])
      continue;
    if (count[k] < MOST_OVER) over[k][count[k]++] = trip;
  }
}

static int is_in(const int32_t *list, int32_t count, int32_t trip)
{
  for (int32_t i = 0; i < count; ++i)
    if (list[i] == trip) return 1;
  return 0;
}

static int passes_beside(const art_sim *sim, int32_t trip)
{
  for (int32_t link = 0; sim->pass && link < sim->net->link_count; ++link)
    if (sim->pass[link].ask.state == ART_PASS_BESIDE && sim->pass[link].ask.trip == trip) return 1;
  return 0;
}

static void look(observer *o, const art_snapshot *shot)
{
  const art_sim *sim = o->sim;
  const art_net *net = sim->net;
  int32_t over[LOOPS + AREAS][MOST_OVER], count[LOOPS + AREAS] = { 0 };
  for (int64_t i = 0; i < shot->count; ++i) {
    const int32_t trip = shot->trip[i];
    if (passes_beside(sim, trip)) continue;
    const art_vehicle *vehicle = art_record(sim, trip);
    const float length = sim->types.length_m[sim->row[trip].type];
    float front = shot->pos_m[i];
    // Whoever changed lanes may have left the loop in the same step again.
    for (int32_t k = 0; k < LOOPS + AREAS; ++k)
      o->changes[k] += o->lane[trip] != shot->lane[i] && net->detector_lane[k] == shot->lane[i];
    o->lane[trip] = shot->lane[i];
    int32_t at = shot->lane[i], e = vehicle->track_ahead - 1;
    note(over, count, net, at, trip, front - length, front);
    while (front - length < 0.0f && e >= 0) {
      const int32_t c = art_track_of(vehicle, e)->connector;
      if (art_net_is_connector(net, at)) {
        at = net->connector_from[c];
        --e;
      } else {
        at = art_net_lane_of_connector(net, c);
      }
      front += net->lane_length_m[at];
      note(over, count, net, at, trip, front - length, front);
    }
  }
  for (int32_t k = 0; k < LOOPS + AREAS; ++k) {
    o->sampled_ms[k] += (int64_t)(o->count[k] + count[k]) * sim->step_ms / 2;
    for (int32_t i = 0; i < count[k]; ++i) o->changes[k] += !is_in(o->over[k], o->count[k], over[k][i]);
    for (int32_t i = 0; i < o->count[k]; ++i) o->changes[k] += !is_in(over[k], count[k], o->over[k][i]);
    memcpy(o->over[k], over[k], sizeof over[k]);
    o->count[k] = count[k];
  }
}

static void check_detectors(const observer *o, const art_detector_sums *s, const art_link_sums *links,
                            uint64_t seed)
{
  const art_net *net = o->sim->net;
  for (int32_t k = 0; k < LOOPS + AREAS; ++k) {
    // Who departs over a loop and is gone after a step is neither counted nor seen. Every detector here has one place.
    const int32_t lane = net->detector_lane[net->detector_first_point[k]];
    const int64_t departed = art_net_is_connector(net, lane) ? 0 : links->departed[net->lane_link[lane]];
    const int64_t bound = o->sim->step_ms * (o->changes[k] + s->count[k] + departed + 1);
    if (llabs(s->occupied_ms[k] - o->sampled_ms[k]) > bound)
      fail_msg("city %" PRIu64 ", detector %d: %lld ms, the observer saw %lld, bound %lld", seed, (int)k,
               (long long)s->occupied_ms[k], (long long)o->sampled_ms[k], (long long)bound);
    int64_t classes = 0;
    for (int c = 0; c < ART_COUNT_CLASSES; ++c) classes += s->class_count[k * ART_COUNT_CLASSES + c];
    assert_int_equal(classes, s->count[k]);
    assert_true(s->jam_vehicles_ms[k] <= s->halting_ms[k] + s->occupied_ms[k]);
    assert_true(s->jam_max_mm[k] <=
                (int32_t)((net->detector_end_m[k] - net->detector_pos_m[k]) * 1000.0f) + 1);
  }
  for (int32_t k = LOOPS + AREAS; k < DETECTORS; ++k) {
    assert_true(s->inside[k] >= 0 && s->occupied_ms[k] >= 0);
    assert_true(s->entered[k] >= s->count[k] + s->inside[k]);  // the others ended their trips inside
    assert_true(s->travel_ms[k] <= s->occupied_ms[k]);
  }
}

static void check_counts(const art_net *net, art_sim *sim, const art_link_sums *links, const int32_t *moved)
{
  int64_t *out = ART_NEW(int64_t, net->link_count);
  for (int32_t c = 0; c < net->connector_count; ++c) out[net->lane_link[net->connector_from[c]]] += moved[c];
  for (int32_t l = 0; l < net->link_count; ++l) assert_int_equal(out[l], links->left[l] - links->arrived[l]);
  free(out);
  int32_t *came = ART_NEW(int32_t, net->connector_count);
  int64_t *delay_ms = ART_NEW(int64_t, net->connector_count), *in = ART_NEW(int64_t, net->link_count);
  art_sim_take_movement_delays(sim, came, delay_ms);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    assert_true(came[c] >= 0 && came[c] <= moved[c]);
    in[net->lane_link[net->connector_to[c]]] += came[c];
  }
  for (int32_t l = 0; l < net->link_count; ++l) assert_int_equal(in[l], links->entered[l]);
  free(came);
  free(delay_ms);
  free(in);
}

static void check_cycles(const art_net *net, art_sim *sim, const int32_t *moved)
{
  const art_lane_groups *groups = art_sim_lane_groups(sim);
  if (!groups) return;
  const art_signal_cycle *cycle;
  const art_line_passage *passage;
  const int64_t n = art_sim_take_cycles(sim, 1, &cycle), p = art_sim_take_passages(sim, &passage);
  int64_t *volume = ART_NEW(int64_t, groups->count), *passed = ART_NEW(int64_t, groups->count);
  for (int64_t i = 0; i < n; ++i) {
    const art_signal_cycle *c = &cycle[i];
    volume[c->group] += c->volume;
    assert_true(c->begin_ms < c->end_ms && c->green_ms <= c->end_ms && c->yellow_ms <= c->end_ms);
    assert_true(c->on_green <= c->volume && c->stopped <= c->volume && c->left_over >= 0);
    assert_true(c->green_ms < 0 ||
                c->used_ms <= (c->yellow_ms < 0 ? c->end_ms : c->yellow_ms) - c->green_ms + 1000);
    assert_true((c->queue_mm > 0) == (c->queue_vehicles > 0));
  }
  for (int64_t i = 0; i < p; ++i) {
    ++passed[passage[i].group];
    assert_int_equal(groups->of_lane[passage[i].lane], passage[i].group);
    assert_true(i == 0 || passage[i - 1].time_ms <= passage[i].time_ms);
  }
  for (int32_t g = 0; g < groups->count; ++g) {
    int64_t expected = 0;
    for (int32_t k = groups->first_lane[g]; k < groups->first_lane[g + 1]; ++k)
      for (int32_t c = net->lane_first_out[groups->lane[k]]; c < net->lane_first_out[groups->lane[k] + 1];
           ++c)
        expected += moved[c];
    assert_int_equal(volume[g], expected);
    assert_int_equal(passed[g], expected);
  }
  free(volume);
  free(passed);
}

static uint64_t mix_sums(const art_detector_sums *s)
{
  uint64_t h = 0;
  for (int32_t d = 0; d < s->detector_count; ++d) {
    const int64_t values[] = { s->count[d],       s->speed_sum_mmps[d],  s->slowness_sum_us[d],
                               s->occupied_ms[d], s->distance_mm[d],     s->travel_ms[d],
                               s->halts[d],       s->entered[d],         s->inside[d],
                               s->halting_ms[d],  s->jam_mm_ms[d],       s->jam_vehicles_ms[d],
                               s->jam_max_mm[d],  s->jam_vehicles_max[d] };
    for (size_t i = 0; i < sizeof values / sizeof *values; ++i) h = art_hash2(h, (uint64_t)values[i]);
  }
  return h;
}

static uint64_t mix_cycles(art_sim *sim)
{
  const art_signal_cycle *cycle;
  uint64_t h = 0;
  const int64_t n = art_sim_take_cycles(sim, 1, &cycle);
  for (int64_t i = 0; i < n; ++i) {
    const art_signal_cycle *c = &cycle[i];
    const int64_t values[] = { c->group,    c->begin_ms,       c->green_ms,  c->yellow_ms, c->end_ms,
                               c->volume,   c->on_green,       c->stopped,   c->stops,     c->delay_ms,
                               c->queue_mm, c->queue_vehicles, c->left_over, c->headways,  c->headway_ms,
                               c->fourths,  c->fourth_ms,      c->used_ms };
    for (size_t k = 0; k < sizeof values / sizeof *values; ++k) h = art_hash2(h, (uint64_t)values[k]);
  }
  return h;
}

static void check_city(uint64_t seed, int64_t *updates, int64_t *cycles)
{
  const city_traits traits = city_traits_of(seed);
  random_city city = city_build(seed, &traits);
  dice d = { art_hash2(seed, 31) };
  const detector_numbers numbers = { LOOPS, AREAS, ZONES, .loops_in_nodes = 1 };
  city_detectors(city.net, &numbers, &d);
  art_error err = { 0 };
  assert_ok(art_net_check(city.net, &err), err);
  const int32_t step_ms = seed % 4 == 0 ? 1000 : seed % 4 == 1 ? 200 : 500;
  art_sim *sim = create(&city, seed, step_ms, 1);
  observer o = { .sim = sim, .lane = ART_NEW(int32_t, city.demand->trip_count) };
  for (int32_t trip = 0; trip < city.demand->trip_count; ++trip) o.lane[trip] = -1;
  art_snapshot shot = { 0 };
  while (art_sim_now(sim) < UNTIL_MS && !art_sim_is_finished(sim)) {
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + step_ms, &err), err);
    art_sim_snapshot(sim, &shot);
    look(&o, &shot);
  }
  art_detector_sums sums = { 0 }, other_sums = { 0 };
  art_link_sums links = { 0 };
  int32_t *moved = ART_NEW(int32_t, city.net->connector_count);
  art_sim_take_detectors(sim, &sums);
  art_sim_take_links(sim, &links);
  art_sim_take_movements(sim, moved);
  check_detectors(&o, &sums, &links, seed);
  check_counts(city.net, sim, &links, moved);
  check_cycles(city.net, sim, moved);
  *updates += art_sim_ledger(sim).updates;
  *cycles += art_sim_lane_groups(sim) != NULL;
  uint64_t mixed[2];
  for (int k = 0; k < 2; ++k) {
    art_sim *other = create(&city, seed, step_ms, 1 + 2 * k);
    assert_ok(art_sim_advance(other, 180000, &err), err);
    art_sim_take_detectors(other, &other_sums);
    mixed[k] = art_hash2(mix_sums(&other_sums), mix_cycles(other));
    art_sim_free(other);
  }
  if (mixed[0] != mixed[1])
    fail_msg("city %" PRIu64 ": what is measured depends on the number of threads", seed);
  free(o.lane);
  free(moved);
  art_link_sums_free(&links);
  art_detector_sums_free(&sums);
  art_detector_sums_free(&other_sums);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  city_free(&city);
}

static void measures_agree(void **state)
{
  (void)state;
  const char *one = getenv("ARTERIAL_CITY");
  int64_t updates = 0, signals = 0;
  if (one) {
    check_city(strtoull(one, NULL, 10), &updates, &signals);
    return;
  }
  for (int i = 0; i < CITIES; ++i)
    check_city(art_hash2(art_test_seed(), (uint64_t)(1000 + i)), &updates, &signals);
  print_message("%d cities, %lld of them with signals, %lld updates\n", (int)CITIES, (long long)signals,
                (long long)updates);
  assert_true(signals > CITIES / 4 && updates > 100000);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(measures_agree) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
