#include "io/geo/plane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <proj.h>

#include "core/base/memory.h"
#include "io/geo/projection.h"

/// "3735" alone is an EPSG code.
static char *full_name(const char *definition)
{
  const size_t digits = strspn(definition, "0123456789");
  char *name = ART_NEW(char, strlen(definition) + 6);
  sprintf(name, "%s%s", digits && !definition[digits] ? "EPSG:" : "", definition);
  return name;
}

/// Only codes, WKT and PROJ strings: for anything else PROJ would search its database by name, which takes long.
static PJ *create_system(PJ_CONTEXT *context, const char *name)
{
  const char *colon = strchr(name, ':');
  const int is_code = colon && colon != name && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
                      colon[1] && strlen(colon) <= 10;
  if (is_code || strchr(name, '[')) return proj_create(context, name);
  if (*name != '+') return NULL;
  char *text = ART_NEW(char, strlen(name) + 16);
  sprintf(text, "%s%s", name, strstr(name, "+type=crs") ? "" : " +type=crs");
  PJ *system = proj_create(context, text);
  free(text);
  return system;
}

/// Metres for each unit of the axes; 0: not known.
static double unit_of(PJ_CONTEXT *context, const char *wkt)
{
  PJ *system = proj_create(context, wkt),
     *axes = system ? proj_crs_get_coordinate_system(context, system) : NULL;
  double unit = 0.0;
  if (axes) proj_cs_get_axis_info(context, axes, 0, NULL, NULL, NULL, &unit, NULL, NULL, NULL);
  if (axes) proj_destroy(axes);
  if (system) proj_destroy(system);
  return unit;
}

static PJ *transform_between(PJ_CONTEXT *context, const PJ *from, const char *to)
{
  PJ *target = proj_create(context, to), *result = NULL;
  PJ *raw = target ? proj_create_crs_to_crs_from_pj(context, from, target, NULL, NULL) : NULL;
  if (raw) result = proj_normalize_for_visualization(context, raw);
  if (raw) proj_destroy(raw);
  if (target) proj_destroy(target);
  return result;
}

static art_status apply(PJ *transform, int64_t count, double *x, double *y, art_error *err)
{
  for (int64_t i = 0; i < count; ++i) {
    const PJ_COORD to = proj_trans(transform, PJ_FWD, proj_coord(x[i], y[i], 0.0, HUGE_VAL));
    if (!isfinite(to.xy.x) || !isfinite(to.xy.y))
      return art_fail(err, ART_E_INPUT, "point x=%.10g y=%.10g lies outside the coordinate system", x[i],
                      y[i]);
    x[i] = to.xy.x;
    y[i] = to.xy.y;
  }
  return ART_OK;
}

/// From longitude and latitude to the UTM zone of their middle.
static art_status to_utm(PJ_CONTEXT *context, int64_t count, double *x, double *y, char **wkt, art_error *err)
{
  double lon = 0.0, lat = 0.0;
  for (int64_t i = 0; i < count; ++i) {
    lon += x[i] / (double)count;
    lat += y[i] / (double)count;
  }
  if (!(fabs(lon) <= 180.0 && fabs(lat) < 84.0))
    return art_fail(err, ART_E_INPUT,
                    "the middle of the points is lon=%g lat=%g: accepted: -180 to 180, -84 to 84", lon, lat);
  const int zone = (int)fmin(floor((lon + 180.0) / 6.0), 59.0) + 1;
  char name[32];
  snprintf(name, sizeof name, "EPSG:%d", (lat >= 0.0 ? 32600 : 32700) + zone);
  PJ *from = proj_create(context, "EPSG:4326");
  PJ *transform = from ? transform_between(context, from, name) : NULL;
  art_status status = transform
                          ? apply(transform, count, x, y, err)
                          : art_fail(err, ART_E_INPUT, "coordinate system %s is not known to PROJ", name);
  if (status == ART_OK) status = art_crs_wkt(name, wkt, err);
  if (transform) proj_destroy(transform);
  if (from) proj_destroy(from);
  return status;
}

art_status art_plane_from(const char *definition, int64_t count, double *x, double *y, char **wkt,
                          art_error *err)
{
  char *name = full_name(definition);
  *wkt = NULL;
  PJ_CONTEXT *context = proj_context_create();
  proj_log_level(context, PJ_LOG_NONE);
  if (art_crs_wkt(name, wkt, NULL) == ART_OK && (unit_of(context, *wkt) == 1.0 || !count)) {
    proj_context_destroy(context);
    free(name);
    return ART_OK;
  }
  free(*wkt);
  *wkt = NULL;
  PJ *from = create_system(context, name);
  art_status status = ART_OK;
  if (!from)
    status =
        art_fail(err, ART_E_INPUT,
                 "coordinate system \"%.300s\" is unknown: accepted: EPSG:code, a PROJ string or WKT", name);
  PJ *transform = from ? transform_between(context, from, "EPSG:4326") : NULL;
  if (from && !transform)
    status =
        art_fail(err, ART_E_INPUT, "coordinate system \"%.300s\" has no way to longitude and latitude", name);
  if (status == ART_OK) status = apply(transform, count, x, y, err);
  if (status == ART_OK) status = to_utm(context, count, x, y, wkt, err);
  if (transform) proj_destroy(transform);
  if (from) proj_destroy(from);
  proj_context_destroy(context);
  free(name);
  return status;
}

char *art_plane_name(const char *wkt)
{
  PJ_CONTEXT *context = proj_context_create();
  proj_log_level(context, PJ_LOG_NONE);
  PJ *crs = proj_create(context, wkt);
  char *name = NULL;
  const char *authority = crs ? proj_get_id_auth_name(crs, 0) : NULL,
             *code = crs ? proj_get_id_code(crs, 0) : NULL;
  if (authority && code) {
    name = ART_NEW(char, strlen(authority) + strlen(code) + 2);
    sprintf(name, "%s:%s", authority, code);
  }
  if (crs) proj_destroy(crs);
  proj_context_destroy(context);
  return name ? name : art_crs_proj_text(wkt);
}
