// TNTP files, line by line.
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/memory.h"
#include "io/tntp/tntp.h"

enum { MOST_NODES = 5000000, MOST_ZONES = 10000, MOST_LINKS = 20000000 };
#define MOST_UNITS 1e12

typedef struct reader {
  const char *name;
  FILE *file;
  int64_t line;
  char *text;
  size_t size;
  art_error *err;
} reader;

static art_status refuse(reader *r, const char *what, const char *value, const char *accepted)
{
  return art_fail(r->err, ART_E_INPUT, "%s:%" PRId64 ": %s \"%.60s\": accepted: %s", r->name, r->line, what,
                  value, accepted);
}

/// The next line that says something, without its comment and end; NULL at the end of the file.
static char *next_line(reader *r)
{
  ssize_t length;
  while ((length = getline(&r->text, &r->size, r->file)) >= 0) {
    ++r->line;
    if (strlen(r->text) != (size_t)length) return r->text;  // a NUL inside; what follows it is not read
    char *comment = strchr(r->text, '~');
    if (comment && comment == r->text + strspn(r->text, " \t")) continue;
    length = (ssize_t)strlen(r->text);
    while (length > 0 && isspace((unsigned char)r->text[length - 1])) r->text[--length] = '\0';
    if (r->text[strspn(r->text, " \t")]) return r->text + strspn(r->text, " \t");
  }
  return NULL;
}

static art_status read_number(reader *r, const char *what, const char *text, double lowest, double highest,
                              double *value)
{
  char *end;
  *value = strtod(text, &end);
  while (isspace((unsigned char)*end) || *end == ';') ++end;
  if (end != text && !*end && *value >= lowest && *value <= highest) return ART_OK;
  char bounds[80];
  snprintf(bounds, sizeof bounds, "a number from %g to %g", lowest, highest);
  return refuse(r, what, text, bounds);
}

/// Numbers of a row up to its semicolon; returns how many, or -1 if something else stands there.
static int split(char *text, double *value, int most)
{
  int n = 0;
  for (char *at = text;;) {
    at += strspn(at, " \t,");
    if (!*at || *at == ';') return n;
    if (n == most) return n;  // what follows is not needed
    char *end;
    value[n] = strtod(at, &end);
    if (end == at || !isfinite(value[n])) return -1;
    at = end;
    ++n;
  }
}

// ---- net ---------------------------------------------------------------------------------------------------------------

/// A unit in brackets behind a word of the header, such as "Length (ft)"; 0: none.
static double unit_behind(const char *header, const char *word)
{
  static const struct {
    const char *name;
    double si;
  } known[] = { { "(ft)", 0.3048 },    { "(feet)", 0.3048 }, { "(mi)", 1609.344 }, { "(mile", 1609.344 },
                { "(km)", 1000.0 },    { "(m)", 1.0 },       { "(meter", 1.0 },    { "(min)", 60.0 },
                { "(minutes)", 60.0 }, { "(s)", 1.0 },       { "(sec", 1.0 },      { "(h)", 3600.0 },
                { "(hour", 3600.0 } };
  const char *at = strcasestr(header, word), *open = at ? strchr(at, '(') : NULL;
  if (!open || (size_t)(open - at) > strlen(word) + 6) return 0.0;
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    if (strncasecmp(open, known[i].name, strlen(known[i].name)) == 0) return known[i].si;
  return 0.0;
}

static art_status read_tag(reader *r, const char *line, const char *tag, double most, int32_t *value)
{
  if (strncasecmp(line, tag, strlen(tag)) != 0) return ART_OK;
  double number = 0.0;
  const char *text = line + strlen(tag);
  const art_status status = read_number(r, tag, text + strspn(text, " \t"), 1.0, most, &number);
  if (status == ART_OK && number != floor(number)) return refuse(r, tag, text, "a whole number");
  if (status == ART_OK) *value = (int32_t)number;
  return status;
}

static int is_end_of_metadata(const char *line)
{
  return strncasecmp(line, "<END OF METADATA>", strlen("<END OF METADATA>")) == 0;
}

static art_status read_metadata(reader *r, art_tntp_net *net, int32_t *links)
{
  char *line;
  while ((line = next_line(r)) && !is_end_of_metadata(line)) {
    if (strncasecmp(line, "<ORIGINAL HEADER>", 17) == 0) {
      net->length_unit_m = unit_behind(line, "length");
      net->time_unit_s = unit_behind(line, "time");
      if (net->time_unit_s <= 0.0) net->time_unit_s = unit_behind(line, "fftt");
    }
    art_status status = read_tag(r, line, "<NUMBER OF ZONES>", MOST_ZONES, &net->zones);
    if (status == ART_OK) status = read_tag(r, line, "<NUMBER OF NODES>", MOST_NODES, &net->nodes);
    if (status == ART_OK) status = read_tag(r, line, "<FIRST THRU NODE>", MOST_NODES, &net->first_through);
    if (status == ART_OK) status = read_tag(r, line, "<NUMBER OF LINKS>", MOST_LINKS, links);
    if (status != ART_OK) return status;
  }
  if (line && net->nodes && *links) return ART_OK;
  return refuse(r, "metadata", line ? line : "",
                "<NUMBER OF NODES>, <NUMBER OF LINKS> and <END OF METADATA>");
}

static art_status read_link(reader *r, char *line, art_tntp_net *net)
{
  double value[5];
  if (split(line, value, 5) < 5)
    return refuse(r, "link", line, "init node, term node, capacity, length, free flow time ...");
  art_tntp_link link = { .capacity = value[2], .length = value[3], .time = value[4] };
  for (int i = 0; i < 2; ++i)
    if (!(value[i] >= 1.0 && value[i] <= net->nodes) || value[i] != floor(value[i]))
      return refuse(r, "link", line, "nodes from 1 to <NUMBER OF NODES>");
  for (int i = 2; i < 5; ++i)
    if (!(value[i] >= 0.0 && value[i] <= MOST_UNITS))
      return refuse(r, "link", line, "capacity, length and time from 0 to 1e12");
  link.from = (int32_t)value[0];
  link.to = (int32_t)value[1];
  if (link.from == link.to) return refuse(r, "link", line, "two different nodes");
  ART_PUSH(net->link, net->link_count, net->link_capacity, link);
  return ART_OK;
}

art_status art_tntp_read_net(const char *name, FILE *file, art_tntp_net *net, art_error *err)
{
  *net = (art_tntp_net){ .first_through = 1 };
  reader r = { .name = name, .file = file, .err = err };
  int32_t links = 0;
  art_status status = read_metadata(&r, net, &links);
  char *line;
  while (status == ART_OK && (line = next_line(&r))) {
    status = read_link(&r, line, net);
    if (status == ART_OK && net->link_count > links)
      status = refuse(&r, "link", line, "as many as <NUMBER OF LINKS> says");
  }
  if (status == ART_OK && net->link_count != links)
    status =
        art_fail(err, ART_E_INPUT, "%s:%" PRId64 ": has %d links: accepted: %d, as <NUMBER OF LINKS> says",
                 name, r.line, net->link_count, links);
  free(r.text);
  if (status != ART_OK) art_tntp_net_clear(net);
  return status;
}

void art_tntp_net_clear(art_tntp_net *net)
{
  free(net->link);
  *net = (art_tntp_net){ 0 };
}

// ---- trips -------------------------------------------------------------------------------------------------------------

/// Pairs "zone : flow ;", several in a line.
static art_status read_pairs(reader *r, char *line, int32_t origin, art_tntp_trips *trips)
{
  for (char *at = line; *(at += strspn(at, " \t;"));) {
    char *end;
    const double zone = strtod(at, &end);
    end += strspn(end, " \t");
    if (end == at || *end != ':') return refuse(r, "trips", at, "\"zone : flow;\"");
    char *last;
    const double flow = strtod(end + 1, &last);
    last += strspn(last, " \t");
    if (last == end + 1 || (*last && *last != ';')) return refuse(r, "trips", at, "\"zone : flow;\"");
    if (!(zone >= 1.0 && zone <= trips->zones) || zone != floor(zone))
      return refuse(r, "trips", at, "a zone from 1 to <NUMBER OF ZONES>");
    if (!(flow >= 0.0 && flow <= MOST_UNITS)) return refuse(r, "trips", at, "a flow from 0 to 1e12");
    trips->flow[(size_t)(origin - 1) * (size_t)trips->zones + (size_t)zone - 1] += flow;
    trips->total += flow;
    at = last;
  }
  return ART_OK;
}

art_status art_tntp_read_trips(const char *name, FILE *file, art_tntp_trips *trips, art_error *err)
{
  *trips = (art_tntp_trips){ 0 };
  reader r = { .name = name, .file = file, .err = err };
  art_status status = ART_OK;
  char *line;
  while (status == ART_OK && (line = next_line(&r)) && !is_end_of_metadata(line))
    status = read_tag(&r, line, "<NUMBER OF ZONES>", MOST_ZONES, &trips->zones);
  if (status == ART_OK && !trips->zones)
    status = refuse(&r, "metadata", "", "<NUMBER OF ZONES> and <END OF METADATA>");
  if (status == ART_OK) trips->flow = ART_NEW(double, (size_t)trips->zones *(size_t)trips->zones);
  int32_t origin = 0;
  while (status == ART_OK && (line = next_line(&r))) {
    if (strncasecmp(line, "Origin", 6) != 0) {
      status = origin ? read_pairs(&r, line, origin, trips) : refuse(&r, "trips", line, "\"Origin n\" first");
      continue;
    }
    double number = 0.0;
    status = read_number(&r, "Origin", line + 6 + strspn(line + 6, " \t"), 1.0, trips->zones, &number);
    if (status == ART_OK) origin = (int32_t)number;
    if (status == ART_OK && number != floor(number)) status = refuse(&r, "Origin", line, "a whole number");
  }
  free(r.text);
  if (status != ART_OK) art_tntp_trips_clear(trips);
  return status;
}

void art_tntp_trips_clear(art_tntp_trips *trips)
{
  free(trips->flow);
  *trips = (art_tntp_trips){ 0 };
}

// ---- nodes -------------------------------------------------------------------------------------------------------------

art_status art_tntp_read_nodes(const char *name, FILE *file, int32_t nodes, double **xy, art_error *err)
{
  reader r = { .name = name, .file = file, .err = err };
  double *place = ART_NEW(double, 2 * (size_t)nodes);
  uint8_t *is_there = ART_NEW(uint8_t, nodes);
  art_status status = ART_OK;
  int is_first = 1;
  char *line;
  for (; status == ART_OK && (line = next_line(&r)); is_first = 0) {
    double value[3];
    if (is_first && isalpha((unsigned char)*line)) continue;  // the header
    if (split(line, value, 3) < 3)
      status = refuse(&r, "node", line, "number, x and y");
    else if (!(value[0] >= 1.0 && value[0] <= nodes) || value[0] != floor(value[0]))
      status = refuse(&r, "node", line, "a number from 1 to <NUMBER OF NODES>");
    else if (!(fabs(value[1]) <= 1e9 && fabs(value[2]) <= 1e9))
      status = refuse(&r, "node", line, "x and y from -1e9 to 1e9");
    if (status != ART_OK) break;
    const int32_t i = (int32_t)value[0] - 1;
    place[2 * i] = value[1];
    place[2 * i + 1] = value[2];
    is_there[i] = 1;
  }
  for (int32_t i = 0; i < nodes && status == ART_OK; ++i)
    if (!is_there[i]) status = art_fail(err, ART_E_INPUT, "%s: node %d is missing", name, i + 1);
  free(is_there);
  free(r.text);
  if (status != ART_OK) {
    free(place);
    place = NULL;
  }
  *xy = place;
  return status;
}
