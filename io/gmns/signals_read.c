// signal_* tables of GMNS: plans of rings and barriers, and plans by the clock, for the signals of a built city.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/feed/csv_columns.h"
#include "io/feed/csv_table.h"
#include "io/gmns/gmns_internal.h"
#include "io/signals/nema_rows.h"

#define RED_OF_CLEARANCE_S 1.0  // what is left of a clearance at least, once yellow is taken off
#define DEFAULT_GREEN_S 30.0

typedef struct timing_plan {
  int32_t controller;  // of its own row; coordination may name others
  double cycle_s;
  int is_never;  // runs on no day
} timing_plan;

typedef struct timing_phase {
  int32_t plan;
  art_nema_row row;
  double clearance_s;
  char *comment;
} timing_phase;

typedef struct phase_service {
  int32_t phase, movement;
  int is_permitted;
} phase_service;

typedef struct plan_coordination {
  int32_t plan, controller, phase;
  double offset_s;
} plan_coordination;

typedef struct reader {
  art_gmns_net *net;
  const art_sketch *sketch;
  art_net *city;
  art_idmap *controllers, *plans, *phases;
  int32_t plan_count, plan_capacity, phase_count, phase_capacity, service_count, service_capacity;
  int32_t coordination_count, coordination_capacity;
  timing_plan *plan;
  timing_phase *phase;
  phase_service *service;
  plan_coordination *coordination;
  art_csv_columns columns;
  const char *const *name;
  int32_t name_count, needed;
} reader;

static art_status take_header(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  return art_csv_bind(&r->columns, r->name, r->name_count, r->needed, count, field, err);
}

static art_status walk(reader *r, const char *table, const char *const *name, int32_t name_count,
                       int32_t needed, art_csv_row_fn *row, art_error *err)
{
  char *path = art_gmns_path(r->net->folder, table, 0);
  if (!path) return ART_OK;
  r->name = name;
  r->name_count = name_count;
  r->needed = needed;
  const art_status status = art_csv_walk(path, ',', take_header, row, r, err);
  free(path);
  return status;
}
#define WALK(table, needed, row) \
  walk(r, table, row##_columns, (int32_t)(sizeof row##_columns / sizeof *row##_columns), needed, row, err)
#define TEXT(k) art_csv_text(&r->columns, k, count, field)
#define NUMBER(k, lowest, highest, initial, to)                                                     \
  (status == ART_OK                                                                                 \
       ? (status = art_csv_number(&r->columns, k, count, field, lowest, highest, initial, to, err)) \
       : status)

static art_status refuse_id(art_error *err, const char *what, const char *id, const char *accepted)
{
  return art_fail(err, ART_E_INPUT, "%s \"%.60s\": accepted: %s", what, id, accepted);
}

// ---- rows --------------------------------------------------------------------------------------------------------------

/// Days and times such as 01111100_0600_0900: 1 if the plan is for no day of the week at all.
static int is_never(const char *text)
{
  const size_t days = strspn(text, "01");
  return days > 0 && strspn(text, "0") == days && text[days] == '_';
}

static const char *const plan_row_columns[] = { "timing_plan_id", "controller_id", "cycle_length",
                                                "time_day" };
static art_status plan_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  if (art_idmap_put(r->plans, TEXT(0)) != r->plan_count)
    return refuse_id(err, "timing_plan_id", TEXT(0), "an id that no other plan has");
  timing_plan p = { .controller = art_idmap_find(r->controllers, TEXT(1)), .is_never = is_never(TEXT(3)) };
  if (p.controller < 0)
    return refuse_id(err, "controller_id", TEXT(1), "a controller_id of signal_controller.csv");
  art_status status = ART_OK;
  NUMBER(2, 0.0, 3600.0, 0.0, &p.cycle_s);
  ART_PUSH(r->plan, r->plan_count, r->plan_capacity, p);
  return status;
}

enum {
  T_ID,
  T_PLAN,
  T_NUMBER,
  T_MIN,
  T_MAX,
  T_EXTENSION,
  T_CLEARANCE,
  T_WALK,
  T_FOOT,
  T_RING,
  T_BARRIER,
  T_POSITION,
  T_COMMENT
};
static const char *const phase_row_columns[] = {
  "timing_phase_id", "timing_plan_id", "signal_phase_num", "min_green",     "max_green",
  "extension",       "clearance",      "walk_time",        "ped_clearance", "ring",
  "barrier",         "position",       "opt_comment"
};
static art_status phase_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  if (art_idmap_put(r->phases, TEXT(T_ID)) != r->phase_count)
    return refuse_id(err, "timing_phase_id", TEXT(T_ID), "an id that no other phase has");
  timing_phase p = { .plan = art_idmap_find(r->plans, TEXT(T_PLAN)) };
  if (p.plan < 0)
    return refuse_id(err, "timing_plan_id", TEXT(T_PLAN), "a timing_plan_id of signal_timing_plan.csv");
  double number = 0.0, ring = 1.0, barrier = 1.0, position = 0.0;
  art_status status = ART_OK;
  NUMBER(T_NUMBER, 1.0, 64.0, 1.0, &number);
  NUMBER(T_MIN, 0.0, 3600.0, 0.0, &p.row.min_s);
  NUMBER(T_MAX, 0.0, 3600.0, fmax(p.row.min_s, DEFAULT_GREEN_S), &p.row.max_s);
  NUMBER(T_EXTENSION, 0.0, 60.0, 0.0, &p.row.extension_s);
  NUMBER(T_CLEARANCE, 0.0, 60.0, 0.0, &p.clearance_s);
  NUMBER(T_WALK, 0.0, 600.0, 0.0, &p.row.walk_s);
  NUMBER(T_FOOT, 0.0, 600.0, 0.0, &p.row.foot_clearance_s);
  NUMBER(T_RING, 1.0, 4.0, 1.0, &ring);
  NUMBER(T_BARRIER, 0.0, 15.0, 1.0, &barrier);
  NUMBER(T_POSITION, 0.0, 64.0, 0.0, &position);
  if (status == ART_OK && p.row.max_s < p.row.min_s)
    status = art_fail(err, ART_E_INPUT, "max_green \"%.30s\": accepted: at least min_green, %g", TEXT(T_MAX),
                      p.row.min_s);
  if (status != ART_OK) return status;
  p.row.number = (int32_t)number;
  p.row.ring = (int32_t)ring - 1;
  p.row.barrier = (int32_t)barrier;
  p.row.position = (int32_t)position;
  p.comment = art_strdup(TEXT(T_COMMENT));
  ART_PUSH(r->phase, r->phase_count, r->phase_capacity, p);
  return ART_OK;
}

static const char *const service_row_columns[] = { "timing_phase_id", "mvmt_id", "protection" };
static art_status service_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  phase_service s = { .phase = art_idmap_find(r->phases, TEXT(0)),
                      .movement = art_idmap_find(r->net->movement_map, TEXT(1)) };
  if (s.phase < 0)
    return refuse_id(err, "timing_phase_id", TEXT(0), "a timing_phase_id of signal_timing_phase.csv");
  if (!*TEXT(1)) return ART_OK;  // of a crosswalk
  if (s.movement < 0) return refuse_id(err, "mvmt_id", TEXT(1), "a mvmt_id of movement.csv");
  s.is_permitted = strcasestr(TEXT(2), "permit") != NULL;
  ART_PUSH(r->service, r->service_count, r->service_capacity, s);
  return ART_OK;
}

static const char *const coordination_row_columns[] = { "timing_plan_id", "controller_id", "coord_phase",
                                                        "offset" };
static art_status coordination_row(void *user, int64_t line, int32_t count, char *const *field,
                                   art_error *err)
{
  (void)line;
  reader *r = user;
  plan_coordination c = { .plan = art_idmap_find(r->plans, TEXT(0)),
                          .controller = art_idmap_find(r->controllers, TEXT(1)) };
  if (c.plan < 0)
    return refuse_id(err, "timing_plan_id", TEXT(0), "a timing_plan_id of signal_timing_plan.csv");
  if (c.controller < 0)
    return refuse_id(err, "controller_id", TEXT(1), "a controller_id of signal_controller.csv");
  double number = 0.0;
  art_status status = ART_OK;
  NUMBER(2, 0.0, 64.0, 0.0, &number);
  NUMBER(3, -86400.0, 86400.0, 0.0, &c.offset_s);
  c.phase = (int32_t)number;
  ART_PUSH(r->coordination, r->coordination_count, r->coordination_capacity, c);
  return status;
}

static const char *const controller_row_columns[] = { "controller_id" };
static art_status controller_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  (void)err;
  reader *r = user;
  art_idmap_put(r->controllers, TEXT(0));
  return ART_OK;
}

// ---- programs ----------------------------------------------------------------------------------------------------------

/// Lights the groups of a movement: those of connectors between the links, from the lanes that it names.
static void light(const reader *r, const art_gmns_movement *m, int32_t node, char letter, char *letters)
{
  const art_net *net = r->city;
  const art_gmns_link *a = &r->net->link[m->in], *b = &r->net->link[m->out];
  const int32_t in = a->to == m->node ? a->piece[1] : a->back[1],
                out = b->from == m->node ? b->piece[0] : b->back[0];
  art_gmns_slot slot[ART_GMNS_SLOTS];
  const int32_t slots = art_gmns_slots(r->net, m->in, 1.0, slot);
  const int32_t first = net->node_first_connector[node], count = net->node_first_connector[node + 1] - first;
  int any = 0;
  for (int pass = 0; pass < 2 && !any; ++pass)  // where the lanes are not there, any lane
    for (int32_t i = 0; i < count; ++i) {
      const int32_t c = net->node_connector[first + i], from = net->connector_from[c];
      if (net->lane_link[from] != in || net->lane_link[net->connector_to[c]] != out) continue;
      const int32_t lane = art_net_lane_index(net, from),
                    place = r->sketch->left_hand ? lane : art_net_link_lanes(net, in) - 1 - lane;
      const int32_t num = place < slots ? slot[place].num : 0;
      const int32_t last = m->in_lane[1] ? m->in_lane[1] : m->in_lane[0];
      if (!pass && m->in_lane[0] && (num < m->in_lane[0] || num > last)) continue;
      letters[net->connector_signal_group[c]] = letter;
      any = 1;
    }
}

/// Yellow that a comment tells ("yellow=3.5"), else by the speed of those who are served; the rest of the clearance is red.
static void split_clearance(const reader *r, int32_t signal, const timing_phase *p, art_nema_row *row)
{
  const char *told = p->comment ? strstr(p->comment, "yellow=") : NULL;
  double speed = 0.0;
  for (int32_t c = 0; c < r->city->connector_count; ++c)
    if (r->city->connector_signal[c] == signal && row->letters[r->city->connector_signal_group[c]] != 'r')
      speed = fmax(speed, (double)r->city->lane_speed_mps[r->city->connector_from[c]]);
  row->yellow_s = told ? strtod(told + strlen("yellow="), NULL) : art_sketch_yellow_s(speed);
  if (p->clearance_s <= 0.0) {
    row->red_s = RED_OF_CLEARANCE_S;
    return;
  }
  if (!(row->yellow_s > 0.0 && row->yellow_s <= p->clearance_s)) row->yellow_s = fmin(3.0, p->clearance_s);
  row->red_s = p->clearance_s - row->yellow_s;
}

/// Rows of a plan at a node: the phases of the plan that serve its movements.
static art_nema_plan plan_of(reader *r, int32_t p, int32_t node_of_tables, int32_t node, int32_t signal)
{
  const int32_t groups = r->city->signal_group_count[signal];
  art_nema_plan plan = { .id = art_idmap_id(r->plans, p) };
  const size_t prefix = strlen(r->city->signal_id[signal]);  // "signal.program" as art_gmns_write() says it
  if (strncmp(plan.id, r->city->signal_id[signal], prefix) == 0 && plan.id[prefix] == '.' &&
      plan.id[prefix + 1])
    plan.id += prefix + 1;
  int32_t capacity = 0;
  for (int32_t i = 0; i < r->phase_count; ++i) {
    if (r->phase[i].plan != p) continue;
    char *letters = ART_NEW(char, groups + 1);
    memset(letters, 'r', (size_t)groups);
    for (int32_t k = 0; k < r->service_count; ++k) {
      const art_gmns_movement *m = &r->net->movement[r->service[k].movement];
      if (r->service[k].phase != i || m->node != node_of_tables || m->in < 0 || m->out < 0) continue;
      light(r, m, node, r->service[k].is_permitted ? 'g' : 'G', letters);
    }
    if (!strpbrk(letters, "Gg")) {
      free(letters);
      continue;
    }
    art_nema_row row = r->phase[i].row;
    row.letters = letters;
    split_clearance(r, signal, &r->phase[i], &row);
    ART_PUSH(plan.row, plan.count, capacity, row);
  }
  return plan;
}

static void plan_clear(art_nema_plan *plan)
{
  for (int32_t i = 0; i < plan->count; ++i) free(plan->row[i].letters);
  free(plan->row);
}

/// One ring without a choice of green times runs by the clock.
static int is_by_the_clock(const art_nema_plan *plan)
{
  for (int32_t i = 0; i < plan->count; ++i)
    if (plan->row[i].ring != plan->row[0].ring || plan->row[i].min_s != plan->row[i].max_s ||
        plan->row[i].min_s <= 0.0)
      return 0;
  return plan->count > 0;
}

static int compare_places(const void *left, const void *right)
{
  const art_nema_row *a = left, *b = right;
  if (a->barrier != b->barrier) return a->barrier < b->barrier ? -1 : 1;
  return a->position < b->position ? -1 : a->position > b->position;
}

static void add_fixed(art_net *net, int32_t signal, int32_t node, art_nema_plan *plan)
{
  art_sort(plan->row, (size_t)plan->count, sizeof *plan->row, compare_places);
  const int32_t first = net->node_first_connector[node], groups = net->signal_group_count[signal];
  art_sketch_stage *stage = ART_NEW(art_sketch_stage, plan->count);
  for (int32_t i = 0; i < plan->count; ++i) {
    const art_nema_row *row = &plan->row[i];
    stage[i] = (art_sketch_stage){
      .green = ART_NEW(uint8_t, groups), .green_s = row->max_s, .yellow_s = row->yellow_s, .red_s = row->red_s
    };
    for (int32_t k = 0; k < groups; ++k)
      stage[i].green[k] = row->letters[net->connector_signal_group[net->node_connector[first + k]]] != 'r';
  }
  art_sketch_add_program(net, signal, plan->id, plan->offset_s, plan->count, stage);
  for (int32_t i = 0; i < plan->count; ++i) free(stage[i].green);
  free(stage);
}

/// Coordination of a plan at a controller: cycle, offset and the phase that the cycle counts from.
static void coordinate(const reader *r, int32_t p, int32_t controller, art_nema_plan *plan)
{
  for (int32_t i = 0; i < r->coordination_count; ++i) {
    const plan_coordination *c = &r->coordination[i];
    if (c->plan != p || c->controller != controller) continue;
    plan->offset_s = c->offset_s;
    if (r->plan[p].cycle_s <= 0.0 || !c->phase) continue;
    plan->is_coordinated = 1;
    plan->cycle_s = r->plan[p].cycle_s;
    for (int32_t k = 0; k < plan->count;
         ++k)  // through phases of both rings stand opposite: 2 and 6, 4 and 8
      if (plan->row[k].number == c->phase || plan->row[k].number == c->phase + 4)
        plan->row[k].flags |= ART_PHASE_COORDINATED;
  }
}

static void refuse_plan(art_gmns_report *report, const art_nema_plan *plan, const char *signal,
                        const char *why)
{
  if (!report->plans_refused++)
    snprintf(report->refused_plan, sizeof report->refused_plan, "plan %.40s at %.40s: %.160s", plan->id,
             signal, why);
}

/// Programs of the node's signal out of one plan; 1 if one was added.
static int add_plan(reader *r, int32_t p, int32_t controller, int32_t node_of_tables, int32_t node,
                    int32_t signal)
{
  art_nema_plan plan = plan_of(r, p, node_of_tables, node, signal);
  coordinate(r, p, controller, &plan);
  art_error why = { 0 };
  int is_added = 0;
  if (!plan.count) {
    ++r->net->report->phases_without_movement;
  } else if (is_by_the_clock(&plan)) {
    add_fixed(r->city, signal, node, &plan);
    is_added = 1;
  } else if (art_nema_plan_settle(r->city, signal, &plan, &why) == ART_OK &&
             art_nema_plan_add(r->city, signal, &plan, &why) == ART_OK) {
    is_added = 1;
  } else {
    refuse_plan(r->net->report, &plan, r->city->signal_id[signal], why.message);
  }
  r->net->report->programs += is_added;
  plan_clear(&plan);
  return is_added;
}

/// Controllers that a plan says something of: its own, and those that its coordination names.
static int concerns(const reader *r, int32_t p, int32_t controller)
{
  for (int32_t i = 0; i < r->coordination_count; ++i)
    if (r->coordination[i].plan == p && r->coordination[i].controller == controller) return 1;
  return r->plan[p].controller == controller;
}

static void add_programs(reader *r)
{
  for (int32_t c = 0; c < art_idmap_count(r->controllers); ++c) {
    // A controller without a table of its nodes is called after its node.
    const char *id = art_idmap_id(r->controllers, c);
    const int32_t node_of_tables = art_idmap_find(r->net->node_map, id);
    const int32_t node = art_net_find(r->city->node_id, r->city->node_count, id);
    const int32_t signal = node >= 0 ? art_sketch_signal_of(r->city, node) : -1;
    if (signal < 0) continue;
    // The first plan that is for some day is the one that runs; the guess, where all are for none.
    const char *guess = r->city->program_id[r->city->signal_active[signal]], *active = guess;
    for (int32_t p = 0; p < r->plan_count; ++p) {
      if (!concerns(r, p, c) || !add_plan(r, p, c, node_of_tables, node, signal)) continue;
      if (active == guess && !r->plan[p].is_never)
        active = r->city->program_id[r->city->signal_active[signal]];
    }
    for (int32_t p = r->city->signal_first_program[signal]; p < r->city->signal_first_program[signal + 1];
         ++p)
      if (r->city->program_id[p] == active) r->city->signal_active[signal] = p;
  }
}

art_status art_gmns_read_signals(art_gmns_net *net, const art_sketch *sketch, art_net *city, art_error *err)
{
  reader all = { .net = net,
                 .sketch = sketch,
                 .city = city,
                 .controllers = art_idmap_new(),
                 .plans = art_idmap_new(),
                 .phases = art_idmap_new() },
         *r = &all;
  art_status status = WALK("signal_controller", 1, controller_row);
  if (status == ART_OK) status = WALK("signal_timing_plan", 2, plan_row);
  if (status == ART_OK) status = WALK("signal_timing_phase", 3, phase_row);
  if (status == ART_OK) status = WALK("signal_phase_mvmt", 2, service_row);
  if (status == ART_OK) status = WALK("signal_coordination", 2, coordination_row);
  if (status == ART_OK && city->signal_count) add_programs(r);
  for (int32_t i = 0; i < r->phase_count; ++i) free(r->phase[i].comment);
  art_idmap_free(r->controllers);
  art_idmap_free(r->plans);
  art_idmap_free(r->phases);
  void *const owned[] = { r->plan, r->phase, r->service, r->coordination };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
