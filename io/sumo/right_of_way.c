// Right of way as SUMO's request matrices have it. They know pairs but no distances, and call pairs foes that end side by
// side in one link without ever meeting; where paths meet, and whether they do, comes from geometry.
#include <string.h>

#include "core/net/conflicts.h"
#include "io/sumo/raw_internal.h"

typedef struct rules {
  const art_raw_net *raw;
  const art_net *net;
  const int32_t *junction_of_node, *link_index;
} rules;

/// The bit of link `column` in a row of the matrix, which is written from right to left.
static int bit_of(const char *row, int32_t column)
{
  const size_t length = strlen(row);
  return column >= 0 && (size_t)column < length && row[length - 1 - (size_t)column] == '1';
}

static const art_raw_request *request_of(const rules *r, const art_raw_junction *junction, int32_t index)
{
  if (index < 0 || !junction->request_count) return NULL;
  const art_raw_request *first = &r->raw->request[junction->first_request];
  if (index < junction->request_count && first[index].index == index) return &first[index];
  for (int32_t i = 0; i < junction->request_count; ++i)
    if (first[i].index == index) return &first[i];
  return NULL;
}

static const art_raw_request *request_of_connector(const rules *r, int32_t c)
{
  return request_of(r, &r->raw->junction[r->junction_of_node[r->net->connector_node[c]]], r->link_index[c]);
}

static art_right_of_way ask(void *context, int32_t a, int32_t b)
{
  const rules *r = context;
  const int32_t *link_index = r->link_index;
  const art_raw_request *row_a = request_of_connector(r, a), *row_b = request_of_connector(r, b);
  return (art_right_of_way){
    .a_yields = (uint8_t)(row_a && bit_of(row_a->response, link_index[b])),
    .b_yields = (uint8_t)(row_b && bit_of(row_b->response, link_index[a])),
    .are_foes = (uint8_t)((row_a && bit_of(row_a->foes, link_index[b])) ||
                          (row_b && bit_of(row_b->foes, link_index[a]))),
  };
}

void art_conflicts_build(const art_raw_net *raw, const int32_t *junction_of_node, const int32_t *link_index,
                         art_city *city, art_import_report *report)
{
  art_net *net = city->net;
  rules r = { .raw = raw, .net = net, .junction_of_node = junction_of_node, .link_index = link_index };
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const art_raw_request *row = request_of_connector(&r, c);
    net->connector_cont[c] = row ? row->cont : 0;
  }
  const art_lane_shapes shapes = { .first_point = city->lane_first_point,
                                   .x = city->point_x,
                                   .y = city->point_y };
  art_conflict_counts counts = { 0 };
  art_conflicts_find(net, &shapes, ask, &r, &counts);
  report->crossings = counts.crossings;
  report->merges = counts.merges;
  report->diverges = counts.diverges;
  report->holding_points = counts.holding_points;
  report->foes_not_meeting = counts.foes_not_meeting;
  report->meeting_not_foes = counts.meeting_not_foes;
}
