// Turn restrictions: which turn, whom it binds, when.
#include <stdio.h>
#include <string.h>

#include "io/osm/tags_internal.h"

static const uint32_t everybody = ART_OSM_MOTOR | ART_OSM_BIT(EMERGENCY) | ART_OSM_BICYCLE_BIT;

/// Classes that a key binds; 0 if it is no restriction. Vehicles that no class stands for bind nobody:
/// *is_key is 1 then.
static uint32_t classes_of_key(art_osm_key key, int *is_key)
{
  static const struct {
    art_osm_key word;
    uint32_t classes;
  } keys[] = {
    { ART_OSM_RESTRICTION, 0 },  // everybody, unless the type names a class
    { ART_OSM_RESTRICTION_HGV, ART_OSM_TRUCKS },
    { ART_OSM_RESTRICTION_HGV_ARTICULATED, ART_OSM_BIT(TRAILER) },
    { ART_OSM_RESTRICTION_BUS, ART_OSM_BIT(BUS) },
    { ART_OSM_RESTRICTION_PSV, ART_OSM_BIT(BUS) | ART_OSM_BIT(TAXI) },
    { ART_OSM_RESTRICTION_TAXI, ART_OSM_BIT(TAXI) },
    { ART_OSM_RESTRICTION_TRAILER, ART_OSM_BIT(TRAILER) },
    { ART_OSM_RESTRICTION_CARAVAN, 0 },
    { ART_OSM_RESTRICTION_MOTORCAR, ART_OSM_CARS },
    { ART_OSM_RESTRICTION_MOTORCYCLE, ART_OSM_BIT(MOTORCYCLE) },
    { ART_OSM_RESTRICTION_MOTOR_VEHICLE, ART_OSM_MOTOR | ART_OSM_BIT(EMERGENCY) },
    { ART_OSM_RESTRICTION_VEHICLE, ART_OSM_MOTOR | ART_OSM_BIT(EMERGENCY) | ART_OSM_BICYCLE_BIT },
    { ART_OSM_RESTRICTION_BICYCLE, ART_OSM_BICYCLE_BIT },
    { ART_OSM_RESTRICTION_FOOT, ART_OSM_FOOT_BIT },
    { ART_OSM_RESTRICTION_EMERGENCY, ART_OSM_BIT(EMERGENCY) },
    { ART_OSM_RESTRICTION_HAZMAT, 0 },
  };
  *is_key = 0;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i)
    if ((key & 0xffffu) == keys[i].word && !(key & ~(0xffffu | ART_OSM_OF_CONDITIONAL))) {
      *is_key = 1;
      return keys[i].classes;
    }
  return 0;
}

int art_osm_is_restriction(art_osm_tags tags)
{
  const char *type = art_osm_tag_get(tags, ART_OSM_TYPE);
  return type && (strcmp(type, "restriction") == 0 || strncmp(type, "restriction:", 12) == 0);
}

static int read_ban(art_osm_piece piece, art_osm_restriction *out)
{
  static const struct {
    const char *word;
    uint8_t is_only, ban;
  } bans[] = {
    { "no_left_turn", 0, ART_OSM_BAN_LEFT },
    { "no_right_turn", 0, ART_OSM_BAN_RIGHT },
    { "no_straight_on", 0, ART_OSM_BAN_STRAIGHT },
    { "no_u_turn", 0, ART_OSM_BAN_U },
    { "no_entry", 0, ART_OSM_BAN_ENTRY },
    { "no_exit", 0, ART_OSM_BAN_EXIT },
    { "only_left_turn", 1, ART_OSM_BAN_LEFT },
    { "only_right_turn", 1, ART_OSM_BAN_RIGHT },
    { "only_straight_on", 1, ART_OSM_BAN_STRAIGHT },
    { "only_u_turn", 1, ART_OSM_BAN_U },
  };
  for (size_t i = 0; i < sizeof bans / sizeof bans[0]; ++i)
    if (art_osm_is_piece(piece, bans[i].word)) {
      out->is_only = bans[i].is_only;
      out->ban = bans[i].ban;
      return 1;
    }
  return 0;
}

/// Classes that "except=psv;bicycle" lets off.
static uint32_t read_except(art_osm_tags tags, art_osm_notes *notes)
{
  const char *text = art_osm_tag_get(tags, ART_OSM_EXCEPT);
  uint32_t classes = 0;
  art_osm_piece piece;
  if (!text || art_osm_is_no(text)) return 0;
  for (const char *at = text; art_osm_next_piece(&at, strchr(text, ';') ? ';' : ',', &piece);) {
    const uint32_t found = art_osm_classes_of(piece.text, (int32_t)piece.length);
    if (!found && piece.length) art_osm_note_add(notes, ART_OSM_NOTE_EXCEPT, "except", text);
    classes |= found;
  }
  return classes;
}

/// The older way to say when: day_on, day_off, hour_on, hour_off. Returns 0 if none is written or understood.
static int read_old_times(art_osm_tags tags, art_osm_restriction *out, art_osm_notes *notes)
{
  const char *day_on = art_osm_tag_get(tags, ART_OSM_DAY_ON),
             *day_off = art_osm_tag_get(tags, ART_OSM_DAY_OFF);
  const char *hour_on = art_osm_tag_get(tags, ART_OSM_HOUR_ON),
             *hour_off = art_osm_tag_get(tags, ART_OSM_HOUR_OFF);
  char text[64] = "";
  if (!day_on && !hour_on) return 1;
  if (day_on) snprintf(text, sizeof text, "%.2s-%.2s ", day_on, day_off ? day_off : day_on);
  if (hour_on && hour_off)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%.5s-%.5s", hour_on, hour_off);
  out->is_conditional = 1;
  if (art_osm_condition_parse(text, strlen(text), &out->condition)) return 1;
  art_osm_note_add(notes, ART_OSM_NOTE_CONDITION, "day_on/hour_on", text);
  return 0;
}

/// Members by role. Returns 0 (and notes why) if they make no restriction of this kind.
static int read_members(int32_t count, const art_osm_member *member, art_osm_restriction *out,
                        art_osm_notes *notes)
{
  int32_t via_nodes = 0, via_ways = 0;
  int is_too_much = 0;
  out->from_count = out->via_count = out->to_count = 0;
  for (int32_t i = 0; i < count; ++i) {
    const int is_way = member[i].type == ART_OSM_MEMBER_WAY;
    int64_t *list = NULL;
    int32_t *size = NULL;
    if (is_way && strcmp(member[i].role, "from") == 0)
      list = out->from, size = &out->from_count;
    else if (is_way && strcmp(member[i].role, "to") == 0)
      list = out->to, size = &out->to_count;
    else if (member[i].type != ART_OSM_MEMBER_RELATION && strcmp(member[i].role, "via") == 0) {
      list = out->via, size = &out->via_count;
      via_ways += is_way;
      via_nodes += !is_way;
    }
    if (!list) continue;
    if (*size == ART_OSM_MAX_BAN_MEMBERS)
      is_too_much = 1;
    else
      list[(*size)++] = member[i].id;
  }
  if (!out->from_count || !out->to_count || !out->via_count) {
    art_osm_note_add(notes, ART_OSM_NOTE_RESTRICTION_MEMBERS, "missing",
                     !out->from_count ? "from"
                     : !out->to_count ? "to"
                                      : "via");
    return 0;
  }
  out->via_is_way = via_ways > 0;
  is_too_much |= via_nodes > 1 || (via_nodes && via_ways);
  is_too_much |= out->from_count > 1 && (out->is_only || out->ban != ART_OSM_BAN_ENTRY);
  is_too_much |= out->to_count > 1 && (out->is_only || out->ban != ART_OSM_BAN_EXIT);
  if (is_too_much) art_osm_note_add(notes, ART_OSM_NOTE_RESTRICTION_MANY, "members", "from, via or to");
  return !is_too_much;
}

typedef struct restriction_list {
  art_osm_restriction *out;
  int32_t count;
  int32_t member_count;
  const art_osm_member *member;
  uint32_t except;
  art_osm_notes *notes;
} restriction_list;

/// One value, perhaps a list "no_left_turn;no_u_turn", for one group of classes.
static void add_bans(restriction_list *list, art_osm_piece value, const art_osm_restriction *common)
{
  char text[96];
  if (!(common->classes & ~list->except)) return;  // binds nobody
  if (value.length >= sizeof text) value.length = sizeof text - 1;
  memcpy(text, value.text, value.length);
  text[value.length] = '\0';
  art_osm_piece piece;
  for (const char *at = text; art_osm_next_piece(&at, ';', &piece);) {
    if (list->count == ART_OSM_MAX_BANS) {
      art_osm_note_add(list->notes, ART_OSM_NOTE_RESTRICTION_MANY, "restriction", text);
      return;
    }
    art_osm_restriction *out = &list->out[list->count];
    *out = *common;
    out->classes &= ~list->except;
    if (!read_ban(piece, out))
      art_osm_note_add(list->notes, ART_OSM_NOTE_RESTRICTION_KIND, "restriction", text);
    else if (read_members(list->member_count, list->member, out, list->notes))
      ++list->count;
  }
}

static void add_conditional(restriction_list *list, const char *text, art_osm_restriction *common)
{
  art_osm_piece value, condition;
  common->is_conditional = 1;
  while (art_osm_condition_next(&text, &value, &condition)) {
    if (art_osm_condition_parse(condition.text, condition.length, &common->condition))
      add_bans(list, value, common);
    else
      art_osm_note_add(list->notes, ART_OSM_NOTE_CONDITION, "restriction:conditional", value.text);
  }
}

int32_t art_osm_restrictions(art_osm_tags tags, int32_t member_count, const art_osm_member *member,
                             art_osm_restriction out[ART_OSM_MAX_BANS], art_osm_notes *notes)
{
  if (!art_osm_is_restriction(tags)) return 0;
  const char *type = art_osm_tag_get(tags, ART_OSM_TYPE);
  uint32_t by_type = everybody;
  if (type[11] == ':') by_type = art_osm_classes_of(type + 12, (int32_t)strlen(type + 12));
  restriction_list list = { out, 0, member_count, member, read_except(tags, notes), notes };
  int has_key = 0;
  for (int32_t i = 0; i < tags.count; ++i) {
    const art_osm_key key = tags.tag[i].key;
    int is_key;
    art_osm_restriction common = { .classes = classes_of_key(key, &is_key) };
    if (!is_key) continue;
    has_key = 1;
    if ((key & 0xffffu) == ART_OSM_RESTRICTION) common.classes = by_type;
    if (key & ART_OSM_OF_CONDITIONAL) {
      add_conditional(&list, tags.tag[i].value, &common);
    } else if (read_old_times(tags, &common, notes)) {
      add_bans(&list, (art_osm_piece){ tags.tag[i].value, strlen(tags.tag[i].value) }, &common);
    }
  }
  if (!has_key) art_osm_note_add(notes, ART_OSM_NOTE_RESTRICTION_KIND, "restriction", "(not written)");
  return list.count;
}
