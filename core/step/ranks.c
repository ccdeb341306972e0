/// What ranks tell one another, twice a step: after settle what nodes and those behind have to know, after move who comes over.
/// Records stand one after the other in one message for each peer; whoever reads them changes what it keeps of others.
#include "core/step/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/timing_internal.h"
#include "core/step/vehicle_state.h"

enum { TAIL, OVERHANG, NOTICE, LONG_WAITED, CROSSER, TRANSIT, ENTERING, LEAD, ANSWER };

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

// --- after settle ---------------------------------------------------------------------------------------------------

static void tell_tails(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t i = 0; i < ranks->told_tail_count; ++i) {
    art_told_tail *told = &ranks->told_tail[i];
    const art_tail *now = &sim->tail[told->lane];
    if (now->rear_m == INFINITY && told->tail.rear_m == INFINITY) continue;
    if (memcmp(now, &told->tail, sizeof *now) == 0) continue;
    told->tail = *now;
    tail_record record = { .kind = TAIL, .lane = told->lane };
    record.tail = *now;
    ART_PUT(&ranks->send[told->peer], record);
  }
}

/// Gives a word that own vehicles wrote for a lane to all who have to know it.
static void tell_word(art_sim *sim, int32_t kind, int32_t lane, uint64_t word, uint8_t what)
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
    record.speed_mps = vehicle->mover.speed_mps;
    record.lead_connector = vehicle->lead_connector;
  }
  for (int32_t i = first; i < end; ++i)
    if (ranks->lane_row[i].what & what) ART_PUT(&ranks->send[ranks->lane_row[i].peer], record);
}

/// The lane of a word of an array; -1: it is of another one.
static int32_t lane_of(const art_sim *sim, const uint64_t *words, const uint64_t *word)
{
  const uintptr_t first = (uintptr_t)words, at = (uintptr_t)word;
  return at >= first && at < first + (uintptr_t)sim->net->lane_count * sizeof *words ? (int32_t)(word - words) : -1;
}

/// All words of an array that were written since the last mark and lie in the lists of the threads.
static void tell_words(art_sim *sim, int32_t kind, const uint64_t *words, uint8_t what)
{
  const int64_t buffer = ART_BUFFER(sim);
  for (int32_t t = 0; t < sim->threads; ++t) {
    const art_written *written = &sim->worker[t].written[buffer];
    for (int32_t i = sim->ranks->words_told[t]; i < written->count; ++i) {
      const int32_t lane = lane_of(sim, words, written->word[i]);
      if (lane >= 0) tell_word(sim, kind, lane, *written->word[i], what);
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
      if (lane >= 0 && ranks->lane_first[lane] < ranks->lane_first[lane + 1])
        ranks->fault = "a body that others see came from a block away from the border";
    }
  }
}

static void tell_notice(art_sim *sim, const art_notice *notice, int32_t node)
{
  art_ranks *ranks = sim->ranks;
  const art_vehicle *vehicle = art_record(sim, notice->vehicle);
  const notice_record record = { NOTICE, vehicle->track_count, vehicle->track_ahead };
  for (int32_t i = ranks->node_first[node]; i < ranks->node_first[node + 1]; ++i) {
    if (!(ranks->node_row[i].what & ART_DECIDES_NODE)) continue;
    art_bytes *out = &ranks->send[ranks->node_row[i].peer];
    ART_PUT(out, record);
    ART_PUT(out, *notice);
    art_tracks_put(vehicle, out);
  }
}

/// Own passages at a node that others have to hear of. Where it is not decided here they are taken out of its box.
static void tell_node(art_sim *sim, int32_t node)
{
  art_ranks *ranks = sim->ranks;
  const int32_t count = sim->node_notices[node];
  const int64_t first = sim->node_first_notice[node], room = sim->node_first_notice[node + 1] - first;
  for (int32_t i = 0; i < count && i < room; ++i) tell_notice(sim, &sim->notice[first + i], node);
  uint64_t link = sim->node_list[node];
  for (int64_t i = room; i < count; ++i) {
    const art_notice *notice = &sim->worker[link >> 32].pool.item[(uint32_t)link];
    tell_notice(sim, notice, node);
    link = notice->next;
  }
  if (sim->node_waits_ms[node] == sim->now_ms) {
    const node_record record = { LONG_WAITED, node };
    for (int32_t i = ranks->node_first[node]; i < ranks->node_first[node + 1]; ++i)
      ART_PUT(&ranks->send[ranks->node_row[i].peer], record);
  }
  if (decides(ranks, node)) return;
  sim->node_notices[node] = 0;
  sim->node_list[node] = UINT64_MAX;
}

static void hear_notice(art_sim *sim, art_byte_reader *in)
{
  notice_record record;
  art_notice notice;
  ART_GET(in, record);
  ART_GET(in, notice);
  if (notice.vehicle < 0 || notice.vehicle >= sim->demand->trip_count) in->is_short = 1;
  if (in->is_short || record.track_count < 0 || record.track_count > ART_TRACK_MAX || notice.connector < 0 ||
      notice.connector >= sim->net->connector_count) {
    in->is_short = 1;
    return;
  }
  art_vehicle *vehicle = art_record_borrow(sim, notice.vehicle);
  art_tracks_get(vehicle, record.track_count, in);
  vehicle->track_count = (int16_t)record.track_count;
  vehicle->track_ahead = (int16_t)record.track_ahead;
  art_notice *here = art_new_notice(sim, &sim->worker[0], 0, notice.connector);
  const uint64_t next = here->next;
  *here = notice;
  here->next = next;
  here->record = sim->record_of[notice.vehicle];  // records of other ranks have other numbers
}

static void hear_settled(art_sim *sim, art_byte_reader *in)
{
  while (!in->is_short && in->at < in->count) {
    int32_t kind;
    memcpy(&kind, in->data + in->at, sizeof kind);
    if (kind == TAIL) {
      tail_record record;
      ART_GET(in, record);
      sim->tail[record.lane] = record.tail;
    } else if (kind == OVERHANG) {
      word_record record;
      ART_GET(in, record);
      art_note_least(sim, &sim->overhang[ART_BUFFER(sim)][record.lane], record.word, &sim->worker[0]);
    } else if (kind == NOTICE) {
      hear_notice(sim, in);
    } else {
      node_record record;
      ART_GET(in, record);
      sim->node_waits_ms[record.node] = sim->now_ms;
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

/// What blocks have told a node in this step, as one number.
static int32_t told_of(const art_sim *sim, int32_t node)
{
  return 2 * sim->node_notices[node] + (sim->node_waits_ms[node] == sim->now_ms);
}

void art_ranks_tell_settled(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_timer_to(&sim->timer, ART_PHASE_TELL);
  begin(ranks);
  memset(ranks->words_told, 0, (size_t)sim->threads * sizeof *ranks->words_told);
  tell_tails(sim);
  tell_words(sim, OVERHANG, sim->overhang[ART_BUFFER(sim)], ART_WANTS_TAIL);
  mark_words(sim);
  for (int32_t i = 0; i < ranks->shared_count; ++i) {
    const int32_t node = ranks->shared[i];
    if (sim->node_notices[node] > 0 || sim->node_waits_ms[node] == sim->now_ms) tell_node(sim, node);
    ranks->notices_told[i] = told_of(sim, node);
  }
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
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    art_byte_reader in = reader_of(ranks, p);
    hear_settled(sim, &in);
    if (in.is_short) ranks->fault = "a message of another rank is cut short";
  }
  mark_words(sim);
}

// --- after move -----------------------------------------------------------------------------------------------------

static void tell_crossers(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  const int32_t kind = CROSSER;
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->left_count; ++n) {
      const int32_t trip = worker->left[n], lane = art_record(sim, trip)->lane;
      for (int32_t i = ranks->lane_first[lane]; i < ranks->lane_first[lane + 1]; ++i) {
        if (!(ranks->lane_row[i].what & ART_OWNS)) continue;
        ART_PUT(&ranks->send[ranks->lane_row[i].peer], kind);
        art_vehicle_put(sim, trip, &ranks->send[ranks->lane_row[i].peer]);
      }
      ranks->holds[trip] = 0;
      --ranks->came;
    }
  }
}

static void forget_crossers(art_sim *sim)
{
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *worker = &sim->worker[t];
    for (int32_t n = 0; n < worker->left_count; ++n) {
      art_vehicle_forget(sim, worker->left[n]);
      (void)art_record_borrow(sim, worker->left[n]);  // settle looks at who has just entered a lane
    }
    worker->left_count = 0;
  }
}

static void tell_leads(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t i = 0; i < ranks->told_lead_count; ++i) {
    art_told_lead *told = &ranks->told_lead[i];
    const art_lead *now = &sim->lead[told->lane];
    if (memcmp(now, &told->lead, sizeof *now) == 0) continue;
    told->lead = *now;
    const lead_record record = { LEAD, told->lane, *now };
    ART_PUT(&ranks->send[told->peer], record);
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
  if (trip < 0) {
    ranks->fault = "a vehicle came over that is none";
    in->is_short = 1;
    return;
  }
  art_vehicle *vehicle = art_record(sim, trip);
  const int32_t lane = vehicle->lane;
  ranks->holds[trip] = 1;
  ++ranks->came;
  vehicle->next = sim->inbox[lane];
  sim->inbox[lane] = trip;
  sim->block[sim->lane_block[lane]].inbox |= 1u << sim->lane_slot[lane];
}

static void hear_word(art_sim *sim, art_byte_reader *in)
{
  word_record record;
  ART_GET(in, record);
  const int64_t buffer = ART_BUFFER(sim);
  uint64_t *words = record.kind == TRANSIT ? sim->transit[buffer] : sim->entering[buffer];
  if (record.kind == ENTERING) {
    art_vehicle *vehicle = art_record_borrow(sim, art_entering_trip(record.word));
    vehicle->mover.speed_mps = record.speed_mps;
    vehicle->lead_connector = record.lead_connector;
  }
  art_note_least(sim, &words[record.lane], record.word, &sim->worker[0]);
}

static void hear_answer(art_sim *sim, art_byte_reader *in)
{
  answer_record record;
  ART_GET(in, record);
  if (in->is_short || !sim->ranks->holds[record.trip]) return;
  art_vehicle *vehicle = art_record(sim, record.trip);
  if (record.slot >= vehicle->track_count || art_track_of(vehicle, record.slot)->connector != record.track.connector) return;
  *art_track_of(vehicle, record.slot) = record.track;
}

/// In two rounds: answers are for those who have come over, whoever sent them.
static void hear_moved(art_sim *sim, art_byte_reader *in, int round)
{
  while (!in->is_short && in->at < in->count) {
    int32_t kind;
    memcpy(&kind, in->data + in->at, sizeof kind);
    if (kind == ANSWER) {
      if (round == 0) return;  // they come last
      hear_answer(sim, in);
    } else if (kind == CROSSER) {
      hear_crosser(sim, in);
    } else if (kind == LEAD) {
      lead_record record;
      ART_GET(in, record);
      sim->lead[record.lane] = record.lead;
    } else {
      hear_word(sim, in);
    }
  }
}

void art_ranks_tell_moved(art_sim *sim)
{
  art_timer_to(&sim->timer, ART_PHASE_TELL);
  begin(sim->ranks);
  tell_words(sim, TRANSIT, sim->transit[ART_BUFFER(sim)], ART_OWNS);
  tell_words(sim, ENTERING, sim->entering[ART_BUFFER(sim)], ART_WANTS_LEAD);
  mark_words(sim);
  tell_leads(sim);
  tell_crossers(sim);
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
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    in[p] = reader_of(ranks, p);
    hear_moved(sim, &in[p], 0);
  }
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    hear_moved(sim, &in[p], 1);
    if (in[p].is_short && !ranks->fault) ranks->fault = "a message of another rank is cut short";
  }
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

void art_ranks_sum(const art_sim *sim, int64_t count, int64_t *values)
{
  if (sim->ranks) sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_SUM, count, values);
}

void art_ranks_largest(const art_sim *sim, int64_t count, int64_t *values)
{
  if (sim->ranks) sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_MAX, count, values);
}

art_ledger art_sim_ledger_all(const art_sim *sim)
{
  art_ledger ledger = art_sim_ledger(sim);
  const art_ranks *ranks = sim->ranks;
  if (!ranks) return ledger;
  int64_t sums[] = { ledger.loaded,   ledger.waiting,      ledger.running,       ledger.beside,       ledger.arrived,
                     ledger.removed,  ledger.inserted,     ledger.no_route,      ledger.missed_turns, ledger.hard_brakings,
                     ledger.updates,  ledger.distance_mm };
  ranks->group->reduce(ranks->group, ART_REDUCE_SUM, (int64_t)(sizeof sums / sizeof *sums), sums);
  int64_t *const fields[] = { &ledger.loaded,  &ledger.waiting,  &ledger.running,  &ledger.beside,       &ledger.arrived,
                              &ledger.removed, &ledger.inserted, &ledger.no_route, &ledger.missed_turns, &ledger.hard_brakings,
                              &ledger.updates, &ledger.distance_mm };
  for (size_t i = 0; i < sizeof sums / sizeof *sums; ++i) *fields[i] = sums[i];
  // Of equal ones the lowest trip, as on one rank. Circles and signals are the same everywhere.
  int64_t word = ledger.longest_standstill_trip < 0
                     ? 0
                     : ledger.longest_standstill_ms << 32 | (uint32_t)~(uint32_t)ledger.longest_standstill_trip;
  ranks->group->reduce(ranks->group, ART_REDUCE_MAX, 1, &word);
  ledger.longest_standstill_ms = word >> 32;
  ledger.longest_standstill_trip = word ? (int64_t)(uint32_t) ~(uint32_t)word : -1;
  return ledger;
}

uint64_t art_sim_hash_all(const art_sim *sim)
{
  int64_t hash = (int64_t)art_sim_hash(sim);
  if (sim->ranks) sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_SUM, 1, &hash);
  return (uint64_t)hash;
}
