// Timing plans of UTDF, and trips of its volumes.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num/random.h"
#include "io/signals/nema_rows.h"
#include "io/sketch/trip_list.h"
#include "io/utdf/utdf_internal.h"

enum { PRETIMED = 0, COORDINATED = 3, RECALL_MIN = 1, RECALL_FOOT = 2, RECALL_MAX = 3, MOST_LINKS = 10000 };
#define MOST_TRIPS 5000000.0

/// Letters of a phase: what its movements may do. A movement without phases goes with its neighbour that it shares lanes
/// with, or with the through movement.
static char letter_of(const art_utdf_group *g, int32_t turn, int32_t number)
{
  int has_phase = 0;
  char letter = 'r';
  for (int i = 0; i < ART_UTDF_SERVED; ++i) {
    has_phase |= g[turn].phase[i] > 0 || g[turn].permitted[i] > 0;
    if (g[turn].permitted[i] == number) letter = 'g';
  }
  for (int i = 0; i < ART_UTDF_SERVED; ++i)
    if (g[turn].phase[i] == number) letter = 'G';
  if (has_phase) return letter;
  static const int32_t others[] = { 3, 2, 4, 1, 5 };  // T, L, R, L2, R2
  for (size_t k = 0; k < sizeof others / sizeof *others; ++k)
    for (int i = 0; i < ART_UTDF_SERVED; ++i)
      if (others[k] != turn && g[others[k]].to >= 0 &&
          (g[others[k]].phase[i] > 0 || g[others[k]].permitted[i] > 0))
        return letter_of(g, others[k], number);
  return 'r';
}

static void light(const art_utdf_node *n, const art_net *net, int32_t node, const int32_t *in_link,
                  const int32_t *out_link, int32_t number, char *letters)
{
  for (int32_t k = net->node_first_connector[node]; k < net->node_first_connector[node + 1]; ++k) {
    const int32_t c = net->node_connector[k], in = net->lane_link[net->connector_from[c]],
                  out = net->lane_link[net->connector_to[c]];
    for (int32_t d = 0; d < ART_UTDF_DIRECTIONS; ++d)
      for (int32_t t = 0; t < ART_UTDF_TURNS && in_link[d] == in; ++t)
        if (out_link[d * ART_UTDF_TURNS + t] == out)
          letters[net->connector_signal_group[c]] = letter_of(n->group[d], t, number);
  }
}

static uint32_t flags_of(const art_utdf_node *n, const art_utdf_phase *p, int32_t number)
{
  uint32_t flags = p->dual_entry ? ART_PHASE_DUAL_ENTRY : 0;
  if (n->control == PRETIMED || p->recall == RECALL_MAX) flags |= ART_PHASE_RECALL_MAX;
  if (p->recall == RECALL_MIN) flags |= ART_PHASE_RECALL_MIN;
  if (p->recall == RECALL_FOOT) flags |= ART_PHASE_RECALL_FOOT;
  // 206: phases 2 and 6.
  if (number == n->reference % 100 || number == n->reference / 100) flags |= ART_PHASE_COORDINATED;
  return flags;
}

/// The split of a phase: by its begin and end in the cycle, else its longest green and clearance.
static double split_of(const art_utdf_node *n, const art_utdf_phase *p, double clearance_s)
{
  const double stated = p->max_s + clearance_s;
  if (!isfinite(p->start_s) || !isfinite(p->end_s) || n->cycle_s <= 0.0) return stated;
  double split = fmod(p->end_s - p->start_s, n->cycle_s);
  if (split <= 0.0) split += n->cycle_s;
  return split > clearance_s && split >= p->min_s + clearance_s ? split : stated;
}

static art_nema_row row_of(const art_utdf_node *n, int32_t k)
{
  const art_utdf_phase *p = &n->phase[k];
  const double yellow = p->yellow_s > 0.0 ? p->yellow_s : 3.5;
  const double split = split_of(n, p, yellow + p->red_s), green = fmax(split - yellow - p->red_s, 1.0);
  return (art_nema_row){ .number = k + 1,
                         .barrier = p->brp / 100 % 10,
                         .ring = p->brp / 10 % 10 - 1,
                         .position = p->brp % 10,
                         .min_s = n->control == PRETIMED ? green : fmin(p->min_s, p->max_s),
                         .max_s = n->control == PRETIMED ? green : p->max_s,
                         .extension_s = p->extension_s,
                         .yellow_s = yellow,
                         .red_s = p->red_s,
                         .walk_s = p->walk_s,
                         .foot_clearance_s = p->foot_s,
                         .split_s = split,
                         .flags = flags_of(n, p, k + 1) };
}

static void add_plan(const art_utdf_node *n, art_net *net, int32_t node, int32_t signal,
                     const int32_t *in_link, const int32_t *out_link, art_utdf_report *report)
{
  art_nema_row row[ART_UTDF_PHASES];
  art_nema_plan plan = { .id = "utdf",
                         .is_coordinated =
                             (n->control == PRETIMED || n->control == COORDINATED) && n->cycle_s > 0.0,
                         .cycle_s = n->cycle_s,
                         .offset_s = n->offset_s,
                         .row = row };
  const int32_t groups = net->signal_group_count[signal];
  for (int32_t k = 0; k < ART_UTDF_PHASES; ++k) {
    if (n->phase[k].brp <= 0 || n->phase[k].max_s <= 0.0) continue;
    char *letters = ART_NEW(char, groups + 1);
    memset(letters, 'r', (size_t)groups);
    light(n, net, node, in_link, out_link, k + 1, letters);
    if (!strpbrk(letters, "Gg")) {
      free(letters);
      continue;
    }
    row[plan.count] = row_of(n, k);
    row[plan.count++].letters = letters;
  }
  art_error why = { 0 };
  if (plan.count) {
    art_status status = art_nema_plan_settle(net, signal, &plan, &why);
    if (status == ART_OK) status = art_nema_plan_add(net, signal, &plan, &why);
    report->plans += status == ART_OK;
    if (status != ART_OK && !report->plans_refused++)
      snprintf(report->refused_plan, sizeof report->refused_plan, "node %.40s: %.200s", net->node_id[node],
               why.message);
  }
  for (int32_t k = 0; k < plan.count; ++k) free(row[k].letters);
}

void art_utdf_add_plans(const art_utdf *u, art_net *net, const int32_t *in_link, const int32_t *out_link,
                        art_utdf_report *report)
{
  for (int32_t i = 0; i < u->node_count; ++i) {
    const int32_t signal = net->node_kind[i] == ART_NODE_TRAFFIC_LIGHT ? art_sketch_signal_of(net, i) : -1;
    if (signal >= 0)
      add_plan(&u->node[i], net, i, signal, in_link + i * ART_UTDF_DIRECTIONS,
               out_link + i * ART_UTDF_DIRECTIONS * ART_UTDF_TURNS, report);
  }
}

// ---- trips -------------------------------------------------------------------------------------------------------------

typedef struct walker {
  const art_net *net;
  int32_t *first, *turn;  // turns by the link that they leave
  const art_utdf_turn *turns;
  double *volume;  // of all turns of a link
} walker;

/// What leads to a link with its volume: a bay for its link, which has no turns of its own.
static int32_t way_on(const art_net *net, int32_t link)
{
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    if (net->lane_first_out[lane] < net->lane_first_out[lane + 1])
      return net->lane_link[net->connector_to[net->lane_first_out[lane]]];
  return -1;
}

static int32_t draw_turn(const walker *w, int32_t link, double draw)
{
  double left = draw * w->volume[link];
  int32_t chosen = -1;
  for (int32_t k = w->first[link]; k < w->first[link + 1]; ++k) {
    const art_utdf_turn *t = &w->turns[w->turn[k]];
    if (t->volume_vph <= 0.0) continue;
    chosen = t->to;
    left -= t->volume_vph;
    if (left < 0.0) break;
  }
  return chosen;
}

/// Adds the walk of one trip; -1: it never leaves.
static int32_t walk(const walker *w, art_trip_list *list, int32_t link, uint64_t seed, uint64_t key)
{
  for (int32_t step = 0; step < MOST_LINKS; ++step) {
    art_trip_list_add_links(list, 1, &link);
    if (w->net->node_kind[w->net->link_to[link]] == ART_NODE_DEAD_END) return art_trip_list_end_route(list);
    const int has_turns = w->first[link] < w->first[link + 1];
    link = has_turns ? draw_turn(w, link, art_uniform(art_rng(seed, key, step + 1, ART_FOR_GENERATOR)))
                     : way_on(w->net, link);
    if (link < 0) break;
  }
  art_trip_list_forget_route(list);
  return -1;
}

/// Vehicles per hour that a link from outside brings: those of the turns at its end, or of the bay's.
static double entering(const walker *w, int32_t link)
{
  for (int32_t i = 0; i < 4 && link >= 0; ++i) {
    if (w->first[link] < w->first[link + 1]) return w->volume[link];
    link = w->net->node_kind[w->net->link_to[link]] == ART_NODE_DEAD_END ? -1 : way_on(w->net, link);
  }
  return 0.0;
}

art_status art_utdf_trips(const art_net *net, int32_t turn_count, const art_utdf_turn *turns, double scale,
                          uint64_t seed, art_demand **out, art_error *err)
{
  walker w = { .net = net,
               .first = ART_NEW(int32_t, net->link_count + 2),
               .turn = ART_NEW(int32_t, turn_count),
               .turns = turns,
               .volume = ART_NEW(double, net->link_count) };
  for (int32_t i = 0; i < turn_count; ++i) {
    ++w.first[turns[i].from + 2];
    w.volume[turns[i].from] += turns[i].volume_vph;
  }
  for (int32_t l = 0; l < net->link_count; ++l) w.first[l + 2] += w.first[l + 1];
  for (int32_t i = 0; i < turn_count; ++i) w.turn[w.first[turns[i].from + 1]++] = i;
  art_trip_list list = { 0 };
  const art_vtype type = art_vtype_default();
  const int32_t set = art_trip_list_add_type(&list, "car", &type);
  art_status status = ART_OK;
  for (int32_t l = 0; l < net->link_count && status == ART_OK; ++l) {
    if (net->node_kind[net->link_from[l]] != ART_NODE_DEAD_END) continue;
    const double wanted = scale * entering(&w, l);
    if (wanted + list.trip_count > MOST_TRIPS) {
      status = art_fail(err, ART_E_INPUT, "%g trips: accepted: at most %g", wanted, MOST_TRIPS);
      break;
    }
    for (int64_t i = 0; i < (int64_t)floor(wanted + 0.5); ++i) {
      const uint64_t key = art_trip_key(net->link_id[l]) + (uint64_t)i;
      const int32_t route = walk(&w, &list, l, seed, key);
      char id[300];
      snprintf(id, sizeof id, "%.250s.%lld", net->link_id[l], (long long)i);
      const double at = 3600.0 * art_uniform(art_rng(seed, key, 0, ART_FOR_GENERATOR));
      if (route >= 0) art_trip_list_add_trip(&list, id, (int64_t)floor(1000.0 * at), route, set);
    }
  }
  if (status == ART_OK)
    status = art_trip_list_finish(&list, net, out, err);
  else
    art_trip_list_clear(&list);
  free(w.first);
  free(w.turn);
  free(w.volume);
  return status;
}
