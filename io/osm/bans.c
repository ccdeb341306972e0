// Turn restrictions of the map, as ways and nodes of the plan.
#include "core/base/memory.h"
#include "io/osm/map_internal.h"

/// Ways or node between; `vertex`: nodes of the plan by nodes of the store. 0: not all of them are in the plan.
static int fill_ban(art_map *plan, const int32_t *vertex, const art_osm_restriction *r, art_map_ban *ban)
{
  ban->via_node = -1;
  ban->first_via = plan->ban_via_count;
  if (!r->via_is_way) {
    const int64_t node = art_osm_find_node(plan->store, r->via[0]);
    ban->via_node = node < 0 ? -1 : vertex[node];
    return ban->via_node >= 0;
  }
  for (int32_t i = 0; i < r->via_count; ++i) {
    const int32_t way = art_map_find_way(plan, r->via[i]);
    if (way < 0) return 0;
    ART_PUSH(plan->ban_via, plan->ban_via_count, plan->ban_via_capacity, way);
    ++ban->via_count;
  }
  return 1;
}

static void read_ban(art_map *plan, const int32_t *vertex, int64_t relation, const art_osm_restriction *r,
                     const art_osm_moment *moment)
{
  if (r->is_conditional && (moment->day < 0 || !art_osm_condition_holds(&r->condition, moment))) {
    plan->report->bans_conditional += moment->day < 0;
    return;
  }
  if (!(r->classes & art_osm_motor_classes())) return;
  for (int32_t f = 0; f < r->from_count; ++f)
    for (int32_t t = 0; t < r->to_count; ++t) {
      art_map_ban ban = { .relation = relation,
                          .from = art_map_find_way(plan, r->from[f]),
                          .to = art_map_find_way(plan, r->to[t]),
                          .classes = r->classes,
                          .is_only = r->is_only,
                          .is_u_turn = r->ban == ART_OSM_BAN_U };
      if (ban.from < 0 || ban.to < 0 || !fill_ban(plan, vertex, r, &ban)) {
        ++plan->report->bans_outside;
        continue;
      }
      ART_PUSH(plan->ban, plan->ban_count, plan->ban_capacity, ban);
    }
}

void art_map_bans(art_map *plan, const int32_t *vertex, const art_osm_moment *moment)
{
  const art_osm_store *store = plan->store;
  for (int64_t i = 0; i < store->relation_count; ++i) {
    const art_osm_relation_row *row = &store->relation[i];
    const art_osm_tags tags = art_osm_tags_of(store, row->tag_first, row->tag_count);
    if (!art_osm_is_restriction(tags)) continue;
    art_osm_restriction found[ART_OSM_MAX_BANS];
    art_osm_notes *notes = &plan->report->notes;
    notes->entity = 'r';
    notes->id = row->id;
    const int32_t n =
        art_osm_restrictions(tags, row->member_count, store->member + row->member_first, found, notes);
    for (int32_t k = 0; k < n; ++k) read_ban(plan, vertex, row->id, &found[k], moment);
  }
}
