/// \file pair_file.h
/// Recorded car-following: tables of leader-follower pairs, one row an instant, read into episodes of an even step.
///
/// Columns are found by name, in any order; others are ignored. SI units. Accepted names:
///
///     time              time_s, time, timestamp, t                                  required
///     follower_speed    follower_speed_mps, follower_speed, vFollowerReal, v_follower   required
///     leader_speed      leader_speed_mps, leader_speed, vLeaderReal, v_leader           required
///     follower_position follower_position_m, follower_position, xFollowerReal, x_follower   of the front bumper
///     leader_position   leader_position_m, leader_position, xLeaderReal, x_leader           of the front bumper
///     leader_length     leader_length_m, leader_length                    else the length given to the reader
///     gap               gap_m, gap                                        bumper to bumper; instead of both positions
///     run, follower, leader   run, run_no; follower_id, follower; leader_id, leader     who it was, texts
///
/// With positions, the gap is leader position - leader length - follower position. Without, the leader's path is the
/// integral of its speed. Rows of one (run, follower, leader) make a pair; it is cut into episodes where instants are
/// missing or a vehicle jumps.
#ifndef ART_IO_FEED_PAIR_FILE_H
#define ART_IO_FEED_PAIR_FILE_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "io/feed/counts_import.h"

/// Episodes one after the other. Owned; free with art_pairs_free().
typedef struct art_pairs {
  double step_s;  ///< between rows, of all episodes; 0 while there are none
  int32_t episode_count, episode_capacity;
  char **group;     ///< per episode: name of the folder that its file lies in
  char **follower;  ///< "run/follower"; the file's name where it has no such columns
  char **leader;    ///< "" where the file does not say
  int64_t *first;   ///< [episode_count + 1], into the columns below
  int64_t row_count, row_capacity;
  double *time_s;
  double *leader_rear_m;  ///< rear bumper of the leader, along the road
  double *leader_speed_mps;
  double *gap_m;      ///< observed, bumper to bumper, > 0
  double *speed_mps;  ///< observed, of the follower
} art_pairs;

art_pairs *art_pairs_new(void);
void art_pairs_free(art_pairs *pairs);

/// What a jump is: the way between two rows differs from that of the speeds by more.
#define ART_PAIR_JUMP_M 3.0

/// Adds the episodes of a file. Bad rows are rejected with a reason and counted in `report` (added to what it holds);
/// ART_E_INPUT with file and line if a column is missing, no row is usable, or the step is another than in the files
/// before; `pairs` is then as before. `leader_length_m` is for files without that column.
art_status art_pairs_read(const char *path, double leader_length_m, art_pairs *pairs,
                          art_reject_report *report, art_error *err);
/// The same from memory, for tests and fuzzing; `path` is for names and messages.
art_status art_pairs_read_text(const char *path, const char *text, size_t size, double leader_length_m,
                               art_pairs *pairs, art_reject_report *report, art_error *err);

#endif  // ART_IO_FEED_PAIR_FILE_H
