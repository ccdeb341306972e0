// Conditional parts of a way: collected with their conditions, and applied to a moment.
#include <string.h>

#include "io/osm/tags_internal.h"

/// What a conditional key is about; 0 if nothing is taken from it.
typedef struct conditional_key {
  art_osm_conditional_kind kind;
  uint32_t classes;
  int mode;  ///< of the access chain, -1: none
} conditional_key;

static int read_key(art_osm_key key, conditional_key *out)
{
  const uint32_t word = key & 0xffffu;
  out->mode = art_osm_mode_find(word);
  if (out->mode >= 0) {
    out->kind = ART_OSM_COND_ACCESS;
    out->classes = art_osm_modes[out->mode].classes;
    return 1;
  }
  out->kind = ART_OSM_COND_SPEED;
  switch (word) {
  case ART_OSM_MAXSPEED:
    out->classes = ART_OSM_MOTOR | ART_OSM_BICYCLE_BIT | ART_OSM_BIT(EMERGENCY);
    return 1;
  case ART_OSM_MAXSPEED_HGV: out->classes = ART_OSM_TRUCKS; return 1;
  case ART_OSM_MAXSPEED_BUS: out->classes = ART_OSM_BIT(BUS) | ART_OSM_BIT(COACH); return 1;
  case ART_OSM_MAXSPEED_PSV: out->classes = ART_OSM_BIT(BUS) | ART_OSM_BIT(TAXI); return 1;
  case ART_OSM_ONEWAY:
    out->kind = ART_OSM_COND_ONEWAY;
    out->classes = ART_OSM_MOTOR | ART_OSM_BICYCLE_BIT;
    return 1;
  default: return 0;
  }
}

static int read_value(const art_osm_way_work *w, const conditional_key *key, art_osm_piece piece, float *out)
{
  art_osm_level level;
  switch (key->kind) {
  case ART_OSM_COND_ACCESS:
    if (!art_osm_level_parse(piece.text, piece.length, &level)) return 0;
    *out = (float)level;
    return 1;
  case ART_OSM_COND_SPEED: {
    const art_osm_speed_kind kind = art_osm_speed_parse(piece.text, piece.length, w->options->defaults, out);
    return (kind == ART_OSM_SPEED_VALUE || kind == ART_OSM_SPEED_SYMBOL) && *out > 0.27f && *out < 56.0f;
  }
  default:
    if (art_osm_is_piece(piece, "yes") || art_osm_is_piece(piece, "1"))
      *out = 1.0f;
    else if (art_osm_is_piece(piece, "-1"))
      *out = -1.0f;
    else if (art_osm_is_piece(piece, "no"))
      *out = 0.0f;
    else
      return 0;
    return 1;
  }
}

/// Clauses of one value; `lane` is -1 for all lanes.
static void add_clauses(art_osm_way_work *w, const conditional_key *key, const char *text,
                        unsigned directions, int lane)
{
  art_osm_road *road = w->road;
  art_osm_piece value, condition;
  while (art_osm_condition_next(&text, &value, &condition)) {
    art_osm_conditional part = { .kind = (uint8_t)key->kind,
                                 .forward = (directions & 1) != 0,
                                 .backward = (directions & 2) != 0,
                                 .lane = (int8_t)lane,
                                 .classes = key->classes };
    if (!read_value(w, key, value, &part.value) ||
        !art_osm_condition_parse(condition.text, condition.length, &part.condition)) {
      char shown[ART_OSM_NOTE_TEXT];
      const size_t length = condition.length + (size_t)(condition.text - value.text);
      const size_t kept = length < sizeof shown - 1 ? length : sizeof shown - 1;
      memcpy(shown, value.text, kept);
      shown[kept] = '\0';
      art_osm_note_add(w->notes, ART_OSM_NOTE_CONDITION, "conditional", shown);
      continue;
    }
    if (road->conditional_count == ART_OSM_MAX_CONDITIONALS) {
      art_osm_note_add(w->notes, ART_OSM_NOTE_CONDITION_MANY, "conditional", value.text);
      return;
    }
    road->conditional[road->conditional_count++] = part;
  }
}

/// "no @ (22:00-06:00)|yes|": clauses of each lane from left to right.
static void add_lists(art_osm_way_work *w, const conditional_key *key, const char *text, unsigned directions)
{
  char copy[256];
  int count = 1;
  for (const char *c = text; *c; ++c) count += *c == '|';
  for (int d = 0; d < 2; ++d) {
    if (!(directions >> d & 1)) continue;
    // Lists speak of the lanes that `lanes` counts; what was put beside them stands at the kerb.
    const art_osm_side *side = art_osm_side_of(w, d);
    const int extra = side->lane_count - count;
    if (side->lane_count == 0) continue;
    if (extra < 0) {
      art_osm_note_add(w->notes, ART_OSM_NOTE_LANES_MISMATCH, "lanes:conditional", text);
      continue;
    }
    art_osm_piece piece;
    const char *at = text;
    for (int i = 0; art_osm_next_piece(&at, '|', &piece); ++i) {
      if (!piece.length || piece.length >= sizeof copy) continue;
      memcpy(copy, piece.text, piece.length);
      copy[piece.length] = '\0';
      if (strchr(copy, '@'))
        add_clauses(w, key, copy, 1u << d, extra + (art_osm_left_hand(w) ? i : count - 1 - i));
    }
  }
}

/// Tags of rising specificity, so that applying them in this order lets the most specific win.
void art_osm_way_conditionals(art_osm_way_work *w)
{
  for (int rank = -1; rank < ART_OSM_MODE_COUNT; ++rank)
    for (int32_t i = 0; i < w->tags.count; ++i) {
      const art_osm_tag *tag = &w->tags.tag[i];
      if (!(tag->key & ART_OSM_OF_CONDITIONAL)) continue;
      conditional_key key;
      if (!read_key(tag->key, &key)) {
        if (rank < 0)
          art_osm_note_add(w->notes, ART_OSM_NOTE_CONDITION, art_osm_key_text(tag->key), tag->value);
        continue;
      }
      if (key.mode != rank) continue;
      const unsigned directions = tag->key & ART_OSM_OF_FORWARD    ? 1u
                                  : tag->key & ART_OSM_OF_BACKWARD ? 2u
                                                                   : 3u;
      if (tag->key & ART_OSM_OF_LANES)
        add_lists(w, &key, tag->value, directions);
      else
        add_clauses(w, &key, tag->value, directions, -1);
    }
}

// ---- a moment --------------------------------------------------------------------------------------------------------

static void set_access(art_osm_lane *lane, uint32_t classes, art_osm_level level)
{
  art_osm_access access = { lane->allowed, lane->destination };
  art_osm_access_set(&access, classes, level);
  lane->allowed = access.allowed;
  lane->destination = access.destination;
}

static void apply_to_side(art_osm_side *side, const art_osm_conditional *part)
{
  for (int32_t i = 0; i < side->lane_count; ++i) {
    art_osm_lane *lane = &side->lane[i];
    if (part->lane >= 0 && part->lane != i) continue;
    if (part->kind == ART_OSM_COND_ACCESS) {
      // Opening a way to cars does not open its cycle lanes.
      const int is_for_cycles = lane->kind >= ART_OSM_LANE_CYCLE && part->lane < 0;
      set_access(lane, is_for_cycles ? part->classes & ART_OSM_BICYCLE_BIT : part->classes,
                 (art_osm_level)part->value);
    } else if (part->classes & ART_OSM_BIT(PASSENGER)) {
      lane->speed_mps = part->value;
    }
  }
  if (part->kind != ART_OSM_COND_SPEED || part->lane >= 0) return;
  if (part->classes & ART_OSM_BIT(PASSENGER))
    side->speed_mps = part->value;
  else if (part->classes & ART_OSM_BIT(TRUCK))
    side->hgv_speed_mps = part->value;
  else
    side->bus_speed_mps = part->value;
}

static void close_side(art_osm_side *side)
{
  if (!side->is_contraflow) side->lane_count = 0;
}

/// Opens a direction that has no general lanes, as wide as one lane of the other.
static void open_side(art_osm_side *side, const art_osm_side *other)
{
  int is_open = 0;
  for (int32_t i = 0; i < side->lane_count; ++i) is_open |= side->lane[i].kind == ART_OSM_LANE_GENERAL;
  if (is_open || !other->lane_count) return;
  int32_t from = other->lane_count - 1;
  while (from > 0 && other->lane[from].kind != ART_OSM_LANE_GENERAL) --from;
  art_osm_lane *lane = art_osm_insert_lane(side, 0);
  if (!lane) return;
  *lane = other->lane[from];
  lane->turns = 0;
  side->speed_mps = other->speed_mps;
  side->is_contraflow = 0;
}

static void apply_oneway(art_osm_road *road, float value)
{
  if (value <= 0.0f) open_side(&road->backward, &road->forward);
  if (value == 0.0f) open_side(&road->forward, &road->backward);
  if (value > 0.0f) {
    open_side(&road->forward, &road->backward);
    close_side(&road->backward);
  } else if (value < 0.0f) {
    close_side(&road->forward);
  }
  road->is_oneway = value != 0.0f;
  road->is_reversed = value < 0.0f;
}

void art_osm_road_at(art_osm_road *road, const art_osm_moment *moment)
{
  for (int32_t i = 0; i < road->conditional_count; ++i) {
    const art_osm_conditional *part = &road->conditional[i];
    if (!art_osm_condition_holds(&part->condition, moment)) continue;
    if (part->kind == ART_OSM_COND_ONEWAY) {
      apply_oneway(road, part->value);
      continue;
    }
    if (part->forward) apply_to_side(&road->forward, part);
    if (part->backward) apply_to_side(&road->backward, part);
  }
  art_osm_side_sum(&road->forward);
  art_osm_side_sum(&road->backward);
}
