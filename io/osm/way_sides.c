// What lies beside the general lanes: bus lanes, cycle lanes and tracks, sidewalks; and tracks of rails.
#include <string.h>

#include "io/osm/tags_internal.h"

/// Modifier of the side that is the kerb of a direction.
static art_osm_key kerb_of(const art_osm_way_work *w, int backward)
{
  return backward != art_osm_left_hand(w) ? ART_OSM_OF_LEFT : ART_OSM_OF_RIGHT;
}
static art_osm_key other_side(art_osm_key side)
{
  return side == ART_OSM_OF_LEFT ? ART_OSM_OF_RIGHT : ART_OSM_OF_LEFT;
}

/// Value of a key for one side: its own, or that for both.
static const char *sided(const art_osm_way_work *w, art_osm_key base, art_osm_key side)
{
  const char *value = art_osm_tag_get(w->tags, base | side);
  return value ? value : art_osm_tag_get(w->tags, base | ART_OSM_OF_BOTH);
}

static int is_on_road(const art_osm_road *road)
{
  return road->kind == ART_OSM_KIND_ROAD || road->kind == ART_OSM_KIND_BUSWAY;
}

// ---- buses -----------------------------------------------------------------------------------------------------------

static int has_kind(const art_osm_side *side, art_osm_lane_kind kind)
{
  for (int32_t i = 0; i < side->lane_count; ++i)
    if (side->lane[i].kind == kind) return 1;
  return 0;
}

/// Bus lanes that lanes:bus or lanes:psv give a direction; 0 if none are written.
static int written_bus_lanes(const art_osm_way_work *w, art_osm_key key, int backward)
{
  const char *own = art_osm_tag_get(w->tags, key | (backward ? ART_OSM_OF_BACKWARD : ART_OSM_OF_FORWARD));
  const char *text = own ? own : art_osm_tag_get(w->tags, key);
  double value;
  if (!text || !art_osm_number(text, strlen(text), &value) || value < 1.0 || value > 8.0) return 0;
  const int count = (int)value;
  if (own || w->first != w->second) return count;
  return backward ? count / 2 : (count + 1) / 2;  // of both directions together
}

static int is_bus_lane(const char *value)
{
  return art_osm_is(value, "lane") || art_osm_is(value, "yes") || art_osm_is(value, "designated");
}

/// Makes the outer lanes bus lanes. `lanes` counts them, but a last general lane is never taken away: then
/// they were not counted.
static void reserve_for_buses(art_osm_side *side, int count, int at_kerb, uint32_t classes)
{
  int general = 0;
  for (int32_t i = 0; i < side->lane_count; ++i) general += side->lane[i].kind == ART_OSM_LANE_GENERAL;
  for (; count > 0 && general <= count; ++general) {
    art_osm_lane *lane = art_osm_insert_lane(side, at_kerb);
    if (!lane) return;
    lane->speed_mps = side->speed_mps;
  }
  for (int32_t i = 0; i < side->lane_count && count > 0; ++i) {
    art_osm_lane *lane = &side->lane[at_kerb ? i : side->lane_count - 1 - i];
    if (lane->kind != ART_OSM_LANE_GENERAL) continue;
    lane->kind = ART_OSM_LANE_BUS;
    lane->allowed = classes;
    lane->destination = 0;
    --count;
  }
}

void art_osm_way_buses(art_osm_way_work *w)
{
  if (w->road->kind != ART_OSM_KIND_ROAD) return;
  const uint32_t bus = ART_OSM_BIT(BUS) | ART_OSM_BUS_LANE_GUESTS, psv = bus | ART_OSM_BIT(TAXI);
  const uint32_t classes = w->options->defaults->bus_lanes_serve_taxis ? psv : bus;
  const char *plain = art_osm_tag_get(w->tags, ART_OSM_BUSWAY);
  for (int d = 0; d < 2; ++d) {
    art_osm_side *side = art_osm_side_of(w, d);
    if (!side->lane_count || side->is_contraflow || has_kind(side, ART_OSM_LANE_BUS)) continue;
    const int for_psv = written_bus_lanes(w, ART_OSM_LANES_PSV, d),
              for_bus = written_bus_lanes(w, ART_OSM_LANES_BUS, d);
    const int is_oneway = w->first != w->second;
    const char *kerb = sided(w, ART_OSM_BUSWAY, kerb_of(w, d));
    const char *inner = is_oneway ? sided(w, ART_OSM_BUSWAY, other_side(kerb_of(w, d))) : NULL;
    if (for_psv)
      reserve_for_buses(side, for_psv, 1, psv);
    else if (for_bus)
      reserve_for_buses(side, for_bus, 1, classes);
    else if (is_bus_lane(kerb ? kerb : plain))
      reserve_for_buses(side, 1, 1, classes);
    if (!for_psv && !for_bus && is_bus_lane(inner)) reserve_for_buses(side, 1, 0, classes);
  }
}

// ---- bicycles --------------------------------------------------------------------------------------------------------

static art_osm_cycle cycle_of(const char *value)
{
  static const struct {
    const char *word;
    art_osm_cycle cycle;
  } words[] = {
    { "lane", ART_OSM_CYCLE_LANE },
    { "opposite_lane", ART_OSM_CYCLE_LANE },
    { "track", ART_OSM_CYCLE_TRACK },
    { "opposite_track", ART_OSM_CYCLE_TRACK },
    { "sidepath", ART_OSM_CYCLE_SEPARATE },
    { "separate", ART_OSM_CYCLE_SEPARATE },
    { "use_sidepath", ART_OSM_CYCLE_SEPARATE },
    { "shared_lane", ART_OSM_CYCLE_SHARED },
    { "shared", ART_OSM_CYCLE_SHARED },
    { "soft_lane", ART_OSM_CYCLE_SHARED },
    { "opposite", ART_OSM_CYCLE_SHARED },
    { "share_busway", ART_OSM_CYCLE_BUSWAY },
    { "opposite_share_busway", ART_OSM_CYCLE_BUSWAY },
    { "no", ART_OSM_CYCLE_NO },
    { "none", ART_OSM_CYCLE_NO },
  };
  art_osm_piece first;
  if (!value || !art_osm_next_piece(&value, ';', &first)) return ART_OSM_CYCLE_UNKNOWN;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i)
    if (art_osm_is_piece(first, words[i].word)) return words[i].cycle;
  return ART_OSM_CYCLE_UNKNOWN;
}

static int is_opposite(const char *value)
{
  return value && strncmp(value, "opposite", 8) == 0;
}

/// What runs along one side of the way.
typedef struct side_cycle {
  art_osm_cycle cycle;
  int goes_along, goes_against;  ///< seen in the direction whose kerb this is
} side_cycle;

static side_cycle cycle_at(const art_osm_way_work *w, art_osm_key side, const char *value)
{
  const int is_left = side == ART_OSM_OF_LEFT;
  const char *lane =
      art_osm_tag_get(w->tags, is_left ? ART_OSM_CYCLEWAY_LEFT_LANE : ART_OSM_CYCLEWAY_RIGHT_LANE);
  const char *round =
      art_osm_tag_get(w->tags, is_left ? ART_OSM_CYCLEWAY_LEFT_ONEWAY : ART_OSM_CYCLEWAY_RIGHT_ONEWAY);
  if (!lane) lane = art_osm_tag_get(w->tags, ART_OSM_CYCLEWAY_BOTH_LANE);
  if (!lane) lane = art_osm_tag_get(w->tags, ART_OSM_CYCLEWAY_LANE);
  if (!round) round = art_osm_tag_get(w->tags, ART_OSM_CYCLEWAY_BOTH_ONEWAY);
  side_cycle out = { cycle_of(value), 1, 0 };
  // Vehicles may drive on advisory lanes where they must.
  if (out.cycle == ART_OSM_CYCLE_LANE && art_osm_is(lane, "advisory")) out.cycle = ART_OSM_CYCLE_SHARED;
  if (is_opposite(value) || art_osm_is(round, "-1"))
    out.goes_along = 0, out.goes_against = 1;
  else if (art_osm_is_no(round))
    out.goes_against = 1;
  return out;
}

static void add_cycle_lane(art_osm_side *side, art_osm_cycle cycle, int at_kerb)
{
  const art_osm_lane_kind kind = cycle == ART_OSM_CYCLE_TRACK ? ART_OSM_LANE_CYCLE_TRACK : ART_OSM_LANE_CYCLE;
  if (side->lane_count && (has_kind(side, ART_OSM_LANE_CYCLE) || has_kind(side, ART_OSM_LANE_CYCLE_TRACK))) {
    // Lists per lane, or the contraflow, have made it already; a track is told apart.
    for (int32_t i = 0; i < side->lane_count; ++i)
      if (side->lane[i].kind == ART_OSM_LANE_CYCLE) side->lane[i].kind = (uint8_t)kind;
    return;
  }
  art_osm_lane *lane = art_osm_insert_lane(side, at_kerb);
  if (!lane) return;
  lane->kind = (uint8_t)kind;
  lane->allowed = ART_OSM_BICYCLE_BIT;
  lane->speed_mps = side->speed_mps;
}

/// Bicycles on a side of the way, for the direction whose kerb it is, or the inner side of a one-way.
static void add_cycle_side(art_osm_way_work *w, int backward, side_cycle c, int at_kerb)
{
  art_osm_side *along = art_osm_side_of(w, backward), *against = art_osm_side_of(w, !backward);
  if (c.cycle == ART_OSM_CYCLE_BUSWAY) {
    art_osm_side *side = c.goes_along ? along : against;
    for (int32_t i = 0; i < side->lane_count; ++i)
      if (side->lane[i].kind == ART_OSM_LANE_BUS) side->lane[i].allowed |= ART_OSM_BICYCLE_BIT;
  }
  if (c.cycle != ART_OSM_CYCLE_LANE && c.cycle != ART_OSM_CYCLE_TRACK) return;
  if (c.goes_along) add_cycle_lane(along, c.cycle, at_kerb);
  if (!c.goes_against) return;
  if (!against->lane_count) {
    against->is_contraflow = 1;
    against->speed_mps = along->speed_mps;
  }
  add_cycle_lane(against, c.cycle, 1);
}

static void add_cycles_twoway(art_osm_way_work *w)
{
  const char *plain = art_osm_tag_get(w->tags, ART_OSM_CYCLEWAY);
  for (int d = 0; d < 2; ++d) {
    const art_osm_key kerb = kerb_of(w, d);
    const char *value = sided(w, ART_OSM_CYCLEWAY, kerb);
    const side_cycle c = cycle_at(w, kerb, value ? value : plain);
    art_osm_side_of(w, d)->cycle = (uint8_t)c.cycle;
    add_cycle_side(w, d, c, 1);
  }
}

/// On a one-way, the plain key speaks of the kerb, or of the contraflow if it says "opposite". What runs on
/// the inner side goes against the one-way if bicycles may, along it otherwise.
static void add_cycles_oneway(art_osm_way_work *w)
{
  const int open = w->first ? 0 : 1;
  const art_osm_key kerb = kerb_of(w, open), inner = other_side(kerb);
  const char *plain = art_osm_tag_get(w->tags, ART_OSM_CYCLEWAY);
  const char *at_kerb = sided(w, ART_OSM_CYCLEWAY, kerb), *at_inner = sided(w, ART_OSM_CYCLEWAY, inner);
  side_cycle c = cycle_at(w, kerb, at_kerb ? at_kerb : plain);
  art_osm_side_of(w, is_opposite(plain) && !at_kerb ? !open : open)->cycle = (uint8_t)c.cycle;
  add_cycle_side(w, open, c, 1);
  if (!at_inner) return;
  c = cycle_at(w, inner, at_inner);
  const char *round = art_osm_tag_get(w->tags, inner == ART_OSM_OF_LEFT ? ART_OSM_CYCLEWAY_LEFT_ONEWAY
                                                                        : ART_OSM_CYCLEWAY_RIGHT_ONEWAY);
  if (!round && (w->contraflow & ART_OSM_BICYCLE_BIT)) c.goes_along = 0, c.goes_against = 1;
  if (!art_osm_side_of(w, !open)->cycle) art_osm_side_of(w, !open)->cycle = (uint8_t)c.cycle;
  add_cycle_side(w, open, c, 0);
}

void art_osm_way_cycles(art_osm_way_work *w)
{
  if (!is_on_road(w->road)) return;
  if (w->first && w->second)
    add_cycles_twoway(w);
  else
    add_cycles_oneway(w);
}

// ---- sidewalks -------------------------------------------------------------------------------------------------------

static art_osm_sidewalk sidewalk_of(const char *value)
{
  if (!value) return ART_OSM_SIDEWALK_UNKNOWN;
  if (art_osm_is_no(value)) return ART_OSM_SIDEWALK_NO;
  if (strcmp(value, "separate") == 0 || strcmp(value, "use_sidepath") == 0) return ART_OSM_SIDEWALK_SEPARATE;
  return art_osm_is_yes(value) ? ART_OSM_SIDEWALK_YES : ART_OSM_SIDEWALK_UNKNOWN;
}

void art_osm_way_sidewalks(art_osm_way_work *w)
{
  if (!is_on_road(w->road)) return;
  const char *plain = art_osm_tag_get(w->tags, ART_OSM_SIDEWALK);
  for (int d = 0; d < 2; ++d) {
    const art_osm_key kerb = kerb_of(w, d);
    const char *value = sided(w, ART_OSM_SIDEWALK, kerb);
    art_osm_sidewalk found = value ? sidewalk_of(value) : sidewalk_of(plain);
    if (!value && plain) {
      const char *own = kerb == ART_OSM_OF_LEFT ? "left" : "right",
                 *other = kerb == ART_OSM_OF_LEFT ? "right" : "left";
      if (art_osm_has_word(plain, "both") || art_osm_has_word(plain, own))
        found = ART_OSM_SIDEWALK_YES;
      else if (art_osm_has_word(plain, other))
        found = ART_OSM_SIDEWALK_NO;
    }
    art_osm_side_of(w, d)->sidewalk = (uint8_t)found;
  }
}

// ---- rails -----------------------------------------------------------------------------------------------------------

static int count_tracks(const art_osm_way_work *w)
{
  const char *text = art_osm_tag_get(w->tags, ART_OSM_TRACKS);
  double value;
  if (!text || !art_osm_number(text, strlen(text), &value) || value < 1.0 || value > 8.0) return 1;
  return (int)value;
}

/// Tram tracks in the street: trams run on the lanes in the middle.
static void embed_tram(art_osm_way_work *w)
{
  for (int d = 0; d < 2; ++d) {
    art_osm_side *side = art_osm_side_of(w, d);
    for (int32_t i = side->lane_count - 1; i >= 0 && !side->is_contraflow; --i) {
      if (side->lane[i].kind > ART_OSM_LANE_BUS) continue;
      side->lane[i].allowed |= ART_OSM_BIT(TRAM);
      break;
    }
  }
}

void art_osm_way_rails(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  if (is_on_road(road)) {
    // embedded_rails tells of tracks that are drawn as ways of their own; only those on this way are its
    // tracks.
    if (!art_osm_is(art_osm_tag_get(w->tags, ART_OSM_RAILWAY), "tram")) return;
    road->has_embedded_rails = 1;
    road->rail_tracks = count_tracks(w);
    embed_tram(w);
    return;
  }
  if (road->kind < ART_OSM_KIND_TRAM || road->kind > ART_OSM_KIND_RAIL) return;
  const int tracks = count_tracks(w);
  road->rail_tracks = tracks;
  for (int d = 0; d < 2; ++d) {
    if (!(d ? w->second : w->first)) continue;
    art_osm_side *side = art_osm_side_of(w, d);
    // A single track serves both directions; of several each has its own.
    const int is_shared = w->first && w->second;
    const int count = !is_shared || tracks == 1 ? tracks : d ? tracks / 2 : (tracks + 1) / 2;
    side->lane_count = count;
    for (int i = 0; i < count; ++i)
      side->lane[i] = (art_osm_lane){ .allowed = w->access[d].allowed, .speed_mps = side->speed_mps };
  }
}
