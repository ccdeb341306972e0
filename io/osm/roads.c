// Which ways motor vehicles drive on, and their lanes.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define PRIVATE_MPS \
  (20.0f / 3.6f)  // ways for the first or last leg only are slower, so that through traffic avoids them

static uint16_t mirrored_turns(uint16_t turns)
{
  static const uint16_t pair[][2] = { { ART_OSM_TURN_SHARP_LEFT, ART_OSM_TURN_SHARP_RIGHT },
                                      { ART_OSM_TURN_LEFT, ART_OSM_TURN_RIGHT },
                                      { ART_OSM_TURN_SLIGHT_LEFT, ART_OSM_TURN_SLIGHT_RIGHT },
                                      { ART_OSM_TURN_MERGE_LEFT, ART_OSM_TURN_MERGE_RIGHT } };
  uint16_t out = turns & (ART_OSM_TURN_NONE | ART_OSM_TURN_THROUGH | ART_OSM_TURN_REVERSE);
  for (size_t i = 0; i < sizeof pair / sizeof *pair; ++i) {
    if (turns & pair[i][0]) out |= pair[i][1];
    if (turns & pair[i][1]) out |= pair[i][0];
  }
  return out;
}

/// Lanes by the patch: as many as it says, those that are added like the one in the middle, without arrows.
static void patch_lanes(art_map *plan, art_map_side *side, int32_t wanted)
{
  if (side->lane_count == 0 || wanted == side->lane_count) return;
  const int32_t first = plan->lane_count, last = side->first_lane + side->lane_count - 1;
  for (int32_t i = 0; i < wanted; ++i) {
    art_map_lane lane = plan->lane[i < side->lane_count ? side->first_lane + i : last];
    lane.turns = 0;
    lane.change = ART_OSM_CHANGE_BOTH;
    ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, lane);
  }
  side->first_lane = first;
  side->lane_count = wanted;
  side->has_turns = 0;
}

static void add_side(art_map *plan, const art_osm_side *from, float default_width_m, float speed_mps,
                     art_map_side *side)
{
  *side = (art_map_side){ .first_lane = plan->lane_count };
  const uint32_t motor = art_osm_motor_classes();
  if (from->lane_count && !((from->allowed | from->destination) & motor)) {
    if (plan->options->with_bicycles && (from->allowed >> ART_VCLASS_BICYCLE & 1u))
      art_map_note_cycle_lane(side, &from->lane[0], speed_mps);
    else
      ++plan->report->contraflow;
    return;
  }
  for (int32_t i = 0; i < from->lane_count; ++i) {
    const art_osm_lane *in = &from->lane[i];
    const uint32_t allowed = in->allowed | in->destination;
    if (!(allowed & motor)) {
      if (plan->options->with_bicycles && (allowed >> ART_VCLASS_BICYCLE & 1u))
        art_map_note_cycle_lane(side, in, speed_mps);
      else
        ++plan->report->bicycle_lanes;
      continue;
    }
    art_map_lane lane = { .allowed = allowed,
                          .speed_mps = speed_mps > 0.0f ? speed_mps : fmaxf(in->speed_mps, 1.0f),
                          .width_m = in->width_m > 0.0f ? in->width_m : default_width_m,
                          .turns = plan->mirrored ? mirrored_turns(in->turns) : in->turns,
                          .change = in->change };
    // Emergency vehicles may drive there, which makes it no through road.
    const uint32_t through = motor & ~(1u << ART_VCLASS_EMERGENCY);
    if (!(in->allowed & through) && (allowed & through)) lane.speed_mps = fminf(lane.speed_mps, PRIVATE_MPS);
    if (plan->mirrored)
      lane.change = (uint8_t)(((in->change & ART_OSM_CHANGE_LEFT) ? ART_OSM_CHANGE_RIGHT : 0) |
                              ((in->change & ART_OSM_CHANGE_RIGHT) ? ART_OSM_CHANGE_LEFT : 0));
    side->has_turns |= lane.turns != 0;
    if (side->cycle_inner) {  // between lanes for motor traffic: taken as at the kerb
      side->cycle_inner = 0;
      side->cycle_kerb = 1;
    }
    ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, lane);
    ++side->lane_count;
  }
}

static void count_left_out(art_osm_report *report, const art_osm_road *road)
{
  if (road->kind == ART_OSM_KIND_PATH)
    ++report->paths;
  else if (road->kind > ART_OSM_KIND_PATH)
    ++report->rails;
}

/// Rings without a number of lanes have one: defaults of one-way roads are for straight ones.
static void narrow_ring(art_map *plan, art_map_way *way)
{
  for (int d = 0; d < 2; ++d) {
    if (way->side[d].lane_count < 2) continue;
    way->side[d].lane_count = 1;
    way->side[d].width_m = plan->lane[way->side[d].first_lane].width_m;
  }
}

/// Adds a way if motor vehicles drive on it.
static int add_way(art_map *plan, int64_t row, const art_osm_options *tag_options, const art_osm_moment *moment)
{
  art_osm_report *report = plan->report;
  const art_osm_way_row *in = &plan->store->way[row];
  const art_osm_tags tags = art_osm_tags_of(plan->store, in->tag_first, in->tag_count);
  art_osm_road road;
  report->notes.entity = 'w';
  report->notes.id = in->id;
  art_osm_way(tags, tag_options, &road, &report->notes);
  if (road.kind != ART_OSM_KIND_ROAD && road.kind != ART_OSM_KIND_BUSWAY) {
    count_left_out(report, &road);
    return 0;
  }
  art_patch_way *patch = art_osm_patch_way(plan->patch, in->id);
  if (patch) patch->is_used = 1;
  if (patch && patch->is_dropped) return 0;
  report->unbuilt += road.is_closed;
  report->areas += !road.is_closed && road.is_area;
  if (road.is_closed || road.is_area || in->ref_count < 2) return 0;
  if (moment->day >= 0)
    art_osm_road_at(&road, moment);
  else
    report->conditionals += road.conditional_count > 0;
  const float width = plan->defaults->by_class[road.road_class].lane_width_m;
  art_map_way way = { .id = in->id,
                      .road_class = (int8_t)road.road_class,
                      .is_link = road.is_link,
                      .in_ring = road.is_roundabout,
                      .is_priority_road = road.is_priority_road,
                      .is_minor_service = road.is_service_minor,
                      .middle_m = (float)road.middle_lanes * width,
                      .grade = art_osm_grade(tags),
                      .name = road.name };
  const float speed = patch && patch->speed_mps > 0.0 ? (float)patch->speed_mps : 0.0f;
  add_side(plan, &road.forward, width, speed, &way.side[0]);
  add_side(plan, &road.backward, width, speed, &way.side[1]);
  for (int d = 0; d < 2; ++d) {
    if (patch && patch->lanes[d] >= 0) patch_lanes(plan, &way.side[d], patch->lanes[d]);
    for (int32_t i = 0; i < way.side[d].lane_count; ++i)
      way.side[d].width_m += plan->lane[way.side[d].first_lane + i].width_m;
  }
  way.is_lanes_told = art_osm_tag_get(tags, ART_OSM_LANES) || way.side[0].has_turns || way.side[1].has_turns ||
                      (patch && (patch->lanes[0] >= 0 || patch->lanes[1] >= 0));
  if (way.in_ring && !way.is_lanes_told) narrow_ring(plan, &way);
  if (way.side[0].lane_count + way.side[1].lane_count == 0) {
    ++report->no_motor;
    return 0;
  }
  report->middle_lanes += road.middle_lanes > 0;
  report->varies += road.varies;
  ++report->roads;
  ART_PUSH(plan->way, plan->way_count, plan->way_capacity, way);
  return 1;
}

static int parse_moment(const char *text, art_osm_moment *out)
{
  static const char *const days[] = { "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH" };
  *out = (art_osm_moment){ .day = -1 };
  if (!text) return 1;
  int hour = 0, minute = 0, used = 0;
  for (int d = 0; d < 8; ++d)
    if (strncmp(text, days[d], 2) == 0) out->day = d;
  if (out->day < 0 || sscanf(text + 2, " %d:%d%n", &hour, &minute, &used) != 2 || text[2 + used]) return 0;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return 0;
  out->minute = 60 * hour + minute;
  return 1;
}

art_status art_map_roads(art_map *plan, art_osm_moment *moment, int64_t **row_of_way, art_error *err)
{
  const art_osm_options tag_options = { .defaults = plan->defaults };
  *row_of_way = NULL;
  if (!parse_moment(plan->options->moment, moment))
    return art_fail(err, ART_E_INPUT,
                    "moment \"%.60s\": accepted: a day (Mo to Su, PH) and an hour, such as \"We 08:00\"",
                    plan->options->moment);
  int64_t *rows = ART_NEW(int64_t, plan->store->way_count);
  for (int64_t row = 0; row < plan->store->way_count; ++row)
    if (add_way(plan, row, &tag_options, moment)) rows[plan->way_count - 1] = row;
  *row_of_way = rows;
  plan->road_way_count = plan->way_count;
  if (!plan->way_count)
    return art_fail(err, ART_E_INPUT,
                    "%s has no roads that motor vehicles drive on (of %lld ways in the file)",
                    plan->options->with_box || plan->options->clip ? "the area that was asked for" : "the extract",
                    (long long)plan->report->ways_read);
  return ART_OK;
}
