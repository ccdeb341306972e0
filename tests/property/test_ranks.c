// Random cities stepped by several ranks, which are threads of this process: the same bits as alone, for METIS's partition and
// for partitions drawn node by node, which cut through everything that may be cut.
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/net/add_control.h"
#include "core/par/group.h"
#include "core/step/approaches.h"
#include "core/step/control.h"
#include "core/step/ranks.h"
#include "core/step/state.h"
#include "core/step/state_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/support/check.h"
#include "tests/support/seed.h"
#include "tests/support/state_rig.h"

#define CITIES 10
#define UNTIL_MS 900000
#define SAVED_BY_MS 360000  // states are saved before

typedef struct result {
  uint64_t hash;
  art_ledger ledger;
  art_tick end_ms;
  int64_t no_route;  ///< trips without a way, added up by minutes after SAVED_BY_MS
  uint64_t sums;  ///< of links, movements and detectors, and rows of trips
  art_status status;
  char message[1024];
} result;

typedef struct rank_job {
  const art_sim_setup *setup;
  art_group_threads *ranks;
  int32_t rank;
  result result;
  art_tick save_ms;     ///< > 0: stops then, and saves to `saved`
  art_bytes saved;
  int rebalanced;       ///< times that this was done
  int moves;            ///< 1: other owners every minute
  const art_bytes *state;  ///< not NULL: begins with this
  art_snapshot *shots;  ///< by step, where somebody looks for the first difference
} rank_job;

static int32_t steps_of(const art_sim_setup *setup)
{
  return (int32_t)(UNTIL_MS / setup->step_ms) + 1;
}

static void count_no_route(rank_job *job, const art_sim *sim)
{
  const art_ledger ledger = art_sim_ledger_all(sim);
  if (art_sim_now(sim) > SAVED_BY_MS) job->result.no_route += ledger.no_route;
}

static void step_and_look(rank_job *job, art_sim *sim, art_error *err)
{
  for (int32_t s = 0; job->result.status == ART_OK && s < steps_of(job->setup); ++s) {
    job->result.status = art_sim_advance(sim, art_sim_now(sim) + job->setup->step_ms, err);
    art_sim_snapshot(sim, &job->shots[s]);
    if (art_sim_now(sim) % 60000 == 0 || art_sim_is_finished(sim)) count_no_route(job, sim);
    if (art_sim_is_finished(sim)) return;
  }
}

static uint64_t mix(uint64_t h, const void *values, size_t size)
{
  for (size_t i = 0; i < size; ++i) h = h * 1099511628211u + ((const uint8_t *)values)[i];
  return h;
}

/// Cycles and passages at signals; the first rank has those of all, in their order.
static uint64_t hash_approaches(art_sim *sim, uint64_t h)
{
  const art_signal_cycle *c;
  const art_line_passage *p;
  const int64_t cycles = art_sim_take_cycles(sim, 1, &c), passages = art_sim_take_passages(sim, &p);
  h = mix(mix(h, &cycles, sizeof cycles), &passages, sizeof passages);
  for (int64_t i = 0; i < cycles; ++i) {
    const int64_t values[] = { c[i].group,    c[i].is_complete, c[i].begin_ms, c[i].green_ms, c[i].yellow_ms,      c[i].end_ms,
                               c[i].volume,   c[i].on_green,    c[i].stopped,  c[i].stops,    c[i].delay_ms,       c[i].queue_mm,
                               c[i].fourths,  c[i].left_over,   c[i].headways, c[i].used_ms,  c[i].queue_vehicles, c[i].headway_ms,
                               c[i].fourth_ms };
    h = mix(h, values, sizeof values);
  }
  for (int64_t i = 0; i < passages; ++i) {
    const int64_t values[] = { p[i].time_ms, p[i].arrival_ms, p[i].group, p[i].lane, p[i].trip };
    h = mix(h, values, sizeof values);
  }
  return h;
}

/// What results would hold, of all ranks.
static uint64_t hash_sums(art_sim *sim, const art_net *net, int32_t trips)
{
  art_link_sums links = { 0 };
  art_detector_sums detectors = { 0 };
  const size_t l = (size_t)net->link_count, c = (size_t)net->connector_count, d = (size_t)net->detector_count;
  int32_t *count = ART_NEW(int32_t, c), *out = ART_NEW(int32_t, c);
  int64_t *delay = ART_NEW(int64_t, c);
  art_sim_take_links(sim, &links);
  art_ranks_sum_links(sim, &links);
  art_sim_take_movements(sim, count);
  art_sim_take_movement_delays(sim, out, delay);
  art_ranks_sum_movements(sim, count, out, delay);
  art_sim_take_detectors(sim, &detectors);
  art_ranks_sum_detectors(sim, &detectors);
  uint64_t h = mix(0, links.vehicle_ms, l * 8);
  h = mix(mix(mix(h, links.distance_mm, l * 8), links.waiting_ms, l * 8), links.loss_ms, l * 8);
  h = mix(mix(mix(h, links.entered, l * 4), links.left, l * 4), links.queue_max_m, l * 4);
  h = mix(mix(mix(h, count, c * 4), out, c * 4), delay, c * 8);
  h = mix(mix(mix(h, detectors.count, d * 8), detectors.occupied_ms, d * 8), detectors.class_count, d * 4 * ART_COUNT_CLASSES);
  const art_trip_row *rows = art_sim_trips_at_end_all(sim);
  for (int32_t t = 0; t < trips; ++t) {
    h = mix(h, &rows[t].insert_ms, sizeof rows[t].insert_ms);
    h = mix(h, &rows[t].arrival_ms, sizeof rows[t].arrival_ms);
    h = mix(h, &rows[t].route_mm, sizeof rows[t].route_mm);
    h = mix(h, &rows[t].waiting_ms, sizeof rows[t].waiting_ms);
    h = mix(h, &rows[t].longest_standstill_ms, sizeof rows[t].longest_standstill_ms);
    h = mix(h, &rows[t].state, 1);
  }
  free(count);
  free(out);
  free(delay);
  art_link_sums_free(&links);
  art_detector_sums_free(&detectors);
  return hash_approaches(sim, h);
}

static int32_t *draw_partition(const art_sim_setup *setup, uint64_t seed, int32_t ranks);

static void step_by_minutes(rank_job *job, art_sim *sim, art_error *err)
{
  while (job->result.status == ART_OK && art_sim_now(sim) < UNTIL_MS && !art_sim_is_finished(sim)) {
    job->result.status = art_sim_advance(sim, (art_sim_now(sim) / 60000 + 1) * 60000, err);
    if (job->result.status == ART_OK) count_no_route(job, sim);
  }
}

/// Every minute all nodes go to other ranks.
static void step_and_move(rank_job *job, const art_sim_setup *setup, art_sim **sim, art_error *err)
{
  while (job->result.status == ART_OK && art_sim_now(*sim) < UNTIL_MS && !art_sim_is_finished(*sim)) {
    job->result.status = art_sim_advance(*sim, art_sim_now(*sim) + 60000, err);
    if (job->result.status == ART_OK) count_no_route(job, *sim);
    int32_t *owner = draw_partition(setup, (uint64_t)art_sim_now(*sim), setup->group->size);
    int moved = 0;
    if (job->result.status == ART_OK && art_sim_now(*sim) % 120000 == 0)
      job->result.status = art_sim_rebalance(sim, setup, 0.0, &moved, err);
    else if (job->result.status == ART_OK)
      job->result.status = art_sim_move_parts(sim, setup, owner, err);
    job->rebalanced += moved;
    free(owner);
  }
}

static void *run_rank(void *context)
{
  rank_job *job = context;
  art_sim_setup setup = *job->setup;
  art_sim *sim = NULL;
  art_error err = { 0 };
  if (job->ranks) setup.group = art_group_threads_rank(job->ranks, job->rank);
  job->result.status = art_sim_create(&setup, &sim, &err);
  if (job->result.status == ART_OK && job->state)
    job->result.status = art_sim_restore(sim, job->state->data, job->state->count, &err);
  if (job->result.status == ART_OK) {
    if (job->save_ms > 0) {
      job->result.status = art_sim_advance(sim, job->save_ms, &err);
      if (job->result.status == ART_OK) state_take(sim, &job->saved);
    } else if (job->moves)
      step_and_move(job, &setup, &sim, &err);
    else if (job->shots)
      step_and_look(job, sim, &err);
    else
      step_by_minutes(job, sim, &err);
    job->result.hash = art_sim_hash_all(sim);
    job->result.ledger = art_sim_ledger_all(sim);
    job->result.end_ms = art_sim_now(sim);
    job->result.sums = hash_sums(sim, setup.net, setup.demand->trip_count);
  }
  art_sim_free(sim);
  memcpy(job->result.message, err.message, sizeof err.message);
  return NULL;
}

static art_snapshot *new_shots(const art_sim_setup *setup, int is_wanted)
{
  return is_wanted ? ART_NEW(art_snapshot, steps_of(setup)) : NULL;
}

static void free_shots(const art_sim_setup *setup, art_snapshot *shots)
{
  for (int32_t s = 0; shots && s < steps_of(setup); ++s) art_snapshot_free(&shots[s]);
  free(shots);
}

static int find_trip(const art_snapshot *shot, int32_t trip, int64_t *at)
{
  for (*at = 0; *at < shot->count; ++*at)
    if (shot->trip[*at] == trip) return 1;
  return 0;
}

/// Prints where vehicles are that are somewhere else alone than together, in the first step with such.
static void print_difference(const random_city *city, const art_sim_setup *setup, const art_snapshot *alone, const rank_job *job, int32_t ranks)
{
  const art_net *net = city->net;
  int found = 0;
  for (int32_t s = 0; s < steps_of(setup) && !found; ++s) {
    int64_t together = 0;
    for (int32_t r = 0; r < ranks; ++r) together += job[r].shots[s].count;
    if (together != alone[s].count) printf("step %d: %" PRId64 " vehicles, alone %" PRId64 "\n", s, together, alone[s].count);
    found |= together != alone[s].count;
    for (int64_t i = 0; i < alone[s].count; ++i) {
      const int32_t trip = alone[s].trip[i];
      int64_t at = 0;
      int32_t r = 0;
      while (r < ranks && !find_trip(&job[r].shots[s], trip, &at)) ++r;
      const art_snapshot *other = r < ranks ? &job[r].shots[s] : NULL;
      if (other && other->lane[at] == alone[s].lane[i] && other->pos_m[at] == alone[s].pos_m[i] && other->speed_mps[at] == alone[s].speed_mps[i]) continue;
      found = 1;
      printf("step %d: trip %d alone on lane %d at %.3f m, %.3f m/s; ", s, trip, alone[s].lane[i], (double)alone[s].pos_m[i], (double)alone[s].speed_mps[i]);
      if (other) printf("on rank %d on lane %d at %.3f m, %.3f m/s\n", r, other->lane[at], (double)other->pos_m[at], (double)other->speed_mps[at]);
      else printf("nowhere\n");
      const int32_t lane = alone[s].lane[i];
      if (lane < net->link_lane_count)
        printf("  link %s of %.1f m from node %d to %d (ranks %d, %d)\n", net->link_id[net->lane_link[lane]], (double)net->lane_length_m[lane],
               net->link_from[net->lane_link[lane]], net->link_to[net->lane_link[lane]], setup->node_rank ? setup->node_rank[net->link_from[net->lane_link[lane]]] : -1,
               setup->node_rank ? setup->node_rank[net->link_to[net->lane_link[lane]]] : -1);
      else
        printf("  connector of node %d\n", net->connector_node[lane - net->link_lane_count]);
    }
  }
}

static int64_t rebalanced;  // of all cities

/// Runs from one state, or from the begin, to the end, or to where it saves.
static result run_part(const art_sim_setup *setup, int32_t ranks, const art_bytes *state, art_tick save_ms, art_bytes *saved, int moves)
{
  art_group_threads *group = art_group_threads_new(ranks);
  rank_job *job = art_new((size_t)ranks, sizeof *job);
  pthread_t *thread = ART_NEW(pthread_t, ranks);
  for (int32_t r = 0; r < ranks; ++r) {
    job[r] = (rank_job){ .setup = setup, .ranks = group, .rank = r, .state = state, .save_ms = save_ms, .moves = moves };
    pthread_create(&thread[r], NULL, run_rank, &job[r]);
  }
  for (int32_t r = 0; r < ranks; ++r) pthread_join(thread[r], NULL);
  const result of = job[0].result;
  rebalanced += job[0].rebalanced;
  for (int32_t r = 0; r < ranks; ++r) {
    if (saved) (void)art_bytes_put(saved, job[r].saved.data, job[r].saved.count);
    free(job[r].saved.data);
  }
  free(thread);
  free(job);
  art_group_threads_free(group);
  return of;
}

static result run_together(const random_city *city, const art_sim_setup *setup, int32_t ranks, const art_snapshot *alone)
{
  art_group_threads *group = art_group_threads_new(ranks);
  rank_job *job = art_new((size_t)ranks, sizeof *job);
  pthread_t *thread = ART_NEW(pthread_t, ranks);
  for (int32_t r = 0; r < ranks; ++r) {
    job[r] = (rank_job){ .setup = setup, .ranks = group, .rank = r, .shots = new_shots(setup, alone != NULL) };
    pthread_create(&thread[r], NULL, run_rank, &job[r]);
  }
  for (int32_t r = 0; r < ranks; ++r) pthread_join(thread[r], NULL);
  if (alone) print_difference(city, setup, alone, job, ranks);
  result of = job[0].result;
  for (int32_t r = 1; r < ranks; ++r)
    if (of.status == ART_OK && job[r].result.status != ART_OK) of = job[r].result;
  for (int32_t r = 0; r < ranks; ++r) free_shots(setup, job[r].shots);
  free(thread);
  free(job);
  art_group_threads_free(group);
  return of;
}

/// A part for every node by itself, as far as nodes need not be together.
static int32_t *draw_partition(const art_sim_setup *setup, uint64_t seed, int32_t ranks)
{
  int32_t *owner = ART_NEW(int32_t, setup->net->node_count);
  for (int32_t n = 0; n < setup->net->node_count; ++n) owner[n] = (int32_t)(art_hash2(seed, (uint64_t)n) % (uint64_t)ranks);
  art_ranks_mend(setup, owner);
  return owner;
}

static int is_same(const result *a, const result *b)
{
  return a->hash == b->hash && a->sums == b->sums && a->no_route == b->no_route && a->end_ms == b->end_ms && a->ledger.arrived == b->ledger.arrived && a->ledger.updates == b->ledger.updates &&
         a->ledger.distance_mm == b->ledger.distance_mm && a->ledger.waiting == b->ledger.waiting && a->ledger.running == b->ledger.running &&
         a->ledger.rotations == b->ledger.rotations && a->ledger.missed_turns == b->ledger.missed_turns &&
         a->ledger.longest_standstill_ms == b->ledger.longest_standstill_ms;
}

typedef struct tally {
  int64_t runs, faults, updates, rotations, listening, same_states, no_route;
} tally;

/// Makes some signals listen to the road: to sensors, to lanes, to counts.
static int32_t listen_to_road(art_net *net, uint64_t seed)
{
  static const uint8_t kinds[] = { ART_CONTROL_FIXED, ART_CONTROL_ACTUATED, ART_CONTROL_MAX_PRESSURE, ART_CONTROL_SOTL };
  int32_t count = 0;
  for (int32_t s = 0; s < net->signal_count; ++s) {
    const int32_t p = net->signal_active[s], kind = kinds[art_hash2(seed, (uint64_t)s) % sizeof kinds];
    if (kind == ART_CONTROL_FIXED) continue;
    net->program_control[p] = (uint8_t)kind;
    net->program_value[ART_CONTROL_VALUE_priority_reach_m][p] = 150.0f;
    for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
      const char *state = net->phase_state + net->phase_first_state[f];
      if (memchr(state, 'y', (size_t)net->signal_group_count[s]) || net->phase_duration_ms[f] < 4000) continue;
      net->phase_min_ms[f] = 5000;
      net->phase_max_ms[f] = 40000;
      net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] = 2000;
      net->phase_flags[f] = ART_PHASE_MEMORY;
    }
    if (kind == ART_CONTROL_ACTUATED) art_net_add_sensors(net, p, &ART_SENSOR_PLACES);
    ++count;
  }
  return count;
}

static void compare(const random_city *city, art_sim_setup *setup, uint64_t seed, int32_t ranks, const result *alone, const art_snapshot *shots, tally *t)
{
  const result together = run_together(city, setup, ranks, shots);
  ++t->runs;
  if (together.status == ART_OK && is_same(&together, alone)) return;
  ++t->faults;
  print_error("city %" PRIu64 ", %d ranks x %d threads, %s: %016" PRIx64 " at %.1f s, alone %016" PRIx64 " at %.1f s; sums %s; arrived %" PRId64
              ", alone %" PRId64 "; rotations %" PRId64 ", alone %" PRId64 " %s\n",
              seed, (int)ranks, (int)setup->threads, setup->node_rank ? "drawn" : "METIS", together.hash, (double)together.end_ms * 1e-3,
              alone->hash, (double)alone->end_ms * 1e-3, together.sums == alone->sums ? "equal" : "differ", together.ledger.arrived, alone->ledger.arrived, together.ledger.rotations,
              alone->ledger.rotations, together.message);
}

/// What some ranks save is all that one saves: as bytes, when one has read it and saves again.
static void compare_saved(art_sim_setup *setup, uint64_t seed, int32_t ranks, art_tick save_ms, const art_bytes *state, tally *t)
{
  art_bytes again = { 0 }, alone = { 0 };
  const int32_t *owner = setup->node_rank;
  setup->node_rank = NULL;
  const result read = run_part(setup, 1, state, save_ms, &again, 0);
  (void)run_part(setup, 1, NULL, save_ms, &alone, 0);
  setup->node_rank = owner;
  ++t->runs;
  char section[5] = "";
  size_t at = 0;
  if (read.status == ART_OK && !state_differs(&alone, &again, section, &at)) {
    ++t->same_states;
  } else {
    ++t->faults;
    print_error("city %" PRIu64 ", saved by %d ranks at %.1f s: not what one saves: %s, byte %zu %s\n", seed, (int)ranks,
                (double)save_ms * 1e-3, section, at, read.message);
  }
  free(again.data);
  free(alone.data);
}

/// Saved by some ranks, and gone on with by others.
static void change_layout(art_sim_setup *setup, uint64_t seed, const result *alone, tally *t)
{
  static const int32_t sizes[] = { 1, 2, 3, 4, 7 };
  const int32_t before = sizes[seed % 5], after = sizes[seed / 5 % 5];
  const art_tick save_ms = 1000 * (art_tick)(60 + art_hash2(seed, 5) % (SAVED_BY_MS / 1000 - 60));
  art_bytes state = { 0 };
  int32_t *owner[2] = { draw_partition(setup, seed + 1, before), draw_partition(setup, seed + 2, after) };
  setup->node_rank = owner[0];
  const result first = run_part(setup, before, NULL, save_ms, &state, 0);
  if (ART_STATE_IS_CANONICAL) compare_saved(setup, seed, before, save_ms, &state, t);
  setup->node_rank = owner[1];
  setup->threads = 3 - setup->threads;
  const result second = run_part(setup, after, &state, 0, NULL, 0);
  ++t->runs;
  if (first.status != ART_OK || second.status != ART_OK || !is_same(&second, alone)) {
    ++t->faults;
    print_error("city %" PRIu64 ", saved by %d ranks at %.1f s, restored by %d: %016" PRIx64 " at %.1f s, alone %016" PRIx64
                " at %.1f s; sums %s %s %s\n",
                seed, (int)before, (double)save_ms * 1e-3, (int)after, second.hash, (double)second.end_ms * 1e-3, alone->hash,
                (double)alone->end_ms * 1e-3, second.sums == alone->sums ? "equal" : "differ", first.message, second.message);
  }
  const int32_t ranks = before == 1 ? 2 : before;
  setup->node_rank = NULL;
  const result moved = run_part(setup, ranks, NULL, 0, NULL, 1);
  ++t->runs;
  if (moved.status != ART_OK || !is_same(&moved, alone)) {
    ++t->faults;
    print_error("city %" PRIu64 ", moved over %d ranks every minute: %016" PRIx64 " at %.1f s, alone %016" PRIx64 "; sums %s %s\n", seed,
                (int)ranks, moved.hash, (double)moved.end_ms * 1e-3, alone->hash, moved.sums == alone->sums ? "equal" : "differ",
                moved.message);
  }
  free(owner[0]);
  free(owner[1]);
  free(state.data);
}

static void check_city(uint64_t seed, int looks, tally *t)
{
  const city_traits traits = city_traits_of(seed);
  random_city city = city_build(seed, &traits);
  if (seed % 2) t->listening += listen_to_road(city.net, seed);
  art_sim_setup setup = { .net = city.net,
                          .demand = city.demand,
                          .kernels = art_models_kernels(),
                          .seed = seed,
                          .step_ms = seed % 7 ? 500 : 250,
                          .approaches = seed % 4 != 0,
                          .end_ms = 3600000,
                          .threads = 1,
                          .model = ART_MODEL_IIDM,
                          .change_count = city.change_count,
                          .change = city.change,
                          .reroute_share = seed % 4 ? 0.0 : 0.5,
                          .reroute_period_ms = 30000 };
  rank_job alone = { .setup = &setup, .shots = new_shots(&setup, looks) };
  run_rank(&alone);
  t->updates += alone.result.ledger.updates;
  t->rotations += alone.result.ledger.rotations;
  t->no_route += alone.result.no_route;
  if (alone.result.status != ART_OK) print_error("city %" PRIu64 " alone: %s\n", seed, alone.result.message);
  static const int32_t sizes[] = { 2, 3, 4, 7 };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    setup.threads = 1 + (int32_t)((seed + i) % 2);
    setup.node_rank = NULL;
    if (i == seed / 2 % 4) compare(&city, &setup, seed, sizes[i], &alone.result, alone.shots, t);
    int32_t *owner = draw_partition(&setup, seed, sizes[i]);
    setup.node_rank = owner;
    compare(&city, &setup, seed, sizes[i], &alone.result, alone.shots, t);
    free(owner);
  }
  change_layout(&setup, seed, &alone.result, t);
  free_shots(&setup, alone.shots);
  city_free(&city);
}

static void ranks_give_the_same_bits(void **state)
{
  (void)state;
  const char *one = getenv("ARTERIAL_CITY"), *many = getenv("ARTERIAL_CITIES");
  const int cities = one ? 1 : many ? atoi(many) : CITIES;
  tally t = { 0 };
  for (int i = 0; i < cities; ++i) check_city(one ? strtoull(one, NULL, 10) : art_hash2(art_test_seed(), (uint64_t)i + 1000), one != NULL, &t);
  print_message("%d cities, %" PRId64 " runs on several ranks, %" PRId64 " vehicle updates, %" PRId64 " rotations, %" PRId64
                " signals that listen\n",
                cities, t.runs, t.updates, t.rotations, t.listening);
  print_message("rebalanced %" PRId64 " times; %" PRId64 " states are the same bytes; trips without a way, by minutes: %" PRId64 "\n",
                rebalanced, t.same_states, t.no_route);
  assert_int_equal(t.faults, 0);
  assert_true(t.updates > 0);
  if (cities > 5) assert_true(rebalanced > 0);
}

int main(int argc, char **argv)
{
  // More threads than cores: waiting threads must sleep, not spin. OpenMP reads this before main().
  if (argc == 1 && !getenv("OMP_WAIT_POLICY")) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", (char *[]){ argv[0], "again", NULL });
  }
  const struct CMUnitTest tests[] = { cmocka_unit_test(ranks_give_the_same_bits) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
