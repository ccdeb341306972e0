/// The state of a lane: who is on it, comes onto it or stands beside it, and what the last step left to be known of it.
#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/state_internal.h"
#include "core/step/vehicle_state.h"

/// Which parts of a record follow; what is not there is as in a new simulation.
enum {
  HAS_VEHICLES = 1,
  HAS_ARRIVALS = 2,
  HAS_BESIDE = 4,
  HAS_LEAD = 8,
  HAS_WORDS = 16,
  HAS_RULES = 32,
  HAS_TIMES = 64,
  HAS_ALL = 127
};

/// Words of the last step: those of the step before are cleared by now.
typedef struct words {
  uint64_t overhang, transit, entering;
} words;

/// Closures, permissions and limits.
typedef struct rules {
  uint32_t allowed;
  float limit_mps;
  uint8_t closed;
} rules;

/// Of link lanes: admissions and red.
typedef struct times {
  art_tick start_ms, red_ms;
} times;

static words words_of(const art_sim *sim, int32_t lane)
{
  const int64_t last = ART_BUFFER(sim) ^ 1;
  return (words){ sim->overhang[last][lane], sim->transit[last][lane], sim->entering[last][lane] };
}

static rules first_rules(const art_sim *sim, int32_t lane)
{
  return (rules){ .allowed = sim->net->lane_allowed[lane],
                  .limit_mps = art_limit_of(sim->net, lane, sim->net->lane_speed_mps[lane]) };
}

static rules rules_of(const art_sim *sim, int32_t lane)
{
  return (rules){ sim->lane_allowed[lane], sim->speed_limit_mps[lane], sim->lane_closed[lane] };
}

static times times_of(const art_sim *sim, int32_t lane)
{
  return (times){ sim->lane_start_ms[lane], sim->lane_red_ms[lane] };
}

static uint8_t parts_of(const art_sim *sim, int32_t lane)
{
  const art_block *block = &sim->block[sim->lane_block[lane]];
  const int32_t k = sim->lane_slot[lane];
  const words w = words_of(sim, lane);
  const rules now = rules_of(sim, lane), first = first_rules(sim, lane);
  unsigned parts = 0;
  if (block->start[k] < block->start[k + 1]) parts |= HAS_VEHICLES;
  if (sim->inbox[lane] >= 0) parts |= HAS_ARRIVALS;
  if (sim->beside && sim->beside[lane] >= 0) parts |= HAS_BESIDE;
  if (sim->lead[lane].vehicle >= 0) parts |= HAS_LEAD;
  if (w.overhang != ART_OVERHANG_NONE || w.transit != ART_OVERHANG_NONE || w.entering != ART_OVERHANG_NONE)
    parts |= HAS_WORDS;
  if (now.allowed != first.allowed || now.closed ||
      art_bits_of_float(now.limit_mps) != art_bits_of_float(first.limit_mps))
    parts |= HAS_RULES;
  if (!art_net_is_connector(sim->net, lane)) {
    const times t = times_of(sim, lane);
    if (t.start_ms != INT64_MIN || t.red_ms != ART_NOT_RED) parts |= HAS_TIMES;
  }
  return (uint8_t)parts;
}

// --- writing --------------------------------------------------------------------------------------------------------

static void put_vehicles(const art_sim *sim, int32_t lane, art_bytes *out)
{
  const art_block *block = &sim->block[sim->lane_block[lane]];
  const int32_t k = sim->lane_slot[lane], count = block->start[k + 1] - block->start[k];
  ART_PUT(out, count);
  for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
    ART_PUT_RECORD(out, art_mover, art_block_get(block, i));
    art_vehicle_put(sim, block->vehicle[i], 0, out);
  }
}

/// Farther ahead first, as they will be taken in: the list has the order in which threads came.
static int32_t next_arrival(const art_sim *sim, int32_t lane, int32_t after)
{
  int32_t best = -1;
  for (int32_t trip = sim->inbox[lane]; trip >= 0; trip = art_record(sim, trip)->next) {
    const float pos = art_mover_of(sim, art_record(sim, trip))->pos_m;
    const uint64_t key = sim->demand->trip_key[trip];
    if (after >= 0) {
      const float before = art_mover_of(sim, art_record(sim, after))->pos_m;
      if (pos > before || (pos == before && key <= sim->demand->trip_key[after])) continue;
    }
    if (best >= 0) {
      const float other = art_mover_of(sim, art_record(sim, best))->pos_m;
      if (pos < other || (pos == other && key > sim->demand->trip_key[best])) continue;
    }
    best = trip;
  }
  return best;
}

static void put_arrivals(const art_sim *sim, int32_t lane, art_bytes *out)
{
  int32_t count = 0;
  for (int32_t trip = sim->inbox[lane]; trip >= 0; trip = art_record(sim, trip)->next) ++count;
  ART_PUT(out, count);
  for (int32_t trip = -1; (trip = next_arrival(sim, lane, trip)) >= 0;) art_vehicle_put(sim, trip, 1, out);
}

static void put_beside(const art_sim *sim, int32_t lane, art_bytes *out)
{
  int32_t count = 0;
  for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next) ++count;
  ART_PUT(out, count);
  for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next)
    art_vehicle_put(sim, trip, 0, out);
}

void art_state_put_lane(const art_sim *sim, int32_t lane, art_bytes *out)
{
  const uint8_t parts = parts_of(sim, lane);
  ART_PUT(out, lane);
  ART_PUT(out, parts);
  if (parts & HAS_VEHICLES) put_vehicles(sim, lane, out);
  if (parts & HAS_ARRIVALS) put_arrivals(sim, lane, out);
  if (parts & HAS_BESIDE) put_beside(sim, lane, out);
  if (parts & HAS_LEAD) ART_PUT(out, sim->lead[lane]);
  if (parts & HAS_WORDS) ART_PUT_RECORD(out, words, words_of(sim, lane));
  if (parts & HAS_RULES) ART_PUT_RECORD(out, rules, rules_of(sim, lane));
  if (parts & HAS_TIMES) ART_PUT_RECORD(out, times, times_of(sim, lane));
}

// --- reading --------------------------------------------------------------------------------------------------------

static int32_t fail(art_error *err, int32_t lane, const char *what)
{
  (void)art_fail(err, ART_E_INPUT, "saved state: lane %d: %s", (int)lane, what);
  return -1;
}

static int32_t get_count(art_byte_reader *in)
{
  int32_t count;
  ART_GET(in, count);
  return in->is_short ? -1 : count;
}

static int32_t get_vehicles(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  art_block *block = &sim->block[sim->lane_block[lane]];
  const int32_t k = sim->lane_slot[lane], count = get_count(in);
  const int is_mine = art_ranks_owns_lane(sim, lane);
  if (block->start[k] != block->start[k + 1]) return fail(err, lane, "has vehicles already");
  if (count < 0) return fail(err, lane, "no number of vehicles");
  float ahead = INFINITY;
  for (int32_t n = 0; n < count; ++n) {
    art_mover mover;
    ART_GET(in, mover);
    const int32_t trip = art_vehicle_get(sim, in);
    if (trip < 0 || !art_mover_is_sound(sim, trip, lane, &mover))
      return fail(err, lane, "a vehicle on it is none of this run");
    if (mover.pos_m > ahead) return fail(err, lane, "its vehicles are out of order");
    ahead = mover.pos_m;
    art_ranks_set_holds(sim, trip, is_mine);
    if (!is_mine) {
      art_vehicle_forget(sim, trip);
      (void)art_record_borrow(sim, &sim->worker[0], trip);
      continue;
    }
    (void)art_take_in(sim, block, k, &mover);  // behind all that are there, as none is farther ahead than those before it
  }
  return lane;
}

/// Reads a list of vehicles into *list, in their order.
static int32_t get_list(art_sim *sim, int32_t lane, int32_t *list, art_byte_reader *in, art_error *err)
{
  const int32_t count = get_count(in);
  if (*list >= 0) return fail(err, lane, "has arrivals or vehicles beside it already");
  if (count < 0) return fail(err, lane, "no number of arrivals");
  int32_t *link = list;
  for (int32_t n = 0; n < count; ++n) {
    const int32_t trip = art_vehicle_get(sim, in);
    if (trip < 0 || !art_mover_is_sound(sim, trip, lane, art_mover_of(sim, art_record(sim, trip))) ||
        link == &art_record(sim, trip)->next)
      return fail(err, lane, "one who comes to it, or stands beside it, is none of this run");
    art_ranks_set_holds(sim, trip, art_ranks_owns_lane(sim, lane));
    if (!art_ranks_owns_lane(sim, lane)) {
      art_vehicle_forget(sim, trip);
      (void)art_record_borrow(sim, &sim->worker[0], trip);
      continue;
    }
    *link = trip;
    link = &art_record(sim, trip)->next;
  }
  *link = -1;
  return lane;
}

static int32_t get_arrivals(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  art_block *block = &sim->block[sim->lane_block[lane]];
  if (get_list(sim, lane, &sim->inbox[lane], in, err) < 0) return -1;
  if (sim->inbox[lane] >= 0) block->inbox |= ART_LANE_BIT(sim->lane_slot[lane]);
  return lane;
}

static int32_t get_beside(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  if (!sim->beside) return fail(err, lane, "vehicles beside it, but no stop of the demand is in a bay");
  if (get_list(sim, lane, &sim->beside[lane], in, err) < 0) return -1;
  for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next) {
    if (!art_record(sim, trip)->at_stop) return fail(err, lane, "one beside it makes no stop");
    ++sim->beside_count;
  }
  return lane;
}

static int32_t get_lead(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  art_lead lead;
  ART_GET(in, lead);
  if (in->is_short || lead.vehicle < 0 || lead.vehicle >= sim->demand->trip_count ||
      lead.next_connector < -1 || lead.next_connector >= sim->net->connector_count)
    return fail(err, lane, "its first vehicle is none of this run");
  sim->lead[lane] = lead;
  if (art_ranks_owns_lane(sim, lane)) sim->block[sim->lane_block[lane]].led |= ART_LANE_BIT(sim->lane_slot[lane]);
  return lane;
}

/// As the first to write it does: thread 0 clears it when its time has come.
static void note(art_sim *sim, uint64_t *word, uint64_t value)
{
  if (value == ART_OVERHANG_NONE) return;
  art_written *written = &sim->worker[0].written[ART_BUFFER(sim) ^ 1];
  if (*word == ART_OVERHANG_NONE) ART_PUSH(written->word, written->count, written->capacity, word);
  *word = value;
}

static int32_t get_words(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  const int64_t last = ART_BUFFER(sim) ^ 1;
  words w;
  ART_GET(in, w);
  const int32_t trip = art_entering_trip(w.entering);
  if (in->is_short || (w.entering != ART_OVERHANG_NONE && (trip < 0 || trip >= sim->demand->trip_count)))
    return fail(err, lane, "one who comes to it is none of this run");
  note(sim, &sim->overhang[last][lane], w.overhang);
  note(sim, &sim->transit[last][lane], w.transit);
  note(sim, &sim->entering[last][lane], w.entering);
  return lane;
}

static int32_t get_rules(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  rules r;
  ART_GET(in, r);
  if (in->is_short || !(r.limit_mps > 0.0f && r.limit_mps < 1e4f)) return fail(err, lane, "no speed limit");
  sim->lane_allowed[lane] = r.allowed;
  sim->speed_limit_mps[lane] = r.limit_mps;
  sim->lane_closed[lane] = r.closed;
  return lane;
}

static int32_t get_times(art_sim *sim, int32_t lane, art_byte_reader *in, art_error *err)
{
  times t;
  ART_GET(in, t);
  if (in->is_short || art_net_is_connector(sim->net, lane))
    return fail(err, lane, "no times of a lane before a junction");
  sim->lane_start_ms[lane] = t.start_ms;
  sim->lane_red_ms[lane] = t.red_ms;
  return lane;
}

int32_t art_state_get_lane(art_sim *sim, art_byte_reader *in, art_error *err)
{
  int32_t lane;
  uint8_t parts;
  ART_GET(in, lane);
  ART_GET(in, parts);
  if (in->is_short || lane < 0 || lane >= sim->net->lane_count || parts > HAS_ALL)
    return fail(err, lane, "no such lane");
  if ((parts & HAS_VEHICLES) && get_vehicles(sim, lane, in, err) < 0) return -1;
  if ((parts & HAS_ARRIVALS) && get_arrivals(sim, lane, in, err) < 0) return -1;
  if ((parts & HAS_BESIDE) && get_beside(sim, lane, in, err) < 0) return -1;
  if ((parts & HAS_LEAD) && get_lead(sim, lane, in, err) < 0) return -1;
  if ((parts & HAS_WORDS) && get_words(sim, lane, in, err) < 0) return -1;
  if ((parts & HAS_RULES) && get_rules(sim, lane, in, err) < 0) return -1;
  if ((parts & HAS_TIMES) && get_times(sim, lane, in, err) < 0) return -1;
  return lane;
}
