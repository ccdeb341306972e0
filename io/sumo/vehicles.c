// Routes, vehicles, trips, flows and their stops, as they stand in the file.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/demand_internal.h"
#include "io/sumo/report_internal.h"

/// A year from second 0: later departures are typing errors.
static const int64_t TIME_MAX_MS = 366 * (int64_t)86400000;
/// SUMO's own end of flows that name none.
static const int64_t FLOW_END_MS = 86400000;

static void set_problem(char **problem, const char *format, const char *detail)
{
  if (*problem) return;  // the first one is told
  char text[400];
  snprintf(text, sizeof text, "%.200s: %.150s", format, detail);
  *problem = art_strdup(text);
}

/// Appends the links of an edge list; unknown edges become the route's problem.
static int32_t read_edges(art_loader *l, const char *edges, char **problem)
{
  int32_t count = 0;
  char word[1024];
  for (const char *rest = art_next_word(edges, word, sizeof word); rest;
       rest = art_next_word(rest, word, sizeof word)) {
    const int32_t link = art_idmap_find(l->link_ids, word);
    if (link < 0) {
      set_problem(problem, "an edge of the route is not in the network", word);
      continue;
    }
    ART_PUSH(l->link, l->link_count, l->link_capacity, link);
    ++count;
  }
  return count;
}

static void add_route_member(art_loader *l, int32_t name, int32_t route, double probability)
{
  const art_raw_member member = {
    .mix = l->open_route_mix, .name = name, .route = route, .probability = probability
  };
  ART_PUSH(l->route_member, l->route_member_count, l->route_member_capacity, member);
}

static void read_route(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_text(xml, "id");
  art_raw_route route = { .name = -1,
                          .first_link = l->link_count,
                          .first_stop = l->stop_count,
                          .final = -1,
                          .place = { art_xml_file(xml), art_xml_line(xml) } };
  const int is_child = l->open_vehicle >= 0 || l->open_route_mix >= 0;
  if (!is_child) (void)art_xml_need_id(xml, "id");
  const double probability = art_xml_number(xml, "probability", 1.0, 0.0, 1e9);
  const char *reference = art_xml_text(xml, "refId");  // a member of a distribution may name another route
  const int64_t repeat = art_xml_integer(xml, "repeat", 0, 0, 100000);
  art_xml_ignore(xml, "color");
  if (art_xml_failed(xml)) return;
  if (reference && l->open_route_mix >= 0) {
    add_route_member(l, art_idmap_put(l->route_names, reference), -1, probability);
    return;
  }
  const char *edges = art_xml_need(xml, "edges");
  if (art_xml_failed(xml)) return;
  route.link_count = read_edges(l, edges, &route.problem);
  const int32_t once = route.link_count;
  if ((int64_t)once * repeat > 1000000)
    art_xml_fail_value(xml, "repeat", art_xml_text(xml, "repeat"), "at most 1e6 edges in all");
  for (int64_t k = 0; !art_xml_failed(xml) && k < repeat * once; ++k) {
    const int32_t link = l->link[route.first_link + k % once];
    ART_PUSH(l->link, l->link_count, l->link_capacity, link);
    ++route.link_count;
  }
  if (!route.link_count) set_problem(&route.problem, "the route has no edges", "");
  if (id) route.name = art_idmap_put(l->route_names, id);
  const int32_t index = l->route_count;
  ART_PUSH(l->route, l->route_count, l->route_capacity, route);
  l->open_route = index;
  if (l->open_route_mix >= 0)
    add_route_member(l, -1, index, probability);
  else if (l->open_vehicle >= 0)
    l->vehicle[l->open_vehicle].route = index;
}

static void read_route_mix(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_text(xml, "id");
  if (l->open_vehicle < 0) (void)art_xml_need_id(xml, "id");
  const char *routes = art_xml_text(xml, "routes"), *shares = art_xml_text(xml, "probabilities");
  if (art_xml_failed(xml)) return;
  const art_raw_mix mix = { .name = id ? art_idmap_put(l->route_names, id) : -1,
                            .place = { art_xml_file(xml), art_xml_line(xml) } };
  l->open_route_mix = l->route_mix_count;
  ART_PUSH(l->route_mix, l->route_mix_count, l->route_mix_capacity, mix);
  if (l->open_vehicle >= 0) l->vehicle[l->open_vehicle].mix = l->open_route_mix;
  if (!routes) return;
  char word[1024], share[64];
  for (const char *rest = art_next_word(routes, word, sizeof word); rest;
       rest = art_next_word(rest, word, sizeof word)) {
    double probability = 1.0;
    if (shares) {
      shares = art_next_word(shares, share, sizeof share);
      if (!shares || !art_parse_number(share, &probability) || probability < 0.0 || probability > 1e9) {
        art_xml_fail_value(xml, "probabilities", shares ? share : "",
                           "one number from 0 to 1e9 for each of routes");
        return;
      }
    }
    add_route_member(l, art_idmap_put(l->route_names, word), -1, probability);
  }
}

/// Words that stand for a special value of an attribute.
typedef struct special {
  const char *word;
  float value;
} special;

static int find_special(const char *text, const special *table, size_t count, float *value)
{
  for (size_t i = 0; i < count; ++i)
    if (strcmp(text, table[i].word) == 0) {
      *value = table[i].value;
      return 1;
    }
  return 0;
}

static void read_departure_place(art_xml *xml, art_raw_vehicle *v)
{
  static const special lanes[] = { { "random", ART_LANE_RANDOM },   { "free", ART_LANE_FREE },
                                   { "allowed", ART_LANE_ALLOWED }, { "first", ART_LANE_FIRST },
                                   { "best", ART_LANE_BEST },       { "best_prob", ART_LANE_BEST } };
  static const special positions[] = { { "random", ART_POS_RANDOM },
                                       { "random_free", ART_POS_RANDOM },
                                       { "free", ART_POS_FREE },
                                       { "base", ART_POS_BASE },
                                       { "last", ART_POS_LAST } };
  static const special speeds[] = { { "max", ART_SPEED_MAX },          { "desired", ART_SPEED_DESIRED },
                                    { "speedLimit", ART_SPEED_LIMIT }, { "last", ART_SPEED_LAST },
                                    { "avg", ART_SPEED_AVG },          { "random", ART_SPEED_RANDOM } };
  float value = (float)ART_LANE_FIRST;
  const char *text = art_xml_text(xml, "departLane");
  if (text && !find_special(text, lanes, sizeof lanes / sizeof *lanes, &value))
    value = (float)art_xml_integer(xml, "departLane", 0, 0, 1000);
  v->depart_lane = (int32_t)value;

  v->depart_pos_m = ART_POS_BASE;
  text = art_xml_text(xml, "departPos");
  v->departs_at_stop = text && strcmp(text, "stop") == 0;
  if (text && !v->departs_at_stop &&
      !find_special(text, positions, sizeof positions / sizeof *positions, &v->depart_pos_m))
    v->depart_pos_m = (float)art_xml_number(xml, "departPos", 0.0, -1e6, 1e6);

  v->depart_speed_mps = 0.0f;
  text = art_xml_text(xml, "departSpeed");
  if (text && !find_special(text, speeds, sizeof speeds / sizeof *speeds, &v->depart_speed_mps))
    v->depart_speed_mps = (float)art_xml_number(xml, "departSpeed", 0.0, 0.0, 500.0);

  v->arrival_pos_m = NAN;
  text = art_xml_text(xml, "arrivalPos");
  v->arrives_anywhere = text && strcmp(text, "random") == 0;
  if (text && !v->arrives_anywhere && strcmp(text, "max") != 0)
    v->arrival_pos_m = art_xml_number(xml, "arrivalPos", 0.0, -1e6, 1e6);
}

/// Links of from, via and to, in order.
static void read_ends(art_loader *l, art_xml *xml, art_raw_vehicle *v)
{
  v->first_link = l->link_count;
  const char *from = art_xml_text(xml, "from"), *via = art_xml_text(xml, "via"),
             *to = art_xml_text(xml, "to");
  if (!from || !to) return;
  v->link_count = read_edges(l, from, &v->problem);
  if (via) v->link_count += read_edges(l, via, &v->problem);
  v->link_count += read_edges(l, to, &v->problem);
}

static void read_flow_rate(art_loader *l, art_xml *xml, art_raw_vehicle *v)
{
  v->depart_ms = art_xml_time(xml, "begin", 0, 0, TIME_MAX_MS);
  const char *period = art_xml_text(xml, "period");
  const char *per_hour = art_xml_text(xml, "vehsPerHour") ? "vehsPerHour" : "perHour";
  const int has_end = art_xml_text(xml, "end") != NULL;
  v->end_ms = art_xml_time(xml, "end", FLOW_END_MS, 0, TIME_MAX_MS);
  v->number = art_xml_integer(xml, "number", -1, 0, (int64_t)1e9);
  double rate = 0.0;
  if (period && strncmp(period, "exp(", 4) == 0) {
    char word[64] = "";
    const size_t size = strcspn(period + 4, ")");
    if (size < sizeof word) memcpy(word, period + 4, size), word[size] = '\0';
    if (!art_parse_number(word, &rate) || rate <= 0.0 || rate > 1000.0 || strcmp(period + 4 + size, ")") != 0)
      art_xml_fail_value(xml, "period", period, "exp(rate) with a rate in (0, 1000] per second");
    v->flow_kind = ART_RAW_EXPONENTIAL;
    v->period_s = rate;
  } else if (period) {
    v->flow_kind = ART_RAW_PERIOD;
    v->period_s = (double)art_xml_time(xml, "period", 1000, 1, TIME_MAX_MS) / 1000.0;
  } else if (art_xml_text(xml, per_hour)) {
    v->flow_kind = ART_RAW_PERIOD;
    const double flow = art_xml_number(xml, per_hour, 1.0, 0.0, 3.6e6);
    if (flow > 0.0)
      v->period_s = 3600.0 / flow;
    else
      v->number = 0, v->period_s = 1.0;
  } else if (art_xml_text(xml, "probability")) {
    v->flow_kind = ART_RAW_CHANCE;
    v->chance = art_xml_number(xml, "probability", 0.0, 0.0, 1.0);
  } else {
    v->flow_kind = ART_RAW_NUMBER;
    if (v->number < 0) art_xml_fail(xml, "one of period, vehsPerHour, probability or number is missing");
  }
  // A number with a period ends the flow itself; otherwise SUMO's default end is worth telling.
  if (!has_end && v->flow_kind == ART_RAW_PERIOD && v->number >= 0)
    v->end_ms = TIME_MAX_MS;
  else if (!has_end)
    art_tally(&l->report->notes, "flow without an end runs until 24:00:00");
  if (!art_xml_failed(xml) && v->end_ms < v->depart_ms)
    art_xml_fail_value(xml, "end", art_xml_text(xml, "end"), "a time that is not before begin");
}

/// Departure of a vehicle or trip; words stand for departures that only a running simulation knows.
static void read_departure(art_xml *xml, art_raw_vehicle *v)
{
  const char *depart = art_xml_need(xml, "depart");
  static const char *const words[] = { "triggered", "containerTriggered", "split", "begin" };
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
    if (strcmp(depart, words[i]) == 0) {
      if (i < 3) set_problem(&v->problem, "its departure is triggered by others", depart);
      return;  // "begin" is time 0 of the demand
    }
  v->depart_ms = art_xml_time(xml, "depart", 0, 0, TIME_MAX_MS);
}

static void read_vehicle(art_loader *l, art_xml *xml, const char *element)
{
  const char *id = art_xml_need_id(xml, "id");
  if (art_xml_failed(xml)) return;
  art_raw_vehicle v = {
    .route_name = -1, .route = -1, .mix = -1, .place = { art_xml_file(xml), art_xml_line(xml) }
  };
  if (strcmp(element, "flow") == 0)
    read_flow_rate(l, xml, &v);
  else
    read_departure(xml, &v);
  const char *type = art_xml_text(xml, "type"), *route = art_xml_text(xml, "route");
  v.type = art_idmap_put(l->type_names, type ? type : "DEFAULT_VEHTYPE");
  if (route) v.route_name = art_idmap_put(l->route_names, route);
  read_ends(l, xml, &v);
  read_departure_place(xml, &v);
  art_xml_ignore(xml, "color");
  v.id = art_strdup(id);
  l->open_vehicle = l->vehicle_count;  // also after a failure, so that what it owns is freed
  ART_PUSH(l->vehicle, l->vehicle_count, l->vehicle_capacity, v);
}

static void read_stop(art_loader *l, art_xml *xml)
{
  art_raw_stop stop = { .owner = l->open_vehicle >= 0 && l->open_route < 0 ? l->open_vehicle : ~l->open_route,
                        .bus_stop = -1,
                        .lane = -1,
                        .link = -1 };
  const char *place = art_xml_text(xml, "busStop"), *lane = art_xml_text(xml, "lane"),
             *edge = art_xml_text(xml, "edge");
  if (!place) place = art_xml_text(xml, "trainStop");
  if (place)
    stop.bus_stop = art_idmap_put(l->stop_names, place);
  else if (lane) {
    stop.lane = art_idmap_find(l->lane_ids, lane);
    if (stop.lane < 0) set_problem(&stop.problem, "a stop is on a lane that is not in the network", lane);
  } else if (edge) {
    stop.link = art_idmap_find(l->link_ids, edge);
    if (stop.link < 0) set_problem(&stop.problem, "a stop is on an edge that is not in the network", edge);
  } else {
    set_problem(&stop.problem, "a stop is neither at a bus stop nor on a lane", "");
  }
  stop.start_m = art_xml_number(xml, "startPos", NAN, -1e6, 1e6);
  stop.end_m = art_xml_number(xml, "endPos", NAN, -1e6, 1e6);
  const int has_time = art_xml_text(xml, "duration") || art_xml_text(xml, "until");
  stop.duration_ms = art_xml_time(xml, "duration", 0, 0, TIME_MAX_MS);
  stop.until_ms = art_xml_time(xml, "until", -1, 0, TIME_MAX_MS);
  if (art_xml_flag(xml, "triggered", 0))
    set_problem(&stop.problem, "a stop waits for passengers (triggered)", "");
  else if (!has_time)
    set_problem(&stop.problem, "a stop has neither duration nor until", "");
  stop.is_beside = art_xml_flag(xml, "parking", 0) != 0;
  ART_PUSH(l->stop, l->stop_count, l->stop_capacity, stop);
}

int art_vehicles_start(art_loader *l, art_xml *xml, const char *element)
{
  const int is_vehicle =
      strcmp(element, "vehicle") == 0 || strcmp(element, "trip") == 0 || strcmp(element, "flow") == 0;
  if (strcmp(element, "route") == 0)
    read_route(l, xml);
  else if (strcmp(element, "routeDistribution") == 0)
    read_route_mix(l, xml);
  else if (is_vehicle && l->open_vehicle < 0)
    read_vehicle(l, xml, element);
  else if (strcmp(element, "stop") == 0 && (l->open_vehicle >= 0 || l->open_route >= 0))
    read_stop(l, xml);
  else
    return 0;
  return 1;
}

void art_vehicles_end(art_loader *l, const char *element)
{
  if (strcmp(element, "route") == 0)
    l->open_route = -1;
  else if (strcmp(element, "routeDistribution") == 0)
    l->open_route_mix = -1;
  else if (strcmp(element, "vehicle") == 0 || strcmp(element, "trip") == 0 || strcmp(element, "flow") == 0)
    l->open_vehicle = -1;
}
