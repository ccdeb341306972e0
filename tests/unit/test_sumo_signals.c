// How signals decide, out of SUMO files and back: actuated and NEMA programs, their sensors, schedules, programs that are off.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/sumo/export.h"
#include "tests/unit/sumo_texts.h"

/// a; then b with a permitted left; then the left of b alone.
#define ACTUATED_PHASES                                                                          \
  "<phase duration='20' minDur='5' maxDur='40' state='GGrr'/>\n"                                 \
  "<phase duration='3' state='yyrr'/>\n"                                                         \
  "<phase duration='20' minDur='6' maxDur='40' state='rrGg' earliestEnd='12' latestEnd='50'/>\n" \
  "<phase duration='10' minDur='10' maxDur='15' state='rrrG' next='4'/>\n"                       \
  "<phase duration='3' state='rrry'/>\n"

#define NEMA_PHASES                                                                                        \
  "<phase name='2' duration='90' minDur='8' maxDur='25' vehext='3.5' yellow='4' red='1' state='GGrr'/>\n"  \
  "<phase name='4' duration='90' minDur='6' maxDur='26' vehext='2' yellow='3' red='1' state='rrGr'/>\n"    \
  "<phase name='7' duration='90' minDur='5' maxDur='8' vehext='2' yellow='3.5' red='0.5' state='rrrG'/>\n" \
  "<phase name='8' duration='90' minDur='6' maxDur='14' vehext='2' yellow='3' red='1' state='rrGG'/>\n"    \
  "<phase name='5' duration='90' minDur='6' maxDur='14' state='rrrr'/>\n"

#define NEMA_PARAMS                                                                                       \
  "<param key='ring1' value='0,2,0,4'/><param key='ring2' value='0 2 7 8'/><param key='barrierPhases' "   \
  "value='48'/>"                                                                                          \
  "<param key='barrier2Phases' value='2,2'/><param key='coordinate-mode' value='true'/>"                  \
  "<param key='minRecall' value='2,4'/><param key='maxRecall' value='7'/><param key='latchingDetectors' " \
  "value='8'/>"                                                                                           \
  "<param key='cycleTime' value='99'/><param key='total-cycle-length' value='60'/>"                       \
  "<param key='fixForceOff' value='true'/><param key='controllerType' value='TS2'/>"

static void assert_ok(art_status status, art_error err)
{
  if (status != ART_OK) fail_msg("%s", err.message);
}

static int32_t find(char *const *ids, int32_t count, const char *id)
{
  const int32_t found = art_net_find(ids, count, id);
  if (found < 0) fail_msg("%s is missing", id);
  return found;
}

static int32_t find_program(const art_net *net, const char *id)
{
  return find(net->program_id, net->program_count, id);
}

static void assert_sensors(const art_net *net, int32_t phase, const char *const *ids, int32_t count)
{
  const int32_t first = net->phase_first_sensor[phase];
  assert_int_equal(net->phase_first_sensor[phase + 1] - first, count);
  for (int32_t i = 0; i < count; ++i)
    assert_string_equal(net->detector_id[net->phase_sensor[first + i]], ids[i]);
}

static void assert_point(const art_net *net, const char *id, int32_t lane, double pos_m, double end_m)
{
  const int32_t d = find(net->detector_id, net->detector_count, id), point = net->detector_first_point[d];
  assert_int_equal(net->detector_lane[point], lane);
  assert_float_equal(net->detector_pos_m[point], pos_m, 0.005);
  assert_float_equal(net->detector_end_m[point], end_m, 0.005);
}

static void actuated_programs_get_loops(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_two_roads,
                              "<add><tlLogic id='n' type='actuated' programID='p' offset='7'>" ACTUATED_PHASES
                              "<param key='max-gap' value='2.5'/><param key='inactive-threshold' value='90'/>"
                              "<param key='cycleTime' value='80'/><param key='show-detectors' value='true'/>"
                              "<param key='jam-threshold' value='30'/><param key='max-gap:a_0' value='3'/>"
                              "</tlLogic></add>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t p = find_program(net, "p"), f = net->program_first_phase[p];
  assert_int_equal(net->program_control[p], ART_CONTROL_ACTUATED);
  assert_int_equal(net->program_control[find_program(net, "0")], ART_CONTROL_FIXED);
  assert_int_equal(net->program_offset_ms[p], 7000);
  assert_int_equal(net->program_cycle_ms[p], 80000);
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_inactive_s][p], 90.0, 0.0);
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_coordinated][p], 0.0, 0.0);
  static const int64_t extension[] = { 2500, 0, 2500, 2500, 0 };
  for (int k = 0; k < 5; ++k)
    assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_extension_ms][f + k], extension[k]);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f], -1);
  assert_int_equal(net->phase_min_ms[f], 5000);
  assert_int_equal(net->phase_max_ms[f], 40000);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_earliest_end_ms][f + 2], 12000);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_latest_end_ms][f + 2], 50000);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_latest_end_ms][f], -1);
  assert_int_equal(net->phase_flags[f + 3], ART_PHASE_MANUAL_NEXT);
  assert_int_equal(net->phase_first_next[f + 4] - net->phase_first_next[f + 3], 1);
  assert_int_equal(net->phase_next[net->phase_first_next[f + 3]], 4);
  // 2 s x 10 m/s before the line; b_0 and b_1 by their shortest minimum green, (6/1.9 + 0.5) 7.5 m = 27.43 m, 30 m lanes
  assert_point(net, "n:D_a_0", 0, 80.0, 80.0);
  assert_point(net, "n:D_b_0", 1, 2.566, 2.566);
  assert_point(net, "n:D_b_1", 2, 2.566, 2.566);
  // The left of a is permitted in all phases of the road's only lane: a counts. That of b is protected elsewhere: not here.
  assert_sensors(net, f, (const char *const[]){ "n:D_a_0" }, 1);
  assert_sensors(net, f + 1, NULL, 0);
  assert_sensors(net, f + 2, (const char *const[]){ "n:D_b_0" }, 1);
  assert_sensors(net, f + 3, (const char *const[]){ "n:D_b_1" }, 1);
  assert_int_equal(sumo_times(&r.report.notes, "parameter \"jam-threshold\" of a signal program is not used"),
                   1);
  assert_int_equal(sumo_times(&r.report.notes, "parameter \"max-gap\" of a signal program is not used"), 1);
  assert_int_equal(r.report.point_detectors, 3);
  sumo_free(&r);
}

/// A loop that would stand before the begin of its lane moves to the lane before, if that is the only way in.
static void loops_may_stand_upstream(void **state)
{
  (void)state;
  sumo_result r = sumo_import(
      sumo_two_roads,
      "<add><tlLogic id='n' type='actuated' programID='p'><phase duration='60' minDur='20' maxDur='90' "
      "state='rrGG'/>"
      "<phase duration='9' minDur='8' maxDur='10' state='GGrr'/>"
      "<param key='detector-gap' value='2.4'/><param key='detector-length' value='3'/></tlLogic></add>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t c_0 = net->link_first_lane[find(net->link_id, net->link_count, "c")];
  assert_point(net, "n:D_b_0", c_0, 32.0,
               35.0);  // 48 m before the line: 18 m before the lane's begin, of 50 m
  assert_point(net, "n:D_b_1", c_0 + 1, 32.0, 35.0);
  assert_point(net, "n:D_a_0", 0, 76.0, 79.0);
  assert_int_equal(net->detector_kind[0], ART_DETECTOR_AREA);  // they have a length
  sumo_free(&r);
}

/// SUMO coordinates by the places where phases may end; without any a program runs free, unless it is asked to be held.
static void coordination_needs_places(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_two_roads, "<add><tlLogic id='n' type='actuated' programID='p'>" ACTUATED_PHASES
                                  "<param key='coordinated' value='true'/></tlLogic></add>");
  assert_ok(r.status, r.err);
  assert_float_equal(r.city->net->program_value[ART_CONTROL_VALUE_is_coordinated][1], 1.0, 0.0);
  sumo_free(&r);
  static const char text[] =
      "<add><tlLogic id='n' type='actuated' programID='p'>"
      "<phase duration='20' minDur='5' maxDur='40' state='GGrr'/><phase duration='3' state='yyrr'/>"
      "<phase duration='30' minDur='5' maxDur='20' state='rrGG'/><phase duration='3' state='rryy'/>"
      "<param key='coordinated' value='true'/><param key='cycleTime' value='60'/></tlLogic></add>";
  r = sumo_import(sumo_two_roads, text);
  assert_ok(r.status, r.err);
  assert_float_equal(r.city->net->program_value[ART_CONTROL_VALUE_is_coordinated][1], 0.0, 0.0);
  sumo_free(&r);
  char folder[] = "/tmp/arterial_signals_XXXXXX", path[2][80], *add = path[1];
  assert_non_null(mkdtemp(folder));
  const char *const content[2] = { sumo_two_roads, text };
  for (int i = 0; i < 2; ++i) {
    snprintf(path[i], sizeof path[i], "%s/%d.xml", folder, i);
    FILE *file = fopen(path[i], "w");
    assert_non_null(file);
    fputs(content[i], file);
    fclose(file);
  }
  const art_sumo_files files = {
    .net = path[0], .additional_count = 1, .additional = &add, .holds_cycle = 1
  };
  r = (sumo_result){ .status = ART_OK };
  assert_ok(art_sumo_import_files(&files, NULL, &r.city, &r.demand, &r.report, &r.err), r.err);
  const art_net *net = r.city->net;
  const int32_t f = net->program_first_phase[1];
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_coordinated][1], 1.0, 0.0);
  assert_int_equal(net->phase_flags[f], 0);
  assert_int_equal(net->phase_flags[f + 2], ART_PHASE_COORDINATED);  // the longest
  assert_int_equal(sumo_times(&r.report.notes,
                              "phases of a coordinated actuated program do not add up to its cycle"),
                   1);
  sumo_free(&r);
  for (int i = 0; i < 2; ++i) unlink(path[i]);
  rmdir(folder);
}

static void named_detectors_take_the_place(void **state)
{
  (void)state;
  static const char text[] =
      "<add><e1Detector id='mine' lane='a_0' pos='50' freq='60' file='x'/>\n"
      "<tlLogic id='n' type='actuated' programID='p'>" ACTUATED_PHASES
      "<param key='a_0' value='mine'/><param key='b_0' value='NO_DETECTOR'/></tlLogic></add>";
  sumo_result r = sumo_import(sumo_two_roads, text);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t f = net->program_first_phase[find_program(net, "p")];
  assert_int_equal(net->detector_count, 2);  // mine and that of b_1
  assert_sensors(net, f, (const char *const[]){ "mine" }, 1);
  assert_sensors(net, f + 2, NULL, 0);
  assert_sensors(net, f + 3, (const char *const[]){ "n:D_b_1" }, 1);
  assert_int_equal(sumo_times(&r.report.notes, "actuated phase without a lane of its own has no sensor"), 1);
  sumo_free(&r);
}

static void nema_programs_get_rings(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_two_roads,
                  "<add><tlLogic id='n' type='NEMA' programID='0' offset='9'>" NEMA_PHASES NEMA_PARAMS
                  "<param key='detector-length' value='15'/></tlLogic></add>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t p = find_program(net, "0"), f = net->program_first_phase[p];
  assert_int_equal(net->program_count, 1);
  assert_int_equal(net->program_control[p], ART_CONTROL_NEMA);
  assert_int_equal(net->program_cycle_ms[p], 60000);  // the name that SUMO prefers
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_coordinated][p], 1.0, 0.0);
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p], 1.0, 0.0);
  // ring 1: 2 | 4, ring 2: 2 | 7, 8; phase 2 stands in both, 5 in none
  static const int number[] = { 2, 4, 2, 7, 8 }, ring[] = { 0, 0, 1, 1, 1 }, barrier[] = { 0, 1, 0, 1, 1 };
  static const uint32_t flags[] = { ART_PHASE_RECALL_MIN | ART_PHASE_COORDINATED | ART_PHASE_DUAL_ENTRY,
                                    ART_PHASE_RECALL_MIN | ART_PHASE_DUAL_ENTRY,
                                    ART_PHASE_RECALL_MIN | ART_PHASE_COORDINATED | ART_PHASE_DUAL_ENTRY,
                                    ART_PHASE_RECALL_MAX, ART_PHASE_MEMORY | ART_PHASE_DUAL_ENTRY };
  assert_int_equal(net->program_first_phase[p + 1] - f, 5);
  for (int k = 0; k < 5; ++k) {
    assert_int_equal(net->phase_number[f + k], number[k]);
    assert_int_equal(net->phase_ring[f + k], ring[k]);
    assert_int_equal(net->phase_barrier[f + k], barrier[k]);
    assert_int_equal(net->phase_flags[f + k], flags[k]);
  }
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_extension_ms][f], 3500);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f + 3], 3500);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_red_ms][f + 3], 500);
  static const int64_t yellow[] = { 4000, 4000, 3000, 3000 };  // the shortest of the phases of a group
  for (int g = 0; g < 4; ++g)
    assert_int_equal(net->group_yellow_ms[net->signal_first_group[0] + g], yellow[g]);
  assert_memory_equal(net->phase_state + net->phase_first_state[f + 4], "rrGG", 4);
  // Areas end at the stop line; left-turn lanes have a length of their own
  assert_point(net, "n:D_a_0", 0, 85.0, 100.0);
  assert_point(net, "n:D_b_0", 1, 15.0, 30.0);
  assert_point(net, "n:D_b_1", 2, 10.0, 30.0);
  assert_sensors(net, f, (const char *const[]){ "n:D_a_0" }, 1);
  assert_sensors(net, f + 3, (const char *const[]){ "n:D_b_1" }, 1);
  assert_sensors(net, f + 4, (const char *const[]){ "n:D_b_0", "n:D_b_1" }, 2);
  assert_int_equal(sumo_times(&r.report.notes, "NEMA phase that stands in no ring is left out"), 1);
  sumo_free(&r);
}

/// What a file leaves out is as SUMO has it: all phases are recalled, and the offset is that of the coordinated yellow.
static void nema_defaults_are_those_of_sumo(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_two_roads,
                  "<add><tlLogic id='n' type='NEMA' programID='0'>" NEMA_PHASES
                  "<param key='ring1' value='0,2,0,4'/><param key='ring2' value='0,2,7,8'/>"
                  "<param key='barrierPhases' value='4,8'/><param key='coordinatePhases' value='2,2'/>"
                  "<param key='barrier2Phases' value='4,4'/></tlLogic>"
                  "<tlLogic id='n' type='delay_based' programID='d'>" ACTUATED_PHASES "</tlLogic></add>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t p = find_program(net, "0"), d = find_program(net, "d");
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_type_170][p], 1.0, 0.0);
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p], 0.0, 0.0);
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_is_coordinated][p], 0.0, 0.0);
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    assert_true(net->phase_flags[f] & ART_PHASE_RECALL_MIN);
    assert_int_equal(net->phase_flags[f] & ART_PHASE_COORDINATED, 0);  // no coordinate-mode
  }
  // coordinatePhases wins over barrier2Phases: phase 2 is what a ring falls back to, with phases 4 and 8 beyond the barrier
  assert_true(net->phase_flags[net->program_first_phase[p]] & ART_PHASE_DUAL_ENTRY);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_extension_ms][net->program_first_phase[p] + 1], 2000);
  assert_int_equal(net->program_control[d], ART_CONTROL_ACTUATED);
  assert_int_equal(sumo_times(&r.report.notes, "signal program of type \"delay_based\" runs as actuated"), 1);
  // With a program that writes its yellow out beside them, groups keep none of their own
  assert_int_equal(net->group_yellow_ms[0], -1);
  sumo_free(&r);
}

#define SCHEDULE                                                                                            \
  "<WAUT id='day' refTime='0' period='86400' startProg='off'><wautSwitch time='25:00:00' to='off'/>"        \
  "<wautSwitch time='21600' to='0'/><wautSwitch time='06:00:00' to='p'/></WAUT><wautJunction wautID='day' " \
  "junctionID='n'/>"

static void schedules_switch_programs(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_two_roads, "<add><tlLogic id='n' type='actuated' programID='p'>" ACTUATED_PHASES
                                  "</tlLogic>" SCHEDULE "<WAUT id='idle'/></add>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t off = find_program(net, "off"), f = net->program_first_phase[off];
  assert_int_equal(net->program_count, 3);
  assert_int_equal(net->signal_active[0], off);
  assert_int_equal(net->program_control[off], ART_CONTROL_OFF);
  assert_int_equal(net->program_first_phase[off + 1], f + 1);
  assert_memory_equal(net->phase_state + net->phase_first_state[f], "Oooo",
                      4);  // who yields by the signs does
  assert_int_equal(net->switch_count, 2);
  assert_int_equal(net->signal_first_switch[1], 2);
  assert_int_equal(net->signal_switch_period_ms[0], 86400000);
  assert_int_equal(net->switch_at_ms[0], 3600000);  // 25 o'clock is one in the morning
  assert_int_equal(net->switch_program[0], off);
  assert_int_equal(net->switch_at_ms[1], 21600000);  // of two at one time the last
  assert_int_equal(net->switch_program[1], find_program(net, "p"));
  assert_int_equal(sumo_times(&r.report.notes, "schedule (WAUT) that no signal follows is left out"), 1);
  sumo_free(&r);

  // A program that is off of its own, alone: it has a phase all the same
  r = sumo_import(sumo_two_roads, "<add><tlLogic id='n' type='off' programID='dark'/></add>");
  assert_ok(r.status, r.err);
  assert_int_equal(r.city->net->program_control[r.city->net->signal_active[0]], ART_CONTROL_OFF);
  sumo_free(&r);
}

static void mistakes_are_told_by_line(void **state)
{
  (void)state;
  static const struct {
    const char *text, *told;
  } cases[] = {
    { "<add>\n<tlLogic id='n' type='actuated' programID='p'>\n" ACTUATED_PHASES
      "<param key='max-gap' value='-1'/></tlLogic></add>",
      "test.rou.xml:8: param: value=\"-1\": accepted: a number from 0 to 3600" },
    { "<add>\n<tlLogic id='n' type='actuated' programID='p'>\n" ACTUATED_PHASES
      "\n<param key='a_0' value='x'/></tlLogic></add>",
      "test.rou.xml:9: param: key=\"a_0\" value=\"x\": accepted: NO_DETECTOR or the id of a detector" },
    { "<add><tlLogic id='n' type='actuated' programID='p'>\n<phase duration='9' state='GGrr' next='0 "
      "1'/></tlLogic></add>",
      "next=1 of phase 0 (line 2): accepted: 0 to 0" },
    { "<add><tlLogic id='n' type='NEMA' programID='p'>\n<phase duration='9' name='x' "
      "state='GGrr'/></tlLogic></add>",
      "test.rou.xml:2: phase: name=\"x\": accepted: a whole number from 1 to 16" },
    { "<add><tlLogic id='n' type='NEMA' programID='p'>" NEMA_PHASES "</tlLogic></add>",
      "has no parameter ring1" },
    { "<add><tlLogic id='n' type='NEMA' programID='p'>" NEMA_PHASES NEMA_PARAMS
      "<param key='ring1' value='1,2,3,4'/></tlLogic></add>",
      "ring1 names phase 1, which the program does not have" },
    { "<add><tlLogic id='n' type='NEMA' programID='p'><param key='ring1' value='1;2'/></tlLogic></add>",
      "value=\"1;2\": accepted: numbers of phases" },
    { "<add><tlLogic id='n' type='NEMA' programID='p'><param key='controllerType' "
      "value='X'/></tlLogic></add>",
      "value=\"X\": accepted: TS2 or Type170" },
    { "<add><WAUT id='w' startProg='0'>\n<wautSwitch time='1' to='gone'/></WAUT><wautJunction wautID='w' "
      "junctionID='n'/></add>",
      "test.rou.xml:2: wautSwitch: to=\"gone\": accepted: \"off\" or a program of signal \"n\"" },
    { "<add>\n<WAUT id='w' period='1e9'/></add>", "test.rou.xml:2: WAUT: period=\"1e9\"" },
    { "<add><WAUT id='w' startProg='gone'/>\n<wautJunction wautID='w' junctionID='n'/></add>",
      "test.rou.xml:2: wautJunction: startProg=\"gone\"" },
    { "<add>\n<wautJunction wautID='w' junctionID='n'/></add>",
      "test.rou.xml:2: wautJunction: wautID=\"w\"" },
    { "<add><WAUT id='w'><wautSwitch time='x' to='0'/></WAUT></add>", "time=\"x\": accepted: seconds" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    sumo_result r = sumo_import(sumo_two_roads, cases[i].text);
    assert_int_equal(r.status, ART_E_INPUT);
    if (!strstr(r.err.message, cases[i].told))
      fail_msg("told: %s\nexpected: %s", r.err.message, cases[i].told);
    sumo_free(&r);
  }
}

// ---- out and in again --------------------------------------------------------------------------------------------------

static void assert_same_program(const art_net *a, int32_t p, const art_net *b, int32_t q)
{
  assert_int_equal(a->program_control[p], b->program_control[q]);
  assert_int_equal(a->program_cycle_ms[p], b->program_cycle_ms[q]);
  assert_int_equal(a->program_offset_ms[p], b->program_offset_ms[q]);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v)
    assert_float_equal(a->program_value[v][p], b->program_value[v][q], 0.0);
  const int32_t f = a->program_first_phase[p], g = b->program_first_phase[q];
  assert_int_equal(a->program_first_phase[p + 1] - f, b->program_first_phase[q + 1] - g);
  for (int32_t k = 0; f + k < a->program_first_phase[p + 1]; ++k) {
    assert_int_equal(a->phase_min_ms[f + k], b->phase_min_ms[g + k]);
    assert_int_equal(a->phase_max_ms[f + k], b->phase_max_ms[g + k]);
    assert_int_equal(a->phase_duration_ms[f + k], b->phase_duration_ms[g + k]);
    for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t)
      assert_int_equal(a->phase_time_ms[t][f + k], b->phase_time_ms[t][g + k]);
    assert_int_equal(a->phase_flags[f + k], b->phase_flags[g + k]);
    assert_int_equal(a->phase_number[f + k], b->phase_number[g + k]);
    assert_int_equal(a->phase_ring[f + k], b->phase_ring[g + k]);
    assert_int_equal(a->phase_barrier[f + k], b->phase_barrier[g + k]);
    assert_memory_equal(a->phase_state + a->phase_first_state[f + k],
                        b->phase_state + b->phase_first_state[g + k], 4);
    const int32_t sensors = a->phase_first_sensor[f + k + 1] - a->phase_first_sensor[f + k];
    assert_int_equal(b->phase_first_sensor[g + k + 1] - b->phase_first_sensor[g + k], sensors);
    for (int32_t i = 0; i < sensors; ++i)
      assert_string_equal(a->detector_id[a->phase_sensor[a->phase_first_sensor[f + k] + i]],
                          b->detector_id[b->phase_sensor[b->phase_first_sensor[g + k] + i]]);
    const int32_t next = a->phase_first_next[f + k + 1] - a->phase_first_next[f + k];
    assert_int_equal(b->phase_first_next[g + k + 1] - b->phase_first_next[g + k], next);
    for (int32_t i = 0; i < next; ++i)
      assert_int_equal(a->phase_next[a->phase_first_next[f + k] + i],
                       b->phase_next[b->phase_first_next[g + k] + i]);
  }
}

static void assert_same_signal(const art_net *a, const art_net *b)
{
  assert_int_equal(a->program_count, b->program_count);
  assert_int_equal(a->detector_count, b->detector_count);
  for (int32_t p = 0; p < a->program_count; ++p)
    assert_same_program(a, p, b, find_program(b, a->program_id[p]));
  assert_string_equal(a->program_id[a->signal_active[0]], b->program_id[b->signal_active[0]]);
  assert_int_equal(a->switch_count, b->switch_count);
  assert_int_equal(a->signal_switch_period_ms[0], b->signal_switch_period_ms[0]);
  for (int32_t i = 0; i < a->switch_count; ++i) {
    assert_int_equal(a->switch_at_ms[i], b->switch_at_ms[i]);
    assert_string_equal(a->program_id[a->switch_program[i]], b->program_id[b->switch_program[i]]);
  }
}

static sumo_result out_and_in(const art_city *city, art_sumo_signal_losses *losses)
{
  char folder[] = "/tmp/arterial_signals_XXXXXX", net[80], add[80], *adds[1] = { add };
  assert_non_null(mkdtemp(folder));
  snprintf(net, sizeof net, "%s/c.net.xml", folder);
  snprintf(add, sizeof add, "%s/s.add.xml", folder);
  sumo_result r = { .status = ART_OK };
  int32_t count = 0;
  assert_ok(art_sumo_export_net(city, net, &r.err), r.err);
  assert_ok(art_sumo_export_additional(city, add, &count, losses, &r.err), r.err);
  assert_true(count > 0);
  const art_sumo_files files = { .net = net, .additional_count = 1, .additional = adds };
  r.status = art_sumo_import_files(&files, NULL, &r.city, &r.demand, &r.report, &r.err);
  assert_ok(r.status, r.err);
  unlink(net);
  unlink(add);
  rmdir(folder);
  return r;
}

static void programs_come_back_the_same(void **state)
{
  (void)state;
  static const char text[] =
      "<add><e1Detector id='mine' lane='a_0' pos='50' freq='60' file='x'/>"
      "<tlLogic id='n' type='NEMA' programID='rings' offset='9'>" NEMA_PHASES NEMA_PARAMS "</tlLogic>"
      "<tlLogic id='n' type='actuated' programID='own' offset='3'>" ACTUATED_PHASES
      "<param key='a_0' value='mine'/><param key='b_0' value='NO_DETECTOR'/></tlLogic>"
      "<tlLogic id='n' type='actuated' programID='p' offset='7'>" ACTUATED_PHASES
      "<param key='max-gap' value='2.5'/><param key='inactive-threshold' value='90'/></tlLogic>" SCHEDULE
      "</add>";
  sumo_result r = sumo_import(sumo_two_roads, text);
  assert_ok(r.status, r.err);
  art_sumo_signal_losses losses;
  sumo_result back = out_and_in(r.city, &losses);
  assert_int_equal(losses.programs, 0);
  assert_int_equal(losses.sensors, 0);
  assert_same_signal(r.city->net, back.city->net);
  sumo_free(&back);

  // A kind that SUMO does not know stands there with fixed times and a yellow between its stages
  art_net *net = r.city->net;
  const int32_t rings = find_program(net, "rings"), f = net->program_first_phase[rings];
  net->program_control[rings] = ART_CONTROL_SOTL;
  for (int32_t k = 0; k < 5; ++k) {
    net->phase_min_ms[f + k] = net->phase_max_ms[f + k] = net->phase_duration_ms[f + k];
    net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f + k] = -1;
  }
  back = out_and_in(r.city, &losses);
  assert_int_equal(losses.programs, 1);
  const art_net *b = back.city->net;
  const int32_t q = find_program(b, "rings"), g = b->program_first_phase[q];
  assert_int_equal(b->program_control[q], ART_CONTROL_FIXED);
  assert_memory_equal(b->phase_state + b->phase_first_state[g], "GGrryyrrrrrrrrGr",
                      16);  // with 1 s of all-red
  assert_int_equal(b->phase_duration_ms[g + 1], 3000);
  assert_int_equal(b->phase_duration_ms[g + 2], 1000);
  sumo_free(&back);
  sumo_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(actuated_programs_get_loops), cmocka_unit_test(loops_may_stand_upstream),
    cmocka_unit_test(coordination_needs_places),   cmocka_unit_test(named_detectors_take_the_place),
    cmocka_unit_test(nema_programs_get_rings),     cmocka_unit_test(nema_defaults_are_those_of_sumo),
    cmocka_unit_test(schedules_switch_programs),   cmocka_unit_test(mistakes_are_told_by_line),
    cmocka_unit_test(programs_come_back_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
