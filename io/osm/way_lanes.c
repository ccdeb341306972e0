// How many lanes each direction has, and what the lists per lane say about them.
#include <string.h>

#include "io/osm/tags_internal.h"

/// A number of lanes, or -1. "1.5" and "2;3" are written: the whole part of the first number counts, 1 at
/// least.
static int read_count(art_osm_way_work *w, art_osm_key key, int least)
{
  const char *text = art_osm_tag_get(w->tags, key);
  if (!text) return -1;
  const size_t length = strcspn(text, ";");
  double value = 0.0;
  const char *rest = art_osm_number(text, length, &value);
  while (rest && *rest == ' ') ++rest;
  if (!rest || rest < text + length || value > ART_OSM_MAX_LANES || (value > 0.0 && value < 0.5) ||
      value < least) {
    art_osm_note_add(w->notes, ART_OSM_NOTE_LANES, art_osm_key_text(key), text);
    return -1;
  }
  const int whole = value > 0.0 && value < 1.0 ? 1 : (int)value;
  if (text[length] || (double)whole != value)
    art_osm_note_add(w->notes, ART_OSM_NOTE_LANES_FRACTION, art_osm_key_text(key), text);
  return whole;
}

/// The list of a direction. Without a suffix it speaks of the open direction of a one-way.
static const char *list_of(const art_osm_way_work *w, art_osm_key base, int backward)
{
  const char *value = art_osm_tag_get(w->tags, base | ART_OSM_OF_LANES |
                                                   (backward ? ART_OSM_OF_BACKWARD : ART_OSM_OF_FORWARD));
  if (value || w->first == w->second) return value;
  return (backward ? w->second : w->first) ? art_osm_tag_get(w->tags, base | ART_OSM_OF_LANES) : NULL;
}

static int count_pieces(const char *list)
{
  int count = 1;
  for (; *list; ++list) count += *list == '|';
  return count;
}

/// The i-th piece of a list, without blanks; 0 if there are fewer.
static int piece_at(const char *list, int i, art_osm_piece *out)
{
  for (int k = 0; art_osm_next_piece(&list, '|', out); ++k)
    if (k == i) return 1;
  return 0;
}

static int piece_is(const char *list, int i, const char *word)
{
  art_osm_piece piece;
  return list && piece_at(list, i, &piece) && art_osm_is_piece(piece, word);
}

/// Lanes in the lists that only bicycles use: they stand in lists and do not count as lanes.
static int count_cycle_lanes(const art_osm_way_work *w, int backward)
{
  const char *cycle = list_of(w, ART_OSM_BICYCLE, backward);
  if (!cycle) return 0;
  const char *general[] = { list_of(w, ART_OSM_ACCESS, backward), list_of(w, ART_OSM_VEHICLE, backward),
                            list_of(w, ART_OSM_MOTOR_VEHICLE, backward) };
  const int is_alone = !general[0] && !general[1] && !general[2];
  const int count = count_pieces(cycle);
  int found = 0;
  for (int i = 0; i < count; ++i) {
    if (!piece_is(cycle, i, "designated") && !(piece_is(cycle, i, "yes") && !is_alone)) continue;
    int is_closed = is_alone;
    for (int g = 0; g < 3; ++g) is_closed |= piece_is(general[g], i, "no");
    found += is_closed;
  }
  return found < count ? found : 0;
}

static const art_osm_key listed[] = { ART_OSM_TURN,          ART_OSM_VEHICLE,  ART_OSM_ACCESS,
                                      ART_OSM_MOTOR_VEHICLE, ART_OSM_BICYCLE,  ART_OSM_BUS,
                                      ART_OSM_PSV,           ART_OSM_HOV,      ART_OSM_HGV,
                                      ART_OSM_TAXI,          ART_OSM_MAXSPEED, ART_OSM_CHANGE,
                                      ART_OSM_WIDTH };
enum { LISTED_COUNT = (int)(sizeof listed / sizeof listed[0]) };

/// Length of the first list of a direction; *is_turn tells arrows from the rest. 0: none.
static int list_length(const art_osm_way_work *w, int backward, int *is_turn)
{
  for (int i = 0; i < LISTED_COUNT; ++i) {
    const char *list = list_of(w, listed[i], backward);
    if (!list) continue;
    *is_turn = listed[i] == ART_OSM_TURN;
    return count_pieces(list);
  }
  return 0;
}

typedef struct lane_counts {
  int written[2];  ///< lanes:forward, lanes:backward; -1: not written
  int total, middle;
  int cycle[2], list[2], is_turn[2];
} lane_counts;

static lane_counts read_counts(art_osm_way_work *w)
{
  lane_counts c = { .written = { read_count(w, ART_OSM_LANES | ART_OSM_OF_FORWARD, 0),
                                 read_count(w, ART_OSM_LANES | ART_OSM_OF_BACKWARD, 0) },
                    .total = read_count(w, ART_OSM_LANES, 1),
                    .middle = read_count(w, ART_OSM_LANES | ART_OSM_OF_BOTH_WAYS, 0) };
  if (c.middle < 0) c.middle = 0;
  for (int d = 0; d < 2; ++d) {
    c.cycle[d] = count_cycle_lanes(w, d);
    c.list[d] = list_length(w, d, &c.is_turn[d]);
  }
  return c;
}

static int at_least_one(int count)
{
  return count < 1 ? 1 : count;
}

/// Lanes of a two-way street by what is written; where a list tells one direction, the total tells the other.
static void share_lanes(const art_osm_way_work *w, const lane_counts *c, int known[2], int count[2])
{
  const art_osm_class_defaults *by_class = &w->options->defaults->by_class[w->road->road_class];
  const int rest = c->total < 0 ? -1 : c->total - c->middle;
  int given[2];
  for (int d = 0; d < 2; ++d) {
    given[d] = c->written[d] >= 0 ? c->written[d] : c->list[d] ? at_least_one(c->list[d] - c->cycle[d]) : -1;
    known[d] = c->written[d] >= 0 || c->total >= 0;
  }
  for (int d = 0; d < 2; ++d) {
    const int other = given[!d];
    if (given[d] >= 0)
      count[d] = given[d];
    else if (rest < 0)
      count[d] = by_class->lanes_per_direction;
    else if (other >= 0)
      count[d] = rest - other;
    else
      count[d] = d ? rest / 2 : (rest + 1) / 2;
    count[d] = at_least_one(count[d]);
  }
}

static int count_oneway(const art_osm_way_work *w, const lane_counts *c, int d, int *known)
{
  *known = c->written[d] >= 1 || c->total >= 1;
  if (c->written[d] >= 1) return c->written[d];
  if (c->total >= 1) {
    const int against = c->written[!d] > 0 ? c->written[!d] : 0;
    return at_least_one(c->total - against - c->middle);
  }
  if (c->list[d]) return at_least_one(c->list[d] - c->cycle[d]);
  return w->options->defaults->by_class[w->road->road_class].lanes_oneway;
}

/// Lists win over numbers where both are written and differ by more than lanes of bicycles: whoever drew
/// arrows looked at each lane. Other lists only where no number is written.
static int settle_with_list(art_osm_way_work *w, const lane_counts *c, int d, int count, int is_known)
{
  const int list = c->list[d];
  if (!list || list == count || list > ART_OSM_MAX_LANES) return count;
  if (list == count + c->cycle[d]) return list;
  if (is_known) {
    const char *text = art_osm_tag_get(w->tags, ART_OSM_LANES);
    art_osm_note_add(w->notes, ART_OSM_NOTE_LANES_MISMATCH, "lanes", text ? text : "");
  }
  return c->is_turn[d] || !is_known ? list : count;
}

static void fill_side(art_osm_way_work *w, int backward, int count, uint32_t mask)
{
  art_osm_side *side = art_osm_side_of(w, backward);
  if (count > ART_OSM_MAX_LANES) count = ART_OSM_MAX_LANES;
  side->lane_count = count;
  for (int i = 0; i < count; ++i)
    side->lane[i] = (art_osm_lane){ .allowed = w->access[backward].allowed & mask,
                                    .destination = w->access[backward].destination & mask,
                                    .change = ART_OSM_CHANGE_BOTH };
}

/// A direction against a one-way: one lane for those who may.
static void fill_contraflow(art_osm_way_work *w, int backward)
{
  art_osm_side *side = art_osm_side_of(w, backward);
  const uint32_t classes = w->contraflow;
  fill_side(w, backward, 1, 0);
  side->is_contraflow = 1;
  side->lane[0].allowed = classes | (classes & ART_OSM_BIT(BUS) ? ART_OSM_BUS_LANE_GUESTS : 0);
  side->lane[0].kind = classes == ART_OSM_BICYCLE_BIT   ? ART_OSM_LANE_CYCLE
                       : (classes & ART_OSM_MOTOR) != 0 ? ART_OSM_LANE_BUS
                                                        : ART_OSM_LANE_GENERAL;
}

static void set_path_lanes(art_osm_way_work *w)
{
  // Everybody on paths and ferries shares one strip each way.
  for (int d = 0; d < 2; ++d) {
    const uint32_t mask = (d ? w->second : w->first) ? UINT32_MAX : w->contraflow;
    if (mask) fill_side(w, d, 1, mask);
  }
}

void art_osm_way_lanes(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  if (road->kind >= ART_OSM_KIND_TRAM && road->kind <= ART_OSM_KIND_RAIL) return;
  if (road->kind == ART_OSM_KIND_PATH || road->kind == ART_OSM_KIND_FERRY) {
    set_path_lanes(w);
    return;
  }
  const lane_counts c = read_counts(w);
  int known[2], count[2];
  if (w->first && w->second) {
    share_lanes(w, &c, known, count);
    for (int d = 0; d < 2; ++d) fill_side(w, d, settle_with_list(w, &c, d, count[d], known[d]), UINT32_MAX);
    road->middle_lanes = c.middle;
    return;
  }
  const int open = w->first ? 0 : 1;
  count[open] = count_oneway(w, &c, open, &known[open]);
  fill_side(w, open, settle_with_list(w, &c, open, count[open], known[open]), UINT32_MAX);
  if (w->contraflow) fill_contraflow(w, !open);
}

// ---- lists per lane --------------------------------------------------------------------------------------------------

/// Index of the i-th lane of a list of `count`, which runs from left to right.
static int lane_of(const art_osm_way_work *w, int i, int count)
{
  return art_osm_left_hand(w) ? i : count - 1 - i;
}

static unsigned parse_turns(art_osm_way_work *w, art_osm_piece piece)
{
  static const struct {
    const char *word;
    unsigned turn;
  } words[] = {
    { "through", ART_OSM_TURN_THROUGH },
    { "left", ART_OSM_TURN_LEFT },
    { "right", ART_OSM_TURN_RIGHT },
    { "slight_left", ART_OSM_TURN_SLIGHT_LEFT },
    { "slight_right", ART_OSM_TURN_SLIGHT_RIGHT },
    { "sharp_left", ART_OSM_TURN_SHARP_LEFT },
    { "sharp_right", ART_OSM_TURN_SHARP_RIGHT },
    { "reverse", ART_OSM_TURN_REVERSE },
    { "merge_to_left", ART_OSM_TURN_MERGE_LEFT },
    { "merge_to_right", ART_OSM_TURN_MERGE_RIGHT },
    { "none", ART_OSM_TURN_NONE },
    { "straight", ART_OSM_TURN_THROUGH },
    { "uturn", ART_OSM_TURN_REVERSE },
  };
  unsigned turns = 0;
  const char *at = piece.text, *end = piece.text + piece.length;
  while (at < end) {
    const char *stop = memchr(at, ';', (size_t)(end - at));
    if (!stop) stop = end;
    const char *last = stop;
    while (at < last && *at == ' ') ++at;
    while (last > at && last[-1] == ' ') --last;
    const art_osm_piece word = { at, (size_t)(last - at) };
    unsigned turn = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0] && !turn; ++i)
      if (art_osm_is_piece(word, words[i].word)) turn = words[i].turn;
    if (!turn && word.length) {
      char text[40];
      const size_t length = word.length < sizeof text - 1 ? word.length : sizeof text - 1;
      memcpy(text, word.text, length);
      text[length] = '\0';
      art_osm_note_add(w->notes, ART_OSM_NOTE_TURN, "turn", text);
    }
    turns |= turn;
    at = stop + 1;
  }
  // "none" beside an arrow says nothing more.
  return turns & ~(unsigned)ART_OSM_TURN_NONE ? turns & ~(unsigned)ART_OSM_TURN_NONE : turns;
}

static unsigned parse_change(art_osm_piece piece)
{
  if (art_osm_is_piece(piece, "no")) return 0;
  if (art_osm_is_piece(piece, "not_left") || art_osm_is_piece(piece, "only_right"))
    return ART_OSM_CHANGE_RIGHT;
  if (art_osm_is_piece(piece, "not_right") || art_osm_is_piece(piece, "only_left"))
    return ART_OSM_CHANGE_LEFT;
  return ART_OSM_CHANGE_BOTH;
}

static void apply_turns(art_osm_way_work *w, int backward)
{
  art_osm_side *side = art_osm_side_of(w, backward);
  const char *list = list_of(w, ART_OSM_TURN, backward);
  art_osm_piece piece;
  if (list && count_pieces(list) == side->lane_count) {
    for (int i = 0; i < side->lane_count && piece_at(list, i, &piece); ++i)
      side->lane[lane_of(w, i, side->lane_count)].turns = (uint16_t)parse_turns(w, piece);
    return;
  }
  if (list) {
    art_osm_note_add(w->notes, ART_OSM_NOTE_LANES_MISMATCH, "turn:lanes", list);
    return;
  }
  const char *all =
      art_osm_tag_get(w->tags, ART_OSM_TURN | (backward ? ART_OSM_OF_BACKWARD : ART_OSM_OF_FORWARD));
  if (!all && w->first != w->second) all = art_osm_tag_get(w->tags, ART_OSM_TURN);
  if (!all) return;
  const unsigned turns = parse_turns(w, (art_osm_piece){ all, strlen(all) });
  for (int i = 0; i < side->lane_count; ++i) side->lane[i].turns = (uint16_t)turns;
}

/// A list of a mode, if it fits the lanes.
static const char *fitting_list(art_osm_way_work *w, art_osm_key key, int backward)
{
  const char *list = list_of(w, key, backward);
  if (!list) return NULL;
  if (count_pieces(list) == art_osm_side_of(w, backward)->lane_count) return list;
  char name[48] = "";
  strcat(strcat(name, art_osm_key_text(key)), ":lanes");
  art_osm_note_add(w->notes, ART_OSM_NOTE_LANES_MISMATCH, name, list);
  return NULL;
}

static void set_lane(art_osm_lane *lane, uint32_t classes, art_osm_level level)
{
  art_osm_access access = { lane->allowed, lane->destination };
  art_osm_access_set(&access, classes, level);
  lane->allowed = access.allowed;
  lane->destination = access.destination;
}

/// "designated" for one kind of vehicle, where no list about general traffic closes the lane to it: such
/// lists are often left out, and the sign is meant to keep the others off.
static void reserve_lanes(art_osm_way_work *w, int backward, art_osm_key key, uint32_t others)
{
  art_osm_side *side = art_osm_side_of(w, backward);
  const char *list = list_of(w, key, backward);
  if (!list || count_pieces(list) != side->lane_count) return;
  for (int i = 0; i < side->lane_count; ++i)
    if (piece_is(list, i, "designated"))
      set_lane(&side->lane[lane_of(w, i, side->lane_count)], others, ART_OSM_LEVEL_NO);
}

static void apply_access_lists(art_osm_way_work *w, int backward)
{
  static const uint32_t all = ART_OSM_MOTOR | ART_OSM_BICYCLE_BIT | ART_OSM_FOOT_BIT;
  art_osm_side *side = art_osm_side_of(w, backward);
  const int has_general = list_of(w, ART_OSM_ACCESS, backward) || list_of(w, ART_OSM_VEHICLE, backward) ||
                          list_of(w, ART_OSM_MOTOR_VEHICLE, backward) ||
                          list_of(w, ART_OSM_MOTORCAR, backward);
  if (!has_general) {
    reserve_lanes(w, backward, ART_OSM_BUS, all);
    reserve_lanes(w, backward, ART_OSM_PSV, all);
    reserve_lanes(w, backward, ART_OSM_TAXI, all & ~ART_OSM_BIT(BUS));
    reserve_lanes(w, backward, ART_OSM_BICYCLE, all);
    reserve_lanes(w, backward, ART_OSM_HOV, ART_OSM_CARS & ~ART_OSM_BIT(TAXI));
  }
  for (int mode = 0; mode < ART_OSM_MODE_COUNT; ++mode) {
    const char *list = fitting_list(w, art_osm_modes[mode].key, backward);
    art_osm_piece piece;
    art_osm_level level;
    for (int i = 0; list && i < side->lane_count && piece_at(list, i, &piece); ++i) {
      if (!piece.length || art_osm_is_piece(piece, "none")) continue;
      if (art_osm_level_parse(piece.text, piece.length, &level))
        set_lane(&side->lane[lane_of(w, i, side->lane_count)], art_osm_modes[mode].classes, level);
      else
        art_osm_note_add(w->notes, ART_OSM_NOTE_ACCESS, art_osm_key_text(art_osm_modes[mode].key), list);
    }
  }
}

/// What a lane is by who may use it.
static void name_lanes(art_osm_side *side)
{
  for (int i = 0; i < side->lane_count; ++i) {
    art_osm_lane *lane = &side->lane[i];
    const uint32_t open = lane->allowed | lane->destination;
    const uint32_t general = open & (ART_OSM_BIT(PASSENGER) | ART_OSM_BIT(HOV));
    if (lane->kind != ART_OSM_LANE_GENERAL || general) continue;
    if (open & ART_OSM_BIT(BUS)) {
      lane->kind = ART_OSM_LANE_BUS;
      lane->allowed |= ART_OSM_BUS_LANE_GUESTS;
    } else if ((open & ART_OSM_BICYCLE_BIT) && !(open & ART_OSM_MOTOR)) {
      lane->kind = ART_OSM_LANE_CYCLE;
      lane->allowed &= ~ART_OSM_BIT(EMERGENCY);
    }
  }
}

static void apply_numbers(art_osm_way_work *w, int backward)
{
  art_osm_side *side = art_osm_side_of(w, backward);
  const char *speeds = fitting_list(w, ART_OSM_MAXSPEED, backward),
             *widths = fitting_list(w, ART_OSM_WIDTH, backward);
  const char *changes = fitting_list(w, ART_OSM_CHANGE, backward);
  const char *change = art_osm_directed(w, ART_OSM_CHANGE, backward);
  for (int i = 0; i < side->lane_count; ++i) {
    art_osm_lane *lane = &side->lane[lane_of(w, i, side->lane_count)];
    art_osm_piece piece;
    float value;
    lane->speed_mps = side->speed_mps;
    if (change) lane->change = (uint8_t)parse_change((art_osm_piece){ change, strlen(change) });
    if (changes && piece_at(changes, i, &piece) && piece.length) lane->change = (uint8_t)parse_change(piece);
    if (widths && piece_at(widths, i, &piece)) lane->width_m = art_osm_length(piece.text, piece.length);
    if (!speeds || !piece_at(speeds, i, &piece) || !piece.length) continue;
    const art_osm_speed_kind kind =
        art_osm_speed_parse(piece.text, piece.length, w->options->defaults, &value);
    if (kind == ART_OSM_SPEED_BAD) art_osm_note_add(w->notes, ART_OSM_NOTE_SPEED, "maxspeed:lanes", speeds);
    if ((kind == ART_OSM_SPEED_VALUE || kind == ART_OSM_SPEED_SYMBOL) && value > 0.27f && value < 56.0f)
      lane->speed_mps = value;
  }
}

void art_osm_way_lane_lists(art_osm_way_work *w)
{
  art_osm_road *road = w->road;
  if (road->kind != ART_OSM_KIND_ROAD && road->kind != ART_OSM_KIND_BUSWAY) return;
  if (w->first && w->second && art_osm_tag_get(w->tags, ART_OSM_TURN | ART_OSM_OF_LANES))
    art_osm_note_add(w->notes, ART_OSM_NOTE_LANES_MISMATCH, "turn:lanes (two-way street, no direction)",
                     art_osm_tag_get(w->tags, ART_OSM_TURN | ART_OSM_OF_LANES));
  for (int d = 0; d < 2; ++d) {
    art_osm_side *side = art_osm_side_of(w, d);
    if (!side->lane_count) continue;
    apply_numbers(w, d);
    if (side->is_contraflow) continue;
    apply_turns(w, d);
    apply_access_lists(w, d);
    // Where the whole way is closed to cars, its lanes are no special ones.
    const uint32_t open = w->access[d].allowed | w->access[d].destination;
    if (road->kind == ART_OSM_KIND_ROAD && (open & ART_OSM_BIT(PASSENGER))) name_lanes(side);
  }
  const char *middle = art_osm_tag_get(w->tags, ART_OSM_TURN | ART_OSM_OF_LANES | ART_OSM_OF_BOTH_WAYS);
  art_osm_piece piece;
  if (middle && piece_at(middle, 0, &piece)) road->middle_turns = (uint16_t)parse_turns(w, piece);
}
