// Tables of signals: stages written out by hand, controllers, schedules; what comes out goes in again; mistakes by line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/signals/table.h"
#include "tests/unit/sumo_texts.h"

/// Groups: a (places 0 and 1), b straight on (2), b left (3).
#define GROUPS                                                          \
  "[Signal n]\n"                                                        \
  "[Groups]\n"                                                          \
  "group,places,min_green,yellow,red_yellow\n"                          \
  "A,0 1,10,3,1\n"                                                      \
  "B,2,8,4,1\n"                                                         \
  "BL,3,5,3,0\n"                                                        \
  "[Intergreens]\n"                                                     \
  "from,A,B,BL\n"                                                       \
  "A,,5,6.5\n"                                                          \
  "B,7,,\n"                                                             \
  "BL,4,,\n"                                                            \
  "[Stages]\n"                                                          \
  "stage,green,permitted\n"                                             \
  "one,A\n"                                                             \
  "two,B,BL\n"                                                          \
  "three,B BL\n"
#define CLOCK                                                                                             \
  "[Program clock]\ncontrol,static\ncycle,60\noffset,2\nstage,begin\none,3\ntwo,30\nthree,50\n"

static sumo_result city(void)
{
  sumo_result r = sumo_import(sumo_two_roads, "<add><e1Detector id='my loop' lane='a_0' pos='80' freq='60' file='x'/>"
                                              "<e1Detector id='other' lane='b_0' pos='20' freq='60' file='x'/></add>");
  if (r.status != ART_OK) fail_msg("%s", r.err.message);
  return r;
}

static void take(sumo_result *r, const char *text)
{
  art_signal_table_report report;
  r->status = art_signal_table_read_text("t.csv", text, strlen(text), r->city->net, &report, &r->err);
  if (r->status == ART_OK) r->status = art_net_check(r->city->net, &r->err);
  if (r->status != ART_OK) fail_msg("%s", r->err.message);
}

static void assert_phases(const art_net *net, int32_t p, const char *const *state, const int64_t *duration_ms, int32_t count)
{
  assert_int_equal(net->program_first_phase[p + 1] - net->program_first_phase[p], count);
  for (int32_t k = 0; k < count; ++k) {
    const int32_t f = net->program_first_phase[p] + k;
    assert_memory_equal(net->phase_state + net->phase_first_state[f], state[k], 4);
    assert_int_equal(net->phase_duration_ms[f], duration_ms[k]);
  }
}

/// one at 3 s, two at 30 s, three at 50 s, of 60 s. To stage one B and BL end: B clears 7 s, BL 4 s; A shows red-yellow in the
/// last second of the 7. To stage two A ends: B may go after 5 s, the permitted BL after 6.5 s. To stage three nobody waits.
static void stages_by_the_clock_are_written_out(void **state)
{
  (void)state;
  sumo_result r = city();
  take(&r, GROUPS CLOCK);
  const art_net *net = r.city->net;
  const int32_t p = art_net_find(net->program_id, net->program_count, "clock");
  static const char *const letters[] = { "rryy", "rryr", "rrrr", "uurr", "GGrr", "yyrr", "rrrr", "rrur", "rrGr", "rrGg", "rrGG" };
  static const int64_t duration_ms[] = { 3000, 1000, 2000, 1000, 20000, 3000, 1000, 1000, 1500, 13500, 13000 };
  assert_phases(net, p, letters, duration_ms, 11);
  assert_int_equal(net->program_offset_ms[p], 5000);  // the first switch is at 3 s of a cycle that begins at 2 s
  assert_int_equal(net->program_control[p], ART_CONTROL_FIXED);
  static const int64_t min_green_ms[] = { 10000, 10000, 8000, 5000 };
  for (int g = 0; g < 4; ++g) assert_int_equal(net->group_min_green_ms[net->signal_first_group[0] + g], min_green_ms[g]);
  assert_int_equal(net->group_red_yellow_ms[3], 0);
  assert_int_equal(net->intergreen_count, 8);  // A has two places
  assert_int_equal(net->intergreen_ms[2], 6500);
  sumo_free(&r);
}

#define ON_CALL                                                                                                       \
  "[Program call]\ncontrol,stages\npriority_reach_m,120\nstage,min,max,extension,detectors,flags,next,max_red\n"      \
  "one,10,40,2.5,my loop,recall_min,2 3,90\ntwo,8,30,3,other;my loop,memory,,\nthree,5,20,3,,,1,\n"
#define SCHEDULE "[Schedule]\nfirst,0\nperiod,24:00:00\ntime,program\n06:30,call\n22:00:00,0\n"

static void stages_on_call_get_their_times(void **state)
{
  (void)state;
  sumo_result r = city();
  take(&r, GROUPS ON_CALL SCHEDULE);
  const art_net *net = r.city->net;
  const int32_t p = art_net_find(net->program_id, net->program_count, "call"), f = net->program_first_phase[p];
  static const char *const letters[] = { "GGrr", "rrGg", "rrGG" };
  static const int64_t duration_ms[] = { 40000, 30000, 20000 };
  assert_phases(net, p, letters, duration_ms, 3);
  assert_int_equal(net->program_control[p], ART_CONTROL_STAGES);
  assert_float_equal(net->program_value[ART_CONTROL_VALUE_priority_reach_m][p], 120.0, 0.0);
  assert_int_equal(net->phase_min_ms[f + 1], 8000);
  assert_int_equal(net->phase_max_ms[f + 1], 30000);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_extension_ms][f], 2500);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_max_red_ms][f], 90000);
  assert_int_equal(net->phase_flags[f], ART_PHASE_RECALL_MIN | ART_PHASE_MANUAL_NEXT);
  assert_int_equal(net->phase_flags[f + 1], ART_PHASE_MEMORY);
  assert_int_equal(net->phase_next[net->phase_first_next[f] + 1], 2);
  assert_int_equal(net->phase_first_sensor[f + 2] - net->phase_first_sensor[f + 1], 2);
  assert_string_equal(net->detector_id[net->phase_sensor[net->phase_first_sensor[f]]], "my loop");
  assert_int_equal(net->switch_count, 2);
  assert_int_equal(net->switch_at_ms[0], 23400000);
  assert_int_equal(net->switch_program[0], p);
  assert_int_equal(net->signal_switch_period_ms[0], 86400000);
  sumo_free(&r);
}

static char *written(const art_net *net)
{
  char path[] = "/tmp/arterial_table_XXXXXX";
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  art_error err;
  if (art_signal_table_write(path, net, &err) != ART_OK) fail_msg("%s", err.message);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  char *text = calloc(1, 100000);
  assert_non_null(text);
  assert_true(fread(text, 1, 99999, file) > 100);
  fclose(file);
  unlink(path);
  return text;
}

/// What is written says all: read into a fresh net it gives the same text, and into the same net it changes nothing, also
/// where programs between others are replaced and one of them runs.
static void tables_come_back_the_same(void **state)
{
  (void)state;
  sumo_result r = city(), fresh = city();
  take(&r, GROUPS CLOCK ON_CALL SCHEDULE);
  char *text = written(r.city->net);
  take(&fresh, text);
  char *again = written(fresh.city->net);
  assert_string_equal(again, text);
  take(&r, text);
  free(again);
  again = written(r.city->net);
  assert_string_equal(again, text);
  assert_int_equal(r.city->net->program_count, 3);
  free(again);
  free(text);
  sumo_free(&fresh);

  // Another round replaces only "clock", which comes last then; the schedule follows the ids
  take(&r, GROUPS "[Program clock]\nstate,duration\nGGrr,9\nrrGG,11\n");
  const art_net *net = r.city->net;
  assert_int_equal(net->program_count, 3);
  assert_string_equal(net->program_id[net->program_count - 1], "clock");
  assert_string_equal(net->program_id[net->switch_program[0]], "call");
  assert_string_equal(net->program_id[net->signal_active[0]], "0");
  assert_int_equal(net->phase_count, 1 + 3 + 2);
  assert_int_equal(net->phase_sensor_count, 3);
  sumo_free(&r);
}

static void mistakes_are_told_by_line(void **state)
{
  (void)state;
  static const struct {
    const char *text, *told;
  } cases[] = {
    { "[Groups]\n", "t.csv:1: section \"[Groups]\" stands before any [Signal ID]" },
    { "[Signal x]\n", "t.csv:1: signal \"x\": accepted: a signal of the city" },
    { "a,b\n", "t.csv:1: a row before any section" },
    { "[Signal n]\n[Bits]\n", "t.csv:2: section \"[Bits]\": accepted" },
    { "[Signal n]\n[Groups]\ngroup,place\n", "t.csv:3: column \"place\": accepted: group, places" },
    { "[Signal n]\n[Groups]\ngroup,places\nA,4\n", "t.csv:4: place \"4\": accepted: a number from 0 to 3" },
    { "[Signal n]\n[Groups]\ngroup,places,yellow\nA,1,x\n", "t.csv:4: yellow \"x\": accepted: seconds from 0 to 120" },
    { GROUPS "[Intergreens]\nfrom,A\nA,\nC,1\n", "t.csv:20: group \"C\"" },
    { GROUPS "[Stages]\nstage,green\nx,D\n", "t.csv:19: group \"D\"" },
    { GROUPS "[Program p]\ncontrol,magic\n", "t.csv:18: control \"magic\": accepted: static, actuated" },
    { GROUPS "[Program p]\nspeed,3\n", "t.csv:18: \"speed\": accepted: control, cycle" },
    { GROUPS "[Program p]\nstage,duration\nfour,3\n", "t.csv:19: stage \"four\"" },
    { GROUPS "[Program p]\nstate,duration\nGG,3\n", "t.csv:19: state \"GG\": accepted: 4 letters" },
    { GROUPS "[Program p]\nstate,duration,min,max\nGGGG,3,9,8\n", "t.csv:19: min 9.000 s is more than max" },
    { GROUPS "[Program p]\nstate,duration,detectors\nGGGG,3,loop\n", "t.csv:19: detector \"loop\"" },
    { GROUPS "[Program p]\nstate,duration,flags\nGGGG,3,bold\n", "t.csv:19: flag \"bold\"" },
    { GROUPS "[Program p]\ncycle,60\nstage,begin\none,9\ntwo,9\n", "t.csv:21: begin \"9\"" },
    { GROUPS "[Program p]\ncycle,60\nstage,begin\none,0\ntwo,55\n", "stage 2 of program \"p\" lasts 5.000 s, the way to it 6.500 s" },
    { GROUPS "[Program p]\ncycle,60\nstage,begin\none,0\ntwo,55\n[Schedule]\n", "t.csv:22: stage 2 of program" },
    { GROUPS "[Program p]\n", "program \"p\" has no phases" },
    { GROUPS "[Schedule]\ntime,program\n6:00,q\n", "t.csv:19: program \"q\": accepted: a program of signal \"n\"" },
    { GROUPS "[Schedule]\ntime,program\n6:00,0\n5:00,0\n", "t.csv:20: times of a schedule must ascend" },
    { "# nothing\n", "t.csv: no section [Signal ID]" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    sumo_result r = city();
    art_signal_table_report report;
    r.status = art_signal_table_read_text("t.csv", cases[i].text, strlen(cases[i].text), r.city->net, &report, &r.err);
    assert_int_equal(r.status, ART_E_INPUT);
    if (!strstr(r.err.message, cases[i].told)) fail_msg("told: %s\nexpected: %s", r.err.message, cases[i].told);
    sumo_free(&r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(stages_by_the_clock_are_written_out),
    cmocka_unit_test(stages_on_call_get_their_times),
    cmocka_unit_test(tables_come_back_the_same),
    cmocka_unit_test(mistakes_are_told_by_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
