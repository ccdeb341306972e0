/// \file state_internal.h
/// Parts of a simulation's state as bytes, by global numbers, so that neither blocks nor threads nor ranks show in them.
/// Private to core/step.
///
/// A state is one contribution or several, one after the other: each rank may give what it owns. A contribution is
///   head      what must agree: format, net, trips so far, seed, step, models, timed changes
///   sections  of records; any number of each kind and in any order
///   end       how many sections there were
/// A section has a tag, a length and a sum over its bytes, so that damage is told before anything is made of it. Records of
/// lanes, links, nodes and signals begin with their number; together the contributions hold each once. Sums (of links,
/// detectors, movements) are added up, so that several may tell of the same one.
#ifndef ART_CORE_STEP_STATE_INTERNAL_H
#define ART_CORE_STEP_STATE_INTERNAL_H
#include "core/base/bytes.h"
#include "core/step/sim_internal.h"

/// Grows by one whenever the meaning of any byte changes.
#define ART_STATE_VERSION 5

/// Bytes that lie between the members of a record say nothing: zeros, so that equal states are equal bytes.
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define ART_CLEAR_PADDING(record) __builtin_clear_padding(record)
#define ART_STATE_IS_CANONICAL 1
#endif
#endif
#ifndef ART_CLEAR_PADDING
#define ART_CLEAR_PADDING(record) ((void)(record))
#define ART_STATE_IS_CANONICAL 0
#endif
/// Appends a record of any type without its padding.
#define ART_PUT_RECORD(bytes, type, value)  \
  do {                                      \
    type art_record = (value);              \
    ART_CLEAR_PADDING(&art_record);         \
    ART_PUT(bytes, art_record);             \
  } while (0)

/// Order-dependent sum over bytes; any one word changed changes it.
uint64_t art_state_sum(uint64_t sum, const void *data, size_t count);

// state_identity.c: what must agree.
void art_state_put_identity(const art_sim *sim, art_bytes *out);
art_status art_state_check_identity(const art_sim *sim, art_byte_reader *in, art_error *err);

// Each _get returns the number of what it read, or -1 with the reason in err.

// state_lanes.c: vehicles on a lane, on their way to it, and in bays beside it; what the last step published of the lane;
// closures, permissions and limits in force.
void art_state_put_lane(const art_sim *sim, int32_t lane, art_bytes *out);
int32_t art_state_get_lane(art_sim *sim, art_byte_reader *in, art_error *err);

// state_links.c: trips that wait outside, closures, and who passes through the opposite lane.
void art_state_put_link(const art_sim *sim, int32_t link, art_bytes *out);
int32_t art_state_get_link(art_sim *sim, art_byte_reader *in, art_error *err);
/// A trip that is not on the road: it waits, or has arrived.
void art_state_put_trip(const art_sim *sim, int32_t trip, art_bytes *out);
int32_t art_state_get_trip(art_sim *sim, art_byte_reader *in, art_error *err);

// state_nodes.c: order, lights as vehicles see them, when somebody last drove onto the lanes behind it, people at its
// crossings.
void art_state_put_node(const art_sim *sim, int32_t node, art_bytes *out);
int32_t art_state_get_node(art_sim *sim, art_byte_reader *in, art_error *err);
/// Members of circles of waiting vehicles.
void art_state_put_cycles(const art_sim *sim, art_bytes *out);
art_status art_state_get_cycles(art_sim *sim, art_byte_reader *in, art_error *err);

// state_signals.c: program, phase, memory of the control, what is shown, times of guard and monitor.
void art_state_put_signal(const art_sim *sim, int32_t signal, art_bytes *out);
int32_t art_state_get_signal(art_sim *sim, art_byte_reader *in, art_error *err);
void art_state_put_sensors(const art_sim *sim, art_bytes *out);
art_status art_state_get_sensors(art_sim *sim, art_byte_reader *in, art_error *err);
void art_state_put_events(const art_sim *sim, art_bytes *out);
art_status art_state_get_events(art_sim *sim, art_byte_reader *in, art_error *err);

// state_sums.c: sums of the interval that is open. They are added to what is there.
void art_state_put_sums(const art_sim *sim, art_bytes *out);
art_status art_state_get_sums(art_sim *sim, art_byte_reader *in, art_error *err);

// state_approaches.c: cycles and passages at signals.
void art_state_put_approaches(const art_sim *sim, art_bytes *out);
/// `is_first`: the first part of those that the state has.
art_status art_state_get_approaches(art_sim *sim, int is_first, art_byte_reader *in, art_error *err);
/// Forgets what all ranks together counted: one of them keeps it.
void art_state_drop_cycle_shares(art_sim *sim);

// reroute.c: delays that drivers know.
void art_reroute_put(const art_sim *sim, art_bytes *out);
art_status art_reroute_get(art_sim *sim, art_byte_reader *in, art_error *err);
/// Share and period, as a number that differs where they do.
uint64_t art_reroute_identity(const art_sim *sim);

// state_check.c: does all that was read fit together?
art_status art_state_check(art_sim *sim, art_error *err);

#endif  // ART_CORE_STEP_STATE_INTERNAL_H
