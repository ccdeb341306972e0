#include "scenarios/cli/info_partition.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks.h"
#include "io/city/city_file.h"
#include "scenarios/cli/describe.h"
#include "scenarios/run/kernels.h"
#include "scenarios/run/ranks.h"

/// Links that lead from other parts into this one, and how many parts it has to do with.
typedef struct border {
  int32_t links_in, lanes_in, neighbours;
  double lane_m;
} border;

static border border_of(const art_net *net, const int32_t *part, int32_t parts, int32_t p)
{
  border b = { 0 };
  uint8_t *seen = ART_NEW(uint8_t, parts);
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t from = part[net->link_from[link]], to = part[net->link_to[link]];
    if (to == p)
      for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
        b.lane_m += (double)net->lane_length_m[lane];
    if (from == to || (from != p && to != p)) continue;
    if (to == p) {
      ++b.links_in;
      b.lanes_in += art_net_link_lanes(net, link);
    }
    const int32_t other = from == p ? to : from;
    b.neighbours += !seen[other];
    seen[other] = 1;
  }
  free(seen);
  return b;
}

static json_t *describe(const art_net *net, const int32_t *part, int32_t parts, const art_ranks_share *share)
{
  json_t *object = json_object(), *list = json_array();
  double whole_m = 0.0, most_m = 0.0;
  int64_t links = 0, lanes = 0, watched = 0;
  for (int32_t p = 0; p < parts; ++p) {
    const border b = border_of(net, part, parts, p);
    json_t *row = json_object();
    json_object_set_new(row, "part", json_integer(p));
    json_object_set_new(row, "nodes", json_integer(share[p].nodes));
    json_object_set_new(row, "lanes", json_integer(share[p].lanes));
    json_object_set_new(row, "lane_km", json_real(b.lane_m / 1000.0));
    json_object_set_new(row, "neighbours", json_integer(b.neighbours));
    json_object_set_new(row, "links_in", json_integer(b.links_in));
    json_object_set_new(row, "watched_lanes", json_integer(share[p].watched_lanes));
    json_object_set_new(row, "shared_nodes", json_integer(share[p].shared_nodes));
    json_array_append_new(list, row);
    whole_m += b.lane_m;
    if (b.lane_m > most_m) most_m = b.lane_m;
    links += b.links_in;
    lanes += b.lanes_in;
    watched += share[p].watched_lanes;
  }
  json_object_set_new(object, "parts", json_integer(parts));
  json_object_set_new(object, "imbalance", json_real(whole_m > 0.0 ? most_m * parts / whole_m : 1.0));
  json_object_set_new(object, "cut_links", json_integer(links));
  json_object_set_new(object, "cut_lanes", json_integer(lanes));
  json_object_set_new(object, "watched_lanes", json_integer(watched));
  json_object_set_new(object, "part", list);
  return object;
}

static art_status cut(json_t *object, const art_sim_setup *setup, int32_t parts, const char *write_path, art_error *err)
{
  art_sim *sim;
  art_status status = art_sim_create(setup, &sim, err);
  if (status != ART_OK) return status;
  int32_t *part = ART_NEW(int32_t, setup->net->node_count);
  art_ranks_share *share = ART_NEW(art_ranks_share, parts);
  art_ranks_partition(setup, parts, part);
  art_ranks_shares(sim, parts, part, share);
  art_sim_free(sim);
  json_object_set_new(object, "partition", describe(setup->net, part, parts, share));
  if (write_path) status = art_partition_write(write_path, setup->net, part, err);
  free(part);
  free(share);
  return status;
}

/// Nobody travels; vehicles would be passenger cars.
static art_demand *no_demand(void)
{
  art_demand *demand = art_demand_new();
  demand->type_count = 1;
  demand->type_id = ART_NEW(char *, 1);
  demand->type_id[0] = art_strdup("passenger");
  demand->type = ART_NEW(art_vtype, 1);
  demand->type[0] = art_vtype_default();
  return demand;
}

static art_status cut_city(json_t *object, const char *path, int32_t parts, const char *write_path, art_error *err)
{
  art_city *city;
  const art_status read = art_city_read(path, &city, err);
  if (read != ART_OK) return read;
  art_demand *demand = no_demand();
  const art_sim_setup setup = { .net = city->net, .demand = demand, .kernels = art_models_kernels(), .step_ms = 500, .threads = 1 };
  const art_status status = cut(object, &setup, parts, write_path, err);
  art_demand_free(demand);
  art_city_free(city);
  return status;
}

static art_status cut_scenario(json_t *object, const char *path, int32_t parts, const char *write_path, art_error *err)
{
  art_scenario *scenario;
  art_case *c;
  art_status status = art_scenario_read(path, 0, NULL, &scenario, err);
  if (status != ART_OK) return status;
  status = art_case_load(scenario, ART_CASE_TRIPS_OF_RUN, &c, err);
  if (status == ART_OK) {
    const art_sim_setup setup = { .net = c->city->net,
                                  .demand = c->demand,
                                  .kernels = art_models_kernels(),
                                  .seed = scenario->seed,
                                  .step_ms = scenario->step_ms,
                                  .begin_ms = scenario->begin_ms,
                                  .end_ms = scenario->end_ms,
                                  .threads = 1,
                                  .model = scenario->model,
                                  .change_count = c->change_count,
                                  .change = c->change,
                                  .approaches = scenario->approaches || scenario->passages };
    status = cut(object, &setup, parts, write_path, err);
    art_case_free(c);
  }
  art_scenario_free(scenario);
  return status;
}

art_status art_describe_partition(json_t *object, const char *path, int32_t parts, const char *write_path, art_error *err)
{
  art_file_kind kind;
  const art_status status = art_file_recognise(path, &kind, err);
  if (status != ART_OK) return status;
  if (kind == ART_FILE_CITY) return cut_city(object, path, parts, write_path, err);
  if (kind == ART_FILE_SCENARIO) return cut_scenario(object, path, parts, write_path, err);
  return art_fail(err, ART_E_INPUT, "%s: --partition: is neither a city nor a scenario", path);
}
