// UTDF tables: sections with rows of one record each.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/feed/csv_table.h"
#include "io/utdf/utdf_internal.h"

enum { MOST_COLUMNS = 96, MOST_NODES = 100000 };

typedef enum section { NOWHERE, NETWORK, NODES, LINKS, LANES, TIMEPLANS, PHASES, OTHER } section;

typedef struct reader {
  art_utdf *u;
  section at;
  int has_header;
  int32_t column[MOST_COLUMNS];  // direction, direction * turns + turn, or phase; -1: not ours
  int32_t column_count;
} reader;

static art_status refuse(art_error *err, const char *what, const char *value, const char *accepted)
{
  return art_fail(err, ART_E_INPUT, "%s \"%.60s\": accepted: %s", what, value, accepted);
}

static art_status number_of(const char *what, const char *text, double lowest, double highest, double *value,
                            art_error *err)
{
  char *end, bounds[80];
  if (!*text) return ART_OK;
  const double number = strtod(text, &end);
  snprintf(bounds, sizeof bounds, "a number from %g to %g", lowest, highest);
  if (*end || !(number >= lowest && number <= highest)) return refuse(err, what, text, bounds);
  *value = number;
  return ART_OK;
}

static art_status whole_of(const char *what, const char *text, int32_t lowest, int32_t highest,
                           int32_t *value, art_error *err)
{
  double number = *value;
  const art_status status = number_of(what, text, lowest, highest, &number, err);
  *value = (int32_t)number;
  return status;
}

// ---- headers -----------------------------------------------------------------------------------------------------------

static int32_t direction_of(const char *text)
{
  static const char *const names[ART_UTDF_DIRECTIONS] = { "NB", "SB", "EB", "WB", "NE", "NW", "SE", "SW" };
  for (int32_t d = 0; d < ART_UTDF_DIRECTIONS; ++d)
    if (strncmp(text, names[d], 2) == 0) return d;
  return -1;
}

static int32_t turn_of(const char *text)
{
  static const char *const names[ART_UTDF_TURNS] = { "U", "L2", "L", "T", "R", "R2" };
  for (int32_t t = 0; t < ART_UTDF_TURNS; ++t)
    if (strcmp(text, names[t]) == 0) return t;
  return -1;
}

static int32_t column_of(section at, const char *text)
{
  const int32_t d = direction_of(text);
  if (at == LINKS) return d >= 0 && !text[2] ? d : -1;
  if (at == LANES) {
    const int32_t t = d >= 0 ? turn_of(text + 2) : -1;
    return t >= 0 ? d * ART_UTDF_TURNS + t : -1;
  }
  if (at == PHASES && (text[0] == 'D' || text[0] == 'd')) {
    const long n = strtol(text + 1, NULL, 10);
    return n >= 1 && n <= ART_UTDF_PHASES ? (int32_t)n - 1 : -1;
  }
  return at == TIMEPLANS && strcasecmp(text, "DATA") == 0 ? 0 : -1;
}

static void read_header(reader *r, int32_t count, char *const *field)
{
  r->column_count = count < MOST_COLUMNS ? count : MOST_COLUMNS;
  for (int32_t i = 0; i < r->column_count; ++i) r->column[i] = i < 2 ? -1 : column_of(r->at, field[i]);
  r->has_header = 1;
}

// ---- rows --------------------------------------------------------------------------------------------------------------

static art_status node_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  art_utdf *u = r->u;
  if (count < 4) return refuse(err, "node", field[0], "INTID, TYPE, X, Y");
  if (u->node_count == MOST_NODES) return refuse(err, "node", field[0], "at most 100000 nodes");
  if (!*field[0] || art_idmap_put(u->ids, field[0]) != u->node_count)
    return refuse(err, "INTID", field[0], "an id that no other node has");
  art_utdf_node n = { .x = NAN, .y = NAN };
  for (int32_t k = 0; k < ART_UTDF_PHASES; ++k) n.phase[k].start_s = n.phase[k].end_s = NAN;
  for (int32_t d = 0; d < ART_UTDF_DIRECTIONS; ++d) {
    n.approach[d].up = -1;
    for (int32_t t = 0; t < ART_UTDF_TURNS; ++t) n.group[d][t].up = n.group[d][t].to = -1;
  }
  art_status status = whole_of("TYPE", field[1], 0, 9, &n.type, err);
  if (status == ART_OK) status = number_of("X", field[2], -1e8, 1e8, &n.x, err);
  if (status == ART_OK) status = number_of("Y", field[3], -1e8, 1e8, &n.y, err);
  if (status == ART_OK && !(isfinite(n.x) && isfinite(n.y)))
    status = refuse(err, "INTID", field[0], "a node with X and Y");
  ART_PUSH(u->node, u->node_count, u->node_capacity, n);
  return status;
}

static art_status node_id(const art_utdf *u, const char *what, const char *text, int32_t *node,
                          art_error *err)
{
  *node = art_idmap_find(u->ids, text);
  return *node >= 0 ? ART_OK : refuse(err, what, text, "the INTID of a node");
}

static art_status link_cell(const art_utdf *u, const char *record, art_utdf_approach *a, const char *text,
                            art_error *err)
{
  if (strcmp(record, "Up ID") == 0) return node_id(u, record, text, &a->up, err);
  if (strcmp(record, "Lanes") == 0) return whole_of(record, text, 0, 16, &a->lanes, err);
  if (strcmp(record, "Distance") == 0) return number_of(record, text, 0.0, 1e6, &a->distance, err);
  if (strcmp(record, "Speed") == 0) return number_of(record, text, 0.0, 300.0, &a->speed, err);
  if (strcmp(record, "Name") == 0) snprintf(a->name, sizeof a->name, "%s", text);
  return ART_OK;
}

static art_status lane_cell(const art_utdf *u, const char *record, art_utdf_group *g, const char *text,
                            art_error *err)
{
  if (strcmp(record, "Up Node") == 0) return node_id(u, record, text, &g->up, err);
  if (strcmp(record, "Dest Node") == 0) return node_id(u, record, text, &g->to, err);
  if (strcmp(record, "Lanes") == 0) return whole_of(record, text, 0, 8, &g->lanes, err);
  if (strcmp(record, "Shared") == 0) return whole_of(record, text, 0, 3, &g->shared, err);
  if (strcmp(record, "Volume") == 0) return number_of(record, text, 0.0, 1e6, &g->volume, err);
  if (strcmp(record, "Storage") == 0) return number_of(record, text, 0.0, 1e5, &g->storage, err);
  const int is_permitted = strncmp(record, "PermPhase", 9) == 0, is_phase = strncmp(record, "Phase", 5) == 0;
  const char *digit = record + (is_permitted ? 9 : 5);
  if ((!is_permitted && !is_phase) || digit[0] < '1' || digit[0] > '4' || digit[1]) return ART_OK;
  return whole_of(record, text, -1, 99, (is_permitted ? g->permitted : g->phase) + (digit[0] - '1'), err);
}

static art_status plan_cell(const char *record, art_utdf_node *n, const char *text, art_error *err)
{
  if (strcmp(record, "Control Type") == 0) return whole_of(record, text, 0, 99, &n->control, err);
  if (strcmp(record, "Cycle Length") == 0) return number_of(record, text, 0.0, 3600.0, &n->cycle_s, err);
  if (strcmp(record, "Reference Phase") == 0) return whole_of(record, text, 0, 9999, &n->reference, err);
  if (strcmp(record, "Offset") == 0) return number_of(record, text, -3600.0, 3600.0, &n->offset_s, err);
  return ART_OK;
}

static art_status phase_cell(const char *record, art_utdf_phase *p, const char *text, art_error *err)
{
  const struct {
    const char *record;
    double *to;
  } times[] = { { "MinGreen", &p->min_s },  { "MaxGreen", &p->max_s }, { "VehExt", &p->extension_s },
                { "Yellow", &p->yellow_s }, { "AllRed", &p->red_s },   { "Walk", &p->walk_s },
                { "DontWalk", &p->foot_s }, { "Start", &p->start_s },  { "End", &p->end_s } };
  for (size_t i = 0; i < sizeof times / sizeof *times; ++i)
    if (strcmp(record, times[i].record) == 0) return number_of(record, text, 0.0, 3600.0, times[i].to, err);
  if (strcmp(record, "BRP") == 0) return whole_of(record, text, 0, 9999, &p->brp, err);
  if (strcmp(record, "Recall") == 0) return whole_of(record, text, 0, 9, &p->recall, err);
  if (strcmp(record, "DualEntry") == 0) return whole_of(record, text, 0, 1, &p->dual_entry, err);
  return ART_OK;
}

static art_status cell(const reader *r, art_utdf_node *n, const char *record, int32_t column,
                       const char *text, art_error *err)
{
  switch (r->at) {
  case LINKS: return link_cell(r->u, record, &n->approach[column], text, err);
  case LANES:
    return lane_cell(r->u, record, &n->group[column / ART_UTDF_TURNS][column % ART_UTDF_TURNS], text, err);
  case TIMEPLANS: return plan_cell(record, n, text, err);
  default: return phase_cell(record, &n->phase[column], text, err);
  }
}

static art_status data_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  art_utdf *u = r->u;
  if (r->at == NETWORK) {
    int32_t metric = u->is_metric;
    const art_status status = count > 1 && strcmp(field[0], "Metric") == 0
                                  ? whole_of("Metric", field[1], 0, 1, &metric, err)
                                  : ART_OK;
    u->is_metric = metric;
    return status;
  }
  if (r->at == NODES) return node_row(r, count, field, err);
  if (count < 3) return ART_OK;
  int32_t node = -1;
  art_status status = node_id(u, "INTID", field[1], &node, err);
  for (int32_t i = 2; i < count && i < r->column_count && status == ART_OK; ++i)
    if (r->column[i] >= 0 && *field[i])
      status = cell(r, &u->node[node], field[0], r->column[i], field[i], err);
  return status;
}

static art_status row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  static const struct {
    const char *title;
    section at;
  } known[] = { { "[Network]", NETWORK }, { "[Nodes]", NODES },         { "[Links]", LINKS },
                { "[Lanes]", LANES },     { "[Timeplans]", TIMEPLANS }, { "[Phases]", PHASES } };
  (void)line;
  reader *r = user;
  if (!count) return ART_OK;
  if (field[0][0] == '[') {
    r->at = OTHER;
    r->has_header = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
      if (strcasecmp(field[0], known[i].title) == 0) r->at = known[i].at;
    return ART_OK;
  }
  if (r->at == NOWHERE) return refuse(err, "line", field[0], "a section such as [Network] first");
  const int is_header =
      strcmp(field[0], "RECORDNAME") == 0 || (r->at == NODES && strcmp(field[0], "INTID") == 0);
  if (is_header) {
    read_header(r, count, field);
    return ART_OK;
  }
  if (!r->has_header || r->at == OTHER) return ART_OK;  // the title of a section
  return data_row(r, count, field, err);
}

art_status art_utdf_read_tables(art_utdf *u, const char *path, const char *text, size_t size, art_error *err)
{
  u->ids = art_idmap_new();
  reader r = { .u = u };
  const art_status status = text ? art_csv_walk_text(u->name, text, size, ',', row, row, &r, err)
                                 : art_csv_walk(path, ',', row, row, &r, err);
  if (status == ART_OK && !u->node_count)
    return art_fail(err, ART_E_INPUT,
                    "%s: no nodes: accepted: a combined UTDF file with [Nodes], [Links] and [Lanes]",
                    u->name);
  return status;
}

void art_utdf_clear(art_utdf *u)
{
  art_idmap_free(u->ids);
  free(u->node);
}

static art_status read_any(const char *name, const char *text, size_t size, const art_utdf_options *options,
                           art_city **city, art_utdf_turn **turns, int32_t *turn_count,
                           art_utdf_report *report, art_error *err)
{
  art_utdf u = { .name = name };
  *city = NULL;
  *turns = NULL;
  *turn_count = 0;
  *report = (art_utdf_report){ 0 };
  art_status status = art_utdf_read_tables(&u, name, text, size, err);
  if (status == ART_OK &&
      (status = art_utdf_build(&u, options, city, turns, turn_count, report, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", name);
  art_utdf_clear(&u);
  return status;
}

art_status art_utdf_read(const char *path, const art_utdf_options *options, art_city **city,
                         art_utdf_turn **turns, int32_t *turn_count, art_utdf_report *report, art_error *err)
{
  return read_any(path, NULL, 0, options, city, turns, turn_count, report, err);
}

art_status art_utdf_read_text(const char *name, const char *text, size_t size,
                              const art_utdf_options *options, art_city **city, art_utdf_turn **turns,
                              int32_t *turn_count, art_utdf_report *report, art_error *err)
{
  return read_any(name, text, size, options, city, turns, turn_count, report, err);
}
