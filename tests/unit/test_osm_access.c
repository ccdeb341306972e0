// Who may use a way: the chain of access tags, lanes for buses and bicycles, conditions; nodes; turn
// restrictions.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/osm_tags.h"

/// y: may use it, d: to destinations only, -: not. Order: car, truck, bus, bicycle, foot, emergency.
static void levels(uint32_t allowed, uint32_t destination, char out[7])
{
  static const uint32_t order[] = { BIT(PASSENGER), BIT(TRUCK),      BIT(BUS),
                                    BIT(BICYCLE),   BIT(PEDESTRIAN), BIT(EMERGENCY) };
  for (int i = 0; i < 6; ++i) out[i] = allowed & order[i] ? 'y' : destination & order[i] ? 'd' : '-';
  out[6] = '\0';
}

static void the_most_specific_tag_wins(void **state)
{
  (void)state;
  static const struct {
    const char *tags, *levels;
  } cases[] = {
    { "highway=residential", "yyyyyy" },
    { "highway=motorway", "yyy--y" },
    { "highway=trunk, motorroad=yes", "yyy--y" },
    { "highway=track", "dddyyy" },
    { "highway=cycleway", "---y--" },
    { "highway=footway, bicycle=yes", "---yy-" },
    { "highway=busway", "--y--y" },
    { "highway=residential, access=no", "-----y" },
    { "highway=residential, access=private", "dddddy" },
    { "highway=residential, access=destination", "dddddy" },
    { "highway=residential, access=customers", "dddddy" },
    { "highway=residential, access=delivery", "dddddy" },
    { "highway=residential, motor_vehicle=no", "---yyy" },
    { "highway=residential, motor_vehicle=destination", "dddyyy" },
    { "highway=residential, vehicle=no", "----yy" },
    { "highway=residential, vehicle=no, bicycle=yes", "---yyy" },
    { "highway=residential, motorcar=no", "-yyyyy" },
    { "highway=residential, hgv=no", "y-yyyy" },
    { "highway=residential, access=no, bus=yes", "--y--y" },
    { "highway=residential, access=no, psv=yes, foot=yes", "--y-yy" },
    { "highway=residential, psv=no", "yy-yyy" },
    { "highway=residential, psv=no, bus=yes", "yyyyyy" },
    { "highway=residential, access=no, motor_vehicle=yes", "yyy--y" },
    { "highway=service, access=agricultural", "-----y" },
    { "highway=service, access=no, emergency=no", "------" },
    { "highway=residential, bicycle=use_sidepath", "yyy-yy" },
    { "highway=residential, access=private;customers", "dddddy" },
    { "highway=residential, access=whatever", "yyyyyy" },
    { "highway=residential, bicycle_road=yes", "dddyyy" },
    { "route=ferry, motor_vehicle=yes", "yyy-y-" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_road road = road_of(cases[i].tags);
    char found[7];
    levels(road.forward.allowed, road.forward.destination, found);
    if (strcmp(found, cases[i].levels) != 0)
      fail_msg("%s: %s, wanted %s", cases[i].tags, found, cases[i].levels);
  }
  const art_osm_road road = road_of("highway=residential, motor_vehicle:backward=no");
  assert_true(CAN(road.forward.allowed, PASSENGER));
  assert_false(CAN(road.backward.allowed, PASSENGER));
  art_osm_notes notes = { 0 };
  road_in("DE", "highway=residential, access=whatever", &notes);
  assert_int_equal(notes.count[ART_OSM_NOTE_ACCESS], 1);
}

/// Lanes from the kerb: g general, b bus, c cycle lane, t cycle track; then what runs against.
static void show_lanes(const art_osm_side *side, char *out)
{
  static const char letters[] = "gbct";
  for (int32_t i = 0; i < side->lane_count; ++i) *out++ = letters[side->lane[i].kind];
  *out = '\0';
}

static void lanes_for_buses_and_bicycles(void **state)
{
  (void)state;
  static const struct {
    const char *country, *tags, *forward, *backward;
  } cases[] = {
    { "DE", "highway=primary, lanes=4", "gg", "gg" },
    { "DE", "highway=primary, lanes=4, busway=lane", "bg", "bg" },
    { "DE", "highway=primary, lanes=4, busway:right=lane", "bg", "gg" },
    { "GB", "highway=primary, lanes=4, busway:left=lane", "bg", "gg" },
    { "DE", "highway=primary, lanes=3, oneway=yes, busway:left=lane", "ggb", "" },
    { "DE", "highway=primary, lanes=4, lanes:psv=2", "bg", "bg" },
    { "DE", "highway=primary, lanes=2, oneway=yes, lanes:bus=1", "bg", "" },
    { "DE", "highway=primary, oneway=yes, lanes=1, busway=opposite_lane", "g", "b" },
    { "DE", "highway=primary, oneway=yes, lanes=1, oneway:bus=no", "g", "b" },
    { "DE", "highway=primary, oneway=yes, lanes=3, lanes:psv:backward=1, lanes:backward=1", "gg", "b" },
    { "DE", "highway=primary, oneway=yes, lanes=3, bus:lanes=||designated", "bgg", "" },
    { "DE", "highway=primary, oneway=yes, vehicle:lanes=yes|no, psv:lanes=yes|designated", "bg", "" },
    { "DE", "highway=primary, oneway=yes, access:lanes=yes|no, bicycle:lanes=no|designated", "cg", "" },
    { "DE", "highway=primary, lanes=2, cycleway=lane", "cg", "cg" },
    { "DE", "highway=primary, lanes=2, cycleway:right=track", "tg", "g" },
    { "GB", "highway=primary, lanes=2, cycleway:right=track", "g", "tg" },
    { "DE", "highway=primary, lanes=2, cycleway:both=lane", "cg", "cg" },
    { "DE", "highway=primary, lanes=2, cycleway=shared_lane", "g", "g" },
    { "DE", "highway=primary, lanes=2, cycleway=separate", "g", "g" },
    { "DE", "highway=primary, lanes=2, cycleway:both=lane, cycleway:both:lane=advisory", "g", "g" },
    { "DE", "highway=residential, oneway=yes, oneway:bicycle=no", "g", "c" },
    { "DE", "highway=residential, oneway=yes, cycleway=opposite", "g", "c" },
    { "DE", "highway=residential, oneway=yes, cycleway=opposite_lane", "g", "c" },
    { "DE", "highway=residential, oneway=yes, cycleway=opposite_track", "g", "t" },
    { "DE", "highway=residential, oneway=yes, cycleway:left=opposite_lane", "g", "c" },
    { "DE", "highway=residential, oneway=yes, cycleway:left=lane", "gc", "" },
    { "DE", "highway=residential, oneway=yes, cycleway:left=track, oneway:bicycle=no", "g", "t" },
    { "DE", "highway=residential, oneway=-1, cycleway=opposite_lane", "c", "g" },
    { "DE", "highway=residential, oneway=yes, cycleway:right=track, cycleway:right:oneway=no", "tg", "t" },
    { "DE", "highway=residential, oneway=yes, bicycle:backward=yes", "g", "c" },
    { "DE", "highway=cycleway, oneway=yes", "g", "" },
    { "DE", "highway=path, oneway=yes", "g", "g" },  // those on foot go back
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_road road = road_in(cases[i].country, cases[i].tags, NULL);
    char forward[20], backward[20];
    show_lanes(&road.forward, forward);
    show_lanes(&road.backward, backward);
    if (strcmp(forward, cases[i].forward) != 0 || strcmp(backward, cases[i].backward) != 0)
      fail_msg("%s: %s: '%s' and '%s'", cases[i].country, cases[i].tags, forward, backward);
  }
}

static void lanes_let_in_whom_they_should(void **state)
{
  (void)state;
  art_osm_road road = road_of("highway=primary, lanes=2, oneway=yes, lanes:psv=1, cycleway=share_busway");
  assert_true(CAN(road.forward.lane[0].allowed, BUS) && CAN(road.forward.lane[0].allowed, TAXI));
  assert_true(CAN(road.forward.lane[0].allowed, BICYCLE) && CAN(road.forward.lane[0].allowed, EMERGENCY));
  assert_false(CAN(road.forward.lane[0].allowed, PASSENGER));
  assert_true(CAN(road.forward.lane[1].allowed, PASSENGER));
  road = road_in("US", "highway=motorway, lanes=3, hov:lanes=designated||", NULL);
  assert_true(CAN(road.forward.lane[2].allowed, HOV) && CAN(road.forward.lane[2].allowed, BUS));
  assert_false(CAN(road.forward.lane[2].allowed, PASSENGER));
  assert_true(CAN(road.forward.lane[0].allowed, PASSENGER));
  road = road_of("highway=primary, oneway=yes, hgv:lanes=no|yes");
  assert_false(CAN(road.forward.lane[1].allowed, TRUCK));
  assert_true(CAN(road.forward.lane[0].allowed, TRUCK));
  road = road_of("highway=residential, oneway=yes, oneway:bicycle=no");
  assert_int_equal(road.backward.allowed, BIT(BICYCLE));
  assert_true(road.backward.is_contraflow);
  assert_int_equal(road_of("highway=residential, sidewalk=right").forward.sidewalk, ART_OSM_SIDEWALK_YES);
  assert_int_equal(road_of("highway=residential, sidewalk=right").backward.sidewalk, ART_OSM_SIDEWALK_NO);
  assert_int_equal(road_of("highway=residential, sidewalk:left=separate").backward.sidewalk,
                   ART_OSM_SIDEWALK_SEPARATE);
  road = road_of("highway=primary, lanes=4, railway=tram, tracks=2");
  assert_int_equal(road.rail_tracks, 2);
  assert_false(CAN(road.forward.lane[0].allowed, TRAM));
  assert_true(CAN(road.forward.lane[1].allowed, TRAM));
  road = road_of("railway=rail, tracks=2, electrified=contact_line, highspeed=yes, maxspeed=250 mph");
  assert_int_equal(road.forward.lane_count, 1);
  assert_true(CAN(road.backward.allowed, RAIL_FAST));
}

// ---- conditions ------------------------------------------------------------------------------------------------------

static int holds(const char *text, int day, int minute)
{
  art_osm_condition c;
  if (!art_osm_condition_parse(text, strlen(text), &c)) return -1;
  return art_osm_condition_holds(&c, &(art_osm_moment){ .day = day, .minute = minute, .weight_t = 10.0f });
}

static void conditions_tell_hours_days_and_limits(void **state)
{
  (void)state;
  enum { MONDAY = 0, SATURDAY = 5, SUNDAY = 6, HOLIDAY = 7 };
  static const struct {
    const char *text;
    int day, minute, holds;
  } cases[] = {
    { "Mo-Fr 07:00-09:00,16:00-18:00", MONDAY, 8 * 60, 1 },
    { "Mo-Fr 07:00-09:00,16:00-18:00", MONDAY, 9 * 60, 0 },
    { "Mo-Fr 07:00-09:00,16:00-18:00", MONDAY, 17 * 60, 1 },
    { "Mo-Fr 07:00-09:00", SATURDAY, 8 * 60, 0 },
    { "Mo-Fr 07:00-19:00; Sa 07:00-14:00", SATURDAY, 13 * 60, 1 },
    { "Mo-Fr 07:00-19:00; Sa 07:00-14:00", SATURDAY, 15 * 60, 0 },
    { "22:00-06:00", MONDAY, 23 * 60, 1 },
    { "22:00-06:00", MONDAY, 5 * 60, 1 },
    { "22:00-06:00", MONDAY, 12 * 60, 0 },
    { "Sa 22:00-06:00", SUNDAY, 5 * 60, 1 },
    { "Sa 22:00-06:00", SATURDAY, 5 * 60, 0 },
    { "Su,PH", SUNDAY, 600, 1 },
    { "Su,PH", HOLIDAY, 600, 1 },
    { "Su,PH", MONDAY, 600, 0 },
    { "Fr-Mo", MONDAY, 600, 1 },
    { "24/7", MONDAY, 600, 1 },
    { "weight>7.5", MONDAY, 600, 1 },
    { "weight > 12 t", MONDAY, 600, 0 },
    { "weight>7.5 AND 22:00-06:00", MONDAY, 23 * 60, 1 },
    { "weight>7.5 AND 22:00-06:00", MONDAY, 600, 0 },
    { "wet", MONDAY, 600, 0 },
    { "sunset-sunrise", MONDAY, 600, -1 },
    { "Jun-Sep", MONDAY, 600, -1 },
    { "Mo-Fr 07:00", MONDAY, 600, -1 },
    { "25:99-3", MONDAY, 600, -1 },
    { "", MONDAY, 600, -1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
    if (holds(cases[i].text, cases[i].day, cases[i].minute) != cases[i].holds)
      fail_msg("'%s' on day %d at %d is not %d", cases[i].text, cases[i].day, cases[i].minute,
               cases[i].holds);
  assert_int_equal(holds("Mo-Fr 07:00-09:00", -1, 480), 0);
}

static art_osm_road road_at(const char *tags, int day, int minute, float weight_t)
{
  art_osm_road road = road_of(tags);
  art_osm_road_at(&road, &(art_osm_moment){ .day = day, .minute = minute, .weight_t = weight_t });
  return road;
}

static void conditional_tags_change_the_way_in_their_time(void **state)
{
  (void)state;
  static const char access[] = "highway=residential, motor_vehicle:conditional=no @ (Mo-Fr 07:00-09:00)";
  assert_true(CAN(road_of(access).forward.allowed, PASSENGER));
  assert_false(CAN(road_at(access, 0, 480, 0).forward.allowed, PASSENGER));
  assert_true(CAN(road_at(access, 0, 600, 0).forward.allowed, PASSENGER));
  assert_true(CAN(road_at(access, 0, 480, 0).forward.allowed, BICYCLE));

  static const char chain[] =
      "highway=residential, bus:conditional=yes @ (07:00-09:00), access:conditional=no @ (07:00-09:00)";
  assert_true(CAN(road_at(chain, 0, 480, 0).forward.allowed, BUS));
  assert_false(CAN(road_at(chain, 0, 480, 0).forward.allowed, PASSENGER));

  static const char speed[] = "highway=primary, maxspeed=50, maxspeed:conditional=30 @ (22:00-06:00)";
  assert_float_equal(road_at(speed, 3, 60, 0).backward.lane[0].speed_mps, KMH(30), 1e-3);
  assert_float_equal(road_at(speed, 3, 600, 0).backward.speed_mps, KMH(50), 1e-3);

  static const char truck[] = "highway=primary, maxspeed:hgv:conditional=60 @ (weight>7.5)";
  assert_float_equal(road_at(truck, 3, 600, 12).forward.hgv_speed_mps, KMH(60), 1e-3);
  assert_float_equal(road_at(truck, 3, 600, 3).forward.hgv_speed_mps, 0.0, 1e-3);

  static const char lanes[] = "highway=primary, oneway=yes, lanes=2, "
                              "bus:lanes:conditional=|designated @ (07:00-09:00), "
                              "vehicle:lanes:conditional=|no @ (07:00-09:00)";
  assert_false(CAN(road_at(lanes, 0, 480, 0).forward.lane[0].allowed, PASSENGER));
  assert_true(CAN(road_at(lanes, 0, 480, 0).forward.lane[0].allowed, BUS));
  assert_true(CAN(road_at(lanes, 0, 480, 0).forward.lane[1].allowed, PASSENGER));
  assert_true(CAN(road_at(lanes, 0, 600, 0).forward.lane[0].allowed, PASSENGER));

  static const char round[] =
      "highway=primary, lanes=2, oneway:conditional=yes @ (06:00-10:00); -1 @ (15:00-19:00)";
  assert_int_equal(road_at(round, 0, 420, 0).backward.lane_count, 0);
  assert_int_equal(road_at(round, 0, 960, 0).forward.lane_count, 0);
  assert_int_equal(road_at(round, 0, 720, 0).forward.lane_count, 1);
  static const char opened[] = "highway=primary, oneway=yes, oneway:conditional=no @ (22:00-06:00)";
  assert_int_equal(road_at(opened, 0, 60, 0).backward.lane_count, 1);
  assert_int_equal(road_at(opened, 0, 720, 0).backward.lane_count, 0);

  art_osm_notes notes = { 0 };
  const art_osm_road road =
      road_in("DE", "highway=primary, access:conditional=no @ (sunset-sunrise)", &notes);
  assert_int_equal(road.conditional_count, 0);
  assert_int_equal(notes.count[ART_OSM_NOTE_CONDITION], 1);
}

// ---- nodes -----------------------------------------------------------------------------------------------------------

static art_osm_point point_of(const char *text, art_osm_notes *notes)
{
  test_tags tags;
  art_osm_point point;
  art_osm_node(tags_of_text(&tags, text), &point, notes);
  return point;
}

static void nodes_are_signals_signs_and_crossings(void **state)
{
  (void)state;
  static const struct {
    const char *tags;
    unsigned what, signal, sign;
  } cases[] = {
    { "highway=traffic_signals", ART_OSM_NODE_SIGNAL, 0, 0 },
    { "highway=traffic_signals, traffic_signals:direction=backward", ART_OSM_NODE_SIGNAL,
      ART_OSM_DIRECTION_BACKWARD, 0 },
    { "highway=traffic_signals, direction=both", ART_OSM_NODE_SIGNAL, ART_OSM_DIRECTION_BOTH, 0 },
    { "highway=traffic_signals, traffic_signals=ramp_meter", ART_OSM_NODE_RAMP_METER, 0, 0 },
    { "highway=traffic_signals, traffic_signals=blinker", ART_OSM_NODE_BLINKER, 0, 0 },
    { "highway=traffic_signals, traffic_signals=pedestrian_crossing", ART_OSM_NODE_CROSSING_SIGNAL, 0, 0 },
    { "highway=traffic_signals, crossing=traffic_signals",
      ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL | ART_OSM_NODE_CROSSING, 0, 0 },
    { "highway=crossing, crossing=traffic_signals", ART_OSM_NODE_CROSSING_SIGNAL | ART_OSM_NODE_CROSSING, 0,
      0 },
    { "highway=crossing, crossing=zebra, crossing:island=yes",
      ART_OSM_NODE_CROSSING | ART_OSM_NODE_ZEBRA | ART_OSM_NODE_ISLAND, 0, 0 },
    { "highway=crossing, crossing=unmarked", ART_OSM_NODE_CROSSING, 0, 0 },
    { "highway=crossing, crossing=no", 0, 0, 0 },
    { "highway=stop, direction=forward", ART_OSM_NODE_STOP, 0, ART_OSM_DIRECTION_FORWARD },
    { "highway=stop, stop=all", ART_OSM_NODE_STOP | ART_OSM_NODE_STOP_ALL, 0, 0 },
    { "highway=stop, stop=minor", ART_OSM_NODE_STOP, 0, 0 },
    { "highway=give_way", ART_OSM_NODE_GIVE_WAY, 0, 0 },
    { "highway=give_way, direction=backward", ART_OSM_NODE_GIVE_WAY, 0, ART_OSM_DIRECTION_BACKWARD },
    { "highway=mini_roundabout", ART_OSM_NODE_MINI_ROUNDABOUT, 0, 0 },
    { "railway=level_crossing", ART_OSM_NODE_LEVEL_CROSSING, 0, 0 },
    { "traffic_calming=hump", ART_OSM_NODE_CALMING, 0, 0 },
    { "public_transport=stop_position", ART_OSM_NODE_BUS_STOP, 0, 0 },
    { "highway=street_lamp", 0, 0, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_point p = point_of(cases[i].tags, NULL);
    if (p.what != cases[i].what || p.signal_direction != cases[i].signal || p.sign_direction != cases[i].sign)
      fail_msg("%s: what %x, directions %d %d", cases[i].tags, p.what, p.signal_direction, p.sign_direction);
  }
  assert_int_equal(point_of("highway=mini_roundabout, direction=clockwise", NULL).roundabout_turns, 1);
  assert_int_equal(point_of("highway=mini_roundabout, direction=anticlockwise", NULL).roundabout_turns, -1);
  assert_float_equal(point_of("ele=-3.5", NULL).height_m, -3.5, 1e-6);
  assert_true(isnan(point_of("highway=stop", NULL).height_m));
  art_osm_notes notes = { 0 };
  point_of("highway=stop, direction=NE", &notes);
  assert_int_equal(notes.count[ART_OSM_NOTE_DIRECTION], 1);
}

static void barriers_cut_classes(void **state)
{
  (void)state;
  static const struct {
    const char *tags, *levels;
  } cases[] = {
    { "barrier=bollard", "---yy-" },
    { "barrier=gate", "dddyyy" },
    { "barrier=gate, access=yes", "yyyyyy" },
    { "barrier=gate, locked=yes", "----yy" },
    { "barrier=lift_gate, motor_vehicle=private", "dddyyy" },
    { "barrier=bus_trap", "-yyyyy" },
    { "barrier=stile", "----y-" },
    { "barrier=toll_booth", "yyyyyy" },
    { "barrier=bollard, bicycle=no", "----y-" },
    { "barrier=bollard, motor_vehicle=no, bus=yes, emergency=yes", "--yyyy" },
    { "barrier=yes", "yyyyyy" },
    { "barrier=cattle_grid, access=private", "dddddy" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_point p = point_of(cases[i].tags, NULL);
    char found[7];
    levels(~(p.closed | p.destination), p.destination, found);
    if (!(p.what & ART_OSM_NODE_BARRIER) || strcmp(found, cases[i].levels) != 0)
      fail_msg("%s: %s, wanted %s", cases[i].tags, found, cases[i].levels);
  }
}

// ---- turn restrictions -----------------------------------------------------------------------------------------------

static const art_osm_member usual[] = { { 10, ART_OSM_MEMBER_WAY, "from" },
                                        { 5, ART_OSM_MEMBER_NODE, "via" },
                                        { 11, ART_OSM_MEMBER_WAY, "to" } };

static int32_t read_relation(const char *text, int32_t count, const art_osm_member *member,
                             art_osm_restriction *out, art_osm_notes *notes)
{
  test_tags tags;
  return art_osm_restrictions(tags_of_text(&tags, text), count, member, out, notes);
}

static void restrictions_bind_whom_they_name(void **state)
{
  (void)state;
  static art_osm_restriction r[ART_OSM_MAX_BANS];
  assert_int_equal(read_relation("type=restriction, restriction=no_left_turn", 3, usual, r, NULL), 1);
  assert_int_equal(r[0].ban, ART_OSM_BAN_LEFT);
  assert_false(r[0].is_only || r[0].via_is_way || r[0].is_conditional);
  assert_true(r[0].from[0] == 10 && r[0].via[0] == 5 && r[0].to[0] == 11);
  assert_true(CAN(r[0].classes, PASSENGER) && CAN(r[0].classes, BICYCLE) && CAN(r[0].classes, BUS));
  assert_false(CAN(r[0].classes, PEDESTRIAN));

  assert_int_equal(read_relation("type=restriction, restriction=only_straight_on, except=psv;bicycle", 3,
                                 usual, r, NULL),
                   1);
  assert_true(r[0].is_only && r[0].ban == ART_OSM_BAN_STRAIGHT);
  assert_true(CAN(r[0].classes, PASSENGER));
  assert_false(CAN(r[0].classes, BUS) || CAN(r[0].classes, TAXI) || CAN(r[0].classes, BICYCLE));

  assert_int_equal(read_relation("type=restriction, restriction:hgv=no_right_turn", 3, usual, r, NULL), 1);
  assert_true(CAN(r[0].classes, TRUCK));
  assert_false(CAN(r[0].classes, PASSENGER));
  assert_int_equal(read_relation("type=restriction:hgv, restriction=no_right_turn", 3, usual, r, NULL), 1);
  assert_false(CAN(r[0].classes, PASSENGER));
  assert_int_equal(read_relation("type=restriction, restriction:hazmat=no_right_turn", 3, usual, r, NULL), 0);

  assert_int_equal(
      read_relation("type=restriction, restriction:conditional=no_left_turn @ (Mo-Fr 07:00-09:00)", 3, usual,
                    r, NULL),
      1);
  assert_true(r[0].is_conditional);
  assert_true(art_osm_condition_holds(&r[0].condition, &(art_osm_moment){ .day = 1, .minute = 480 }));
  assert_false(art_osm_condition_holds(&r[0].condition, &(art_osm_moment){ .day = 6, .minute = 480 }));
  assert_int_equal(
      read_relation("type=restriction, restriction=no_u_turn, day_on=Monday, day_off=Friday, hour_on=07:00, "
                    "hour_off=09:00",
                    3, usual, r, NULL),
      1);
  assert_true(r[0].is_conditional && r[0].condition.window[0].days == ART_OSM_WORKDAYS);
  assert_int_equal(read_relation("type=restriction, restriction=no_left_turn;no_u_turn", 3, usual, r, NULL),
                   2);
  assert_int_equal(read_relation("type=multipolygon, restriction=no_left_turn", 3, usual, r, NULL), 0);
}

static void members_make_the_restriction(void **state)
{
  (void)state;
  static art_osm_restriction r[ART_OSM_MAX_BANS];
  static const art_osm_member ways[] = { { 10, ART_OSM_MEMBER_WAY, "from" },
                                         { 20, ART_OSM_MEMBER_WAY, "via" },
                                         { 21, ART_OSM_MEMBER_WAY, "via" },
                                         { 11, ART_OSM_MEMBER_WAY, "to" },
                                         { 7, ART_OSM_MEMBER_NODE, "location_hint" } };
  assert_int_equal(read_relation("type=restriction, restriction=no_u_turn", 5, ways, r, NULL), 1);
  assert_true(r[0].via_is_way && r[0].via_count == 2 && r[0].via[0] == 20 && r[0].via[1] == 21);

  static const art_osm_member many[] = { { 10, ART_OSM_MEMBER_WAY, "from" },
                                         { 12, ART_OSM_MEMBER_WAY, "from" },
                                         { 5, ART_OSM_MEMBER_NODE, "via" },
                                         { 11, ART_OSM_MEMBER_WAY, "to" },
                                         { 13, ART_OSM_MEMBER_WAY, "to" } };
  art_osm_notes notes = { 0 };
  assert_int_equal(read_relation("type=restriction, restriction=no_entry", 4, many, r, &notes), 1);
  assert_true(r[0].from_count == 2 && r[0].to_count == 1 && r[0].ban == ART_OSM_BAN_ENTRY);
  assert_int_equal(read_relation("type=restriction, restriction=no_exit", 4, many + 1, r, &notes), 1);
  assert_true(r[0].from_count == 1 && r[0].to_count == 2);
  assert_int_equal(notes.count[ART_OSM_NOTE_RESTRICTION_MANY], 0);
  assert_int_equal(read_relation("type=restriction, restriction=no_left_turn", 5, many, r, &notes), 0);
  assert_int_equal(notes.count[ART_OSM_NOTE_RESTRICTION_MANY], 1);

  assert_int_equal(read_relation("type=restriction, restriction=no_left_turn", 2, usual, r, &notes), 0);
  assert_int_equal(read_relation("type=restriction, restriction=no_left_turn", 2, usual + 1, r, &notes), 0);
  assert_int_equal(notes.count[ART_OSM_NOTE_RESTRICTION_MEMBERS], 2);
  assert_int_equal(read_relation("type=restriction, restriction=no_somersault", 3, usual, r, &notes), 0);
  assert_int_equal(read_relation("type=restriction", 3, usual, r, &notes), 0);
  assert_int_equal(notes.count[ART_OSM_NOTE_RESTRICTION_KIND], 2);
  assert_int_equal(read_relation("type=restriction, restriction=no_u_turn, except=elephant", 3, usual, r,
                                 &notes),
                   1);
  assert_int_equal(notes.count[ART_OSM_NOTE_EXCEPT], 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_most_specific_tag_wins),
    cmocka_unit_test(lanes_for_buses_and_bicycles),
    cmocka_unit_test(lanes_let_in_whom_they_should),
    cmocka_unit_test(conditions_tell_hours_days_and_limits),
    cmocka_unit_test(conditional_tags_change_the_way_in_their_time),
    cmocka_unit_test(nodes_are_signals_signs_and_crossings),
    cmocka_unit_test(barriers_cut_classes),
    cmocka_unit_test(restrictions_bind_whom_they_name),
    cmocka_unit_test(members_make_the_restriction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
