/// \file osm_oracle.h
/// What must hold for whatever comes out of an OSM file or of tags. Included by fuzz targets.
#ifndef ART_TESTS_FUZZ_OSM_ORACLE_H
#define ART_TESTS_FUZZ_OSM_ORACLE_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/osm/read.h"

#define ORACLE(condition)      \
  do {                         \
    if (!(condition)) abort(); \
  } while (0)

static void oracle_side(const art_osm_side *side)
{
  uint32_t allowed = 0;
  ORACLE(side->lane_count >= 0 && side->lane_count <= ART_OSM_MAX_LANES);
  for (int32_t i = 0; i < side->lane_count; ++i) {
    const art_osm_lane *lane = &side->lane[i];
    allowed |= lane->allowed;
    ORACLE((lane->allowed & lane->destination) == 0);
    ORACLE(lane->speed_mps > 0.2f && lane->speed_mps < 60.0f);
    ORACLE(lane->width_m >= 0.0f && lane->turns < 2048 && lane->change <= ART_OSM_CHANGE_BOTH);
    ORACLE(lane->kind <= ART_OSM_LANE_CYCLE_TRACK);
  }
  ORACLE(allowed == side->allowed && (side->allowed & side->destination) == 0);
}

static void oracle_way(art_osm_tags tags, int left_hand)
{
  static art_osm_road road;
  static art_osm_notes notes;
  art_osm_defaults defaults;
  art_osm_defaults_find(left_hand ? "GB" : "DE", &defaults);
  const art_osm_options options = { .defaults = &defaults, .assume_rural = !left_hand };
  memset(&notes, 0, sizeof notes);
  art_osm_way(tags, &options, &road, &notes);
  ORACLE(road.kind == ART_OSM_KIND_NONE || art_osm_is_way(tags));
  ORACLE(road.kind != ART_OSM_KIND_ROAD || road.forward.lane_count + road.backward.lane_count > 0);
  ORACLE(road.conditional_count >= 0 && road.conditional_count <= ART_OSM_MAX_CONDITIONALS);
  oracle_side(&road.forward);
  oracle_side(&road.backward);
  for (int day = -1; day < 8; ++day) {
    art_osm_road at = road;
    art_osm_road_at(&at,
                    &(art_osm_moment){ .day = day, .minute = (day + 1) * 170, .weight_t = (float)(day * 4) });
    oracle_side(&at.forward);
    oracle_side(&at.backward);
  }
}

static void oracle_node(art_osm_tags tags)
{
  static art_osm_notes notes;
  art_osm_point point;
  art_osm_node(tags, &point, &notes);
  ORACLE((point.closed & point.destination) == 0);
  ORACLE(point.what & ART_OSM_NODE_BARRIER || !point.closed);
  ORACLE(isnan(point.height_m) || fabsf(point.height_m) < 9000.0f);
}

static void oracle_restriction(art_osm_tags tags, int32_t count, const art_osm_member *member)
{
  static art_osm_restriction out[ART_OSM_MAX_BANS];
  static art_osm_notes notes;
  const int32_t found = art_osm_restrictions(tags, count, member, out, &notes);
  ORACLE(found >= 0 && found <= ART_OSM_MAX_BANS);
  for (int32_t i = 0; i < found; ++i) {
    ORACLE(out[i].classes && out[i].from_count > 0 && out[i].via_count > 0 && out[i].to_count > 0);
    ORACLE(out[i].ban <= ART_OSM_BAN_EXIT && out[i].via_count <= ART_OSM_MAX_BAN_MEMBERS);
    ORACLE(!out[i].is_conditional || out[i].condition.is_understood);
  }
}

/// Order, references, ranges; then every entity through the readers of tags.
static void oracle_store(const art_osm_store *s)
{
  for (int64_t i = 0; i < s->node_count; ++i) {
    const art_osm_node_row *n = &s->node[i];
    ORACLE(i == 0 || s->node[i - 1].id < n->id);
    ORACLE(fabs(n->lon) <= 180.0 && fabs(n->lat) <= 90.0 && art_osm_find_node(s, n->id) == i);
    oracle_node(art_osm_tags_of(s, n->tag_first, n->tag_count));
  }
  for (int64_t i = 0; i < s->way_count; ++i) {
    const art_osm_way_row *w = &s->way[i];
    ORACLE(i == 0 || s->way[i - 1].id < w->id);
    ORACLE(w->ref_count >= 2 && w->ref_first + w->ref_count <= s->ref_count);
    for (int64_t k = w->ref_first; k < w->ref_first + w->ref_count; ++k) {
      ORACLE(s->ref_node[k] >= -1 && s->ref_node[k] < s->node_count);
      ORACLE(s->ref_node[k] < 0 || s->node[s->ref_node[k]].id == s->ref[k]);
    }
    oracle_way(art_osm_tags_of(s, w->tag_first, w->tag_count), (int)(i & 1));
  }
  for (int64_t i = 0; i < s->relation_count; ++i) {
    const art_osm_relation_row *r = &s->relation[i];
    ORACLE(i == 0 || s->relation[i - 1].id < r->id);
    oracle_restriction(art_osm_tags_of(s, r->tag_first, r->tag_count), r->member_count,
                       s->member + r->member_first);
  }
}

/// Reads a text in one pass and in two, which must agree, and within a box.
static inline int oracle_read(const uint8_t *data, size_t size)
{
  static const char name[] = "fuzz.osm";
  const art_osm_read_options usual = { .keep_routes = 1 }, tight = { .node_budget = 1, .keep_routes = 1 };
  const art_osm_read_options box = {
    .with_box = 1, .min_lon = 0.0, .min_lat = 0.0, .max_lon = 9.0, .max_lat = 60.0
  };
  art_osm_store *one = NULL, *two = NULL, *inside = NULL;
  art_error err = { 0 };
  const art_status status = art_osm_read_text(name, data, size, &usual, &one, &err);
  if (status != ART_OK) {
    ORACLE(status == ART_E_INPUT && !one && strncmp(err.message, name, sizeof name - 1) == 0);
    return 0;
  }
  oracle_store(one);
  ORACLE(art_osm_read_text(name, data, size, &tight, &two, &err) == ART_OK);
  ORACLE(one->node_count == two->node_count && one->way_count == two->way_count &&
         one->ref_count == two->ref_count);
  for (int64_t i = 0; i < one->node_count; ++i)
    ORACLE(one->node[i].id == two->node[i].id && one->node[i].lon == two->node[i].lon);
  ORACLE(art_osm_read_text(name, data, size, &box, &inside, &err) == ART_OK &&
         inside->way_count <= one->way_count);
  oracle_store(inside);
  art_osm_store_free(one);
  art_osm_store_free(two);
  art_osm_store_free(inside);
  return 0;
}

#endif  // ART_TESTS_FUZZ_OSM_ORACLE_H
