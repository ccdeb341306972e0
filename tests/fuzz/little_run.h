/// \file little_run.h
/// A run of three minutes on the little network, with every output: its files in a folder of their own in memory.
#ifndef ART_TESTS_FUZZ_LITTLE_RUN_H
#define ART_TESTS_FUZZ_LITTLE_RUN_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/city/city_file.h"
#include "io/sumo/import.h"
#include "scenarios/run/run.h"
#include "tests/fuzz/little_net.h"

typedef struct little_run {
  char folder[64], city[96], demand[96], scenario_path[96], result[96], journal[96];
  art_scenario *scenario;
  art_case *c;
} little_run;

static void little_run_open(little_run *r)
{
  static const char more[] =
      "<additional><inductionLoop id='loop' lane='a_1' pos='50' period='60'/>"
      "<laneAreaDetector id='area' lane='a_0' pos='10' endPos='60' period='60'/></additional>";
  static const char trips[] =
      "<routes><vType id='car' vClass='passenger'/>"
      "<flow id='f' type='car' begin='0' end='150' period='5'><route edges='a b'/></flow>"
      "<flow id='g' type='car' begin='1' end='150' period='9'><route edges='a c'/></flow>"
      "<flow id='h' type='car' begin='2' end='150' period='7'><route edges='d b'/></flow></routes>";
  static const char scenario[] =
      "arterial: 1\ntitle: little\ncity: city.h5\ndemand: demand.h5\ntime: {begin: 0 s, end: 180 s, warmup: "
      "60 s}\n"
      "outputs:\n  links: {every: 60 s}\n  movements: {every: 60 s}\n  detectors: true\n"
      "  totals: {every: 60 s}\n  trips: true\n  signals: true\n  approaches: true\n"
      "  passages: true\n  trajectories: {every: 30 s}\n";
  const art_sumo_text text[3] = { { "net.xml", little_net, sizeof little_net - 1 },
                                  { "more.add.xml", more, sizeof more - 1 },
                                  { "rou.xml", trips, sizeof trips - 1 } };
  art_import_report report = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_error err = { 0 };
  strcpy(r->folder, "/dev/shm/fuzz_run.XXXXXX");
  if (!mkdtemp(r->folder)) abort();
  snprintf(r->city, sizeof r->city, "%s/city.h5", r->folder);
  snprintf(r->demand, sizeof r->demand, "%s/demand.h5", r->folder);
  snprintf(r->scenario_path, sizeof r->scenario_path, "%s/run.yaml", r->folder);
  snprintf(r->result, sizeof r->result, "%s/out.h5", r->folder);
  snprintf(r->journal, sizeof r->journal, "%s/out.journal", r->folder);
  FILE *file = fopen(r->scenario_path, "w");
  if (!file || fwrite(scenario, sizeof scenario - 1, 1, file) != 1 || fclose(file) != 0) abort();
  if (art_sumo_import_texts(text, 3, NULL, 1000, &city, &demand, &report, &err) != ART_OK ||
      art_city_write(r->city, city, "fuzz", 0, &err) != ART_OK ||
      art_demand_write(r->demand, demand, city->net, "fuzz", 0, NULL, 0, &err) != ART_OK ||
      art_scenario_read(r->scenario_path, 0, NULL, &r->scenario, &err) != ART_OK ||
      art_case_load(r->scenario, ART_CASE_TRIPS_OF_RUN, &r->c, &err) != ART_OK) {
    fprintf(stderr, "%s\n", err.message);
    abort();
  }
  art_import_report_clear(&report);
  art_demand_free(demand);
  art_city_free(city);
}

static void little_run_close(little_run *r)
{
  const char *const files[] = { r->city, r->demand, r->scenario_path, r->result, r->journal };
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i) unlink(files[i]);
  rmdir(r->folder);
  art_case_free(r->c);
  art_scenario_free(r->scenario);
}

#endif  // ART_TESTS_FUZZ_LITTLE_RUN_H
