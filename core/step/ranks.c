/// What ranks tell one another, twice a step: after settle what nodes and those behind have to know, after move who comes over.
/// Records stand one after the other in one message for each peer; whoever reads them changes what it keeps of others. Threads
/// share lists when they write, and peers when they read; the order of records in a message says nothing.
#include "core/step/ranks.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/timing_internal.h"
#include "core/step/vehicle_state.h"

enum { TAIL, OVERHANG, NOTICE, LONG_WAITED, CROSSER, TRANSIT, ENTERING, LEAD, ANSWER };
enum { AHEAD = 8, NODES_AHEAD = 2 };  // what is looked at next is fetched: the border lies scattered in memory

typedef struct tail_record {
  int32_t kind, lane;
  art_tail tail;
} tail_record;
typedef struct word_record {
  int32_t kind, lane;
  uint64_t word;
  float speed_mps;         ///< ENTERING: of the vehicle
  int32_t lead_connector;  ///< likewise
} word_record;
typedef struct lead_record {
  int32_t kind, lane;
  art_lead lead;
} lead_record;
typedef struct node_record {
  int32_t kind, node;
} node_record;
/// Followed by the notice and the entries of the vehicle's track.
typedef struct notice_record {
  int32_t kind, track_count, track_ahead;
} notice_record;
typedef struct answer_record {
  int32_t kind, trip, slot;
  art_track track;
} answer_record;

static int is_mine(const art_ranks *ranks, int32_t lane)
{
  return ranks->lane_owner[lane] == ranks->group->rank;
}

static int decides(const art_ranks *ranks, int32_t node)
{
  return ranks->node_owner[node] == ranks->group->rank || (ranks->node_what[node] & ART_DECIDES_NODE);
}

/// Where a thread writes for a peer: the first one into the message, the others into parts that are put behind it (join).
static art_bytes *out_of(art_ranks *ranks, int thread, int32_t peer)
{
  return thread == 0 ? &ranks->send[peer] : &ranks->part[(size_t)(thread - 1) * (size_t)ranks->peer_count + (size_t)peer];
}

/// A thread's part of a list.
typedef struct portion {
  int32_t begin, end;
} portion;
static portion portion_of(int32_t count)
{
  const int64_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
  return (portion){ (int32_t)(count * thread / threads), (int32_t)(count * (thread + 1) / threads) };
}

/// Called by all threads of a team that have written: messages are whole after that.
static void join(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  const int threads = omp_get_num_threads();
  if (threads == 1) return;
#pragma omp barrier
#pragma omp for schedule(dynamic, 1)
  for (int32_t p = 0; p < ranks->peer_count; ++p)
    for (int t = 1; t < threads; ++t) {
      art_bytes *part = out_of(ranks, t, p);
      if (part->count > 0) (void)art_bytes_put(&ranks->send[p], part->data, part->count);
      part->count = 0;
    }
}

// --- after settle ---------------------------------------------------------------------------------------------------

static void tell_tails(art_sim *sim, int thread)
{
  art_ranks *ranks = sim->ranks;
  const portion own = portion_of(ranks->told_tail_count);
  for (int32_t i = own.begin; i < own.end; ++i) {
    art_told_tail *told = &ranks->told_tail[i];
    if (i + AHEAD < own.end) __builtin_prefetch(&sim->tail[told[AHEAD].lane]);
    const art_tail *now = &sim->tail[told->lane];
    if (now->rear_m == INFINITY && told->tail.rear_m == INFINITY) continue;
    if (memcmp(now, &told->tail, sizeof *now) == 0) continue;
    told->tail = *now;
    tail_record record = { .kind = TAIL, .lane = told->lane };
    record.tail = *now;
    ART_PUT(out_of(ranks, thread, told->peer), record);
  }
}

/// Gives a word that own vehicles wrote for a lane to all who have to know it.
static void tell_word(art_sim *sim, int thread, int32_t kind, int32_t lane, uint64_t word, uint8_t what)
{
  art_ranks *ranks = sim->ranks;
  const int32_t first = ranks->lane_first[lane], end = ranks->lane_first[lane + 1];
  if (first == end) {
    if (!is_mine(ranks, lane)) ranks->fault = "a body came to a lane that its rank does not watch";
    return;
  }
  word_record record = { .kind = kind, .lane = lane, .word = word };
  if (kind == ENTERING) {
    const art_vehicle *vehicle = art_record(sim, art_entering_trip(word));
    record.speed_mps = art_mover_of(sim, vehicle)->speed_mps;
    record.lead_connector = vehicle->lead_connector;
  }
  for (int32_t i = first; i < end; ++i)
    if (ranks->lane_row[i].what & what) ART_PUT(out_of(ranks, thread, ranks->lane_row[i].peer), record);
}

/// The lane of a word of an array; -1: it is of another one.
static int32_t lane_of(const art_sim *sim, const uint64_t *words, const uint64_t *word)
{
  const uintptr_t first = (uintptr_t)words, at = (uintptr_t)word;
  return at >= first && at < first + (uintptr_t)sim->net->lane_count * sizeof *words ? (int32_t)(word - words) : -1;
}

/// All words of an array that were written since the last mark and lie in the lists of the threads.
static void tell_words(art_sim *sim, int thread, int32_t kind, const uint64_t *words, uint8_t what)
{
  const int64_t buffer = ART_BUFFER(sim);
  const portion own = portion_of(sim->threads);
  for (int32_t t = own.begin; t < own.end; ++t) {
    const art_written *written = &sim->worker[t].written[buffer];
    for (int32_t i = sim->ranks->words_told[t]; i < written->count; ++i) {
      const int32_t lane = lane_of(sim, words, written->word[i]);
      if (lane >= 0) tell_word(sim, thread, kind, lane, *written->word[i], what);
    }
  }
}

/// Words that are written from here on are new.
static void mark_words(art_sim *sim)
{
  for (int32_t t = 0; t < sim->threads; ++t) sim->ranks->words_told[t] = sim->worker[t].written[ART_BUFFER(sim)].count;
}

/// Blocks that come later than the messages must not have written anything that concerns others.
static void check_words(art_sim *sim, const uint64_t *words)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t t = 0; t < sim->threads; ++t) {
    const art_written *written = &sim->worker[t].written[ART_BUFFER(sim)];
    for (int32_t i = ranks->words_told[t]; i < written->count; ++i) {
      const int32_t lane = lane_of(sim, words, written->word[i]);
      if (lane >= 0 && ranks->is_told[lane])
        ranks->fault = "a body that others see came from a block away from the border";
    }
  }
}

static void tell_notice(art_sim *sim, int thread, const art_notice *notice, int32_t node)
{
  art_ranks *ranks = sim->ranks;
  const art_vehicle *vehicle = art_record(sim, notice->vehicle);
  const notice_record record = { NOTICE, vehicle->track_count, vehicle->track_ahead };
  for (int32_t i = ranks->node_first[node]; i < ranks->node_first[node + 1]; ++i) {
    if (!(ranks->node_row[i].what & ART_DECIDES_NODE)) continue;
    art_bytes *out = out_of(ranks, thread, ranks->node_row[i].peer);
    ART_PUT(out, record);
    ART_PUT(out, *notice);
    art_tracks_put(vehicle, out);
  }
}

/// Own passages at a node that others have to hear of. Where it is not decided here they are taken out of its box.
static void tell_node(art_sim *sim, int thread, int32_t node)
{
  art_ranks *ranks = sim->ranks;
  const int32_t count = sim->node_notices[node];
  const int64_t first = sim->node_first_notice[node], room = sim->node_first_notice[node + 1] - first;
  for (int32_t i = 0; i < count && i < room; ++i) __builtin_prefetch(art_record(sim, sim->notice[first + i].vehicle));
  for (int32_t i = 0; i < count && i < room; ++i) tell_notice(sim, thread, &sim->notice[first + i], node);
  uint64_t link = sim->node_list[node];
  for (int64_t i = room; i < count; ++i) {
    const art_notice *notice = &sim->worker[link >> 32].pool.item[(uint32_t)link];
    tell_notice(sim, thread, notice, node);
    link = notice->next;
  }
  if (sim->node_waits_ms[node] == sim->now_ms) {
    const node_record record = { LONG_WAITED, node };
    for (int32_t i = ranks->node_first[node]; i < ranks->node_first[node + 1]; ++i)
      ART_PUT(out_of(ranks, thread, ranks->node_row[i].peer), record);
  }
  if (decides(ranks, node)) return;
  sim->node_notices[node] = 0;
  sim->node_list[node] = UINT64_MAX;
}

/// Something in a message that is not of this city, or has no place on this rank: the rest of it is not read, and the run ends.
static void refuse(art_sim *sim, art_byte_reader *in)
{
  in->is_short = 1;
  __atomic_store_n(&sim->ranks->fault, "a message of another rank tells of a vehicle, lane or node that has no place here",
                   __ATOMIC_RELAXED);
}

/// May the record at hand be used? What it is about: NULL, or below a count each.
static int is_within(art_sim *sim, art_byte_reader *in, int32_t value, int32_t least, int32_t end)
{
  if (in->is_short) return 0;
  if (value >= least && value < end) return 1;
  refuse(sim, in);
  return 0;
}

static int32_t next_kind(const art_byte_reader *in)
{
  int32_t kind = -1;  // too short: whoever reads the record will notice
  if (in->count - in->at >= sizeof kind) memcpy(&kind, in->data + in->at, sizeof kind);
  return kind;
}

static int is_sound_notice(const art_sim *sim, const notice_record *record, const art_notice *notice)
{
  const int32_t trips = sim->demand->trip_count;
  return notice->vehicle >= 0 && notice->vehicle < trips && notice->waits_for >= -1 && notice->waits_for < trips &&
         notice->type < sim->types.count && record->track_count > 0 && record->track_count <= ART_TRACK_MAX &&
         record->track_ahead >= 0 && record->track_ahead <= record->track_count && notice->turn_slot < record->track_count &&
         notice->grant <= ART_GRANT_FULL && notice->connector >= 0 && notice->connector < sim->net->connector_count &&
         decides(sim->ranks, sim->net->connector_node[notice->connector]);
}

/// Threads do this at the same time, each for vehicles of other ranks: no two ranks hold the same.
static void hear_notice(art_sim *sim, int thread, art_byte_reader *in)
{
  notice_record record;
  art_notice notice;
  ART_GET(in, record);
  ART_GET(in, notice);
  if (in->is_short || !is_sound_notice(sim, &record, &notice)) {
    refuse(sim, in);
    return;
  }
  art_vehicle *vehicle = art_record_borrow(sim, &sim->worker[thread], notice.vehicle);
  if (!art_tracks_hear(sim, vehicle, record.track_count, record.track_ahead, in)) {
    refuse(sim, in);
    return;
  }
  art_notice *here = art_new_notice(sim, &sim->worker[thread], thread, notice.connector);
  const uint64_t next = here->next;
  *here = notice;
  here->next = next;
  here->record = sim->record_of[notice.vehicle];  // records of other ranks have other numbers
}

static void hear_settled(art_sim *sim, int thread, art_byte_reader *in)
{
  const int32_t lanes = sim->net->lane_count;
  while (!in->is_short && in->at < in->count) {
    const int32_t kind = next_kind(in);
    if (kind == TAIL) {
      tail_record record;
      ART_GET(in, record);
      if (is_within(sim, in, record.lane, 0, lanes)) sim->tail[record.lane] = record.tail;
    } else if (kind == OVERHANG) {
      word_record record;
      ART_GET(in, record);
      if (is_within(sim, in, record.lane, 0, lanes))
        art_note_least(sim, &sim->overhang[ART_BUFFER(sim)][record.lane], record.word, &sim->worker[thread]);
    } else if (kind == NOTICE) {
      hear_notice(sim, thread, in);
    } else if (kind == LONG_WAITED) {
      node_record record;
      ART_GET(in, record);
      if (is_within(sim, in, record.node, 0, sim->net->node_count))
        __atomic_store_n(&sim->node_waits_ms[record.node], sim->now_ms, __ATOMIC_RELAXED);
    } else {
      refuse(sim, in);
    }
  }
}

static void begin(art_ranks *ranks)
{
  for (int32_t p = 0; p < ranks->peer_count; ++p) ranks->send[p].count = 0;
}

static void send(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t p = 0; p < ranks->peer_count; ++p) ranks->bytes += (int64_t)ranks->send[p].count;
  ranks->group->begin(ranks->group, ranks->peer_count, ranks->peer, ranks->send);
}

static void receive(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_timer_to(&sim->timer, ART_PHASE_EXCHANGE);
  ranks->group->finish(ranks->group, ranks->peer_count, ranks->peer, ranks->receive);
  art_timer_to(&sim->timer, ART_PHASE_TELL);
}

static art_byte_reader reader_of(const art_ranks *ranks, int32_t peer)
{
  return (art_byte_reader){ .data = ranks->receive[peer].data, .count = ranks->receive[peer].count };
}

/// Was all of every message read?
static void check_read(art_ranks *ranks)
{
  for (int32_t p = 0; p < ranks->peer_count; ++p)
    if (ranks->reader[p].is_short && !ranks->fault) ranks->fault = "a message of another rank is cut short";
}

/// What blocks have told a node in this step, as one number.
static int32_t told_of(const art_sim *sim, int32_t node)
{
  return 2 * sim->node_notices[node] + (sim->node_waits_ms[node] == sim->now_ms);
}

static void fetch_notices(const art_sim *sim, int32_t node)
{
  const int64_t first = sim->node_first_notice[node], room = sim->node_first_notice[node + 1] - first;
  for (int64_t i = 0; i < sim->node_notices[node] && i < room; ++i) __builtin_prefetch(&sim->notice[first + i]);
}

static void tell_nodes(art_sim *sim, int thread)
{
  art_ranks *ranks = sim->ranks;
  const portion own = portion_of(ranks->shared_count);
  for (int32_t i = own.begin; i < own.end; ++i) {
    const int32_t node = ranks->shared[i];
    if (i + NODES_AHEAD < own.end) fetch_notices(sim, ranks->shared[i + NODES_AHEAD]);
    if (sim->node_notices[node] > 0 || sim->node_waits_ms[node] == sim->now_ms) tell_node(sim, thread, node);
    ranks->notices_told[i] = told_of(sim, node);
  }
}

void art_ranks_tell_settled(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_timer_to(&sim->timer, ART_PHASE_TELL);
  begin(ranks);
  memset(ranks->words_told, 0, (size_t)sim->threads * sizeof *ranks->words_told);
#pragma omp parallel num_threads(sim->team) if (sim->team > 1)
  {
    const int thread = omp_get_thread_num();
    tell_tails(sim, thread);
    tell_words(sim, thread, OVERHANG, sim->overhang[ART_BUFFER(sim)], ART_WANTS_TAIL);
    tell_nodes(sim, thread);
    join(sim);
  }
  mark_words(sim);
  send(sim);
}

void art_ranks_hear_settled(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_timer_to(&sim->timer, ART_PHASE_TELL);
  check_words(sim, sim->overhang[ART_BUFFER(sim)]);
  for (int32_t i = 0; i < ranks->shared_count; ++i)
    if (told_of(sim, ranks->shared[i]) != ranks->notices_told[i])
      ranks->fault = "a node of several ranks was told of a vehicle away from the border";
  receive(sim);
  art_records_give_back(sim);
#pragma omp parallel for schedule(dynamic, 1) num_threads(sim->team) if (sim->team > 1 && ranks->peer_count > 1)
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    ranks->reader[p] = reader_of(ranks, p);
    hear_settled(sim, omp_get_thread_num(), &ranks->reader[p]);
  }
  check_read(ranks);
  mark_words(sim);
}

// --- after move -----------------------------------------------------------------------------------------------------

static void tell_crossers(art_sim *sim, int thread)
{
  art_ranks *ranks = sim->ranks;
  const int32_t kind = CROSSER;
  const portion own = portion_of(sim->threads);
  for (int32_t t = own.begin; t < own.end; ++t) {
    const art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->left_count; ++n) {
      const int32_t trip = worker->left[n], lane = art_record(sim, trip)->lane;
      for (int32_t i = ranks->lane_first[lane]; i < ranks->lane_first[lane + 1]; ++i) {
        if (!(ranks->lane_row[i].what & ART_OWNS)) continue;
        ART_PUT(out_of(ranks, thread, ranks->lane_row[i].peer), kind);
        art_vehicle_put(sim, trip, 1, out_of(ranks, thread, ranks->lane_row[i].peer));
      }
      ranks->holds[trip] = 0;
    }
    ART_ATOMIC_ADD(ranks->came, -worker->left_count);
  }
}

static void forget_crossers(art_sim *sim)
{
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->left_count; ++n) {
      art_vehicle_forget(sim, worker->left[n]);
      (void)art_record_borrow(sim, worker, worker->left[n]);  // settle looks at who has just entered a lane
    }
    worker->left_count = 0;
  }
}

static void tell_leads(art_sim *sim, int thread)
{
  art_ranks *ranks = sim->ranks;
  const portion own = portion_of(ranks->told_lead_count);
  for (int32_t i = own.begin; i < own.end; ++i) {
    art_told_lead *told = &ranks->told_lead[i];
    if (i + AHEAD < own.end) __builtin_prefetch(&sim->lead[told[AHEAD].lane]);
    const art_lead *now = &sim->lead[told->lane];
    if (memcmp(now, &told->lead, sizeof *now) == 0) continue;
    told->lead = *now;
    const lead_record record = { LEAD, told->lane, *now };
    ART_PUT(out_of(ranks, thread, told->peer), record);
  }
}

/// What nodes answered to vehicles of others: whoever has the vehicle now takes it over. Those who decide the node themselves
/// know it.
static void tell_answers(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->answer_count; ++n) {
      const art_late_answer *answer = &worker->answer[n];
      if (ranks->node_owner[answer->node] != ranks->group->rank) continue;
      answer_record record;
      memset(&record, 0, sizeof record);
      record.kind = ANSWER;
      record.trip = answer->trip;
      record.slot = answer->slot;
      record.track = *art_track_of(art_record(sim, answer->trip), answer->slot);
      for (int32_t i = ranks->node_first[answer->node]; i < ranks->node_first[answer->node + 1]; ++i)
        if (!(ranks->node_row[i].what & ART_DECIDES_NODE)) ART_PUT(&ranks->send[ranks->node_row[i].peer], record);
    }
    worker->answer_count = 0;
  }
}

static void hear_crosser(art_sim *sim, art_byte_reader *in)
{
  art_ranks *ranks = sim->ranks;
  int32_t kind;
  ART_GET(in, kind);
  const int32_t trip = art_vehicle_get(sim, in);
  if (trip < 0 || ranks->holds[trip] || art_record(sim, trip)->lane < 0 || !is_mine(ranks, art_record(sim, trip)->lane) ||
      !art_mover_is_sound(sim, trip, art_record(sim, trip)->lane, art_mover_of(sim, art_record(sim, trip)))) {
    refuse(sim, in);
    return;
  }
  art_vehicle *vehicle = art_record(sim, trip);
  const int32_t lane = vehicle->lane;
  ranks->holds[trip] = 1;
  ART_ATOMIC_ADD(ranks->came, 1);
  vehicle->next = __atomic_exchange_n(&sim->inbox[lane], trip, __ATOMIC_RELAXED);
  __atomic_fetch_or(&sim->block[sim->lane_block[lane]].inbox, ART_LANE_BIT(sim->lane_slot[lane]), __ATOMIC_RELAXED);
}

/// Threads do this at the same time, too.
static void hear_word(art_sim *sim, int thread, art_byte_reader *in)
{
  word_record record;
  ART_GET(in, record);
  if (!is_within(sim, in, record.lane, 0, sim->net->lane_count)) return;
  if (record.kind == ENTERING && (!is_within(sim, in, art_entering_trip(record.word), 0, sim->demand->trip_count) ||
                                  !is_within(sim, in, record.lead_connector, -1, sim->net->connector_count)))
    return;
  const int64_t buffer = ART_BUFFER(sim);
  uint64_t *words = record.kind == TRANSIT ? sim->transit[buffer] : sim->entering[buffer];
  if (record.kind == ENTERING) {
    art_vehicle *vehicle = art_record_borrow(sim, &sim->worker[thread], art_entering_trip(record.word));
    art_mover *mover = art_mover_take(sim, &sim->worker[thread], vehicle);
    if (!mover) {
      refuse(sim, in);
      return;
    }
    mover->speed_mps = record.speed_mps;
    vehicle->lead_connector = record.lead_connector;
  }
  art_note_least(sim, &words[record.lane], record.word, &sim->worker[thread]);
}

static void hear_answer(art_sim *sim, art_byte_reader *in)
{
  answer_record record;
  ART_GET(in, record);
  if (!is_within(sim, in, record.trip, 0, sim->demand->trip_count) || !is_within(sim, in, record.slot, 0, ART_TRACK_MAX) ||
      !sim->ranks->holds[record.trip])
    return;
  if (!art_track_is_sound(sim, &record.track)) {
    refuse(sim, in);
    return;
  }
  art_vehicle *vehicle = art_record(sim, record.trip);
  if (record.slot >= vehicle->track_count || art_track_of(vehicle, record.slot)->connector != record.track.connector) return;
  *art_track_of(vehicle, record.slot) = record.track;
}

/// In two rounds: answers are for those who have come over, whoever sent them.
static void hear_moved(art_sim *sim, int thread, art_byte_reader *in, int round)
{
  while (!in->is_short && in->at < in->count) {
    const int32_t kind = next_kind(in);
    if (kind == ANSWER) {
      if (round == 0) return;  // they come last
      hear_answer(sim, in);
    } else if (kind == CROSSER) {
      hear_crosser(sim, in);
    } else if (kind == LEAD) {
      lead_record record;
      ART_GET(in, record);
      if (is_within(sim, in, record.lane, 0, sim->net->lane_count) &&
          is_within(sim, in, record.lead.vehicle, -1, sim->demand->trip_count) &&
          is_within(sim, in, record.lead.next_connector, -1, sim->net->connector_count))
        sim->lead[record.lane] = record.lead;
    } else if (kind == TRANSIT || kind == ENTERING) {
      hear_word(sim, thread, in);
    } else {
      refuse(sim, in);
    }
  }
}

void art_ranks_tell_moved(art_sim *sim)
{
  art_timer_to(&sim->timer, ART_PHASE_TELL);
  begin(sim->ranks);
#pragma omp parallel num_threads(sim->team) if (sim->team > 1)
  {
    const int thread = omp_get_thread_num();
    tell_words(sim, thread, TRANSIT, sim->transit[ART_BUFFER(sim)], ART_OWNS);
    tell_words(sim, thread, ENTERING, sim->entering[ART_BUFFER(sim)], ART_WANTS_LEAD);
    tell_leads(sim, thread);
    tell_crossers(sim, thread);
    join(sim);
  }
  mark_words(sim);
  tell_answers(sim);
  forget_crossers(sim);
  send(sim);
}

void art_ranks_hear_moved(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_timer_to(&sim->timer, ART_PHASE_TELL);
  check_words(sim, sim->transit[ART_BUFFER(sim)]);
  check_words(sim, sim->entering[ART_BUFFER(sim)]);
  for (int32_t t = 0; t < sim->threads; ++t)
    if (sim->worker[t].left_count > 0) ranks->fault = "a vehicle left its rank from a block away from the border";
  receive(sim);
  art_byte_reader *in = ranks->reader;
#pragma omp parallel for schedule(dynamic, 1) num_threads(sim->team) if (sim->team > 1 && ranks->peer_count > 1)
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    in[p] = reader_of(ranks, p);
    hear_moved(sim, omp_get_thread_num(), &in[p], 0);
  }
  for (int32_t p = 0; p < ranks->peer_count; ++p) hear_moved(sim, 0, &in[p], 1);
  check_read(ranks);
}

// --- the end of a step ----------------------------------------------------------------------------------------------

art_status art_ranks_fault(const art_sim *sim, art_error *err)
{
  const char *fault = sim->ranks ? sim->ranks->fault : NULL;
  return fault ? art_fail(err, ART_E_INTERNAL, "at t=%.1f s: %s", (double)sim->now_ms * 1e-3, fault) : ART_OK;
}

art_status art_ranks_agree(art_sim *sim, art_status status, art_error *err)
{
  art_ranks *ranks = sim->ranks;
  const art_group *group = ranks->group;
  const int is_minute = sim->now_ms % 60000 == 0, is_tail = sim->next_trip == sim->last_trip;
#ifdef NDEBUG
  if (!is_minute && !(is_tail && sim->now_ms >= ranks->end_ms)) return status;
#else
  (void)is_minute;
#endif
  if (status == ART_OK) status = art_ranks_fault(sim, err);
  // Of a restored run one rank has the account of what was: only the sum of what is left says anything.
  int64_t words[2] = { status != ART_OK, sim->ledger.running + sim->ledger.waiting };
  art_timer_to(&sim->timer, ART_PHASE_EXCHANGE);
  group->reduce(group, ART_REDUCE_SUM, 2, words);
  if (is_tail && words[1] == 0 && sim->now_ms < ranks->end_ms && words[0] == 0) {
    status = art_fail(err, ART_E_INTERNAL, "at t=%.1f s: all have arrived sooner than they can", (double)sim->now_ms * 1e-3);
    words[0] = 1;
  }
  if (is_tail && words[1] > 0 && sim->now_ms >= ranks->end_ms) {
    ranks->end_ms = art_ranks_no_end_before(sim);
    group->reduce(group, ART_REDUCE_MAX, 1, &ranks->end_ms);
  }
  ranks->is_finished = is_tail && words[1] == 0;
  if (words[0] != 0) status = art_group_agree(group, status, err);
  art_timer_to(&sim->timer, ART_PHASE_ACCOUNTS);
  return status;
}
