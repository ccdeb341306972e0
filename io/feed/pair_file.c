#include "io/feed/pair_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/csv_table.h"

/// X(suffix, what it is, accepted names)
#define COLUMN_LIST(X)                                                                                    \
  X(TIME, "the time", "time_s", "time", "timestamp", "t")                                                 \
  X(SPEED, "the follower's speed", "follower_speed_mps", "follower_speed", "vFollowerReal", "v_follower") \
  X(LEAD_SPEED, "the leader's speed", "leader_speed_mps", "leader_speed", "vLeaderReal", "v_leader")      \
  X(POSITION, "the follower's position", "follower_position_m", "follower_position", "xFollowerReal",     \
    "x_follower")                                                                                         \
  X(LEAD_POSITION, "the leader's position", "leader_position_m", "leader_position", "xLeaderReal",        \
    "x_leader")                                                                                           \
  X(LENGTH, "the leader's length", "leader_length_m", "leader_length", NULL, NULL)                        \
  X(GAP, "the gap", "gap_m", "gap", NULL, NULL)                                                           \
  X(RUN, "the run", "run", "run_no", NULL, NULL)                                                          \
  X(FOLLOWER, "the follower", "follower_id", "follower", NULL, NULL)                                      \
  X(LEADER, "the leader", "leader_id", "leader", NULL, NULL)

enum {
#define X(suffix, text, a, b, c, d) COLUMN_##suffix,
  COLUMN_LIST(X)
#undef X
      COLUMN_COUNT,
  NUMBER_COUNT = COLUMN_GAP + 1,  // those before it are numbers, the rest texts
  NAME_COUNT = 4
};

static const struct {
  const char *text, *name[NAME_COUNT];
} columns[COLUMN_COUNT] = {
#define X(suffix, what, a, b, c, d) { what, { a, b, c, d } },
  COLUMN_LIST(X)
#undef X
};

/// Accepted numbers, both ends included.
static const struct {
  double lowest, highest;
} ranges[NUMBER_COUNT] = {
  [COLUMN_TIME] = { -1e10, 1e10 },        [COLUMN_SPEED] = { 0.0, 100.0 },
  [COLUMN_LEAD_SPEED] = { 0.0, 100.0 },   [COLUMN_POSITION] = { -1e7, 1e7 },
  [COLUMN_LEAD_POSITION] = { -1e7, 1e7 }, [COLUMN_LENGTH] = { 0.2, 100.0 },
  [COLUMN_GAP] = { 0.01, 2000.0 },
};

typedef struct row {
  int32_t pair;
  int64_t line;
  double time_s, rear_m, lead_speed_mps, gap_m, speed_mps;
} row;

typedef struct pair {
  char *follower, *leader;
  double last_time_s;
} pair;

typedef struct reader {
  const char *path;
  double length_m;
  art_reject_report *report;
  int32_t column[COLUMN_COUNT];  // place in the file, -1: none
  art_idmap *ids;
  int32_t pair_count, pair_capacity;
  pair *pairs;
  int64_t row_count, row_capacity;
  row *rows;
} reader;

static void note(reader *r, int64_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void note(reader *r, int64_t line, const char *format, ...)
{
  if (r->report->message_count == ART_REJECT_KEPT) {
    ++r->report->further;
    return;
  }
  char text[600];
  const int used = snprintf(text, sizeof text, "%.300s:%" PRId64 ": ", r->path, line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
  va_end(arguments);
  r->report->message[r->report->message_count++] = art_strdup(text);
}

// ---- rows

static art_status on_header(void *user, int64_t line, int32_t count, char *const *fields, art_error *err)
{
  (void)line;
  reader *r = user;
  for (int c = 0; c < COLUMN_COUNT; ++c) {
    r->column[c] = -1;
    for (int n = 0; n < NAME_COUNT && columns[c].name[n] && r->column[c] < 0; ++n)
      r->column[c] = art_csv_find(count, fields, columns[c].name[n]);
  }
  const int has_positions = r->column[COLUMN_POSITION] >= 0 && r->column[COLUMN_LEAD_POSITION] >= 0;
  if (!has_positions && r->column[COLUMN_GAP] < 0)
    return art_fail(err, ART_E_INPUT,
                    "no column of the gap (gap_m or gap), nor both positions (such as leader_position_m and "
                    "follower_position_m)");
  for (int c = COLUMN_TIME; c <= COLUMN_LEAD_SPEED; ++c) {
    if (r->column[c] < 0)
      return art_fail(err, ART_E_INPUT, "no column of %s: accepted: %s, %s, %s, %s", columns[c].text,
                      columns[c].name[0], columns[c].name[1], columns[c].name[2], columns[c].name[3]);
  }
  // One source of the gap only: positions win.
  if (has_positions)
    r->column[COLUMN_GAP] = -1;
  else
    r->column[COLUMN_POSITION] = r->column[COLUMN_LEAD_POSITION] = -1;
  return ART_OK;
}

/// A decimal number and nothing else; "nan", "inf" and hexadecimal are none.
static int parse_number(const char *text, double *value)
{
  char *end;
  if (!*text || text[strspn(text, "0123456789+-.eE")]) return 0;
  *value = strtod(text, &end);
  return *end == '\0' && end != text && isfinite(*value);
}

/// 0 if the row was refused.
static int take_numbers(reader *r, int64_t line, int32_t count, char *const *fields,
                        double value[NUMBER_COUNT])
{
  for (int c = 0; c < NUMBER_COUNT; ++c) {
    if (r->column[c] < 0) continue;
    if (r->column[c] >= count) {
      note(r, line, "%" PRId32 " fields, expected %s in field %" PRId32, count, columns[c].text,
           r->column[c] + 1);
      return 0;
    }
    const char *text = fields[r->column[c]];
    if (!parse_number(text, &value[c]) || value[c] < ranges[c].lowest || value[c] > ranges[c].highest) {
      note(r, line, "%s is '%.40s', expected a number from %g to %g", columns[c].text, text, ranges[c].lowest,
           ranges[c].highest);
      return 0;
    }
  }
  return 1;
}

static const char *text_of(const reader *r, int c, int32_t count, char *const *fields)
{
  return r->column[c] >= 0 && r->column[c] < count ? fields[r->column[c]] : "";
}

/// The file's name without folder and ending.
static char *stem_of(const char *path)
{
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
  const size_t size = dot && dot > name ? (size_t)(dot - name) : strlen(name);
  char *stem = ART_NEW(char, size + 1);
  memcpy(stem, name, size);
  return stem;
}

static int32_t pair_of(reader *r, int32_t count, char *const *fields)
{
  const char *run = text_of(r, COLUMN_RUN, count, fields);
  const char *follower = text_of(r, COLUMN_FOLLOWER, count, fields);
  const char *leader = text_of(r, COLUMN_LEADER, count, fields);
  const size_t size = strlen(run) + strlen(follower) + strlen(leader) + 3;
  char *key = ART_NEW(char, size);
  snprintf(key, size, "%s\n%s\n%s", run, follower, leader);
  int32_t at = art_idmap_find(r->ids, key);
  if (at < 0) {
    at = art_idmap_put(r->ids, key);
    pair p = { .leader = art_strdup(leader), .last_time_s = -INFINITY };
    if (follower[0]) {
      p.follower = ART_NEW(char, size);
      snprintf(p.follower, size, "%s%s%s", run, run[0] ? "/" : "", follower);
    } else {
      p.follower = stem_of(r->path);
    }
    ART_PUSH(r->pairs, r->pair_count, r->pair_capacity, p);
  }
  free(key);
  return at;
}

static art_status on_row(void *user, int64_t line, int32_t count, char *const *fields, art_error *err)
{
  (void)err;
  reader *r = user;
  double v[NUMBER_COUNT] = { 0 };
  ++r->report->rows;
  int good = take_numbers(r, line, count, fields, v);
  if (good) {
    row next = { .pair = pair_of(r, count, fields), .line = line, .time_s = v[COLUMN_TIME] };
    pair *p = &r->pairs[next.pair];
    next.lead_speed_mps = v[COLUMN_LEAD_SPEED];
    next.speed_mps = v[COLUMN_SPEED];
    const int has_positions = r->column[COLUMN_POSITION] >= 0;
    const double length = r->column[COLUMN_LENGTH] >= 0 ? v[COLUMN_LENGTH] : r->length_m;
    next.rear_m = has_positions ? v[COLUMN_LEAD_POSITION] - length : NAN;
    next.gap_m = has_positions ? next.rear_m - v[COLUMN_POSITION] : v[COLUMN_GAP];
    if (next.time_s <= p->last_time_s) {
      note(r, line, "time %g s is not after that of the pair's row before, %g s", next.time_s,
           p->last_time_s);
      good = 0;
    } else if (next.gap_m < ranges[COLUMN_GAP].lowest || next.gap_m > ranges[COLUMN_GAP].highest) {
      note(r, line, "the gap is %g m, expected %g to %g m (leader of %g m)", next.gap_m,
           ranges[COLUMN_GAP].lowest, ranges[COLUMN_GAP].highest, length);
      good = 0;
    } else {
      p->last_time_s = next.time_s;
      ART_PUSH(r->rows, r->row_count, r->row_capacity, next);
    }
  }
  if (good)
    ++r->report->accepted;
  else
    ++r->report->rejected_rows;
  return ART_OK;
}

// ---- episodes

static int compare_rows(const void *pa, const void *pb)
{
  const row *a = pa, *b = pb;
  if (a->pair != b->pair) return a->pair < b->pair ? -1 : 1;
  return a->time_s < b->time_s ? -1 : a->time_s > b->time_s;
}

static int compare_reals(const void *pa, const void *pb)
{
  const double a = *(const double *)pa, b = *(const double *)pb;
  return a < b ? -1 : a > b;
}

/// Median distance in time of the rows of a pair; 0 if no pair has two.
static double usual_step(const reader *r)
{
  double *step = ART_NEW(double, r->row_count);
  int64_t count = 0;
  for (int64_t k = 1; k < r->row_count; ++k) {
    if (r->rows[k].pair == r->rows[k - 1].pair) step[count++] = r->rows[k].time_s - r->rows[k - 1].time_s;
  }
  art_sort(step, (size_t)count, sizeof *step, compare_reals);
  const double median = count ? step[count / 2] : 0.0;
  free(step);
  return median;
}

/// 1 if row k goes on where row k - 1 ended.
static int goes_on(reader *r, int64_t k, double step_s)
{
  const row *a = &r->rows[k - 1], *b = &r->rows[k];
  if (a->pair != b->pair) return 0;
  const double dt = b->time_s - a->time_s;
  if (fabs(dt - step_s) > 0.1 * step_s) {
    note(r, b->line, "%g s after the row before, expected %g s: a new episode begins", dt, step_s);
    return 0;
  }
  const double lead_m = 0.5 * dt * (a->lead_speed_mps + b->lead_speed_mps);
  const double own_m = 0.5 * dt * (a->speed_mps + b->speed_mps);
  const double opened = b->gap_m - a->gap_m - (lead_m - own_m);
  const double jumped = isnan(b->rear_m) ? 0.0 : b->rear_m - a->rear_m - lead_m;
  if (fabs(opened) <= ART_PAIR_JUMP_M && fabs(jumped) <= ART_PAIR_JUMP_M) return 1;
  note(r, b->line, "a vehicle jumps by %.1f m against its speed: a new episode begins",
       fabs(jumped) > ART_PAIR_JUMP_M ? jumped : opened);
  return 0;
}

static char *group_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  if (!slash || slash == path) return art_strdup(slash ? "/" : ".");
  const char *begin = slash;
  while (begin > path && begin[-1] != '/') --begin;
  char *name = ART_NEW(char, (size_t)(slash - begin) + 1);
  memcpy(name, begin, (size_t)(slash - begin));
  return name;
}

static void grow_rows(art_pairs *p, int64_t more)
{
  if (p->row_count + more <= p->row_capacity) return;
  p->row_capacity = 2 * (p->row_count + more);
  const size_t n = (size_t)p->row_capacity;
  double **column[] = { &p->time_s, &p->leader_rear_m, &p->leader_speed_mps, &p->gap_m, &p->speed_mps };
  for (size_t i = 0; i < sizeof column / sizeof *column; ++i)
    *column[i] = art_renew(*column[i], n, sizeof **column[i]);
}

static void add_episode(const reader *r, art_pairs *p, int64_t first, int64_t end)
{
  if (p->episode_count == p->episode_capacity) {
    p->episode_capacity = p->episode_capacity ? 2 * p->episode_capacity : 64;
    const size_t n = (size_t)p->episode_capacity;
    p->group = art_renew(p->group, n, sizeof *p->group);
    p->follower = art_renew(p->follower, n, sizeof *p->follower);
    p->leader = art_renew(p->leader, n, sizeof *p->leader);
    p->first = art_renew(p->first, n + 1, sizeof *p->first);
  }
  const pair *who = &r->pairs[r->rows[first].pair];
  const int32_t e = p->episode_count++;
  p->group[e] = group_of(r->path);
  p->follower[e] = art_strdup(who->follower);
  p->leader[e] = art_strdup(who->leader);
  p->first[e] = p->row_count;
  grow_rows(p, end - first);
  double rear = r->rows[first].gap_m;  // without positions: the follower starts at 0
  for (int64_t k = first; k < end; ++k) {
    const row *a = &r->rows[k];
    if (k > first) rear += 0.5 * p->step_s * (a->lead_speed_mps + a[-1].lead_speed_mps);
    const int64_t at = p->row_count++;
    p->time_s[at] = a->time_s;
    p->leader_rear_m[at] = isnan(a->rear_m) ? rear : a->rear_m;
    p->leader_speed_mps[at] = a->lead_speed_mps;
    p->gap_m[at] = a->gap_m;
    p->speed_mps[at] = a->speed_mps;
  }
  p->first[p->episode_count] = p->row_count;
}

/// Episodes of at least two rows; single rows are counted as rejected.
static art_status build(reader *r, art_pairs *p, art_error *err)
{
  if (r->row_count == 0) {
    const int has_reason = r->report->message_count > 0;
    return art_fail(err, ART_E_INPUT, "%s: has no usable row%s%s", r->path,
                    has_reason ? "; the last problem: " : "",
                    has_reason ? r->report->message[r->report->message_count - 1] : "");
  }
  art_sort(r->rows, (size_t)r->row_count, sizeof *r->rows, compare_rows);
  const double step = usual_step(r);
  if (step < 0.01 || step > 2.0)
    return art_fail(err, ART_E_INPUT, "%s: rows of a pair are %g s apart, accepted are 0.01 to 2 s", r->path,
                    step);
  if (p->step_s > 0.0 && fabs(step - p->step_s) > 0.01 * p->step_s)
    return art_fail(err, ART_E_INPUT, "%s: rows are %g s apart, in the files before %g s", r->path, step,
                    p->step_s);
  if (p->step_s <= 0.0) p->step_s = floor(step * 1e4 + 0.5) / 1e4;  // times in text carry rounding
  for (int64_t first = 0, end; first < r->row_count; first = end) {
    for (end = first + 1; end < r->row_count && goes_on(r, end, step);) ++end;
    if (end - first >= 2) {
      add_episode(r, p, first, end);
    } else {
      --r->report->accepted;
      ++r->report->rejected_rows;
      note(r, r->rows[first].line, "a single row between holes");
    }
  }
  return ART_OK;
}

static art_status finish(reader *r, art_status status, art_pairs *pairs, art_error *err)
{
  if (status == ART_OK) status = build(r, pairs, err);
  for (int32_t i = 0; i < r->pair_count; ++i) {
    free(r->pairs[i].follower);
    free(r->pairs[i].leader);
  }
  free(r->pairs);
  free(r->rows);
  art_idmap_free(r->ids);
  return status;
}

art_status art_pairs_read(const char *path, double leader_length_m, art_pairs *pairs,
                          art_reject_report *report, art_error *err)
{
  reader r = { .path = path, .length_m = leader_length_m, .report = report, .ids = art_idmap_new() };
  return finish(&r, art_csv_walk(path, ',', on_header, on_row, &r, err), pairs, err);
}

art_status art_pairs_read_text(const char *path, const char *text, size_t size, double leader_length_m,
                               art_pairs *pairs, art_reject_report *report, art_error *err)
{
  reader r = { .path = path, .length_m = leader_length_m, .report = report, .ids = art_idmap_new() };
  return finish(&r, art_csv_walk_text(path, text, size, ',', on_header, on_row, &r, err), pairs, err);
}

art_pairs *art_pairs_new(void)
{
  art_pairs *p = ART_NEW(art_pairs, 1);
  p->first = ART_NEW(int64_t, 1);
  return p;
}

void art_pairs_free(art_pairs *p)
{
  if (!p) return;
  for (int32_t e = 0; e < p->episode_count; ++e) {
    free(p->group[e]);
    free(p->follower[e]);
    free(p->leader[e]);
  }
  free(p->group);
  free(p->follower);
  free(p->leader);
  free(p->first);
  free(p->time_s);
  free(p->leader_rear_m);
  free(p->leader_speed_mps);
  free(p->gap_m);
  free(p->speed_mps);
  free(p);
}
