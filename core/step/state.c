/// The state of a simulation as bytes: the frame of sections, and what belongs to the whole of it. See state_internal.h.
#include "core/step/state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/ranks_internal.h"
#include "core/step/state_internal.h"

/// Kinds of sections. X(name, tag in the bytes, what messages call it)
#define SECTION_LIST(X)                            \
  X(HEAD, "HEAD", "head")                          \
  X(WHOLE, "TIME", "clock and account")            \
  X(LANES, "LANE", "lanes")                        \
  X(LINKS, "LINK", "links")                        \
  X(NODES, "NODE", "nodes")                        \
  X(SIGNALS, "SIGN", "signals")                    \
  X(SENSORS, "SENS", "sensors")                    \
  X(TRIPS, "TRIP", "trips")                        \
  X(CYCLES, "CYCL", "circles of waiting vehicles") \
  X(EVENTS, "EVNT", "log of the signals")          \
  X(SUMS, "SUMS", "sums of links and detectors")   \
  X(APPROACHES, "APPR", "measurements at signals") \
  X(REROUTE, "WAYS", "delays that drivers know")   \
  X(END, "END.", "end")
enum {
#define X(name, tag, text) SECTION_##name,
  SECTION_LIST(X)
#undef X
      SECTION_COUNT
};
static const char *const section_tag[] = {
#define X(name, tag, text) tag,
  SECTION_LIST(X)
#undef X
};
static const char *const section_text[] = {
#define X(name, tag, text) text,
  SECTION_LIST(X)
#undef X
};

typedef struct section {
  char tag[4];
  uint32_t version;
  uint64_t count, sum;  ///< bytes that follow, and art_state_sum over them
} section;

/// Records are as this program lays them out in memory; another one may do so differently.
typedef struct layout {
  uint32_t order, mover, vehicle, track, row, line, slot, ledger;
} layout;

static layout layout_here(void)
{
  return (layout){ .order = 0x01020304,
                   .mover = sizeof(art_mover),
                   .vehicle = sizeof(art_vehicle),
                   .track = sizeof(art_track),
                   .row = sizeof(art_trip_row),
                   .line = sizeof(art_line),
                   .slot = sizeof(art_cycle_slot),
                   .ledger = sizeof(art_ledger) };
}

/// What there is once.
typedef struct whole {
  art_tick now_ms, links_since_ms, detectors_since_ms;
  uint64_t hash, standstill;
  int64_t next_trip;
  art_ledger ledger;
} whole;

// --- writing --------------------------------------------------------------------------------------------------------

typedef struct writer {
  art_bytes *out;
  size_t at;  ///< where the open section begins
  uint32_t sections;
} writer;

static void begin_section(writer *w, int kind)
{
  section head = { .version = ART_STATE_VERSION };
  memcpy(head.tag, section_tag[kind], sizeof head.tag);
  w->at = w->out->count;
  ++w->sections;
  ART_PUT(w->out, head);
}

static void end_section(writer *w)
{
  section head;
  const uint8_t *from = w->out->data + w->at + sizeof head;
  memcpy(&head, w->out->data + w->at, sizeof head);
  head.count = w->out->count - w->at - sizeof head;
  head.sum = art_state_sum(0, from, (size_t)head.count);
  memcpy(w->out->data + w->at, &head, sizeof head);
}

static void put_head(writer *w, const art_sim *sim)
{
  begin_section(w, SECTION_HEAD);
  ART_PUT_RECORD(w->out, layout, layout_here());
  art_state_put_identity(sim, w->out);
  end_section(w);
}

static void put_whole(writer *w, const art_sim *sim, const art_ledger *ledger, uint64_t hash, uint64_t standstill)
{
  const whole all = { .now_ms = sim->now_ms,
                      .links_since_ms = sim->link_sums.begin_ms,
                      .detectors_since_ms = sim->detector_sums.begin_ms,
                      .hash = hash,
                      .standstill = standstill,
                      .next_trip = sim->next_trip,
                      .ledger = *ledger };
  begin_section(w, SECTION_WHOLE);
  ART_PUT_RECORD(w->out, whole, all);
  end_section(w);
}

static int owns_link(const art_sim *sim, int32_t link)
{
  return art_ranks_owns_lane(sim, sim->net->link_first_lane[link]);
}

static void put_records(writer *w, const art_sim *sim, int kind, int32_t count, int (*is_mine)(const art_sim *, int32_t),
                        void (*put)(const art_sim *, int32_t, art_bytes *))
{
  begin_section(w, kind);
  for (int32_t i = 0; i < count; ++i)
    if (is_mine(sim, i)) put(sim, i, w->out);
  end_section(w);
}

/// Those that are over.
static void put_trips(writer *w, const art_sim *sim)
{
  begin_section(w, SECTION_TRIPS);
  for (int32_t trip = sim->first_trip; trip < sim->next_trip; ++trip)
    if (sim->row[trip].state == ART_TRIP_ARRIVED && art_sim_holds(sim, trip)) art_state_put_trip(sim, trip, w->out);
  end_section(w);
}

static void put_part(writer *w, const art_sim *sim, int kind, void (*put)(const art_sim *, art_bytes *))
{
  begin_section(w, kind);
  put(sim, w->out);
  end_section(w);
}

static void put_end(writer *w)
{
  const uint32_t before = w->sections;
  begin_section(w, SECTION_END);
  ART_PUT(w->out, before);
  end_section(w);
}

/// What one tells of all ranks; the others' bytes are thrown away. All take part in making them.
static void put_part_once(writer *w, const art_sim *sim, int kind, void (*put)(const art_sim *, art_bytes *))
{
  const size_t count = w->out->count;
  put_part(w, sim, kind, put);
  if (art_ranks_is_first(sim)) return;
  w->out->count = count;
  --w->sections;
}

void art_sim_save(art_sim *sim, art_bytes *out)
{
  const art_net *net = sim->net;
  writer w = { .out = out };
  art_ledger ledger;
  uint64_t hash, standstill;
  assert(!sim->is_over);
  art_ranks_account(sim, &ledger, &hash, &standstill);
  put_head(&w, sim);
  if (art_ranks_is_first(sim)) put_whole(&w, sim, &ledger, hash, standstill);
  put_records(&w, sim, SECTION_LANES, net->lane_count, art_ranks_owns_lane, art_state_put_lane);
  put_records(&w, sim, SECTION_LINKS, net->link_count, owns_link, art_state_put_link);
  put_records(&w, sim, SECTION_NODES, net->node_count, art_ranks_owns_node, art_state_put_node);
  put_records(&w, sim, SECTION_SIGNALS, net->signal_count, art_ranks_owns_signal, art_state_put_signal);
  put_trips(&w, sim);
  put_part_once(&w, sim, SECTION_SENSORS, art_state_put_sensors);
  put_part_once(&w, sim, SECTION_CYCLES, art_state_put_cycles);
  put_part(&w, sim, SECTION_EVENTS, art_state_put_events);
  put_part(&w, sim, SECTION_SUMS, art_state_put_sums);
  if (sim->measures_approaches) put_part(&w, sim, SECTION_APPROACHES, art_state_put_approaches);
  if (sim->reroute) put_part_once(&w, sim, SECTION_REROUTE, art_reroute_put);
  put_end(&w);
}

// --- reading --------------------------------------------------------------------------------------------------------

typedef struct reader {
  art_sim *sim;
  int32_t times[SECTION_COUNT];          ///< that a kind was met
  uint32_t sections;                     ///< since the last head
  int is_open;                           ///< a head was met, and no end yet
  uint8_t *lane, *link, *node, *signal;  ///< 1: read
} reader;

static art_status get_head(reader *r, art_byte_reader *in, art_error *err)
{
  const layout here = layout_here();
  layout saved;
  ART_GET(in, saved);
  if (r->is_open)
    return art_fail(err, ART_E_INPUT, "saved state: a part begins before the one before it has ended");
  if (in->is_short || memcmp(&saved, &here, sizeof here) != 0)
    return art_fail(
        err, ART_E_INPUT,
        "saved state: it was saved by another version of the program, or on another kind of machine");
  r->is_open = 1;
  r->sections = 1;
  return art_state_check_identity(r->sim, in, err);
}

static art_status get_whole(reader *r, art_byte_reader *in, art_error *err)
{
  art_sim *sim = r->sim;
  whole all;
  ART_GET(in, all);
  if (in->is_short || all.now_ms < sim->begin_ms || all.now_ms > INT64_MAX / 4 ||
      (all.now_ms - sim->begin_ms) % sim->step_ms != 0)
    return art_fail(err, ART_E_INPUT, "saved state: its time is none of this run");
  if (all.next_trip < sim->first_trip || all.next_trip > sim->demand->trip_count)
    return art_fail(err, ART_E_INPUT, "saved state: it has begun %" PRId64 " trips, the demand has up to %d",
                    all.next_trip, (int)sim->demand->trip_count);
  if (all.next_trip > sim->last_trip)
    return art_fail(
        err, ART_E_INPUT,
        "time: end %.3f s: accepted is not before %.3f s, when trip %s of the saved state departed",
        (double)sim->end_ms * 1e-3, (double)sim->demand->trip_depart_ms[all.next_trip - 1] * 1e-3,
        sim->demand->trip_id[all.next_trip - 1]);
  sim->now_ms = all.now_ms;
  sim->link_sums.begin_ms = all.links_since_ms;
  sim->detector_sums.begin_ms = all.detectors_since_ms;
  sim->hash = all.hash;
  sim->standstill = all.standstill;
  sim->next_trip = (int32_t)all.next_trip;
  sim->ledger = all.ledger;
  return ART_OK;
}

/// Reads records up to the end of a section; marks those that it has read, each once.
static art_status get_records(reader *r, art_byte_reader *in, uint8_t *marks, const char *what,
                              int32_t (*get)(art_sim *, art_byte_reader *, art_error *), art_error *err)
{
  while (in->at < in->count) {
    const int32_t i = get(r->sim, in, err);
    if (i < 0) return ART_E_INPUT;
    if (!marks) continue;
    if (marks[i]) return art_fail(err, ART_E_INPUT, "saved state: %s %d is in it twice", what, (int)i);
    marks[i] = 1;
  }
  return ART_OK;
}

static art_status get_end(reader *r, art_byte_reader *in, art_error *err)
{
  uint32_t before;
  ART_GET(in, before);
  if (in->is_short || before != r->sections)
    return art_fail(err, ART_E_INPUT, "saved state: sections are missing");
  r->is_open = 0;
  return ART_OK;
}

static art_status get_section(reader *r, int kind, art_byte_reader *in, art_error *err)
{
  art_sim *sim = r->sim;
  switch (kind) {
  case SECTION_HEAD: return get_head(r, in, err);
  case SECTION_WHOLE: return get_whole(r, in, err);
  case SECTION_LANES: return get_records(r, in, r->lane, "lane", art_state_get_lane, err);
  case SECTION_LINKS: return get_records(r, in, r->link, "link", art_state_get_link, err);
  case SECTION_NODES: return get_records(r, in, r->node, "node", art_state_get_node, err);
  case SECTION_SIGNALS: return get_records(r, in, r->signal, "signal", art_state_get_signal, err);
  case SECTION_TRIPS: return get_records(r, in, NULL, "trip", art_state_get_trip, err);
  case SECTION_SENSORS: return art_state_get_sensors(sim, in, err);
  case SECTION_CYCLES: return art_state_get_cycles(sim, in, err);
  case SECTION_EVENTS: return art_state_get_events(sim, in, err);
  case SECTION_SUMS: return art_state_get_sums(sim, in, err);
  case SECTION_APPROACHES: return art_state_get_approaches(sim, r->times[kind] == 0, in, err);
  case SECTION_REROUTE: return art_reroute_get(sim, in, err);
  default: return get_end(r, in, err);
  }
}

static int find_kind(const char tag[4])
{
  int kind = 0;
  while (kind < SECTION_COUNT && memcmp(tag, section_tag[kind], 4) != 0) ++kind;
  return kind;
}

/// Which sections may stand here: a head first, then the whole; of some there is one.
static art_status check_order(const reader *r, int kind, art_error *err)
{
  const int is_single = kind == SECTION_WHOLE || kind == SECTION_REROUTE;
  if (kind != SECTION_HEAD && !r->is_open)
    return art_fail(err, ART_E_INPUT, "saved state: %s before a head", section_text[kind]);
  if (kind != SECTION_HEAD && kind != SECTION_WHOLE && r->times[SECTION_WHOLE] == 0)
    return art_fail(err, ART_E_INPUT, "saved state: %s before %s", section_text[kind],
                    section_text[SECTION_WHOLE]);
  if (is_single && r->times[kind] > 0)
    return art_fail(err, ART_E_INPUT, "saved state: %s twice", section_text[kind]);
  return ART_OK;
}

/// Reads the next section of `all`.
static art_status next_section(reader *r, art_byte_reader *all, art_error *err)
{
  section head;
  const size_t at = all->at;
  ART_GET(all, head);
  if (all->is_short)
    return art_fail(err, ART_E_INPUT, "saved state: it ends within a section, after %zu bytes", at);
  const int kind = find_kind(head.tag);
  if (kind == SECTION_COUNT)
    return art_fail(err, ART_E_INPUT, "saved state: no section that is known, after %zu bytes", at);
  if (head.version != ART_STATE_VERSION)
    return art_fail(err, ART_E_INPUT, "saved state: version %u of its format: accepted is %d",
                    (unsigned)head.version, ART_STATE_VERSION);
  if (head.count > all->count - all->at)
    return art_fail(err, ART_E_INPUT, "saved state: %s: %" PRIu64 " of %" PRIu64 " bytes are there",
                    section_text[kind], (uint64_t)(all->count - all->at), head.count);
  art_byte_reader in = { .data = all->data + all->at, .count = (size_t)head.count };
  all->at += in.count;
  if (art_state_sum(0, in.data, in.count) != head.sum)
    return art_fail(err, ART_E_INPUT, "saved state: %s: its bytes were damaged", section_text[kind]);
  art_status status = check_order(r, kind, err);
  if (status == ART_OK) status = get_section(r, kind, &in, err);
  if (status == ART_OK && in.at != in.count)
    status = art_fail(err, ART_E_INPUT, "saved state: %s: %zu bytes too many", section_text[kind],
                      in.count - in.at);
  ++r->times[kind];
  r->sections += kind != SECTION_HEAD;
  return status;
}

static art_status check_all_there(const uint8_t *marks, int32_t count, const char *what, art_error *err)
{
  for (int32_t i = 0; i < count; ++i)
    if (!marks[i]) return art_fail(err, ART_E_INPUT, "saved state: %s %d is missing", what, (int)i);
  return ART_OK;
}

static art_status check_complete(const reader *r, art_error *err)
{
  const art_net *net = r->sim->net;
  if (r->is_open || r->times[SECTION_END] == 0)
    return art_fail(err, ART_E_INPUT, "saved state: it has no end");
  art_status status = check_all_there(r->lane, net->lane_count, "lane", err);
  if (status == ART_OK) status = check_all_there(r->link, net->link_count, "link", err);
  if (status == ART_OK) status = check_all_there(r->node, net->node_count, "node", err);
  if (status == ART_OK) status = check_all_there(r->signal, net->signal_count, "signal", err);
  if (status == ART_OK && r->sim->reroute && r->times[SECTION_REROUTE] == 0)
    status = art_fail(err, ART_E_INPUT, "saved state: %s are missing", section_text[SECTION_REROUTE]);
  return status;
}

/// Lights as they were read in the last step are those of now; measurements at signals that begin only now.
static void begin_measuring(const reader *r)
{
  art_approaches *a = r->sim->approaches;
  if (!r->sim->measures_approaches) return;
  memcpy(a->aspect, r->sim->aspect, (size_t)r->sim->net->connector_count);
  if (r->times[SECTION_APPROACHES] > 0) return;
  for (int32_t i = 0; i < a->slot_count; ++i)
    if (a->slot[i].is_used) a->slot[i].cycle.begin_ms = r->sim->now_ms;
}

art_status art_sim_restore(art_sim *sim, const void *data, size_t count, art_error *err)
{
  const art_net *net = sim->net;
  if (sim->now_ms != sim->begin_ms || sim->ledger.loaded != 0)
    return art_fail(err, ART_E_INTERNAL, "a state can be restored only before the first step");
  reader r = { .sim = sim,
               .lane = ART_NEW(uint8_t, net->lane_count),
               .link = ART_NEW(uint8_t, net->link_count),
               .node = ART_NEW(uint8_t, net->node_count),
               .signal = ART_NEW(uint8_t, net->signal_count) };
  art_byte_reader all = { .data = data, .count = count };
  art_status status = count ? ART_OK : art_fail(err, ART_E_INPUT, "saved state: it is empty");
  while (status == ART_OK && all.at < all.count) status = next_section(&r, &all, err);
  if (status == ART_OK) status = check_complete(&r, err);
  if (status == ART_OK) art_rows_make(sim, sim->first_trip, sim->next_trip);
  if (status == ART_OK) begin_measuring(&r);
  if (status == ART_OK && !sim->ranks) status = art_state_check(sim, err);  // one rank alone sees all
  if (sim->ranks) {
    status = art_sim_agree(sim, status, err);
    if (status == ART_OK) art_ranks_restored(sim);
  }
  free(r.lane);
  free(r.link);
  free(r.node);
  free(r.signal);
  return status;
}
