// Bus stops and detectors of additional files.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/demand_internal.h"
#include "io/sumo/report_internal.h"

/// Positions have two decimals in the files, lengths too; beyond the end by this much is the end.
#define POSITION_SLACK_M 0.1
static const int64_t PERIOD_DEFAULT_MS = 900000;
static const int64_t PERIOD_MAX_MS = (int64_t)1e12;

int art_lane_position(const art_net *net, int32_t lane, double value, int be_friendly, double *out)
{
  const double length = (double)net->lane_length_m[lane];
  double position = value < 0.0 ? length + value : value;
  const double slack = be_friendly ? INFINITY : POSITION_SLACK_M;
  if (position < -slack || position > length + slack) return 0;
  *out = fmin(fmax(position, 0.0), length);
  return 1;
}

static void reject(art_loader *l, art_xml *xml, const char *what, const char *id, const char *reason,
                   const char *detail)
{
  art_reject(l->report, art_xml_file(xml), art_xml_line(xml), what, id, reason, detail);
}

/// The link lane of an attribute, or -1 after a rejection.
static int32_t lane_or_reject(art_loader *l, art_xml *xml, const char *what, const char *id,
                              const char *lane_id)
{
  const int32_t lane = art_idmap_find(l->lane_ids, lane_id);
  if (lane < 0) reject(l, xml, what, id, "its lane is not a lane of a link", lane_id);
  return lane;
}

static void read_bus_stop(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_need_id(xml, "id"), *lane_id = art_xml_need(xml, "lane");
  const double start = art_xml_number(xml, "startPos", 0.0, -1e6, 1e6);
  const double end = art_xml_number(xml, "endPos", INFINITY, -1e6, 1e6);
  const int friendly = art_xml_flag(xml, "friendlyPos", 0);
  art_xml_ignore(xml, "lines");
  if (art_xml_failed(xml)) return;
  const int32_t lane = lane_or_reject(l, xml, "bus stop", id, lane_id);
  if (lane < 0) return;
  art_raw_bus_stop stop = { .lane = lane, .end_m = (double)l->net->lane_length_m[lane] };
  if (!art_lane_position(l->net, lane, start, friendly, &stop.start_m) ||
      (isfinite(end) && !art_lane_position(l->net, lane, end, friendly, &stop.end_m)) ||
      stop.end_m <= stop.start_m) {
    reject(l, xml, "bus stop", id, "its positions are not in order on the lane", lane_id);
    return;
  }
  const int32_t before = art_idmap_count(l->stop_names);
  stop.name = art_idmap_put(l->stop_names, id);
  for (int32_t i = 0; stop.name < before && i < l->bus_stop_count; ++i)
    if (l->bus_stop[i].name == stop.name) {
      reject(l, xml, "bus stop", id, "another one has this id", "");
      return;
    }
  ART_PUSH(l->bus_stop, l->bus_stop_count, l->bus_stop_capacity, stop);
}

static int64_t read_period(art_loader *l, art_xml *xml)
{
  const char *name = art_xml_text(xml, "period") ? "period" : "freq";  // freq is the older spelling
  art_xml_ignore(xml, "freq");
  if (!art_xml_text(xml, name)) art_tally(&l->report->notes, "detector without a period reports every 900 s");
  const int64_t period = art_xml_time(xml, name, PERIOD_DEFAULT_MS, -1000, PERIOD_MAX_MS);
  return period > 0 ? period : PERIOD_DEFAULT_MS;
}

static void add_point(art_loader *l, int32_t lane, double pos_m, double end_m, int role)
{
  const art_raw_point point = { .lane = lane, .pos_m = pos_m, .end_m = end_m, .role = (uint8_t)role };
  ART_PUSH(l->point, l->point_count, l->point_capacity, point);
}

static void add_detector(art_loader *l, art_xml *xml, const char *id, art_detector_kind kind,
                         int64_t period_ms, int32_t first_point)
{
  const int32_t before = art_idmap_count(l->detector_names);
  if (art_idmap_put(l->detector_names, id) < before) {
    reject(l, xml, "detector", id, "another one has this id", "");
    l->point_count = first_point;
    return;
  }
  const art_raw_detector detector = { .id = art_strdup(id),
                                      .kind = (uint8_t)kind,
                                      .period_ms = period_ms,
                                      .first_point = first_point,
                                      .point_count = l->point_count - first_point };
  ART_PUSH(l->detector, l->detector_count, l->detector_capacity, detector);
}

static void read_loop(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_need_id(xml, "id"), *lane_id = art_xml_need(xml, "lane");
  const double pos = art_xml_need_number(xml, "pos", -1e6, 1e6);
  const int friendly = art_xml_flag(xml, "friendlyPos", 0);
  const int64_t period = read_period(l, xml);
  art_xml_ignore(xml, "file");
  if (art_xml_failed(xml)) return;
  const int32_t lane = lane_or_reject(l, xml, "detector", id, lane_id), first = l->point_count;
  double at = 0.0;
  if (lane < 0) return;
  if (!art_lane_position(l->net, lane, pos, friendly, &at)) {
    reject(l, xml, "detector", id, "its position is not on the lane", lane_id);
    return;
  }
  add_point(l, lane, at, at, 0);
  add_detector(l, xml, id, ART_DETECTOR_POINT, period, first);
}

/// An area on one lane, or along several that follow one another. Either `endPos` or `length` ends it.
static void read_area(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_need_id(xml, "id");
  const char *lanes = art_xml_text(xml, "lanes"), *one = art_xml_text(xml, "lane");
  if (!lanes && !one) (void)art_xml_need(xml, "lane");
  const double pos = art_xml_number(xml, "pos", NAN, -1e6, 1e6),
               end = art_xml_number(xml, "endPos", NAN, -1e6, 1e6);
  const double length = art_xml_number(xml, "length", NAN, 0.0, 1e6);
  const int friendly = art_xml_flag(xml, "friendlyPos", 0);
  art_xml_ignore(xml, "tl");
  const int64_t period = read_period(l, xml);
  art_xml_ignore(xml, "file");
  if (art_xml_failed(xml)) return;
  const int32_t first = l->point_count;
  char word[1024];
  const char *problem = NULL;
  for (const char *rest = art_next_word(lanes ? lanes : one, word, sizeof word); rest && !problem;
       rest = art_next_word(rest, word, sizeof word)) {
    const int32_t lane = art_idmap_find(l->lane_ids, word);
    if (lane < 0)
      problem = "its lane is not a lane of a link";
    else
      add_point(l, lane, 0.0, (double)l->net->lane_length_m[lane], 0);
  }
  if (!problem && l->point_count == first) problem = "it names no lane";
  if (!problem) {
    art_raw_point *head = &l->point[first], *tail = &l->point[l->point_count - 1];
    if (isfinite(pos) && !art_lane_position(l->net, head->lane, pos, friendly, &head->pos_m))
      problem = "its position is not on the lane";
    if (isfinite(end) && !art_lane_position(l->net, tail->lane, end, friendly, &tail->end_m))
      problem = "its position is not on the lane";
    // With one lane a length counts from whichever end is given.
    if (!isfinite(end) && isfinite(length) && head == tail) {
      if (isfinite(pos))
        tail->end_m = fmin(tail->end_m, head->pos_m + length);
      else
        head->pos_m = fmax(0.0, tail->end_m - length);
    } else if (!isfinite(pos) && isfinite(length) && head == tail) {
      head->pos_m = fmax(0.0, tail->end_m - length);
    }
    if (!problem && tail->end_m < tail->pos_m) problem = "its positions are not in order on the lane";
  }
  if (problem) {
    reject(l, xml, "detector", id, problem, lanes ? lanes : one);
    l->point_count = first;
    return;
  }
  add_detector(l, xml, id, ART_DETECTOR_AREA, period, first);
}

static void open_entry_exit(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_need_id(xml, "id");
  const int64_t period = read_period(l, xml);
  art_xml_ignore(xml, "file");
  if (art_xml_failed(xml)) return;
  const int32_t count = l->detector_count;
  add_detector(l, xml, id, ART_DETECTOR_ENTRY_EXIT, period, l->point_count);
  l->open_detector = l->detector_count > count ? count : -2;  // -2: rejected, its parts are read and dropped
}

static void read_entry_or_exit(art_loader *l, art_xml *xml, int role)
{
  const char *lane_id = art_xml_need(xml, "lane");
  const double pos = art_xml_need_number(xml, "pos", -1e6, 1e6);
  const int friendly = art_xml_flag(xml, "friendlyPos", 0);
  if (art_xml_failed(xml) || l->open_detector < 0) return;
  art_raw_detector *detector = &l->detector[l->open_detector];
  const int32_t lane = lane_or_reject(l, xml, "part of detector", detector->id, lane_id);
  double at = 0.0;
  if (lane < 0) return;
  if (!art_lane_position(l->net, lane, pos, friendly, &at)) {
    reject(l, xml, "part of detector", detector->id, "its position is not on the lane", lane_id);
    return;
  }
  add_point(l, lane, at, at, role);
  ++detector->point_count;
}

int art_additional_start(art_loader *l, art_xml *xml, const char *element)
{
  static const struct {
    const char *name;
    int what;
  } known[] = {
    { "busStop", 0 },
    { "trainStop", 0 },
    { "e1Detector", 1 },
    { "inductionLoop", 1 },
    { "instantInductionLoop", 1 },
    { "e2Detector", 2 },
    { "laneAreaDetector", 2 },
    { "e3Detector", 3 },
    { "entryExitDetector", 3 },
    { "detEntry", 4 },
    { "detExit", 5 },
  };
  int what = -1;
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    if (strcmp(element, known[i].name) == 0) what = known[i].what;
  if (what >= 0 && what < 4 && l->open_detector != -1)
    return 0;  // nothing but its parts belongs into a detector
  if (what == 0)
    read_bus_stop(l, xml);
  else if (what == 1)
    read_loop(l, xml);
  else if (what == 2)
    read_area(l, xml);
  else if (what == 3)
    open_entry_exit(l, xml);
  else if (what >= 4 && l->open_detector != -1)
    read_entry_or_exit(l, xml, what == 5);
  else
    return 0;
  return 1;
}

void art_additional_end(art_loader *l, art_xml *xml, const char *element)
{
  if (strcmp(element, "e3Detector") != 0 && strcmp(element, "entryExitDetector") != 0) return;
  if (l->open_detector >= 0) {
    art_raw_detector *detector = &l->detector[l->open_detector];
    int roles = 0;
    for (int32_t i = 0; i < detector->point_count; ++i)
      roles |= 1 << l->point[detector->first_point + i].role;
    if (roles != 3) {
      reject(l, xml, "detector", detector->id, "it needs an entry and an exit on lanes of links", "");
      l->point_count = detector->first_point;
      free(detector->id);
      --l->detector_count;
    }
  }
  l->open_detector = -1;
}

static void build_stops(art_loader *l, art_net *net)
{
  const int32_t n = net->stop_count = l->bus_stop_count;
  net->stop_id = ART_NEW(char *, n);
  net->stop_lane = ART_NEW(int32_t, n);
  net->stop_start_m = ART_NEW(float, n);
  net->stop_end_m = ART_NEW(float, n);
  for (int32_t i = 0; i < n; ++i) {
    const art_raw_bus_stop *stop = &l->bus_stop[i];
    net->stop_id[i] = art_strdup(art_idmap_id(l->stop_names, stop->name));
    net->stop_lane[i] = stop->lane;
    net->stop_start_m[i] = (float)stop->start_m;
    net->stop_end_m[i] = (float)stop->end_m;
  }
  l->report->stops = n;
}

void art_additional_build(art_loader *l, art_net *net)
{
  build_stops(l, net);
  const int32_t n = net->detector_count = l->detector_count;
  net->detector_point_count = l->point_count;
  net->detector_id = ART_NEW(char *, n);
  net->detector_kind = ART_NEW(uint8_t, n);
  net->detector_period_ms = ART_NEW(int64_t, n);
  net->detector_first_point = ART_NEW(int32_t, n + 1);
  net->detector_lane = ART_NEW(int32_t, l->point_count);
  net->detector_pos_m = ART_NEW(float, l->point_count);
  net->detector_end_m = ART_NEW(float, l->point_count);
  net->detector_role = ART_NEW(uint8_t, l->point_count);
  int64_t *const counted[] = { &l->report->point_detectors, &l->report->area_detectors,
                               &l->report->entry_exit_detectors };
  for (int32_t i = 0; i < n; ++i) {
    const art_raw_detector *detector = &l->detector[i];
    net->detector_id[i] = art_strdup(detector->id);
    net->detector_kind[i] = detector->kind;
    net->detector_period_ms[i] = detector->period_ms;
    net->detector_first_point[i + 1] = net->detector_first_point[i] + detector->point_count;
    for (int32_t k = 0; k < detector->point_count; ++k) {
      const art_raw_point *point = &l->point[detector->first_point + k];
      const int32_t at = net->detector_first_point[i] + k;
      net->detector_lane[at] = point->lane;
      net->detector_pos_m[at] = (float)point->pos_m;
      net->detector_end_m[at] = (float)point->end_m;
      net->detector_role[at] = point->role;
    }
    ++*counted[detector->kind];
  }
}
