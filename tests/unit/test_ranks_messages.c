// What a rank does with a message that no rank would send: it uses nothing of it that has no place there, and says so.
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/par/group.h"
#include "core/step/ranks.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/unit/small_net.h"

enum { NODES = 8, RANKS = 2, TRIPS = 60, KINDS = 9, END_MS = 59000 };

/// What is done to a message: it ends early, begins with a record of no kind, or with one of a kind about something that there
/// is not.
typedef enum damage { CUT_SHORT, NO_KIND, TOO_HIGH, TOO_LOW } damage;

/// The second rank's way to the other: one message is damaged on the way.
typedef struct bad_line {
  const art_group *inner;
  int32_t kind, exchange, least;  ///< in this exchange, or the next one after it of the same place in a step with so many bytes
  damage how;
  int32_t exchanges;  ///< so far
  int is_done;
} bad_line;

static void line_begin(const art_group *group, int32_t count, const int32_t *peer, const art_bytes *send)
{
  const bad_line *line = group->context;
  line->inner->begin(line->inner, count, peer, send);
}

static void harm(bad_line *line, art_bytes *message)
{
  if (line->is_done || line->exchanges < line->exchange || (line->exchanges - line->exchange) % 2 != 0) return;
  if (message->count < (size_t)line->least) return;
  line->is_done = 1;
  // The second word says which lane, node or trip, or how many connectors. Longer than any record.
  int32_t word[256] = { line->how == NO_KIND ? 99 : line->kind, line->how == TOO_HIGH ? INT_MAX : INT_MIN + 5 };
  if (line->how == CUT_SHORT) {
    message->count -= 1;
    return;
  }
  message->count = 0;
  (void)art_bytes_put(message, word, sizeof word);
}

static void line_finish(const art_group *group, int32_t count, const int32_t *peer, art_bytes *receive)
{
  bad_line *line = group->context;
  line->inner->finish(line->inner, count, peer, receive);
  for (int32_t p = 0; p < count; ++p) harm(line, &receive[p]);
  ++line->exchanges;
}

static void line_reduce(const art_group *group, art_reduction how, int64_t count, int64_t *values)
{
  const bad_line *line = group->context;
  line->inner->reduce(line->inner, how, count, values);
}

static void line_gather(const art_group *group, const art_bytes *mine, art_bytes *all, int64_t *first)
{
  const bad_line *line = group->context;
  line->inner->gather(line->inner, mine, all, first);
}

typedef struct member {
  const art_sim_setup *setup;
  const art_group *group;
  pthread_barrier_t *together;
  int *has_failed;  ///< by rank
  art_status status;
  art_error err;
} member;

static void *run_member(void *context)
{
  member *m = context;
  art_sim_setup setup = *m->setup;
  setup.group = m->group;
  art_sim *sim = NULL;
  m->status = art_sim_create(&setup, &sim, &m->err);
  for (int is_over = m->status != ART_OK; !is_over;) {
    m->status = art_sim_advance(sim, art_sim_now(sim) + setup.step_ms, &m->err);
    m->has_failed[m->group->rank] = m->status != ART_OK;
    pthread_barrier_wait(m->together);
    is_over = m->has_failed[0] || m->has_failed[1] || art_sim_now(sim) >= END_MS;
    pthread_barrier_wait(m->together);
  }
  art_sim_free(sim);
  return NULL;
}

static void run_with(const art_sim_setup *setup, int32_t exchange, int32_t kind, damage how)
{
  art_group_threads *threads = art_group_threads_new(RANKS);
  bad_line line = { .inner = art_group_threads_rank(threads, 1), .kind = kind, .exchange = exchange, .how = how };
  line.least = how == CUT_SHORT ? 1 : 0;
  const art_group bad = { 1, RANKS, &line, line_begin, line_finish, line_reduce, line_gather };
  pthread_barrier_t together;
  pthread_barrier_init(&together, NULL, RANKS);
  int has_failed[RANKS] = { 0 };
  member m[RANKS] = { { .setup = setup, .group = art_group_threads_rank(threads, 0) }, { .setup = setup, .group = &bad } };
  pthread_t thread[RANKS];
  for (int r = 0; r < RANKS; ++r) {
    m[r].together = &together;
    m[r].has_failed = has_failed;
    pthread_create(&thread[r], NULL, run_member, &m[r]);
  }
  for (int r = 0; r < RANKS; ++r) pthread_join(thread[r], NULL);
  pthread_barrier_destroy(&together);
  art_group_threads_free(threads);
  assert_int_equal(line.is_done, 1);
  assert_int_equal(m[1].status, ART_E_INTERNAL);
  if (!strstr(m[1].err.message, "a message of another rank")) fail_msg("kind %d: %s", (int)kind, m[1].err.message);
}

static void what_has_no_place_here_ends_the_run(void **state)
{
  (void)state;
  art_net *net = art_test_net_ring(NODES, 2, 60.0f, 13.9f);
  const int32_t route[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, (int32_t)(sizeof route / sizeof *route), route, TRIPS, 0, 700);
  int32_t owner[NODES];
  for (int32_t n = 0; n < NODES; ++n) owner[n] = n >= NODES / 2;
  art_sim_setup setup = small_setup(net, demand);
  setup.node_rank = owner;
  for (int threads = 1; threads <= 2; ++threads) {
    setup.threads = threads;
    for (int32_t exchange = 60; exchange <= 61; ++exchange) {  // after settle, after move
      run_with(&setup, exchange, 0, CUT_SHORT);
      run_with(&setup, exchange, 0, NO_KIND);
      for (int32_t kind = 0; kind < KINDS; ++kind)
        for (damage how = TOO_HIGH; how <= TOO_LOW; ++how) run_with(&setup, exchange, kind, how);
    }
  }
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(what_has_no_place_here_ends_the_run) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
