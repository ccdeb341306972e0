// City and demand files of a small network with edits that a buffer chooses: numbers of tables and attributes get other
// values, tables get other lengths or kinds, or go. The files stay sound HDF5, so that our readers are tried and not the
// library. Oracle: a file is refused with a message that names it, or what comes out holds the network's own checks.
#include <hdf5.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/net/network.h"
#include "io/city/city_file.h"
#include "io/city/demand_rows.h"
#include "io/sumo/import.h"
#include "tests/fuzz/little_net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char trips[] =
    "<routes><vType id='car' vClass='passenger'/><vType id='bus' vClass='bus' length='12'/>"
    "<route id='r' edges='a b'/><vehicle id='v0' type='car' route='r' depart='0'/>"
    "<vehicle id='v1' type='bus' route='r' depart='5'><stop lane='a_0' startPos='20' endPos='40' duration='10'/></vehicle>"
    "<vehicle id='v2' type='car' depart='9'><route edges='a c'/></vehicle></routes>";

enum { CITY, DEMAND, FILES, MOST_TABLES = 256, MOST_EDITS = 8, EDIT_BYTES = 6, NAME_BYTES = 128 };

/// A sound file in memory, the names of its tables, and where its edited copies are written.
typedef struct sample {
  void *bytes;
  size_t size;
  int tables;
  char table[MOST_TABLES][NAME_BYTES];
  char path[64];
} sample;

static sample samples[FILES];
static art_city *city;

static void remove_files(void)
{
  for (int i = 0; i < FILES; ++i) unlink(samples[i].path);
  art_city_free(city);
  for (int i = 0; i < FILES; ++i) free(samples[i].bytes);
}

static herr_t note_table(hid_t group, const char *name, const H5O_info_t *info, void *context)
{
  sample *s = context;
  (void)group;
  if (info->type == H5O_TYPE_DATASET && s->tables < MOST_TABLES && strlen(name) < NAME_BYTES)
    strcpy(s->table[s->tables++], name);
  return 0;
}

static void take_sample(sample *s)
{
  FILE *f = fopen(s->path, "rb");
  if (!f || fseek(f, 0, SEEK_END) != 0) abort();
  s->size = (size_t)ftell(f);
  s->bytes = malloc(s->size);
  rewind(f);
  if (!s->bytes || fread(s->bytes, 1, s->size, f) != s->size) abort();
  fclose(f);
  const hid_t file = H5Fopen(s->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0 || H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, note_table, s) < 0 || !s->tables) abort();
  H5Fclose(file);
}

static void start(void)
{
  const art_sumo_text text[2] = { { .name = "net.xml", .text = little_net, .size = sizeof little_net - 1 },
                                  { .name = "rou.xml", .text = trips, .size = sizeof trips - 1 } };
  art_import_report report = { 0 };
  art_demand *demand = NULL;
  art_error err = { 0 };
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  for (int i = 0; i < FILES; ++i) {
    strcpy(samples[i].path, "/dev/shm/fuzz_city.XXXXXX");
    const int file = mkstemp(samples[i].path);
    if (file < 0 || close(file) != 0) abort();
  }
  if (art_sumo_import_texts(text, 2, NULL, 1000, &city, &demand, &report, &err) != ART_OK ||
      art_city_write(samples[CITY].path, city, "fuzz", 1, &err) != ART_OK ||
      art_demand_write(samples[DEMAND].path, demand, city->net, "fuzz", 0, NULL, 1, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  art_demand_free(demand);
  art_import_report_clear(&report);
  for (int i = 0; i < FILES; ++i) take_sample(&samples[i]);
  atexit(remove_files);
}

static double number(unsigned kind, unsigned value)
{
  static const double odd[] = { 0.0,   1.0,  -1.0, 2.0,          255.0, 256.0,  65535.0, 2147483647.0, -2147483648.0, 4294967295.0,
                                1e-30, 1e30, 9e18, -9e18,        0.5,   -0.001, NAN,     INFINITY,     -INFINITY,     3600000.0 };
  return kind & 1 ? odd[value % (sizeof odd / sizeof *odd)] : (double)(int8_t)value;
}

/// One table again, with `rows` rows of another kind; its attributes go.
static void replace(hid_t file, const char *name, unsigned kind, unsigned value)
{
  const hid_t kinds[] = { H5T_NATIVE_DOUBLE, H5T_NATIVE_INT32, H5T_NATIVE_UINT8, H5T_NATIVE_INT64, H5T_NATIVE_FLOAT };
  const hsize_t extent[2] = { value % 9, 1 + value / 9 % 3 };
  const int rank = kind & 8 ? 2 : 1;
  double numbers[64];
  for (int i = 0; i < 64; ++i) numbers[i] = number(kind, value + (unsigned)i);
  if (H5Ldelete(file, name, H5P_DEFAULT) < 0) return;
  const hid_t space = H5Screate_simple(rank, extent, NULL);
  const hid_t made = H5Dcreate2(file, name, kinds[kind % 5], space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (made >= 0) {
    H5Dwrite(made, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    H5Dclose(made);
  }
  H5Sclose(space);
}

/// One number of a table gets another value.
static void change(hid_t file, const char *name, unsigned row, unsigned kind, unsigned value)
{
  const hid_t table = H5Dopen2(file, name, H5P_DEFAULT);
  if (table < 0) return;
  const hid_t type = H5Dget_type(table), space = H5Dget_space(table);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count > 0 && (H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT)) {
    double *numbers = malloc((size_t)count * sizeof *numbers);
    if (!numbers) abort();
    H5Dread(table, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    numbers[row % (size_t)count] = number(kind, value);
    H5Dwrite(table, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    free(numbers);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(table);
}

static void write_edited(const sample *s, const uint8_t *edits, size_t count)
{
  FILE *f = fopen(s->path, "wb");
  if (!f || fwrite(s->bytes, 1, s->size, f) != s->size || fclose(f) != 0) abort();
  const hid_t file = H5Fopen(s->path, H5F_ACC_RDWR, H5P_DEFAULT);
  if (file < 0) abort();
  for (size_t n = 0; n < MOST_EDITS && (n + 1) * EDIT_BYTES <= count; ++n) {
    const uint8_t *e = edits + n * EDIT_BYTES;
    const char *name = s->table[e[1] % s->tables];
    if (e[0] % 16 == 0)
      H5Ldelete(file, name, H5P_DEFAULT);
    else if (e[0] % 16 == 1)
      replace(file, name, e[4], e[5]);
    else
      change(file, name, (unsigned)e[2] << 8 | e[3], e[4], e[5]);
  }
  H5Fclose(file);
}

static void judge(art_status status, const art_error *err, const char *path, const void *out)
{
  if (status == ART_OK ? !out : out || status == ART_E_INTERNAL || !strstr(err->message, path)) {
    fprintf(stderr, "status %d, \"%s\"\n", (int)status, err->message);
    abort();
  }
}

static void count_problem(void *context, const char *message)
{
  *(int64_t *)context += message[0] != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!city) start();
  if (size < 1 + EDIT_BYTES) return 0;
  const int which = data[0] % FILES;
  const sample *s = &samples[which];
  write_edited(s, data + 1, size - 1);
  art_error err = { 0 };
  int64_t told = 0;
  if (which == CITY) {
    art_city *read = NULL;
    const art_status status = art_city_read(s->path, &read, &err);
    judge(status, &err, s->path, read);
    if (read && art_net_check(read->net, &err) != ART_OK) abort();
    const int64_t problems = art_city_problems(s->path, count_problem, &told);
    if (problems != told || (status == ART_OK) != (problems == 0)) abort();
    art_city_free(read);
    return 0;
  }
  art_demand *read = NULL;
  const art_status status = art_demand_read(s->path, city->net, &read, &err);
  judge(status, &err, s->path, read);
  art_demand_free(read);
  const int64_t problems = art_demand_problems(s->path, city->net, count_problem, &told);
  if (problems != told || (status == ART_OK) != (problems == 0)) abort();
  art_demand_summary summary = { 0 };
  if (art_demand_summarize(s->path, &summary, &err) == ART_OK) art_demand_summary_clear(&summary);
  art_demand_rows *rows = NULL;
  if (art_demand_rows_open(s->path, city->net, &rows, &err) == ART_OK) {
    const int32_t trips_there = art_demand_rows_count(rows);
    art_demand *part = NULL;
    if (art_demand_rows_read(rows, 0, trips_there < 2 ? trips_there : 2, &part, &err) == ART_OK) art_demand_free(part);
  }
  art_demand_rows_close(rows);
  return 0;
}
