// Tables and map of a comparison: kpi.csv, runs.csv, links.csv, movements.csv, links.geojson.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/city/city.h"
#include "scenarios/compare/compare.h"
#include "scenarios/whatif/files.h"

/// One file on its way: written under a temporary name, renamed when all is well.
typedef struct output {
  char path[1024], temporary[1100];
  FILE *file;
} output;

static art_status output_open(output *out, const char *folder, const char *name, int force, art_error *err)
{
  snprintf(out->path, sizeof out->path, "%s/%s", folder, name);
  snprintf(out->temporary, sizeof out->temporary, "%s.%ld.tmp", out->path, (long)getpid());
  out->file = NULL;
  if (!force && access(out->path, F_OK) == 0) {
    return art_fail(err, ART_E_EXISTS, "%s exists already; --force overwrites it", out->path);
  }
  out->file = fopen(out->temporary, "w");
  return out->file ? ART_OK : art_fail(err, ART_E_OPEN, "%s: %s", out->temporary, strerror(errno));
}

static art_status output_close(output *out, art_error *err)
{
  const int is_bad = ferror(out->file) != 0;
  if ((fclose(out->file) != 0) | is_bad || rename(out->temporary, out->path) != 0) {
    unlink(out->temporary);
    return art_fail(err, ART_E_IO, "%s: %s", out->path, strerror(errno));
  }
  return ART_OK;
}

/// A comma and the number; nothing behind the comma where there is none.
static void print_number(FILE *file, double value)
{
  if (isfinite(value))
    fprintf(file, ",%.9g", value);
  else
    fprintf(file, isinf(value) ? (value > 0 ? ",inf" : ",-inf") : ",");
}

static double relative_percent(const art_paired *p)
{
  return p->base_mean != 0.0 ? 100.0 * p->difference / fabs(p->base_mean) : NAN;
}

// ---- tables ----------------------------------------------------------------------------------------------------------

static void write_kpis(FILE *file, int32_t count, art_comparison *const *comparisons,
                       const art_compare_options *options)
{
  fprintf(file,
          "base,alternative,kpi,unit,better,pairs,base_mean,alternative_mean,difference,low,high,relative_"
          "percent,p,headline,p_holm,"
          "verdict,correlation,variance_gain,seeds_for_%g_percent\n",
          100.0 * options->precision);
  for (int32_t k = 0; k < count; ++k) {
    const art_comparison *c = comparisons[k];
    for (int32_t i = 0; i < c->kpi_count; ++i) {
      const art_compare_kpi *row = &c->kpi[i];
      const art_paired *p = &row->paired;
      art_csv_print(file, c->base->name);
      fputc(',', file);
      art_csv_print(file, c->alt->name);
      fputc(',', file);
      art_csv_print(file, c->base->kpi_name[row->base_index]);
      fputc(',', file);
      art_csv_print(file, row->unit);
      fprintf(file, ",%s,%" PRId64, row->better < 0 ? "less" : row->better > 0 ? "more" : "", p->count);
      const double values[] = { p->base_mean, p->alt_mean,         p->difference, p->low,
                                p->high,      relative_percent(p), p->p };
      for (size_t j = 0; j < sizeof values / sizeof *values; ++j) print_number(file, values[j]);
      fprintf(file, ",%d", row->is_headline);
      print_number(file, row->p_adjusted);
      fprintf(file, ",%s", art_compare_verdict(row));
      print_number(file, p->correlation);
      print_number(file, p->gain);
      if (row->seeds_needed > 0)
        fprintf(file, ",%" PRId64 "\n", row->seeds_needed);
      else
        fprintf(file, row->seeds_needed < 0 ? ",inf\n" : ",\n");
    }
  }
}

static void write_runs_of(FILE *file, const art_runs *runs, const art_runs *header)
{
  for (int32_t i = 0; i < runs->count; ++i) {
    art_csv_print(file, runs->name);
    fprintf(file, ",%" PRIu64 ",", runs->run[i].seed);
    art_csv_print(file, runs->run[i].path);
    fprintf(file, ",%s", runs->run[i].hash);
    for (int32_t k = 0; k < header->kpi_count; ++k) {
      int32_t at = -1;
      for (int32_t j = 0; j < runs->kpi_count && at < 0; ++j)
        at = strcmp(runs->kpi_name[j], header->kpi_name[k]) == 0 ? j : -1;
      print_number(file, at >= 0 ? runs->run[i].kpi[at] : NAN);
    }
    fputc('\n', file);
  }
}

static void write_runs(FILE *file, int32_t count, art_comparison *const *comparisons)
{
  const art_runs *base = comparisons[0]->base;
  fputs("scenario,seed,file,result_hash", file);
  for (int32_t k = 0; k < base->kpi_count; ++k) {
    fputc(',', file);
    art_csv_print(file, base->kpi_name[k]);
  }
  fputc('\n', file);
  write_runs_of(file, base, base);
  for (int32_t k = 0; k < count; ++k) write_runs_of(file, comparisons[k]->alt, base);
}

static void write_place(FILE *file, const art_compare_place *place)
{
  const art_paired *p = &place->paired;
  const double values[] = {
    p->base_mean, p->alt_mean, p->difference, p->low, p->high, p->p, place->p_adjusted
  };
  for (size_t j = 0; j < sizeof values / sizeof *values; ++j) print_number(file, values[j]);
  fprintf(file, ",%d", place->is_significant);
}

static const char *const measure_names[] = {
#define X(suffix, name, unit, better, sentence) name,
  ART_LINK_MEASURE_LIST(X)
#undef X
};
static const char *const measure_units[] = {
#define X(suffix, name, unit, better, sentence) unit,
  ART_LINK_MEASURE_LIST(X)
#undef X
};

static void write_links(FILE *file, int32_t count, art_comparison *const *comparisons)
{
  fputs("alternative,link,measure,unit,base_mean,alternative_mean,difference,low,high,p,p_bh,significant\n",
        file);
  for (int32_t k = 0; k < count; ++k) {
    const art_comparison *c = comparisons[k];
    for (int32_t i = 0; i < c->link_count; ++i) {
      for (int m = 0; m < ART_LINK_MEASURES; ++m) {
        art_csv_print(file, c->alt->name);
        fputc(',', file);
        art_csv_print(file, c->base->link_id[c->link_order[i]]);
        fprintf(file, ",%s,%s", measure_names[m], measure_units[m]);
        write_place(file, &c->link[m][c->link_order[i]]);
        fputc('\n', file);
      }
    }
  }
}

static void write_movements(FILE *file, int32_t count, art_comparison *const *comparisons)
{
  fputs(
      "alternative,movement,measure,unit,base_mean,alternative_mean,difference,low,high,p,p_bh,significant\n",
      file);
  for (int32_t k = 0; k < count; ++k) {
    const art_comparison *c = comparisons[k];
    for (int64_t i = 0; i < c->movement_count; ++i) {
      art_csv_print(file, c->alt->name);
      fputc(',', file);
      art_csv_print(file, c->base->movement_id[c->movement_order[i]]);
      fputs(",flow,veh/h", file);
      write_place(file, &c->movement[c->movement_order[i]]);
      fputc('\n', file);
    }
  }
}

// ---- map -------------------------------------------------------------------------------------------------------------

static void print_json_text(FILE *file, const char *text)
{
  fputc('"', file);
  for (; *text; ++text) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf(file, "\\%c", c);
    else if (c < 0x20)
      fprintf(file, "\\u%04x", c);
    else
      fputc(c, file);
  }
  fputc('"', file);
}

static void print_json_number(FILE *file, const char *name, double value)
{
  if (isfinite(value))
    fprintf(file, ",\"%s\":%.6g", name, value);
  else
    fprintf(file, ",\"%s\":null", name);
}

/// Turns the drawing into longitude and latitude; 0 where the results have no reference system.
static int to_lonlat(const art_result *r, art_result_map *map)
{
  if (!r->crs_wkt) return 0;
  const int64_t n = map->first_point[map->link_count];
  art_city *city = art_city_new();  // results are in projected coordinates already: no offset
  city->crs_wkt = art_strdup(r->crs_wkt);
  double *lon = ART_NEW(double, n + 1), *lat = ART_NEW(double, n + 1);
  const int is_done = art_city_lonlat(city, n, map->x, map->y, lon, lat, NULL) == ART_OK;
  for (int64_t i = 0; is_done && i < n; ++i) {
    map->x[i] = lon[i];
    map->y[i] = lat[i];
  }
  free(lon);
  free(lat);
  art_city_free(city);
  return is_done;
}

static void write_feature(FILE *file, const art_comparison *c, const art_result_map *map, int32_t link,
                          int digits)
{
  fputs("{\"type\":\"Feature\",\"properties\":{\"alternative\":", file);
  print_json_text(file, c->alt->name);
  fputs(",\"link\":", file);
  print_json_text(file, c->base->link_id[link]);
  print_json_number(file, "length_m", map->length_m[link]);
  print_json_number(file, "lanes", map->lanes[link]);
  for (int m = 0; m < ART_LINK_MEASURES; ++m) {
    const art_compare_place *place = &c->link[m][link];
    char name[48];
    snprintf(name, sizeof name, "%s_base", measure_names[m]);
    print_json_number(file, name, place->paired.base_mean);
    snprintf(name, sizeof name, "%s_alternative", measure_names[m]);
    print_json_number(file, name, place->paired.alt_mean);
    snprintf(name, sizeof name, "%s_difference", measure_names[m]);
    print_json_number(file, name, place->paired.difference);
    fprintf(file, ",\"%s_significant\":%s", measure_names[m], place->is_significant ? "true" : "false");
  }
  fputs("},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[", file);
  for (int64_t i = map->first_point[link]; i < map->first_point[link + 1]; ++i) {
    fprintf(file, "%s[%.*f,%.*f]", i > map->first_point[link] ? "," : "", digits, map->x[i], digits,
            map->y[i]);
  }
  fputs("]}}", file);
}

/// RFC 7946 where the city has a reference system; else the same with city metres, and a member that says so.
static art_status write_map(const char *folder, int32_t count, art_comparison *const *comparisons, int force,
                            art_error *err)
{
  const art_runs *base = comparisons[0]->base;
  art_result *r = NULL;
  art_result_map map = { 0 };
  output out;
  art_status status = art_result_open(base->run[0].path, &r, err);
  if (status != ART_OK) return status;
  status = art_result_read_map(r, &map, err);
  if (status == ART_OK && map.link_count != base->link_count) {
    status = art_fail(err, ART_E_INPUT, "%s: /network has %d links, expected %d", r->path, map.link_count,
                      base->link_count);
  }
  if (status == ART_OK) status = output_open(&out, folder, "links.geojson", force, err);
  if (status == ART_OK) {
    const int is_lonlat = to_lonlat(r, &map);
    fputs("{\"type\":\"FeatureCollection\",", out.file);
    if (!is_lonlat) fputs("\"coordinates_unit\":\"metres of the city's own plane\",", out.file);
    fputs("\"features\":[\n", out.file);
    int is_first = 1;
    for (int32_t k = 0; k < count; ++k) {
      for (int32_t link = 0; link < comparisons[k]->link_count; ++link) {
        if (!is_first) fputs(",\n", out.file);
        is_first = 0;
        write_feature(out.file, comparisons[k], &map, link, is_lonlat ? 7 : 2);
      }
    }
    fputs("\n]}\n", out.file);
    status = output_close(&out, err);
  }
  art_result_map_clear(&map);
  art_result_close(r);
  return status;
}

// ---- all -------------------------------------------------------------------------------------------------------------

art_status art_compare_write(const char *folder, int32_t count, art_comparison *const *comparisons,
                             const art_compare_options *options, int force, art_error *err)
{
  int has_links = 0, has_movements = 0;
  for (int32_t k = 0; k < count; ++k) {
    has_links |= comparisons[k]->link_count > 0;
    has_movements |= comparisons[k]->movement_count > 0;
  }
  const char *const names[] = { "kpi.csv", "runs.csv", has_links ? "links.csv" : NULL,
                                has_movements ? "movements.csv" : NULL };
  art_status status = art_folder_make(folder, err);
  for (int i = 0; i < 4 && status == ART_OK; ++i) {
    output out;
    if (!names[i]) continue;
    status = output_open(&out, folder, names[i], force, err);
    if (status != ART_OK) break;
    if (i == 0) write_kpis(out.file, count, comparisons, options);
    if (i == 1) write_runs(out.file, count, comparisons);
    if (i == 2) write_links(out.file, count, comparisons);
    if (i == 3) write_movements(out.file, count, comparisons);
    status = output_close(&out, err);
  }
  if (status == ART_OK && has_links) status = write_map(folder, count, comparisons, force, err);
  return status;
}
