// Tables of leader-follower pairs: columns by name, episodes, what is rejected and why.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/feed/pair_file.h"
#include "tests/support/check.h"

typedef struct fixture {
  art_pairs *pairs;
  art_reject_report report;
  art_error err;
} fixture;

static art_status read_text(fixture *f, const char *path, const char *text)
{
  return art_pairs_read_text(path, text, strlen(text), 5.0, f->pairs, &f->report, &f->err);
}

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  f->pairs = art_pairs_new();
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  art_pairs_free(f->pairs);
  art_reject_report_clear(&f->report);
  free(f);
  return 0;
}

static void reads_positions_and_lengths(void **state)
{
  fixture *f = *state;
  // Two pairs, rows mixed, columns in any order, one that is not known.
  assert_ok(read_text(f, "data/motorway/a.csv",
                      "leader_id,colour,follower_id,run,time_s,leader_length_m,leader_position_m,"
                      "follower_position_m,leader_speed_mps,follower_speed_mps\n"
                      "7,red,8,1,10.0,4,50.0,20.0,10,11\n"
                      "5,red,8,1,20.0,12,90.0,40.0,15,14\n"
                      "7,red,8,1,10.2,4,52.0,22.2,10,11\n"
                      "5,red,8,1,20.2,12,93.0,42.8,15,14\n"
                      "7,red,8,1,10.4,4,54.0,24.4,10,11\n"),
            f->err);
  const art_pairs *p = f->pairs;
  assert_int_equal(f->report.rows, 5);
  assert_int_equal(f->report.accepted, 5);
  assert_int_equal(f->report.rejected_rows, 0);
  assert_float_equal(p->step_s, 0.2, 1e-12);
  assert_int_equal(p->episode_count, 2);
  assert_string_equal(p->group[0], "motorway");
  assert_string_equal(p->follower[0], "1/8");
  assert_string_equal(p->follower[1], "1/8");
  assert_string_equal(p->leader[0], "7");
  assert_string_equal(p->leader[1], "5");
  assert_int_equal(p->first[0], 0);
  assert_int_equal(p->first[1], 3);
  assert_int_equal(p->first[2], 5);
  assert_int_equal(p->row_count, 5);
  const double gap[] = { 26.0, 25.8, 25.6, 38.0, 38.2 }, rear[] = { 46.0, 48.0, 50.0, 78.0, 81.0 };
  for (int k = 0; k < 5; ++k) {
    assert_float_equal(p->gap_m[k], gap[k], 1e-9);
    assert_float_equal(p->leader_rear_m[k], rear[k], 1e-9);
  }
  assert_float_equal(p->speed_mps[3], 14.0, 0.0);
  assert_float_equal(p->leader_speed_mps[3], 15.0, 0.0);
  assert_float_equal(p->time_s[4], 20.2, 1e-12);
}

/// Names of recordings at hand; no length: the one that the caller gave.
static void takes_other_names(void **state)
{
  fixture *f = *state;
  assert_ok(read_text(f, "CAV/pair-3.csv",
                      "run_no,timestamp,xLeaderReal,vLeaderReal,xFollowerReal,vFollowerReal,spacing\r\n"
                      "1,0.1,30,10,10,10,15\r\n1,0.2,31,10,11,10,15\r\n"),
            f->err);
  assert_int_equal(f->pairs->episode_count, 1);
  assert_string_equal(f->pairs->group[0], "CAV");
  assert_string_equal(f->pairs->follower[0], "pair-3");
  assert_string_equal(f->pairs->leader[0], "");
  assert_float_equal(f->pairs->gap_m[0], 15.0, 1e-12);
}

/// A radar's table has the gap only: the leader's path is the integral of its speed.
static void integrates_where_only_the_gap_is_known(void **state)
{
  fixture *f = *state;
  assert_ok(read_text(f, "radar.csv",
                      "t,gap,v_leader,v_follower\n0,12,10,10\n0.5,12.5,12,10\n1.0,14,14,10\n"),
            f->err);
  const art_pairs *p = f->pairs;
  assert_string_equal(p->group[0], ".");
  assert_float_equal(p->leader_rear_m[0], 12.0, 1e-12);
  assert_float_equal(p->leader_rear_m[1], 17.5, 1e-12);
  assert_float_equal(p->leader_rear_m[2], 24.0, 1e-12);
  assert_float_equal(p->gap_m[2], 14.0, 1e-12);
}

static void cuts_at_holes_and_jumps(void **state)
{
  fixture *f = *state;
  assert_ok(read_text(f, "x/h.csv",
                      "time,gap,leader_speed,follower_speed\n"
                      "0.0,20,10,10\n0.1,20,10,10\n0.2,20,10,10\n"  // then a hole
                      "0.9,20,10,10\n1.0,20,10,10\n"                // then a jump of the gap
                      "1.1,35,10,10\n1.2,35,10,10\n1.3,35,10,10\n"  // then a single row between holes
                      "5.0,30,10,10\n"
                      "7.0,30,10,10\n7.1,30,10,10\n"),
            f->err);
  const art_pairs *p = f->pairs;
  assert_int_equal(p->episode_count, 4);
  const int64_t first[] = { 0, 3, 5, 8, 10 };
  for (int e = 0; e <= 4; ++e) assert_int_equal(p->first[e], first[e]);
  assert_int_equal(f->report.rejected_rows, 1);
  assert_int_equal(f->report.accepted, 10);
  assert_non_null(strstr(f->report.message[0], "x/h.csv:5: 0.7 s after the row before"));
  assert_non_null(strstr(f->report.message[1], "x/h.csv:7: a vehicle jumps by 15.0 m"));
}

static void rejects_bad_rows_with_their_line(void **state)
{
  fixture *f = *state;
  assert_ok(read_text(f, "b.csv",
                      "time_s,leader_position,follower_position,leader_speed,follower_speed\n"
                      "0.0,100,50,10,10\n"
                      "0.1,101,51,ten,10\n"  // line 3: no number
                      "0.2,102,52,10,-1\n"   // 4: below the range
                      "0.1,101,51,10,10\n"
                      "0.1,101,51,10,10\n"    // 6: the same instant again
                      "0.2,102,97.5,10,10\n"  // 7: overlaps the leader
                      "0.3,103\n"             // 8: too short
                      "0.2,102,52,nan,10\n"   // 9
                      "0.2,102,52,0x10,10\n"  // 10
                      "0.2,102,52,10,10\n"),
            f->err);
  assert_int_equal(f->report.rows, 10);
  assert_int_equal(f->report.accepted, 3);
  assert_int_equal(f->report.rejected_rows, 7);
  const char *const words[] = { "b.csv:3: the leader's speed is 'ten', expected a number from 0 to 100",
                                "b.csv:4: the follower's speed is '-1'",
                                "b.csv:6: time 0.1 s is not after",
                                "b.csv:7: the gap is -0.5 m",
                                "b.csv:8: 2 fields",
                                "b.csv:9: the leader's speed is 'nan'",
                                "b.csv:10: the leader's speed is '0x10'" };
  assert_int_equal(f->report.message_count, 7);
  for (int i = 0; i < 7; ++i) {
    if (!strstr(f->report.message[i], words[i])) fail_msg("no '%s' in: %s", words[i], f->report.message[i]);
  }
}

static void refuses_bad_files(void **state)
{
  fixture *f = *state;
  assert_refused(read_text(f, "c.csv", "time_s,gap_m,leader_speed_mps\n1,2,3\n"), ART_E_INPUT, f->err,
                 "c.csv:1", "no column of the follower's speed", "follower_speed_mps", "vFollowerReal");
  assert_refused(read_text(f, "c.csv", "time_s,leader_speed,follower_speed,leader_position\n1,2,3,4\n"),
                 ART_E_INPUT, f->err, "no column of the gap");
  assert_refused(read_text(f, "c.csv", ""), ART_E_INPUT, f->err, "c.csv:1", "empty");
  assert_refused(read_text(f, "c.csv", "t,gap,v_leader,v_follower\n"), ART_E_INPUT, f->err, "no usable row");
  assert_refused(read_text(f, "c.csv", "t,gap,v_leader,v_follower\n0,a,1,1\n"), ART_E_INPUT, f->err,
                 "no usable row", "the gap is 'a'");
  assert_refused(read_text(f, "c.csv", "t,gap,v_leader,v_follower\n0,9,1,1\n60,9,1,1\n"), ART_E_INPUT, f->err,
                 "60 s apart", "0.01 to 2 s");
  assert_int_equal(f->pairs->episode_count, 0);
  assert_ok(read_text(f, "c.csv", "t,gap,v_leader,v_follower\n0,9,1,1\n0.1,9,1,1\n"), f->err);
  assert_refused(read_text(f, "d.csv", "t,gap,v_leader,v_follower\n0,9,1,1\n0.2,9,1,1\n"), ART_E_INPUT,
                 f->err, "d.csv: rows are 0.2 s apart, in the files before 0.1 s");
  assert_int_equal(f->pairs->episode_count, 1);
  assert_refused(art_pairs_read("no/such.csv", 5.0, f->pairs, &f->report, &f->err), ART_E_OPEN, f->err,
                 "no/such.csv");
}

static void files_add_up(void **state)
{
  fixture *f = *state;
  char path[] = "/tmp/art_pairs_XXXXXX";
  const int handle = mkstemp(path);
  assert_true(handle >= 0);
  static const char text[] = "t,gap,v_leader,v_follower\n0,9,1,1\n0.1,9,1,1\n0.2,9,1,1\n";
  assert_int_equal(write(handle, text, sizeof text - 1), sizeof text - 1);
  close(handle);
  for (int i = 0; i < 100; ++i) assert_ok(art_pairs_read(path, 5.0, f->pairs, &f->report, &f->err), f->err);
  unlink(path);
  assert_int_equal(f->pairs->episode_count, 100);
  assert_int_equal(f->pairs->row_count, 300);
  assert_int_equal(f->pairs->first[100], 300);
  assert_int_equal(f->report.rows, 300);
  assert_string_equal(f->pairs->group[99], "tmp");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    T(reads_positions_and_lengths),
    T(takes_other_names),
    T(integrates_where_only_the_gap_is_known),
    T(cuts_at_holes_and_jumps),
    T(rejects_bad_rows_with_their_line),
    T(refuses_bad_files),
    T(files_add_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
