// Times of guessed signals: greens by class, one cycle and offsets by travel time along streets whose signals stand close.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/signals_internal.h"

#define LEAST_GREEN_S 7
#define LEFT_GREEN_S 6
#define FOOT_GREEN_S 12
#define SHORTEST_CYCLE_S 50
#define LONGEST_CYCLE_S 120
#define CORRIDOR_M 450.0
#define SATURATION_VPH 1800.0
#define TURNING_SHARE 0.3  // of the traffic of a lane, where it is straight on for most
#define ROOM_M 30.0        // links shorter than this hold next to nobody between two signals
#define LEAST_GAIN 0.02    // of what meets green, for another offset
enum { MOST_SWEEPS = 8 };

static void set_clearance(const art_signal_planner *p, art_signal_control *k)
{
  double speed = 1.0, longest = 0.0;
  for (int32_t a = 0; a < k->approach_count; ++a) {
    const art_map_link *l = &p->plan->link[k->approach[a]];
    speed = fmax(speed, (double)art_map_lanes_of(p->plan, l->piece, l->direction)[0].speed_mps);
  }
  for (int32_t i = 0; i < k->count; ++i)
    longest = fmax(longest, (double)p->net->lane_length_m[p->net->link_lane_count + k->connector[i]]);
  k->yellow_s = speed > 19.5 ? 5 : speed > 14.5 ? 4 : 3;
  k->red_s = (int)fmin(fmax(longest / 12.0, 1.0), 4.0);
  // One stage alone: the signal is there for people on foot.
  k->foot_s = k->stage_count == 1 ? FOOT_GREEN_S : 0;
}

static int least_green(const art_signal_control *k, int32_t stage)
{
  return k->is_left[stage] ? LEFT_GREEN_S : LEAST_GREEN_S;
}

static int lost_of(const art_signal_control *k)
{
  return k->stage_count * (k->yellow_s + k->red_s) + k->foot_s;
}

static int shortest_cycle(const art_signal_control *k)
{
  int sum = lost_of(k);
  for (int32_t s = 0; s < k->stage_count; ++s) sum += least_green(k, s);
  return sum;
}

/// Webster 1958 from the loads that classes suggest.
static void choose_cycle(art_signal_control *k)
{
  double load = 0.0;
  for (int32_t s = 0; s < k->stage_count; ++s) load += k->load[s] / SATURATION_VPH;
  const double cycle = (1.5 * lost_of(k) + 5.0) / (1.0 - fmin(load, 0.8));
  k->cycle_s = 5 * (int)(fmin(fmax(cycle, SHORTEST_CYCLE_S), LONGEST_CYCLE_S) / 5.0 + 0.5);
  if (k->fixed_cycle_s) k->cycle_s = k->fixed_cycle_s;
  if (k->cycle_s < shortest_cycle(k)) k->cycle_s = shortest_cycle(k);
}

static void split(art_signal_control *k)
{
  int left = k->cycle_s - shortest_cycle(k);
  for (int32_t s = 0; s < k->stage_count; ++s) k->green_s[s] = least_green(k, s);
  for (; left > 0 && k->stage_count; --left) {
    int32_t neediest = 0;
    for (int32_t s = 1; s < k->stage_count; ++s)
      if (k->load[s] * k->green_s[neediest] > k->load[neediest] * k->green_s[s]) neediest = s;
    ++k->green_s[neediest];
  }
}

/// Between signals: how long one drives, and the last link before the next one.
typedef struct stretch {
  double seconds, length_m;
  int32_t last;
} stretch;

/// The signal that one meets next by driving on from a junction straight along a link, -1 if none is near.
static int32_t next_signal(const art_signal_planner *p, int32_t link, stretch *between)
{
  const art_map *plan = p->plan;
  *between = (stretch){ 0.0, 0.0, -1 };
  for (int steps = 0; steps < 12 && link >= 0; ++steps) {
    const art_map_link *l = &plan->link[link];
    const double length = plan->piece[l->piece].length_m;
    between->length_m += length;
    between->seconds += length / (double)art_map_lanes_of(plan, l->piece, l->direction)[0].speed_mps;
    between->last = link;
    if (between->length_m > CORRIDOR_M) return -1;
    if (p->of_junction[l->to] >= 0) return p->of_junction[l->to];
    int32_t on = -1;
    for (int32_t m = plan->first_movement[link]; m < plan->first_movement[link + 1]; ++m)
      if (plan->movement[m].turn == ART_TURN_STRAIGHT) on = plan->movement[m].out;
    link = on;
  }
  return -1;
}

static int32_t root_of(int32_t *parent, int32_t i)
{
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

/// Signals along main streets have one cycle, the longest that one of them needs.
static void share_cycles(art_signal_planner *p)
{
  int32_t *parent = ART_NEW(int32_t, p->count);
  for (int32_t i = 0; i < p->count; ++i) parent[i] = i;
  for (int32_t i = 0; i < p->count; ++i) {
    const int32_t j = p->control[i].junction;
    for (int32_t o = p->plan->first_out[j]; o < p->plan->first_out[j + 1]; ++o) {
      stretch between;
      if (art_signal_lane_load(p->plan, p->plan->out[o]) < 300.0) continue;
      const int32_t next = next_signal(p, p->plan->out[o], &between);
      if (next >= 0 && !p->control[next].fixed_cycle_s && !p->control[i].fixed_cycle_s)
        parent[root_of(parent, next)] = root_of(parent, i);
    }
  }
  for (int32_t i = 0; i < p->count; ++i) {
    art_signal_control *first = &p->control[root_of(parent, i)];
    if (p->control[i].cycle_s > first->cycle_s) first->cycle_s = p->control[i].cycle_s;
  }
  for (int32_t i = 0; i < p->count; ++i) {
    p->control[i].cycle_s = p->control[root_of(parent, i)].cycle_s;
    split(&p->control[i]);
  }
  free(parent);
}

/// When in the cycle the stage begins that lets an approach go straight on.
static int begin_of(const art_signal_planner *p, const art_signal_control *k, int32_t link)
{
  int at = 0, found = -1;
  for (int32_t s = 0; s < k->stage_count; ++s) {
    for (int32_t i = 0; i < k->count && found < 0; ++i)
      if (k->green[(size_t)s * (size_t)k->count + (size_t)i] && k->approach[k->approach_of[i]] == link &&
          !art_turn_is_left(art_signal_movement(p, k->connector[i])->turn))
        found = at;
    at += k->green_s[s] + k->yellow_s + k->red_s;
  }
  return found < 0 ? 0 : found;
}

/// From the first signal of a street on, the next begins its green when the platoon comes. Breadth first over main streets,
/// so each is timed once, by the way with the most lanes.
static void coordinate(art_signal_planner *p)
{
  uint8_t *is_set = ART_NEW(uint8_t, p->count);
  int32_t *queue = ART_NEW(int32_t, p->count);
  for (int32_t first = 0; first < p->count; ++first) {
    if (is_set[first]) continue;
    int32_t head = 0, tail = 0;
    queue[tail++] = first;
    is_set[first] = 1;
    while (head < tail) {
      const int32_t i = queue[head++], j = p->control[i].junction;
      for (int32_t m = 0; m < p->plan->movement_count; ++m) {
        const art_map_movement *move = &p->plan->movement[m];
        stretch between;
        if (p->plan->link[move->in].to != j || move->turn != ART_TURN_STRAIGHT ||
            art_signal_lane_load(p->plan, move->out) < 300.0)
          continue;
        const int32_t next = next_signal(p, move->out, &between);
        if (next < 0 || is_set[next] || p->control[next].cycle_s != p->control[i].cycle_s) continue;
        is_set[next] = 1;
        const int cycle = p->control[next].cycle_s;
        const int when = p->control[i].offset_s + begin_of(p, &p->control[i], move->in) +
                         (int)(between.seconds + 0.5) - begin_of(p, &p->control[next], between.last);
        p->control[next].offset_s = ((when % cycle) + cycle) % cycle;
        queue[tail++] = next;
      }
    }
  }
  free(queue);
  free(is_set);
}

// ---- offsets between neighbours ------------------------------------------------------------------------------------------

/// From one control to the next: what drives in, and what drives on, by second of each one's cycle.
typedef struct street {
  int32_t from, to;
  int seconds;
  double *feed, *serve;
} street;

typedef struct streets {
  street *street;
  int32_t count, capacity;
} streets;

/// By second of the cycle: the weights of those connectors on a link, at one of its ends, that have green.
static double *profile_of(const art_signal_planner *p, const art_signal_control *k, int32_t link, int is_way_out, double times)
{
  double *profile = ART_NEW(double, k->cycle_s);
  int at = 0;
  for (int32_t s = 0; s < k->stage_count; ++s) {
    double weight = 0.0;
    for (int32_t i = 0; i < k->count; ++i) {
      const art_map_movement *move = art_signal_movement(p, k->connector[i]);
      if (!k->green[(size_t)s * (size_t)k->count + (size_t)i] || (is_way_out ? move->out : move->in) != link)
        continue;
      weight += is_way_out
                    ? art_signal_lane_load(p->plan, move->in) * (move->turn == ART_TURN_STRAIGHT ? 1.0 : TURNING_SHARE)
                    : 1.0;
    }
    for (int t = 0; t < k->green_s[s] && at + t < k->cycle_s; ++t) profile[at + t] = weight * times;
    at += k->green_s[s] + k->yellow_s + k->red_s;
  }
  return profile;
}

/// How many connectors leave a link at a control.
static double ways_of(const art_signal_planner *p, const art_signal_control *k, int32_t link)
{
  double ways = 0.0;
  for (int32_t i = 0; i < k->count; ++i) ways += art_signal_movement(p, k->connector[i])->in == link;
  return ways;
}

/// All pairs of signals with one cycle. Where a link holds few, it matters most that they find green at its end.
static streets find_streets(const art_signal_planner *p)
{
  streets list = { 0 };
  for (int32_t i = 0; i < p->count; ++i)
    for (int32_t o = p->plan->first_out[p->control[i].junction];
         o < p->plan->first_out[p->control[i].junction + 1]; ++o) {
      stretch between;
      const int32_t link = p->plan->out[o], next = next_signal(p, link, &between);
      if (next < 0 || next == i || p->control[next].cycle_s != p->control[i].cycle_s) continue;
      const double ways = ways_of(p, &p->control[next], between.last);
      if (!(ways > 0.0)) continue;
      const street new = { .from = i,
                           .to = next,
                           .seconds = (int)(between.seconds + 0.5),
                           .feed = profile_of(p, &p->control[i], link, 1, 1.0 / (ROOM_M + between.length_m)),
                           .serve = profile_of(p, &p->control[next], between.last, 0, 1.0 / ways) };
      ART_PUSH(list.street, list.count, list.capacity, new);
    }
  return list;
}

/// What of the traffic to and from a control meets green if it is shifted by `offset_s`.
static double met(const art_signal_planner *p, const streets *list, int32_t c, int offset_s)
{
  double sum = 0.0;
  for (int32_t i = 0; i < list->count; ++i) {
    const street *s = &list->street[i];
    if (s->from != c && s->to != c) continue;
    const int cycle = p->control[c].cycle_s, from_s = s->from == c ? offset_s : p->control[s->from].offset_s,
              to_s = s->to == c ? offset_s : p->control[s->to].offset_s;
    const int shift = ((from_s + s->seconds - to_s) % cycle + cycle) % cycle, rest = cycle - shift;
    for (int t = 0; t < rest; ++t) sum += s->feed[t] * s->serve[t + shift];
    for (int t = rest; t < cycle; ++t) sum += s->feed[t] * s->serve[t - rest];
  }
  return sum;
}

/// One signal after the other takes the offset at which most of what comes and goes meets green, until none gains.
static void refine(art_signal_planner *p)
{
  streets list = find_streets(p);
  int gains = list.count > 0;
  for (int sweep = 0; sweep < MOST_SWEEPS && gains; ++sweep) {
    gains = 0;
    for (int32_t c = 0; c < p->count; ++c) {
      art_signal_control *k = &p->control[c];
      double most = met(p, &list, c, k->offset_s) * (1.0 + LEAST_GAIN);
      for (int offset_s = 0; offset_s < k->cycle_s; ++offset_s) {
        const double here = met(p, &list, c, offset_s);
        if (here <= most) continue;
        most = here;
        k->offset_s = offset_s;
        gains = 1;
      }
    }
  }
  for (int32_t i = 0; i < list.count; ++i) {
    free(list.street[i].feed);
    free(list.street[i].serve);
  }
  free(list.street);
}

void art_signal_cycle(const art_signal_planner *p, art_signal_control *k)
{
  set_clearance(p, k);
  choose_cycle(k);
}

void art_signal_times(art_signal_planner *p)
{
  share_cycles(p);
  coordinate(p);
  refine(p);
}
