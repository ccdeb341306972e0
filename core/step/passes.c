/// The three passes of a step, by one rank alone and by several. With several, those blocks come first that tell others
/// something: while their messages are under way the rank works on what concerns nobody else (ranks_border.c).
#include <omp.h>

#include "core/step/ranks_internal.h"
#include "core/step/shares.h"

static void set_constants(art_sim *sim)
{
  const art_tick before = sim->now_ms - sim->step_ms, period = ART_NOISE_PERIOD_MS;
  const art_tick now_in = (sim->now_ms % period + period) % period, before_in = (before % period + period) % period;
  const uint32_t every = 1000 / (uint32_t)sim->step_ms;
  sim->wide_step = (art_wide_step){ .dt_s = sim->step_s,
                                    .since_begin_ms = (int32_t)(sim->now_ms - sim->begin_ms),
                                    .think_every = every,
                                    .think_now = (uint32_t)((sim->now_ms / sim->step_ms) % every),
                                    .dt_ms = sim->step_ms,
                                    .noise_now_ms = (uint32_t)now_in,
                                    .noise_before_ms = (uint32_t)before_in,
                                    .noise_is_same_period = now_in - before_in == sim->step_ms };
}

#define TEAM_MS 60000  // a team becomes smaller at most so often: to end and to make threads takes time

#define BLOCK_WORTH 3  // a block costs a step as much as so many vehicles

/// Threads that have enough to do.
static int team_of(art_sim *sim)
{
  const int64_t work = sim->ledger.running + BLOCK_WORTH * (int64_t)sim->block_count;
  const int64_t wanted = sim->thread_vehicles > 0 ? 1 + work / sim->thread_vehicles : sim->threads;
  const int32_t fair = wanted < sim->threads ? (int32_t)wanted : sim->threads;
  return sim->team = art_team_choose(&sim->team_trial, sim->team, fair, sim->now_ms % TEAM_MS == 0);
}

/// Of the first thread of a team: when it began with what it does now.
typedef struct stopwatch {
  art_team *trial;  ///< NULL: another thread, or it is alone
  double begin_s;
} stopwatch;

static stopwatch start_of(art_sim *sim, int thread)
{
  const int is_first = thread == 0 && sim->team > 1;
  return (stopwatch){ .trial = is_first ? &sim->team_trial : NULL, .begin_s = is_first ? omp_get_wtime() : 0.0 };
}

/// Where all threads of a team wait for one another.
static void meet(stopwatch *watch)
{
  const double came_s = watch->trial ? omp_get_wtime() : 0.0;
#pragma omp barrier
  if (!watch->trial) return;
  const double go_s = omp_get_wtime();
  art_team_note(watch->trial, go_s - came_s, came_s - watch->begin_s);
  watch->begin_s = go_s;
}

/// Clears what the threads wrote in the step before, and their rows of those who travel, also of threads that have left the team.
static void forget_written(art_sim *sim, int thread)
{
  for (int32_t t = thread; t < sim->threads; t += omp_get_num_threads()) {
    art_forget_written(&sim->worker[t], ART_BUFFER(sim) ^ 1);
    art_worker_movers_forget(&sim->worker[t]);
  }
}

static int32_t at(const art_stretch *s, int32_t i)
{
  return s->order ? s->order[i] : i;
}

/// Only what this thread works on itself: others may be changing all that lies behind the end of its run.
static void fetch_next(const art_sim *sim, const art_stretch *s, int32_t i, int32_t end)
{
  if (i + 2 < end) art_fetch_columns(&sim->block[at(s, i + 2)]);
  if (i + 3 < end) art_fetch_header(&sim->block[at(s, i + 3)]);
}

// Each of these is called by all threads of a team, and ends without a barrier.

static void settle(art_sim *sim, art_sharing what, art_stretch s, int thread)
{
  art_worker *worker = &sim->worker[thread];
  art_take take = { 0 };
  for (int32_t i = 0, end = 0, until = 0; i < end || art_shares_take(sim->shares, what, thread, &take, &i, &end, &until); ++i) {
    art_block *block = &sim->block[at(&s, i)];
    fetch_next(sim, &s, i, end);
    if (i + 1 < end) art_fetch_inbox(sim, &sim->block[at(&s, i + 1)]);
    art_timer_to(&worker->timer, block->is_node ? ART_PHASE_SETTLE_NODES : ART_PHASE_SETTLE_LINKS);
    art_settle_block(sim, block, worker, thread);
  }
  art_timer_to(&worker->timer, ART_PHASE_SETTLE_WAIT);
}

#define NODES_AT_ONCE 64
#define NODES_BEHIND 3  // looked for behind those of this thread, to be fetched: others may be deciding them ...
#define FAR_BEHIND 16   // ... among so many

/// Nodes that have anything to decide, listed from place *i on, until `end` or `most` are.
static int32_t list_busy(const art_sim *sim, const art_stretch *s, int32_t *i, int32_t end, int32_t most, int32_t *list)
{
  int32_t count = 0;
  for (; *i < end && count < most; ++*i) {
    const int32_t node = list[count] = at(s, *i);
    count += __atomic_load_n(&sim->node_notices[node], __ATOMIC_RELAXED) > 0 || (sim->node_listens && sim->node_listens[node]);
  }
  return count;
}

static void decide(art_sim *sim, art_sharing what, art_stretch s, int thread)
{
  art_worker *worker = &sim->worker[thread];
  art_take take = { 0 };
  art_timer_to(&worker->timer, ART_PHASE_DECIDE);
  for (int32_t i = 0, end = 0, until = 0; i < end || art_shares_take(sim->shares, what, thread, &take, &i, &end, &until);) {
    int32_t busy[NODES_AT_ONCE + NODES_BEHIND];
    const int32_t count = list_busy(sim, &s, &i, end, NODES_AT_ONCE, busy);
    int32_t behind = i;
    const int32_t far = until - behind < FAR_BEHIND ? until : behind + FAR_BEHIND;
    const int32_t all = count + list_busy(sim, &s, &behind, far, NODES_BEHIND, busy + count);
    for (int32_t n = 0; n < count; ++n) art_decide_node(sim, busy, n, all, worker);
  }
  art_timer_to(&worker->timer, ART_PHASE_DECIDE_WAIT);
}

static void move(art_sim *sim, art_sharing what, art_stretch s, int thread)
{
  art_worker *worker = &sim->worker[thread];
  art_take take = { 0 };
  for (int32_t i = 0, end = 0, until = 0; i < end || art_shares_take(sim->shares, what, thread, &take, &i, &end, &until); ++i) {
    art_block *block = &sim->block[at(&s, i)];
    fetch_next(sim, &s, i, end);
    art_timer_to(&worker->timer, block->is_node ? ART_PHASE_MOVE_NODES : ART_PHASE_MOVE_LINKS);
    art_timer_count(&worker->timer, block->is_node, art_block_count(block));
    art_move_block(sim, block, worker);
  }
  art_timer_to(&worker->timer, ART_PHASE_MOVE_WAIT);
}

static void run_alone(art_sim *sim)
{
  const art_stretch blocks = { .end = sim->block_count }, nodes = { .end = sim->net->node_count };
  const int team = team_of(sim);
  art_shares_deal(sim->shares, sim, ART_SHARE_SETTLE_REST, blocks);
  art_shares_deal(sim->shares, sim, ART_SHARE_DECIDE_LATE, nodes);
  art_shares_deal(sim->shares, sim, ART_SHARE_MOVE_REST, blocks);
#pragma omp parallel num_threads(team)
  {
    const int thread = omp_get_thread_num();
    stopwatch watch = start_of(sim, thread);
    sim->worker[thread].pool.count = 0;
    settle(sim, ART_SHARE_SETTLE_REST, blocks, thread);
    meet(&watch);
    if (thread == 0) art_movers_forget(sim);  // while nodes decide nobody travels
    decide(sim, ART_SHARE_DECIDE_LATE, nodes, thread);
    meet(&watch);
    forget_written(sim, thread);
    move(sim, ART_SHARE_MOVE_REST, blocks, thread);
    meet(&watch);
    art_timer_to(&sim->worker[thread].timer, ART_PHASE_NONE);
  }
}

/// The part of a step between two looks at other ranks.
typedef enum stage { BORDER_SETTLES, REST_SETTLES, BORDER_MOVES, REST_MOVES } stage;

static void run_stage(art_sim *sim, stage now)
{
  art_ranks *ranks = sim->ranks;
  const art_stretch border = { ranks->block, 0, ranks->border_blocks };
  const art_stretch rest = { ranks->block, ranks->border_blocks, sim->block_count };
  const art_stretch early = { ranks->node, 0, ranks->early_nodes }, late = { ranks->node, ranks->early_nodes, ranks->decided_nodes };
  const int team = now == BORDER_SETTLES ? team_of(sim) : sim->team;
  const double begin_s = omp_get_wtime();
  art_timer_to(&sim->timer, ART_PHASE_FORK);
  if (now == BORDER_SETTLES) art_shares_deal(sim->shares, sim, ART_SHARE_SETTLE_BORDER, border);
  if (now == REST_SETTLES) {
    art_shares_deal(sim->shares, sim, ART_SHARE_SETTLE_REST, rest);
    art_shares_deal(sim->shares, sim, ART_SHARE_DECIDE_EARLY, early);
  }
  if (now == BORDER_MOVES) {
    art_shares_deal(sim->shares, sim, ART_SHARE_DECIDE_LATE, late);
    art_shares_deal(sim->shares, sim, ART_SHARE_MOVE_BORDER, border);
  }
  if (now == REST_MOVES) art_shares_deal(sim->shares, sim, ART_SHARE_MOVE_REST, rest);
#pragma omp parallel num_threads(team)
  {
    const int thread = omp_get_thread_num();
    stopwatch watch = start_of(sim, thread);
    if (now == BORDER_SETTLES) {
      sim->worker[thread].pool.count = 0;
      settle(sim, ART_SHARE_SETTLE_BORDER, border, thread);
    } else if (now == REST_SETTLES) {
      settle(sim, ART_SHARE_SETTLE_REST, rest, thread);
      meet(&watch);
      decide(sim, ART_SHARE_DECIDE_EARLY, early, thread);
    } else if (now == BORDER_MOVES) {
      if (thread == 0) art_movers_forget(sim);
      decide(sim, ART_SHARE_DECIDE_LATE, late, thread);
      meet(&watch);
      forget_written(sim, thread);
      move(sim, ART_SHARE_MOVE_BORDER, border, thread);
    } else {
      move(sim, ART_SHARE_MOVE_REST, rest, thread);
    }
    meet(&watch);
    art_timer_to(&sim->worker[thread].timer, ART_PHASE_NONE);
  }
  ranks->busy_s += omp_get_wtime() - begin_s;
}

static void run_together(art_sim *sim)
{
  run_stage(sim, BORDER_SETTLES);
  art_ranks_tell_settled(sim);
  run_stage(sim, REST_SETTLES);
  art_ranks_hear_settled(sim);
  run_stage(sim, BORDER_MOVES);
  art_ranks_tell_moved(sim);
  run_stage(sim, REST_MOVES);
  art_ranks_hear_moved(sim);
}

void art_passes_run(art_sim *sim)
{
  set_constants(sim);
  if (sim->ranks)
    run_together(sim);
  else
    run_alone(sim);
}
