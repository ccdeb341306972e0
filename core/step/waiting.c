/// Who waits for whom: for the search for circles, and for the report that tells why a network jams.
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define LONGEST_BODY_M 40.0f  // how far ahead a body may begin that hangs over a lane
#define SKIPPED_MS 150000      // who has stood so long before a light has had a green
#define NEAR_M 5.0f           // a body this near ahead is what one stands behind
#define BESIDE_M 0.5f         // kept from those in the lane beside in front and behind by who changes into it

static const char *lane_name(const art_net *net, int32_t lane, char text[160])
{
  if (art_net_is_connector(net, lane)) {
    const int32_t c = art_net_connector_of_lane(net, lane), from = net->connector_from[c],
                  to = net->connector_to[c];
    snprintf(text, 160, "%s_%d->%s_%d", net->link_id[net->lane_link[from]],
             (int)art_net_lane_index(net, from), net->link_id[net->lane_link[to]],
             (int)art_net_lane_index(net, to));
  } else {
    snprintf(text, 160, "%s_%d", net->link_id[net->lane_link[lane]], (int)art_net_lane_index(net, lane));
  }
  return text;
}

/// Where a running vehicle is: place in its block, or -1 while it travels between blocks.
int32_t art_place_of(const art_sim *sim, int32_t trip, const art_block **block)
{
  const int32_t lane = art_record(sim, trip)->lane;
  *block = &sim->block[sim->lane_block[lane]];
  const int32_t k = sim->lane_slot[lane];
  for (int32_t i = (*block)->start[k]; i < (*block)->start[k + 1]; ++i)
    if ((*block)->vehicle[i] == trip) return i;
  return -1;
}

float art_front_of(const art_sim *sim, int32_t trip)
{
  const art_block *block;
  const int32_t i = art_place_of(sim, trip, &block);
  return i >= 0 ? block->pos_m[i] : art_mover_of(sim, art_record(sim, trip))->pos_m;
}

int32_t art_last_on(const art_sim *sim, int32_t lane)
{
  int32_t last = -1;
  for (int32_t trip = sim->inbox[lane]; trip >= 0;
       trip = art_record(sim, trip)->next)  // behind all who are in the block
    if (last < 0 || art_mover_of(sim, art_record(sim, trip))->pos_m < art_mover_of(sim, art_record(sim, last))->pos_m) last = trip;
  if (last >= 0) return last;
  const art_block *block = &sim->block[sim->lane_block[lane]];
  const int32_t k = sim->lane_slot[lane];
  return block->start[k] < block->start[k + 1] ? block->vehicle[block->start[k + 1] - 1] : -1;
}

/// Has a vehicle come over this lane, so that its body may lie there?
static int came_over(const art_sim *sim, int32_t trip, int32_t lane)
{
  const art_vehicle *vehicle = art_record(sim, trip);
  for (int32_t e = 0; e < vehicle->track_ahead; ++e) {
    const int32_t c = art_track_of(vehicle, e)->connector;
    if (art_net_lane_of_connector(sim->net, c) == lane || sim->net->connector_from[c] == lane) return 1;
  }
  return 0;
}

/// Looks over `depth` lanes from `at` on for bodies that reach back onto `lane`, whose end is ahead_m before the start of
/// those that follow `at`.
static int32_t find_hanging(const art_sim *sim, int32_t lane, int32_t at, int32_t except, float ahead_m, int depth,
                            float *rear_m)
{
  const art_net *net = sim->net;
  int32_t found = -1;
  const int is_connector = art_net_is_connector(net, at);
  const int32_t first = is_connector ? 0 : net->lane_first_out[at],
                end = is_connector ? 1 : net->lane_first_out[at + 1];
  for (int32_t c = first; c < end; ++c) {
    const int32_t next = is_connector ? net->connector_to[art_net_connector_of_lane(net, at)]
                                      : art_net_lane_of_connector(net, c);
    const int32_t last = art_last_on(sim, next);
    if (last >= 0 && last != except) {
      const float rear = ahead_m + art_front_of(sim, last) - sim->types.length_m[sim->row[last].type];
      if (rear < 0.0f && rear < *rear_m && came_over(sim, last, lane)) {
        *rear_m = rear;
        found = last;
      }
    }
    if (depth > 1 && net->lane_length_m[next] + ahead_m < LONGEST_BODY_M) {
      const int32_t other =
          find_hanging(sim, lane, next, except, ahead_m + net->lane_length_m[next], depth - 1, rear_m);
      if (other >= 0) found = other;
    }
  }
  return found;
}

int32_t art_hanging_over(const art_sim *sim, int32_t lane, int32_t except, float *rear_m)
{
  return find_hanging(sim, lane, lane, except, 0.0f, ART_HANGING_LANES, rear_m);
}

/// The body next ahead over a lane from its start on: its own last vehicle, or one that hangs over it.
static int32_t body_on(const art_sim *sim, int32_t lane, int32_t except)
{
  const int32_t last = art_last_on(sim, lane);
  if (last >= 0 && last != except) return last;
  float rear = 0.0f;
  return art_hanging_over(sim, lane, except, &rear);
}

/// Whom a standing vehicle i that needs the lane beside it has to see move first: the foremost body there that its own would
/// touch; -1: nobody, or it is too far from the end for that to matter.
static int32_t in_the_way_beside(const art_sim *sim, const art_block *block, int32_t i)
{
  if (block->is_node) return -1;
  const art_net *net = sim->net;
  const int32_t k = block->lane8[i], lane = block->lane[k], link = net->lane_link[lane], m = lane - net->link_first_lane[link];
  const int32_t side = art_record_at(sim, block, i)->leftward >> m & 1 ? 1 : -1, to = m + side;
  if ((block->stay[i] >> m & 1) || to < 0 || to >= art_net_link_lanes(net, link)) return -1;
  const float front = block->pos_m[i] + BESIDE_M, rear = block->pos_m[i] - sim->types.length_m[block->type[i]] - BESIDE_M;
  for (int32_t o = block->start[k + side]; o < block->start[k + side + 1]; ++o)
    if (block->pos_m[o] > rear && block->pos_m[o] - sim->types.length_m[block->type[o]] < front) return block->vehicle[o];
  return -1;
}

/// The vehicle that a standing one waits for, or -1: a signal, a gap, nobody. *why says how.
int32_t art_waits_for(const art_sim *sim, int32_t trip, const char **why)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = art_record(sim, trip);
  const art_block *block;
  const int32_t i = art_place_of(sim, trip, &block);
  *why = "moves";
  if (i < 0 || art_standing_ms(sim, vehicle) == 0) return -1;
  const int32_t lane = block->lane[block->lane8[i]];
  *why = "behind";
  if (i > block->start[block->lane8[i]]) return block->vehicle[i - 1];
  float rear = 0.0f;
  const int32_t hanging = art_hanging_over(sim, lane, trip, &rear);
  *why = "tail";
  if (hanging >= 0 && rear + net->lane_length_m[lane] - block->pos_m[i] < NEAR_M) return hanging;
  int32_t e = vehicle->track_ahead, at = lane;
  if (art_net_is_connector(net, lane)) {
    const art_track *inside = art_track_of(vehicle, e - 1);
    *why = "inside";
    if (inside->waits_for >= 0) return inside->waits_for;
    at = net->connector_to[inside->connector];
    *why = "tail";
    const int32_t body = body_on(sim, at, trip);
    if (body >= 0) return body;
  }
  for (; e < vehicle->track_count; ++e) {
    const art_track *track = art_track_of(vehicle, e);
    *why = track->new_grant == ART_GRANT_NONE ? "refused" : "kept back";
    if (track->waits_for >= 0) return track->waits_for;
    if (track->refusal == ART_REFUSED_ASPECT) {
      *why = "signal";
      if (art_standing_ms(sim, vehicle) < SKIPPED_MS) return -1;
      const int32_t other = track->last_waits_for;  // it had a green, and could not go then either
      if (other >= 0 && sim->row[other].state == ART_TRIP_RUNNING && art_standing_ms(sim, art_record(sim, other)) > 0) return other;
    }
    *why = track->refusal == ART_REFUSED_ROOM ? "room" : "tail";
    const int32_t path = art_net_lane_of_connector(net, track->connector);
    int32_t body = body_on(sim, path, trip);
    if (body < 0) body = body_on(sim, net->connector_to[track->connector], trip);
    if (body >= 0) return body;
  }
  *why = block->stay[i] == 0 ? "no lane" : "wrong lane";
  return block->stay[i] == 0 ? -1 : in_the_way_beside(sim, block, i);
}

/// Visits every cycle of vehicles that wait for one another once, by its first member found in trip order. Each vehicle waits
/// for at most one other, so walks never branch. `least_ms`: shortest standstill of its members.
void art_for_each_cycle(const art_sim *sim, int32_t least_ms, void (*visit)(void *, int32_t), void *context)
{
  int32_t *seen = ART_NEW(int32_t, sim->last_trip);  // 0: not yet, else the walk that saw it
  int32_t walk = 0;
  const char *why;
  for (int32_t trip = sim->first_trip; trip < sim->next_trip; ++trip) {
    if (sim->row[trip].state != ART_TRIP_RUNNING || art_standing_ms(sim, art_record(sim, trip)) < least_ms || seen[trip])
      continue;
    ++walk;
    int32_t at = trip;
    while (at >= 0 && !seen[at] && art_standing_ms(sim, art_record(sim, at)) >= least_ms) {
      seen[at] = walk;
      at = art_waits_for(sim, at, &why);
    }
    if (at >= 0 && seen[at] == walk) visit(context, at);
  }
  free(seen);
}

// --- report --------------------------------------------------------------------------------------------------------

static void print_waiting(const art_sim *sim, FILE *file, int32_t trip)
{
  const art_block *block;
  const int32_t i = art_place_of(sim, trip, &block);
  char here[160];
  const char *why;
  const int32_t other = art_waits_for(sim, trip, &why);
  if (i < 0) return;
  const int32_t lane = block->lane[block->lane8[i]];
  fprintf(file, "    %-18s on %-28s %6.1f of %6.1f m, %4d s, %s %s\n", sim->demand->trip_id[trip],
          lane_name(sim->net, lane, here), (double)block->pos_m[i], (double)sim->net->lane_length_m[lane],
          art_standing_ms(sim, art_record(sim, trip)) / 1000, why, other >= 0 ? sim->demand->trip_id[other] : "");
}

typedef struct cycle_printer {
  const art_sim *sim;
  FILE *file;
  int limit;
} cycle_printer;

static void print_cycle(void *context, int32_t start)
{
  cycle_printer *printer = context;
  if (printer->limit-- <= 0) return;
  fprintf(printer->file, "  cycle:\n");
  int32_t member = start;
  const char *why;
  do {
    print_waiting(printer->sim, printer->file, member);
    member = art_waits_for(printer->sim, member, &why);
  } while (member != start);
}

typedef struct standing {
  int32_t trip, lane, block, at;
  int32_t ms;
} standing;

static int longest_first(const void *a, const void *b)
{
  const standing *x = a, *y = b;
  if (x->ms != y->ms) return x->ms < y->ms ? 1 : -1;
  return (x->trip > y->trip) - (x->trip < y->trip);
}

void art_sim_report_blocked(const art_sim *sim, void *file, int limit)
{
  standing *list = NULL;
  int32_t count = 0, capacity = 0;
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    for (int32_t k = 0; k < block->lane_count; ++k) {
      if (block->start[k] == block->start[k + 1]) continue;
      const int32_t i = block->start[k], trip = block->vehicle[i];
      if (art_standing_ms(sim, art_record(sim, trip)) < 30000) continue;
      const standing s = { trip, block->lane[k], b, i, art_standing_ms(sim, art_record(sim, trip)) };
      ART_PUSH(list, count, capacity, s);
    }
  }
  if (count) qsort(list, (size_t)count, sizeof *list, longest_first);
  cycle_printer printer = { sim, file, limit };
  art_for_each_cycle(sim, 30000, print_cycle, &printer);
  fprintf(file, "blocked lane heads at t=%.1f s: %d\n", (double)sim->now_ms * 1e-3, (int)count);
  static const char *const grants[] = { "none", "hold", "full" };
  for (int32_t n = 0; n < count && n < limit; ++n) {
    const standing *s = &list[n];
    const art_block *block = &sim->block[s->block];
    const art_vehicle *vehicle = art_record(sim, s->trip);
    char here[160], there[160];
    fprintf(file, "  %-16s on %-24s pos %6.1f of %6.1f for %4d s", sim->demand->trip_id[s->trip],
            lane_name(sim->net, s->lane, here), (double)block->pos_m[s->at],
            (double)sim->net->lane_length_m[s->lane], s->ms / 1000);
    fprintf(file, " stay %x left %x", block->stay[s->at], vehicle->leftward);
    for (int32_t e = vehicle->track_ahead > 0 ? vehicle->track_ahead - 1 : 0; e < vehicle->track_count; ++e) {
      const art_track *t = art_track_of(vehicle, e);
      static const char *const refusals[] = { "", "red", "prior", "lane", "room", "conflict" };
      fprintf(file, " [%s%s %s %s %s cap %.2f stop %.1f no %d]", e < vehicle->track_ahead ? "in " : "",
              lane_name(sim->net, art_net_lane_of_connector(sim->net, t->connector), there),
              grants[t->new_grant], refusals[t->refusal],
              t->waits_for >= 0 ? sim->demand->trip_id[t->waits_for] : "-", (double)t->cap_mps2,
              (double)t->stop_m, (int)t->new_order);
    }
    fputc('\n', file);
  }
  free(list);
}
