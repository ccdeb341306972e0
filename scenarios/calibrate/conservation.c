#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "models/estimation/fit_measures.h"
#include "scenarios/calibrate/conservation_internal.h"

/// Links joined by connectors, in both directions; -1 none, -2 several.
typedef struct arms {
  int32_t *next, *previous;
} arms;

static void join(int32_t *slot, int32_t link)
{
  if (*slot == -1)
    *slot = link;
  else if (*slot != link)
    *slot = -2;
}

static arms find_arms(const art_net *net)
{
  arms a = { ART_NEW(int32_t, net->link_count), ART_NEW(int32_t, net->link_count) };
  for (int32_t l = 0; l < net->link_count; ++l) a.next[l] = a.previous[l] = -1;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_turn[c] == ART_TURN_U) continue;  // few do
    const int32_t from = net->lane_link[net->connector_from[c]], to = net->lane_link[net->connector_to[c]];
    join(&a.next[from], to);
    join(&a.previous[to], from);
  }
  return a;
}

/// road[l]: a number that all links of one road without branches share (its first link).
static int32_t *find_roads(const art_net *net, const arms *a)
{
  int32_t *road = ART_NEW(int32_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) {
    int32_t first = l;
    for (int32_t steps = 0; steps < net->link_count; ++steps) {
      const int32_t before = a->previous[first];
      if (before < 0 || a->next[before] != first || before == l) break;
      first = before;
    }
    road[l] = first;
  }
  return road;
}

static void note(art_audit_row *r, const char *text)
{
  const size_t used = strlen(r->reason);
  snprintf(r->reason + used, sizeof r->reason - used, "%s%s", used ? "; " : "", text);
}

static void compare_roads(const art_feed *feed, const int32_t *road, art_audit *audit)
{
  for (int32_t i = 0; i < audit->count; ++i) {
    art_audit_row *a = &audit->row[i];
    if (a->use == ART_STATION_USE_EXCLUDED) continue;
    for (int32_t j = i + 1; j < audit->count; ++j) {
      art_audit_row *b = &audit->row[j];
      if (b->use == ART_STATION_USE_EXCLUDED || road[a->link] != road[b->link] || a->link == b->link)
        continue;
      if (art_geh(a->observed_vph, b->observed_vph) < 5.0) continue;
      char text[160];
      snprintf(text, sizeof text, "conservation: '%.60s' counts %.0f on the same road",
               feed->station_id[b->station], b->observed_vph);
      note(a, text);
      snprintf(text, sizeof text, "conservation: '%.60s' counts %.0f on the same road",
               feed->station_id[a->station], a->observed_vph);
      note(b, text);
    }
  }
}

/// Counted flow and number of uncounted arms into and out of a node, by road, so that a station further along counts.
typedef struct balance {
  double in, out;
  int32_t in_missing, out_missing, in_count, out_count;
} balance;

static void compare_nodes(const art_net *net, const int32_t *road, art_audit *audit)
{
  double *flow = ART_NEW(double, net->link_count);  // of a road; 0 not counted
  for (int32_t i = 0; i < audit->count; ++i) {
    if (audit->row[i].use != ART_STATION_USE_EXCLUDED)
      flow[road[audit->row[i].link]] = audit->row[i].observed_vph;
  }
  balance *b = ART_NEW(balance, net->node_count);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const double f = flow[road[l]];
    balance *end = &b[net->link_to[l]], *start = &b[net->link_from[l]];
    if (f > 0.0)
      end->in += f, ++end->in_count, start->out += f, ++start->out_count;
    else
      ++end->in_missing, ++start->out_missing;
  }
  for (int32_t n = 0; n < net->node_count; ++n) {
    const balance *x = &b[n];
    if (!x->in_count || !x->out_count || x->in_count + x->out_count < 3)
      continue;  // roads are compared elsewhere
    const int too_much_out = !x->in_missing && x->out > x->in,
              too_much_in = !x->out_missing && x->in > x->out;
    if ((!too_much_out && !too_much_in) || art_geh(x->in, x->out) < 5.0) continue;
    char text[160];
    snprintf(text, sizeof text, "conservation: at node '%.60s' %.0f come in and %.0f go out%s",
             net->node_id[n], x->in, x->out, x->in_missing + x->out_missing ? " by counted arms" : "");
    for (int32_t i = 0; i < audit->count; ++i) {
      art_audit_row *r = &audit->row[i];
      if (r->use == ART_STATION_USE_EXCLUDED) continue;
      for (int32_t l = 0; l < net->link_count; ++l) {
        if (road[l] == road[r->link] && (net->link_to[l] == n || net->link_from[l] == n)) {
          note(r, text);
          break;
        }
      }
    }
  }
  free(b);
  free(flow);
}

void art_note_contradictions(const art_feed *feed, const art_net *net, art_audit *audit)
{
  const arms a = find_arms(net);
  int32_t *road = find_roads(net, &a);
  compare_roads(feed, road, audit);
  compare_nodes(net, road, audit);
  free(road);
  free(a.next);
  free(a.previous);
}
