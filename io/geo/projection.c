#include "io/geo/projection.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proj.h>

#include "core/base/memory.h"
#include "io/city/city.h"

/// PROJ would print problems to stderr; they are told by status instead.
static void stay_silent(void *user, int level, const char *message)
{
  (void)user;
  (void)level;
  (void)message;
}

static PJ_CONTEXT *open_context(void)
{
  PJ_CONTEXT *context = proj_context_create();
  proj_log_func(context, NULL, stay_silent);
  proj_context_set_enable_network(context, 0);
  return context;
}

/// AUTHORITY:CODE, such as EPSG:32632.
static int is_code(const char *text)
{
  const size_t letters = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  if (letters == 0 || text[letters] != ':') return 0;
  const size_t digits = strspn(text + letters + 1, "0123456789");
  return digits > 0 && digits <= 9 && text[letters + 1 + digits] == '\0';
}

/// Only codes, WKT and PROJ strings: for anything else PROJ would search its database by name, which takes many seconds
/// for long nonsense. A PROJ string without +type=crs is an operation, not a system.
static PJ *create_crs(PJ_CONTEXT *context, const char *definition)
{
  if (definition[strspn(definition, " ")] != '+')
    return is_code(definition) || strchr(definition, '[') ? proj_create(context, definition) : NULL;
  static const char mark[] = " +type=crs";
  char *text = ART_NEW(char, strlen(definition) + sizeof mark);
  strcpy(text, definition);
  if (!strstr(definition, "+type=crs")) strcat(text, mark);
  PJ *crs = proj_create(context, text);
  free(text);
  return crs;
}

static int is_projected(PJ_CONTEXT *context, const PJ *crs)
{
  const PJ_TYPE type = proj_get_type(crs);
  if (type == PJ_TYPE_PROJECTED_CRS) return 1;
  if (type != PJ_TYPE_BOUND_CRS && type != PJ_TYPE_COMPOUND_CRS) return 0;
  PJ *inner =
      type == PJ_TYPE_BOUND_CRS ? proj_get_source_crs(context, crs) : proj_crs_get_sub_crs(context, crs, 0);
  const int yes = inner && is_projected(context, inner);
  if (inner) proj_destroy(inner);
  return yes;
}

/// Zone 1 to 60 of a code of UTM upon WGS 84, negative in the south; 0: another system.
static int utm_zone(int code)
{
  const int zone = code % 100;
  return zone < 1 || zone > 60 ? 0 : code / 100 == 326 ? zone : code / 100 == 327 ? -zone : 0;
}

/// The same of a WKT, by its name and the code at its end.
static int utm_zone_of_wkt(const char *wkt)
{
  static const char start[] = "PROJCRS[\"WGS 84 / UTM zone ";
  int code = 0, end = 0;
  if (strncmp(wkt, start, sizeof start - 1) != 0) return 0;
  const char *id = NULL;
  for (const char *at = wkt; (at = strstr(at, "ID[\"EPSG\"")); ++at) id = at;
  return id && sscanf(id, "ID[\"EPSG\",%d]]%n", &code, &end) == 1 && end && !id[end + (id[end] == '\n')]
             ? utm_zone(code)
             : 0;
}

/// What PROJ writes for such a zone, but for the countries in it. PROJ takes longer to open its database than to import a
/// small town, and says something else with every edition of it.
static char *utm_wkt(int zone)
{
  static const char format[] = "PROJCRS[\"WGS 84 / UTM zone %d%c\",\n"
                               "    BASEGEOGCRS[\"WGS 84\",\n"
                               "        DATUM[\"World Geodetic System 1984\",\n"
                               "            ELLIPSOID[\"WGS 84\",6378137,298.257223563,\n"
                               "                LENGTHUNIT[\"metre\",1]]],\n"
                               "        PRIMEM[\"Greenwich\",0,\n"
                               "            ANGLEUNIT[\"degree\",0.0174532925199433]],\n"
                               "        ID[\"EPSG\",4326]],\n"
                               "    CONVERSION[\"UTM zone %d%c\",\n"
                               "        METHOD[\"Transverse Mercator\",\n"
                               "            ID[\"EPSG\",9807]],\n"
                               "        PARAMETER[\"Latitude of natural origin\",0,\n"
                               "            ANGLEUNIT[\"degree\",0.0174532925199433],\n"
                               "            ID[\"EPSG\",8801]],\n"
                               "        PARAMETER[\"Longitude of natural origin\",%d,\n"
                               "            ANGLEUNIT[\"degree\",0.0174532925199433],\n"
                               "            ID[\"EPSG\",8802]],\n"
                               "        PARAMETER[\"Scale factor at natural origin\",0.9996,\n"
                               "            SCALEUNIT[\"unity\",1],\n"
                               "            ID[\"EPSG\",8805]],\n"
                               "        PARAMETER[\"False easting\",500000,\n"
                               "            LENGTHUNIT[\"metre\",1],\n"
                               "            ID[\"EPSG\",8806]],\n"
                               "        PARAMETER[\"False northing\",%d,\n"
                               "            LENGTHUNIT[\"metre\",1],\n"
                               "            ID[\"EPSG\",8807]]],\n"
                               "    CS[Cartesian,2],\n"
                               "        AXIS[\"(E)\",east,\n"
                               "            ORDER[1],\n"
                               "            LENGTHUNIT[\"metre\",1]],\n"
                               "        AXIS[\"(N)\",north,\n"
                               "            ORDER[2],\n"
                               "            LENGTHUNIT[\"metre\",1]],\n"
                               "    ID[\"EPSG\",%d]]";
  const int number = abs(zone), is_south = zone < 0;
  const char side = is_south ? 'S' : 'N';
  const size_t size = sizeof format + 64;
  char *wkt = ART_NEW(char, size);
  snprintf(wkt, size, format, number, side, number, side, 6 * number - 183, is_south ? 10000000 : 0,
           (is_south ? 32700 : 32600) + number);
  return wkt;
}

art_status art_crs_wkt(const char *definition, char **wkt, art_error *err)
{
  int code = 0, end = 0;
  *wkt = NULL;
  if (sscanf(definition, "EPSG:%5d%n", &code, &end) == 1 && !definition[end] && utm_zone(code)) {
    *wkt = utm_wkt(utm_zone(code));
    return ART_OK;
  }
  PJ_CONTEXT *context = open_context();
  PJ *crs = create_crs(context, definition);
  art_status status = ART_OK;
  if (!crs)
    status = art_fail(err, ART_E_INPUT,
                      "coordinate system \"%.300s\" is unknown: accepted: EPSG:code, a PROJ string or WKT",
                      definition);
  else if (!is_projected(context, crs))
    status = art_fail(err, ART_E_INPUT,
                      "coordinate system \"%.300s\" has no metres: accepted: a projected system such as "
                      "EPSG:32632",
                      definition);
  if (status == ART_OK) {
    *wkt = art_strdup(proj_as_wkt(context, crs, PJ_WKT2_2019, NULL));
    if (!*wkt)
      status =
          art_fail(err, ART_E_INPUT, "coordinate system \"%.300s\" cannot be written as WKT2", definition);
  }
  if (crs) proj_destroy(crs);
  proj_context_destroy(context);
  return status;
}

char *art_crs_proj_text(const char *wkt)
{
  PJ_CONTEXT *context = open_context();
  PJ *crs = proj_create(context, wkt);
  const char *text = crs ? proj_as_proj_string(context, crs, PJ_PROJ_4, NULL) : NULL;
  char *copy = NULL;
  if (text) {  // without the mark that only PROJ needs
    copy = art_strdup(text);
    char *mark = strstr(copy, " +type=crs");
    if (mark) memmove(mark, mark + strlen(" +type=crs"), strlen(mark) - strlen(" +type=crs") + 1);
  }
  if (crs) proj_destroy(crs);
  proj_context_destroy(context);
  return copy;
}

art_status art_city_lonlat(const art_city *city, int64_t count, const double *x, const double *y, double *lon,
                           double *lat, art_error *err)
{
  if (!city->crs_wkt)
    return art_fail(err, ART_E_INPUT,
                    "the city has no coordinate system: import it with --crs to get lon and lat");
  PJ_CONTEXT *context = open_context();
  PJ *geographic = proj_create(context, "EPSG:4326"), *projected = proj_create(context, city->crs_wkt);
  PJ *transform = NULL;
  if (geographic && projected) {
    PJ *raw = proj_create_crs_to_crs_from_pj(context, projected, geographic, NULL, NULL);
    if (raw) {
      transform =
          proj_normalize_for_visualization(context, raw);  // x, y in and lon, lat out, whatever the axes say
      proj_destroy(raw);
    }
  }
  art_status status = ART_OK;
  if (!transform)
    status =
        art_fail(err, ART_E_INPUT,
                 "the city's coordinate system cannot be turned into lon and lat: \"%.300s\"", city->crs_wkt);
  for (int64_t i = 0; status == ART_OK && i < count; ++i) {
    const PJ_COORD from = proj_coord(x[i] - city->offset_x, y[i] - city->offset_y, 0.0, HUGE_VAL);
    const PJ_COORD to = proj_trans(transform, PJ_FWD, from);
    lon[i] = to.lp.lam;
    lat[i] = to.lp.phi;
    if (!isfinite(lon[i]) || !isfinite(lat[i]))
      status = art_fail(err, ART_E_INPUT, "point x=%g y=%g: lies outside the city's coordinate system", x[i],
                        y[i]);
  }
  if (transform) proj_destroy(transform);
  if (geographic) proj_destroy(geographic);
  if (projected) proj_destroy(projected);
  proj_context_destroy(context);
  return status;
}

void art_crs_utm(double lon, double lat, char *text, size_t size)
{
  int zone = (int)floor((lon + 180.0) / 6.0) % 60 + 1;
  if (lat >= 56.0 && lat < 64.0 && lon >= 3.0 && lon < 12.0) zone = 32;
  if (lat >= 72.0 && lat < 84.0 && lon >= 0.0 && lon < 42.0)
    zone = lon < 9.0 ? 31 : lon < 21.0 ? 33 : lon < 33.0 ? 35 : 37;
  snprintf(text, size, "EPSG:32%d%02d", lat >= 0.0 ? 6 : 7, zone);
}

/// From lon and lat in degrees to x and y of a system; NULL if there is no way. Of a UTM zone without PROJ's database.
static PJ *transform_to(PJ_CONTEXT *context, const char *wkt)
{
  const int zone = utm_zone_of_wkt(wkt);
  if (zone) {
    static const char *const nowhere[] = { "/dev/null" };  // else PROJ opens its database to ask it nothing
    char steps[160];
    proj_context_set_search_paths(context, 1, nowhere);
    snprintf(steps, sizeof steps,
             "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=utm +zone=%d%s "
             "+ellps=WGS84",
             abs(zone), zone < 0 ? " +south" : "");
    return proj_create(context, steps);
  }
  PJ *geographic = proj_create(context, "EPSG:4326"), *projected = proj_create(context, wkt),
     *transform = NULL;
  PJ *raw = geographic && projected
                ? proj_create_crs_to_crs_from_pj(context, geographic, projected, NULL, NULL)
                : NULL;
  if (raw) {
    transform = proj_normalize_for_visualization(context, raw);  // lon, lat in and x, y out
    proj_destroy(raw);
  }
  if (geographic) proj_destroy(geographic);
  if (projected) proj_destroy(projected);
  return transform;
}

art_status art_crs_project(const char *wkt, int64_t count, const double *lon, const double *lat, double *x,
                           double *y, art_error *err)
{
  PJ_CONTEXT *context = open_context();
  PJ *transform = transform_to(context, wkt);
  art_status status = ART_OK;
  if (!transform)
    status = art_fail(err, ART_E_INPUT, "no way from lon and lat into the coordinate system \"%.300s\"", wkt);
  for (int64_t i = 0; status == ART_OK && i < count; ++i) {
    const PJ_COORD to = proj_trans(transform, PJ_FWD, proj_coord(lon[i], lat[i], 0.0, HUGE_VAL));
    x[i] = to.xy.x;
    y[i] = to.xy.y;
    if (!isfinite(x[i]) || !isfinite(y[i]))
      status = art_fail(err, ART_E_INPUT, "point lon=%g lat=%g: lies outside the coordinate system", lon[i],
                        lat[i]);
  }
  if (transform) proj_destroy(transform);
  proj_context_destroy(context);
  return status;
}
