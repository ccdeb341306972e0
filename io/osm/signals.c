// Guessed signal programs: stages out of conflicts, left turns with a green of their own where they have a lane and the road
// is busy by its class, greens by class, one cycle and offsets by travel time along streets whose signals stand close.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"
#include "io/osm/rules_internal.h"

#define OPPOSITE_COS (-0.6)
#define BESIDE_COS 0.7
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
enum { MOST_APPROACHES = 32, MOST_STAGES = 24, MOST_SWEEPS = 8 };

typedef struct control {
  int32_t junction, count;  // connectors = groups
  const int32_t *connector;
  int32_t approach_count, approach[MOST_APPROACHES];
  int32_t *approach_of;
  uint8_t *conflict;  // [count * count]: 0 none, 1 one yields, 2 never together
  int32_t stage_count;
  uint8_t *green;  // [stage * count]
  uint8_t is_left[MOST_STAGES];
  double load[MOST_STAGES];
  int green_s[MOST_STAGES], yellow_s, red_s, foot_s;
  int cycle_s, offset_s, fixed_cycle_s;
  int32_t first_foot, foot_count;  // crossings of people
} control;

typedef struct planner {
  art_map *plan;
  art_net *net;
  control *control;
  int32_t count, capacity;
  int32_t *of_junction;
} planner;

static const art_map_movement *movement_of(const planner *p, int32_t c)
{
  return &p->plan->movement[p->plan->connector[c].movement];
}

static int is_left(int turn)
{
  return turn == ART_TURN_LEFT || turn == ART_TURN_U;
}

// ---- conflicts ---------------------------------------------------------------------------------------------------------

static int conflict_of(const planner *p, int32_t a, int32_t b, int kind)
{
  const art_map_movement *m = movement_of(p, a), *n = movement_of(p, b);
  if (m->in == n->in || kind == ART_CONFLICT_DIVERGE) return 0;
  const art_map_link *in_a = &p->plan->link[m->in], *in_b = &p->plan->link[n->in];
  if (in_a->piece == in_b->piece && in_a->direction == in_b->direction) return 1;  // a copy of the same road
  const double cosine = art_vec_dot(in_a->end, in_b->end);
  const int opposite = cosine < OPPOSITE_COS;
  // Bicycles, and buses and trams on ways of their own, go along with the street beside them, whichever way round; who
  // turns yields.
  const uint32_t cars = 1u << ART_VCLASS_PASSENGER;
  if ((!(m->allowed & cars) || !(n->allowed & cars)) && fabs(cosine) > BESIDE_COS) return 1;
  // Left turns look for gaps in the oncoming stream, who turns back in all of them.
  if (opposite && (is_left(m->turn) || is_left(n->turn)) &&
      !(is_left(m->turn) && is_left(n->turn) && kind == ART_CONFLICT_CROSS))
    return 1;
  if (opposite && is_left(m->turn) && is_left(n->turn)) return 1;
  if (m->turn == ART_TURN_U || n->turn == ART_TURN_U) return 1;
  return 2;
}

static void find_conflicts(const planner *p, control *k)
{
  const art_net *net = p->net;
  int32_t *place = ART_NEW(int32_t, k->connector[k->count - 1] + 1);
  k->conflict = ART_NEW(uint8_t, (size_t)k->count * (size_t)k->count);
  for (int32_t i = 0; i < k->count; ++i) place[k->connector[i]] = i;
  for (int32_t i = 0; i < k->count; ++i) {
    const int32_t c = k->connector[i];
    for (int32_t r = net->conflict_first[c]; r < net->conflict_first[c + 1]; ++r)
      k->conflict[(size_t)i * (size_t)k->count + (size_t)place[net->conflict_other[r]]] =
          (uint8_t)conflict_of(p, c, net->conflict_other[r], net->conflict_kind[r]);
  }
  free(place);
}

static int worst_between(const control *k, int32_t a, int32_t b)
{
  int worst = 0;
  for (int32_t i = 0; i < k->count; ++i)
    for (int32_t j = 0; j < k->count; ++j) {
      if (k->approach_of[i] != a || k->approach_of[j] != b) continue;
      const int here = k->conflict[(size_t)i * (size_t)k->count + (size_t)j];
      worst = here > worst ? here : worst;
    }
  return worst;
}

// ---- stages ------------------------------------------------------------------------------------------------------------

/// Vehicles an hour and lane that a road of a class is built for in town.
static double lane_load(const art_map *plan, int32_t link)
{
  const art_map_link *l = &plan->link[link];
  const int class = art_map_way_of(plan, l->piece, l->direction)->road_class;
  static const double by_pair[] = { 800.0, 700.0, 550.0, 420.0, 300.0 };
  if (class <= ART_OSM_CLASS_TERTIARY_LINK) return by_pair[class / 2];
  return class <= ART_OSM_CLASS_RESIDENTIAL ? 180.0 : 90.0;
}

static void find_approaches(const planner *p, control *k)
{
  k->approach_of = ART_NEW(int32_t, k->count);
  for (int32_t i = 0; i < k->count; ++i) {
    const int32_t link = movement_of(p, k->connector[i])->in;
    int32_t a = 0;
    while (a < k->approach_count && k->approach[a] != link) ++a;
    if (a == k->approach_count && a < MOST_APPROACHES) k->approach[k->approach_count++] = link;
    k->approach_of[i] = a < MOST_APPROACHES ? a : MOST_APPROACHES - 1;
  }
}

/// Does a lane of its own lead to the left?
static int has_left_lane(const planner *p, const control *k, int32_t a)
{
  uint32_t left = 0, other = 0;
  for (int32_t i = 0; i < k->count; ++i) {
    if (k->approach_of[i] != a) continue;
    const uint32_t lane = 1u << p->plan->connector[k->connector[i]].from_lane;
    if (is_left(movement_of(p, k->connector[i])->turn))
      left |= lane;
    else
      other |= lane;
  }
  return (left & ~other) != 0;
}

static int lanes_straight(const planner *p, const control *k, int32_t a)
{
  uint32_t lanes = 0;
  for (int32_t i = 0; i < k->count; ++i)
    if (k->approach_of[i] == a && !is_left(movement_of(p, k->connector[i])->turn))
      lanes |= 1u << p->plan->connector[k->connector[i]].from_lane;
  return __builtin_popcount(lanes);
}

/// Left turns of an approach get a stage of their own against oncoming streams of two lanes on main roads.
static int wants_left_stage(const planner *p, const control *k, int32_t a, int32_t opposite)
{
  if (!has_left_lane(p, k, a)) return 0;
  const double load = lane_load(p->plan, k->approach[opposite]);
  return lanes_straight(p, k, opposite) >= 2 ? load >= 300.0 : load >= 550.0;
}

static double load_of(const planner *p, const control *k, const uint8_t *green, int left)
{
  double most = 0.0;
  for (int32_t i = 0; i < k->count; ++i) {
    if (!green[i]) continue;
    const double load = lane_load(p->plan, k->approach[k->approach_of[i]]) * (left ? 0.4 : 1.0);
    most = fmax(most, load);
  }
  return most;
}

static uint8_t *new_stage(control *k)
{
  return k->stage_count < MOST_STAGES ? k->green + (size_t)k->stage_count * (size_t)k->count : NULL;
}

/// Does a connector meet a green one, or lie on an approach of the stage?
static int meets(const control *k, const uint8_t *green, const uint8_t *is_of_stage, int32_t i)
{
  if (is_of_stage[k->approach_of[i]]) return 1;
  for (int32_t j = 0; j < k->count; ++j)
    if (green[j] && k->conflict[(size_t)i * (size_t)k->count + (size_t)j]) return 1;
  return 0;
}

/// Movements that meet nobody of a stage go along with it, with all their lanes: one light shows for them.
static void let_along(const planner *p, control *k, uint8_t *green)
{
  uint8_t is_of_stage[MOST_APPROACHES] = { 0 };
  for (int32_t i = 0; i < k->count; ++i) is_of_stage[k->approach_of[i]] |= green[i];
  for (int32_t i = 0; i < k->count; ++i) {
    const art_map_movement *move = movement_of(p, k->connector[i]);
    int fits = !green[i];
    for (int32_t j = 0; j < k->count && fits; ++j)
      fits = movement_of(p, k->connector[j]) != move || !meets(k, green, is_of_stage, j);
    for (int32_t j = 0; j < k->count && fits; ++j)
      if (movement_of(p, k->connector[j]) == move) green[j] = 1;
  }
}

static void close_stage(const planner *p, control *k, uint8_t *green, int left)
{
  k->load[k->stage_count] = load_of(p, k, green, left);
  k->is_left[k->stage_count++] = (uint8_t)left;
  let_along(p, k, green);
}

static void add_stages(const planner *p, control *k, const int32_t *members, int32_t count)
{
  uint8_t lefts[MOST_APPROACHES] = { 0 };
  int any = 0;
  for (int32_t i = 0; i < count; ++i)
    for (int32_t j = 0; j < count; ++j)
      if (i != j && worst_between(k, members[i], members[j]) == 1 &&
          wants_left_stage(p, k, members[i], members[j]))
        any |= lefts[members[i]] = 1;
  uint8_t *green = any ? new_stage(k) : NULL;
  if (green) {
    for (int32_t i = 0; i < k->count; ++i)
      green[i] = lefts[k->approach_of[i]] && is_left(movement_of(p, k->connector[i])->turn) &&
                 movement_of(p, k->connector[i])->turn != ART_TURN_U;
    close_stage(p, k, green, 1);
  }
  green = new_stage(k);
  if (!green) return;
  for (int32_t i = 0; i < k->count; ++i)
    for (int32_t m = 0; m < count; ++m)
      if (k->approach_of[i] == members[m]) green[i] = 1;
  close_stage(p, k, green, 0);
}

/// The heaviest approach first, with all that go along with it.
static void find_stages(const planner *p, control *k)
{
  uint8_t is_served[MOST_APPROACHES] = { 0 };
  k->green = ART_NEW(uint8_t, (size_t)k->count * MOST_STAGES);
  for (;;) {
    int32_t members[MOST_APPROACHES], count = 0;
    for (;;) {
      int32_t best = -1;
      double most = -1.0;
      for (int32_t a = 0; a < k->approach_count; ++a) {
        const double weight = lane_load(p->plan, k->approach[a]) * p->plan->link[k->approach[a]].lane_count;
        int fits = !is_served[a];
        for (int32_t m = 0; m < count && fits; ++m) fits = worst_between(k, a, members[m]) < 2;
        if (!fits || weight <= most) continue;
        most = weight;
        best = a;
      }
      if (best < 0) break;
      members[count++] = best;
      is_served[best] = 1;
    }
    if (!count) break;
    add_stages(p, k, members, count);
  }
}

// ---- times -------------------------------------------------------------------------------------------------------------

static void set_clearance(const planner *p, control *k)
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

static int least_green(const control *k, int32_t stage)
{
  return k->is_left[stage] ? LEFT_GREEN_S : LEAST_GREEN_S;
}

static int lost_of(const control *k)
{
  return k->stage_count * (k->yellow_s + k->red_s) + k->foot_s;
}

static int shortest_cycle(const control *k)
{
  int sum = lost_of(k);
  for (int32_t s = 0; s < k->stage_count; ++s) sum += least_green(k, s);
  return sum;
}

/// Webster 1958 from the loads that classes suggest.
static void choose_cycle(control *k)
{
  double load = 0.0;
  for (int32_t s = 0; s < k->stage_count; ++s) load += k->load[s] / SATURATION_VPH;
  const double cycle = (1.5 * lost_of(k) + 5.0) / (1.0 - fmin(load, 0.8));
  k->cycle_s = 5 * (int)(fmin(fmax(cycle, SHORTEST_CYCLE_S), LONGEST_CYCLE_S) / 5.0 + 0.5);
  if (k->fixed_cycle_s) k->cycle_s = k->fixed_cycle_s;
  if (k->cycle_s < shortest_cycle(k)) k->cycle_s = shortest_cycle(k);
}

static void split(control *k)
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
static int32_t next_signal(const planner *p, int32_t link, stretch *between)
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
static void share_cycles(planner *p)
{
  int32_t *parent = ART_NEW(int32_t, p->count);
  for (int32_t i = 0; i < p->count; ++i) parent[i] = i;
  for (int32_t i = 0; i < p->count; ++i) {
    const int32_t j = p->control[i].junction;
    for (int32_t o = p->plan->first_out[j]; o < p->plan->first_out[j + 1]; ++o) {
      stretch between;
      if (lane_load(p->plan, p->plan->out[o]) < 300.0) continue;
      const int32_t next = next_signal(p, p->plan->out[o], &between);
      if (next >= 0 && !p->control[next].fixed_cycle_s && !p->control[i].fixed_cycle_s)
        parent[root_of(parent, next)] = root_of(parent, i);
    }
  }
  for (int32_t i = 0; i < p->count; ++i) {
    control *first = &p->control[root_of(parent, i)];
    if (p->control[i].cycle_s > first->cycle_s) first->cycle_s = p->control[i].cycle_s;
  }
  for (int32_t i = 0; i < p->count; ++i) {
    p->control[i].cycle_s = p->control[root_of(parent, i)].cycle_s;
    split(&p->control[i]);
  }
  free(parent);
}

/// When in the cycle the stage begins that lets an approach go straight on.
static int begin_of(const planner *p, const control *k, int32_t link)
{
  int at = 0, found = -1;
  for (int32_t s = 0; s < k->stage_count; ++s) {
    for (int32_t i = 0; i < k->count && found < 0; ++i)
      if (k->green[(size_t)s * (size_t)k->count + (size_t)i] && k->approach[k->approach_of[i]] == link &&
          !is_left(movement_of(p, k->connector[i])->turn))
        found = at;
    at += k->green_s[s] + k->yellow_s + k->red_s;
  }
  return found < 0 ? 0 : found;
}

/// From the first signal of a street on, the next begins its green when the platoon comes. Breadth first over main streets,
/// so each is timed once, by the way with the most lanes.
static void coordinate(planner *p)
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
            lane_load(p->plan, move->out) < 300.0)
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
static double *profile_of(const planner *p, const control *k, int32_t link, int is_way_out, double times)
{
  double *profile = ART_NEW(double, k->cycle_s);
  int at = 0;
  for (int32_t s = 0; s < k->stage_count; ++s) {
    double weight = 0.0;
    for (int32_t i = 0; i < k->count; ++i) {
      const art_map_movement *move = movement_of(p, k->connector[i]);
      if (!k->green[(size_t)s * (size_t)k->count + (size_t)i] || (is_way_out ? move->out : move->in) != link)
        continue;
      weight += is_way_out
                    ? lane_load(p->plan, move->in) * (move->turn == ART_TURN_STRAIGHT ? 1.0 : TURNING_SHARE)
                    : 1.0;
    }
    for (int t = 0; t < k->green_s[s] && at + t < k->cycle_s; ++t) profile[at + t] = weight * times;
    at += k->green_s[s] + k->yellow_s + k->red_s;
  }
  return profile;
}

/// How many connectors leave a link at a control.
static double ways_of(const planner *p, const control *k, int32_t link)
{
  double ways = 0.0;
  for (int32_t i = 0; i < k->count; ++i) ways += movement_of(p, k->connector[i])->in == link;
  return ways;
}

/// All pairs of signals with one cycle. Where a link holds few, it matters most that they find green at its end.
static streets find_streets(const planner *p)
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
static double met(const planner *p, const streets *list, int32_t c, int offset_s)
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
static void refine(planner *p)
{
  streets list = find_streets(p);
  int gains = list.count > 0;
  for (int sweep = 0; sweep < MOST_SWEEPS && gains; ++sweep) {
    gains = 0;
    for (int32_t c = 0; c < p->count; ++c) {
      control *k = &p->control[c];
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

// ---- programs ----------------------------------------------------------------------------------------------------------

static char letter_of(const planner *p, const control *k, const uint8_t *green, int32_t i)
{
  const art_net *net = p->net;
  if (!green[i]) return 'r';
  const int32_t c = k->connector[i];
  for (int32_t row = net->conflict_first[c]; row < net->conflict_first[c + 1]; ++row) {
    if (!net->conflict_yield[row]) continue;
    for (int32_t o = 0; o < k->count; ++o)
      if (k->connector[o] == net->conflict_other[row] && green[o]) return 'g';
  }
  return 'G';
}

typedef struct writer {
  art_net *net;
  int32_t phase_capacity;
  int64_t letters, letter_capacity;
} writer;

static void write_phase(writer *w, int duration_s, const char *letters, int32_t count)
{
  art_net *net = w->net;
  if (duration_s <= 0) return;
  if (net->phase_count == w->phase_capacity) {
    w->phase_capacity = 2 * w->phase_capacity + 64;
    const size_t n = (size_t)w->phase_capacity;
    net->phase_duration_ms = art_renew(net->phase_duration_ms, n, sizeof *net->phase_duration_ms);
    net->phase_min_ms = art_renew(net->phase_min_ms, n, sizeof *net->phase_min_ms);
    net->phase_max_ms = art_renew(net->phase_max_ms, n, sizeof *net->phase_max_ms);
    net->phase_first_state = art_renew(net->phase_first_state, n + 1, sizeof *net->phase_first_state);
  }
  if (w->letters + count > w->letter_capacity) {
    w->letter_capacity = 2 * (w->letters + count) + 1024;
    net->phase_state = art_renew(net->phase_state, (size_t)w->letter_capacity, 1);
  }
  const int32_t phase = net->phase_count++;
  net->phase_duration_ms[phase] = net->phase_min_ms[phase] = net->phase_max_ms[phase] =
      1000 * (int64_t)duration_s;
  net->phase_first_state[phase] = w->letters;
  memcpy(net->phase_state + w->letters, letters, (size_t)count);
  w->letters += count;
  net->phase_first_state[phase + 1] = w->letters;
}

/// Lights of people follow those of vehicles: green while all who drive straight over the crossing have red, and who turns
/// onto it yields.
static void show_people(const planner *p, const control *k, char *letters)
{
  const art_net *net = p->net;
  for (int32_t f = 0; f < k->foot_count; ++f) {
    const int32_t x = k->first_foot + f;
    char *light = &letters[k->count + f];
    *light = 'G';
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r) {
      const int32_t c = net->crossing_connector[r], turn = net->connector_turn[c];
      const int turns = turn == ART_TURN_LEFT || turn == ART_TURN_RIGHT || turn == ART_TURN_U;
      for (int32_t i = 0; i < k->count; ++i)
        if (k->connector[i] == c && letters[i] != 'r' && !turns) *light = 'r';
    }
    for (int32_t r = net->crossing_first[x]; *light == 'G' && r < net->crossing_first[x + 1]; ++r)
      for (int32_t i = 0; i < k->count; ++i)
        if (k->connector[i] == net->crossing_connector[r] && letters[i] == 'G') letters[i] = 'g';
  }
}

static void write_program(const planner *p, const control *k, writer *w)
{
  const int32_t n = k->count, all = n + k->foot_count;
  char *letters = ART_NEW(char, all);
  for (int32_t s = 0; s < k->stage_count; ++s) {
    const uint8_t *green = k->green + (size_t)s * (size_t)n,
                  *after = k->green + (size_t)((s + 1) % k->stage_count) * (size_t)n;
    const int ends = k->stage_count == 1;  // then all stop, for people
    for (int32_t i = 0; i < n; ++i) letters[i] = letter_of(p, k, green, i);
    show_people(p, k, letters);
    write_phase(w, k->green_s[s], letters, all);
    memset(letters + n, 'r', (size_t)k->foot_count);
    // Who has green in the next stage too keeps it, as letters of this one: nobody else has begun.
    for (int32_t i = 0; i < n; ++i)
      if (green[i] && (ends || !after[i])) letters[i] = 'y';
    write_phase(w, k->yellow_s, letters, all);
    for (int32_t i = 0; i < n; ++i)
      if (letters[i] == 'y') letters[i] = 'r';
    if (!(ends && k->foot_count)) {
      write_phase(w, k->red_s + k->foot_s, letters, all);
      continue;
    }
    // People start in the first half and are over before vehicles start.
    write_phase(w, k->red_s, letters, all);
    memset(letters + n, 'G', (size_t)k->foot_count);
    write_phase(w, k->foot_s / 2, letters, all);
    memset(letters + n, 'r', (size_t)k->foot_count);
    write_phase(w, k->foot_s - k->foot_s / 2, letters, all);
  }
  free(letters);
}

static void write_signals(const planner *p)
{
  art_net *net = p->net;
  const int32_t n = net->signal_count = net->program_count = p->count;
  net->signal_id = ART_NEW(char *, n);
  net->signal_group_count = ART_NEW(int32_t, n);
  net->signal_first_program = ART_NEW(int32_t, n + 1);
  net->signal_active = ART_NEW(int32_t, n);
  net->program_id = ART_NEW(char *, n);
  net->program_offset_ms = ART_NEW(int64_t, n);
  net->program_first_phase = ART_NEW(int32_t, n + 1);
  writer w = { .net = net };
  for (int32_t s = 0; s < n; ++s) {
    const control *k = &p->control[s];
    net->signal_id[s] = art_strdup(net->node_id[k->junction]);
    net->signal_group_count[s] = k->count + k->foot_count;
    for (int32_t f = 0; f < k->foot_count; ++f) {
      net->crossing_signal[k->first_foot + f] = s;
      net->crossing_signal_group[k->first_foot + f] = k->count + f;
    }
    net->signal_active[s] = s;
    net->program_id[s] = art_strdup("guessed");
    net->program_offset_ms[s] = 1000 * (int64_t)k->offset_s;
    write_program(p, k, &w);
    net->program_first_phase[s + 1] = net->phase_count;
    net->signal_first_program[s + 1] = s + 1;
    for (int32_t i = 0; i < k->count; ++i) {
      net->connector_signal[k->connector[i]] = s;
      net->connector_signal_group[k->connector[i]] = i;
    }
  }
  p->plan->report->signals = p->plan->report->programs = n;
}

void art_map_signals(art_map *plan, art_city *city)
{
  art_net *net = city->net;
  planner p = { .plan = plan, .net = net, .of_junction = ART_NEW(int32_t, plan->junction_count) };
  for (int32_t j = 0; j < plan->junction_count; ++j) {
    p.of_junction[j] = -1;
    control k = { .junction = j, .count = net->node_first_connector[j + 1] - net->node_first_connector[j] };
    if (plan->junction[j].kind != ART_NODE_TRAFFIC_LIGHT || !k.count) continue;
    k.connector = net->node_connector + net->node_first_connector[j];
    const art_patch_signal *patch = art_map_patch_signal(plan, j);
    if (patch) k.fixed_cycle_s = (int)patch->cycle_s;
    while (k.first_foot < net->crossing_count && net->crossing_node[k.first_foot] != j) ++k.first_foot;
    for (int32_t x = k.first_foot; x < net->crossing_count && net->crossing_node[x] == j; ++x) ++k.foot_count;
    find_approaches(&p, &k);
    find_conflicts(&p, &k);
    find_stages(&p, &k);
    set_clearance(&p, &k);
    choose_cycle(&k);
    p.of_junction[j] = p.count;
    plan->report->foot_signals += plan->junction[j].is_foot_signal;
    ART_PUSH(p.control, p.count, p.capacity, k);
  }
  if (p.count) {
    share_cycles(&p);
    coordinate(&p);
    refine(&p);
    write_signals(&p);
  }
  for (int32_t i = 0; i < p.count; ++i) {
    free(p.control[i].approach_of);
    free(p.control[i].conflict);
    free(p.control[i].green);
  }
  free(p.control);
  free(p.of_junction);
}
