// Result files of a small run with edits that a buffer chooses (edit_h5.h), as `compare`, `info` and `check` read them; `info`,
// which takes twice as long as all the rest, for one buffer of eight, which its last byte chooses. Oracle:
// a file is refused with a message that names it; what comes out has the shape that it says.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/results/read.h"
#include "scenarios/cli/describe.h"
#include "scenarios/compare/compare.h"
#include "tests/fuzz/edit_h5.h"
#include "tests/fuzz/little_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static h5_sample sample;
static char sound_path[64];
static art_runs *sound;

static void remove_files(void)
{
  art_runs_free(sound);
  unlink(sound_path);
  h5_sample_clear(&sample);
}

static void start(void)
{
  static little_run run;
  const art_run_options options = { .output_path = sample.path, .threads = 1, .force = 1, .quiet = 1 };
  art_summary summary;
  art_error err = { 0 };
  little_run_open(&run);
  h5_sample_name(&sample);
  if (art_run(run.scenario, &options, &summary, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  h5_sample_take(&sample);
  strcpy(sound_path, sample.path);
  h5_sample_name(&sample);
  if (art_runs_read(sound_path, &sound, &err) != ART_OK) abort();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  little_run_close(&run);
  atexit(remove_files);
}

/// A refused file, or one of its tables, is told by name.
static int is_read(art_status status, const art_error *err)
{
  if (status != ART_OK && (status == ART_E_INTERNAL || !strstr(err->message, sample.path))) {
    fprintf(stderr, "status %d, \"%s\"\n", (int)status, err->message);
    abort();
  }
  return status == ART_OK;
}

static void read_variable(const art_result *r, const char *table)
{
  char group[H5_NAME_BYTES];
  strcpy(group, table);
  char *slash = strchr(group, '/');
  if (!slash) return;
  *slash = '\0';
  int64_t shape[2], count = 0;
  double *values = NULL, sum = 0.0;
  char **texts = NULL;
  art_error err = { 0 };
  if (is_read(art_result_read(r, group, slash + 1, shape, &values, &err), &err))
    for (int64_t i = 0; i < shape[0] * shape[1]; ++i) sum += values[i];
  free(values);
  if (is_read(art_result_read_texts(r, group, slash + 1, &count, &texts, &err), &err))
    for (int64_t i = 0; i < count; ++i) sum += (double)strlen(texts[i]);
  art_result_free_texts(texts, count);
  free(art_result_unit(r, group, slash + 1));
  if (sum > 1e300 && art_result_has(r, group) < 0) abort();  // all that was read is used
}

static void read_all(const uint8_t *data, size_t size)
{
  art_result *r = NULL;
  art_result_map map;
  art_error err = { 0 };
  double *begin_s = NULL, *end_s = NULL, value;
  int64_t count;
  if (is_read(art_result_open(sample.path, &r, &err), &err) != (r != NULL)) abort();
  if (!r) return;
  if (is_read(art_result_times(r, "links", &count, &begin_s, &end_s, &err), &err))
    for (int64_t i = 0; i < count; ++i) begin_s[i] += end_s[i];
  free(begin_s);
  free(end_s);
  (void)is_read(art_result_kpi(r, "total_delay_h", &value, &err), &err);
  if (is_read(art_result_read_map(r, &map, &err), &err)) {
    for (int32_t l = 0; l < map.link_count; ++l)
      if (map.first_point[l] > map.first_point[l + 1]) abort();
    art_result_map_clear(&map);
  }
  // what was changed, and then (a failure stays with the file) nothing else
  for (size_t n = 0; n < H5_MOST_EDITS && (n + 1) * H5_EDIT_BYTES <= size; ++n)
    read_variable(r, sample.table[data[n * H5_EDIT_BYTES + 1] % sample.tables]);
  art_result_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!sound) start();
  if (size < H5_EDIT_BYTES) return 0;
  h5_sample_write(&sample, data, size);
  read_all(data, size);
  art_error err = { 0 };
  art_runs *runs = NULL;
  if (is_read(art_runs_read(sample.path, &runs, &err), &err)) {
    const art_compare_options options = art_compare_options_default();
    art_comparison *comparison = NULL;
    const art_status status = art_compare(sound, runs, &options, &comparison, &err);
    if (status == ART_OK ? !comparison : comparison || status == ART_E_INTERNAL || !err.message[0]) abort();
    art_comparison_free(comparison);
  }
  art_runs_free(runs);
  if (data[size - 1] % 8 != 0) return 0;
  json_t *told = NULL;
  if (is_read(art_describe(sample.path, &told, &err), &err) != (told != NULL)) abort();
  json_decref(told);
  return 0;
}
