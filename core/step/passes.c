/// The three passes of a step, by one rank alone and by several. With several, those blocks come first that tell others
/// something: while their messages are under way the rank works on what concerns nobody else (ranks_border.c).
#include <omp.h>

#include "core/step/ranks_internal.h"

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

/// A stretch of a list of blocks or nodes that threads share; `order` NULL: the numbers themselves.
typedef struct stretch {
  const int32_t *order;
  int32_t begin, end;
} stretch;

static int32_t at(const stretch *s, int32_t i)
{
  return s->order ? s->order[i] : i;
}

/// Blocks go to threads in runs: within a run the next ones can be fetched. Small networks have shorter runs, so that all
/// threads get some.
#define RUN_BLOCKS 8
#define RUNS_PER_THREAD 8
#define RUN_NODES 8

static int32_t run_length(const art_sim *sim, const stretch *s)
{
  const int32_t fair = (s->end - s->begin) / (sim->threads * RUNS_PER_THREAD);
  if (sim->threads == 1) return s->end > s->begin ? s->end - s->begin : 1;
  if (fair > RUN_BLOCKS) return RUN_BLOCKS;
  return fair > 1 ? fair : 1;
}

/// End of the run that i belongs to.
static int32_t run_end(const stretch *s, int32_t i, int32_t run)
{
  const int32_t last = s->begin + (i - s->begin) / run * run + run;
  return last < s->end ? last : s->end;
}

static void fetch_next_inbox(const art_sim *sim, const stretch *s, int32_t i, int32_t run)
{
  if (i + 1 < run_end(s, i, run)) art_fetch_inbox(sim, &sim->block[at(s, i + 1)]);
}

static void fetch_next(const art_sim *sim, const stretch *s, int32_t i, int32_t run)
{
  const int32_t end = run_end(s, i, run);
  if (i + 2 < end) art_fetch_columns(&sim->block[at(s, i + 2)]);
  if (i + 3 < end) art_fetch_header(&sim->block[at(s, i + 3)]);
}

// Each of these is called by all threads of a team, and ends without a barrier.

static void settle(art_sim *sim, stretch s, int thread)
{
  art_worker *worker = &sim->worker[thread];
  const int32_t run = run_length(sim, &s);
#pragma omp for schedule(dynamic, run) nowait
  for (int32_t i = s.begin; i < s.end; ++i) {
    art_block *block = &sim->block[at(&s, i)];
    fetch_next(sim, &s, i, run);
    fetch_next_inbox(sim, &s, i, run);
    art_timer_to(&worker->timer, block->is_node ? ART_PHASE_SETTLE_NODES : ART_PHASE_SETTLE_LINKS);
    art_settle_block(sim, block, worker, thread);
  }
  art_timer_to(&worker->timer, ART_PHASE_SETTLE_WAIT);
}

static void decide(art_sim *sim, stretch s, int thread)
{
  art_worker *worker = &sim->worker[thread];
  art_timer_to(&worker->timer, ART_PHASE_DECIDE);
#pragma omp for schedule(dynamic, RUN_NODES) nowait
  for (int32_t i = s.begin; i < s.end; ++i) art_decide_node(sim, s.order, i, s.end, worker);
  art_timer_to(&worker->timer, ART_PHASE_DECIDE_WAIT);
}

static void move(art_sim *sim, stretch s, int thread)
{
  art_worker *worker = &sim->worker[thread];
  const int32_t run = run_length(sim, &s);
#pragma omp for schedule(dynamic, run) nowait
  for (int32_t i = s.begin; i < s.end; ++i) {
    art_block *block = &sim->block[at(&s, i)];
    fetch_next(sim, &s, i, run);
    art_timer_to(&worker->timer, block->is_node ? ART_PHASE_MOVE_NODES : ART_PHASE_MOVE_LINKS);
    art_timer_count(&worker->timer, block->is_node, art_block_count(block));
    art_move_block(sim, block, worker);
  }
  art_timer_to(&worker->timer, ART_PHASE_MOVE_WAIT);
}

static void run_alone(art_sim *sim)
{
  const stretch blocks = { .end = sim->block_count }, nodes = { .end = sim->net->node_count };
#pragma omp parallel num_threads(sim->threads)
  {
    const int thread = omp_get_thread_num();
    sim->worker[thread].pool.count = 0;
    settle(sim, blocks, thread);
#pragma omp barrier
    decide(sim, nodes, thread);
#pragma omp barrier
    art_forget_written(&sim->worker[thread], ART_BUFFER(sim) ^ 1);
    move(sim, blocks, thread);
#pragma omp barrier
    art_timer_to(&sim->worker[thread].timer, ART_PHASE_NONE);
  }
}

/// The part of a step between two looks at other ranks.
typedef enum stage { BORDER_SETTLES, REST_SETTLES, BORDER_MOVES, REST_MOVES } stage;

static void run_stage(art_sim *sim, stage now)
{
  art_ranks *ranks = sim->ranks;
  const stretch border = { ranks->block, 0, ranks->border_blocks };
  const stretch rest = { ranks->block, ranks->border_blocks, sim->block_count };
  const stretch early = { ranks->node, 0, ranks->early_nodes }, late = { ranks->node, ranks->early_nodes, ranks->decided_nodes };
  const double begin_s = omp_get_wtime();
  art_timer_to(&sim->timer, ART_PHASE_FORK);
#pragma omp parallel num_threads(sim->threads)
  {
    const int thread = omp_get_thread_num();
    if (now == BORDER_SETTLES) {
      sim->worker[thread].pool.count = 0;
      settle(sim, border, thread);
    } else if (now == REST_SETTLES) {
      settle(sim, rest, thread);
#pragma omp barrier
      decide(sim, early, thread);
    } else if (now == BORDER_MOVES) {
      decide(sim, late, thread);
#pragma omp barrier
      art_forget_written(&sim->worker[thread], ART_BUFFER(sim) ^ 1);
      move(sim, border, thread);
    } else {
      move(sim, rest, thread);
    }
#pragma omp barrier
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
