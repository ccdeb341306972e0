/// Several ranks: who owns what, who wants to know what of whom.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/lane_groups.h"
#include "core/step/approaches_internal.h"
#include "core/step/ranks_internal.h"

#define UNITE_BELOW_M 3.0f  // a circle is moved by less than this in a step, and who cannot stop any more looks as far (rotation.c)

/// The owner has to hear of everything, and decides.
#define OWNER_WANTS (ART_OWNS | ART_WANTS_TAIL | ART_WANTS_LEAD | ART_DECIDES_NODE | ART_TELLS_NODE)

// --- who owns what --------------------------------------------------------------------------------------------------

typedef struct bonds {
  art_bond *item;
  int64_t count, capacity;
} bonds;

static void bind(bonds *all, int32_t a, int32_t b)
{
  const art_bond bond = { a, b };
  if (a != b) ART_PUSH(all->item, all->count, all->capacity, bond);
}

static int32_t node_of(const art_net *net, int32_t lane)
{
  return art_net_is_connector(net, lane) ? net->connector_node[art_net_connector_of_lane(net, lane)]
                                         : net->link_to[net->lane_link[lane]];
}

static void bind_signals(const art_net *net, bonds *all)
{
  int32_t *node = ART_NEW(int32_t, net->signal_count);
  for (int32_t s = 0; s < net->signal_count; ++s) node[s] = -1;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    if (s < 0) continue;
    if (node[s] < 0) node[s] = net->connector_node[c];
    bind(all, node[s], net->connector_node[c]);
  }
  free(node);
}

/// Where somebody dwells on the only lane of a link, and others may pass through the lane of the link back.
static void bind_passing(const art_sim_setup *setup, bonds *all)
{
  const art_net *net = setup->net;
  const art_demand *demand = setup->demand;
  int passes = 0;
  for (int32_t t = 0; t < demand->type_count; ++t) passes |= demand->type[t].lc_opposite > 0.0f;
  for (int32_t s = 0; passes && s < demand->stop_count; ++s) {
    const int32_t link = net->lane_link[demand->stop_lane[s]];
    if (art_net_link_lanes(net, link) == 1) bind(all, net->link_from[link], net->link_to[link]);
  }
}

/// Queues at signals are followed over the links of one approach.
static void bind_approaches(const art_sim_setup *setup, bonds *all)
{
  const art_net *net = setup->net;
  art_lane_groups groups = { 0 };
  if (!setup->approaches) return;
  art_lane_groups_build(net, &groups);
  for (int32_t g = 0; g < groups.count; ++g)
    for (int32_t link = groups.link[g], n = 0; groups.link_before[link] >= 0 && n < ART_QUEUE_LINKS; ++n) {
      bind(all, net->link_from[link], net->link_to[link]);
      link = groups.link_before[link];
    }
  art_lane_groups_free(&groups);
}

int64_t art_ranks_bonds(const art_sim_setup *setup, art_bond **bond)
{
  const art_net *net = setup->net;
  bonds all = { 0 };
  bind_signals(net, &all);
  for (int32_t link = 0; link < net->link_count; ++link)
    if (net->lane_length_m[net->link_first_lane[link]] < UNITE_BELOW_M) bind(&all, net->link_from[link], net->link_to[link]);
  bind_passing(setup, &all);
  bind_approaches(setup, &all);
  for (int32_t d = 0; d < net->detector_count; ++d)
    for (int32_t q = net->detector_first_point[d] + 1; q < net->detector_first_point[d + 1]; ++q)
      if (net->detector_kind[d] == ART_DETECTOR_AREA)
        bind(&all, node_of(net, net->detector_lane[q - 1]), node_of(net, net->detector_lane[q]));
  *bond = all.item;
  return all.count;
}

/// Load of each node as the demand lets expect it: how long its trips are on the links that lead there at free flow, as a mean
/// over the time in which they depart. Where that would be more vehicles than there are trips, there are all of them. NULL:
/// nobody departs.
static int64_t *expected_load(const art_sim_setup *setup)
{
  const art_net *net = setup->net;
  const art_demand *demand = setup->demand;
  int64_t trips = 0;
  art_tick first = INT64_MAX, last = INT64_MIN;
  int32_t *count = ART_NEW(int32_t, demand->route_count);
  for (int32_t t = 0; t < demand->trip_count; ++t) {
    const art_tick depart = demand->trip_depart_ms[t];
    if (depart < setup->begin_ms || depart >= setup->end_ms) continue;
    ++count[demand->trip_route[t]];
    ++trips;
    if (depart < first) first = depart;
    if (depart > last) last = depart;
  }
  double *on_link = ART_NEW(double, net->link_count), sum_s = 0.0;  // time; then vehicles
  for (int32_t r = 0; r < demand->route_count; ++r)
    for (int64_t h = demand->route_first[r]; count[r] > 0 && h < demand->route_first[r + 1]; ++h) {
      const int32_t link = demand->route_link[h], lane = net->link_first_lane[link];
      const double here_s = (double)count[r] * (double)(net->lane_length_m[lane] / net->lane_speed_mps[lane]);
      on_link[link] += here_s;
      sum_s += here_s;
    }
  const double span_s = trips > 0 ? (double)(last - first) * 1e-3 : 0.0;
  const double all = span_s > 0.0 && sum_s / span_s < (double)trips ? sum_s / span_s : (double)trips;
  int64_t *load = trips > 0 && sum_s > 0.0 ? ART_NEW(int64_t, net->node_count) : NULL;
  for (int32_t link = 0; load && link < net->link_count; ++link) on_link[link] *= all / sum_s;
  if (load) art_par_load_of(net, on_link, load);
  free(count);
  free(on_link);
  return load;
}

/// `load` NULL: what is expected.
static void cut(const art_sim_setup *setup, int32_t size, const int64_t *load, int32_t *owner)
{
  art_bond *bond;
  const int64_t count = art_ranks_bonds(setup, &bond);
  int64_t *expected = load ? NULL : expected_load(setup);
  art_par_partition_bound(setup->net, size, count, bond, load ? load : expected, owner);
  free(expected);
  free(bond);
}

void art_ranks_partition(const art_sim_setup *setup, int32_t size, int32_t *owner)
{
  cut(setup, size, NULL, owner);
}

void art_ranks_mend(const art_sim_setup *setup, int32_t *owner)
{
  art_bond *bond;
  const int64_t count = art_ranks_bonds(setup, &bond);
  const int32_t nodes = setup->net->node_count;
  int32_t *lowest = ART_NEW(int32_t, nodes);
  for (int32_t n = 0; n < nodes; ++n) lowest[n] = n;
  for (int changed = 1; changed;) {
    changed = 0;
    for (int64_t i = 0; i < count; ++i) {
      const int32_t a = lowest[bond[i].a], b = lowest[bond[i].b];
      if (a == b) continue;
      lowest[bond[i].a] = lowest[bond[i].b] = a < b ? a : b;
      changed = 1;
    }
  }
  for (int32_t n = 0; n < nodes; ++n) owner[n] = owner[lowest[n]];
  free(lowest);
  free(bond);
}

static art_status check_owners(const art_sim_setup *setup, const int32_t *owner, int32_t size, art_error *err)
{
  art_bond *bond;
  const art_net *net = setup->net;
  const int64_t count = art_ranks_bonds(setup, &bond);
  art_status status = ART_OK;
  for (int32_t n = 0; n < net->node_count && status == ART_OK; ++n)
    if (owner[n] < 0 || owner[n] >= size)
      status = art_fail(err, ART_E_INPUT, "partition: node %s: part %d: accepted are 0 to %d", net->node_id[n], (int)owner[n],
                        (int)size - 1);
  for (int64_t i = 0; i < count && status == ART_OK; ++i)
    if (owner[bond[i].a] != owner[bond[i].b])
      status = art_fail(err, ART_E_INPUT,
                        "partition: nodes %s and %s are in parts %d and %d: they share a signal, a link that is too short to stop on, "
                        "a stop that is passed through the opposite lane, or an area, and must be in one part",
                        net->node_id[bond[i].a], net->node_id[bond[i].b], (int)owner[bond[i].a], (int)owner[bond[i].b]);
  free(bond);
  return status;
}

/// METIS may round differently elsewhere, and is not made for threads: one rank asks it, and tells all.
static void share_partition(const art_sim_setup *setup, const art_group *group, const int64_t *load, int32_t *owner)
{
  const size_t size = (size_t)setup->net->node_count * sizeof *owner;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  if (group->rank == 0) {
    cut(setup, group->size, load, owner);
    (void)art_bytes_put(&mine, owner, size);
  }
  group->gather(group, &mine, &all, first);
  if (size > 0) memcpy(owner, all.data, size);
  free(first);
  free(mine.data);
  free(all.data);
}

static void count_vehicle(void *context, int32_t trip, int32_t lane, float pos_m, float speed_mps)
{
  (void)trip, (void)pos_m, (void)speed_mps;
  ++((int64_t *)context)[lane];
}

/// Load of each node as the traffic is now, over all ranks.
static int64_t *measure_load(const art_sim *sim)
{
  const art_net *net = sim->net;
  int64_t *vehicles = ART_NEW(int64_t, net->lane_count), *load = ART_NEW(int64_t, net->node_count);
  int64_t *rest = ART_NEW(int64_t, net->node_count);
  art_par_load_of(net, NULL, rest);
  art_for_each_vehicle(sim, count_vehicle, vehicles);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) load[node_of(net, lane)] += ART_LOAD_VEHICLE * vehicles[lane];
  art_ranks_sum(sim, net->node_count, load);
  for (int32_t n = 0; n < net->node_count; ++n) load[n] += rest[n];
  free(rest);
  free(vehicles);
  return load;
}

static double imbalance_of(const art_net *net, int32_t size, const int32_t *owner, const int64_t *load)
{
  int64_t *sum = ART_NEW(int64_t, size), most = 0, whole = 0;
  for (int32_t n = 0; n < net->node_count; ++n) sum[owner[n]] += load[n];
  for (int32_t r = 0; r < size; ++r) {
    whole += sum[r];
    if (sum[r] > most) most = sum[r];
  }
  free(sum);
  return whole > 0 ? (double)most * size / (double)whole : 1.0;
}

art_balance art_sim_balance(const art_sim *sim, const art_sim_setup *setup, int32_t *owner)
{
  art_balance balance = { 1.0, 1.0, 1.0 };
  const art_ranks *ranks = sim->ranks;
  if (!ranks) return balance;
  const int32_t size = ranks->group->size;
  const int64_t busy = (int64_t)(ranks->busy_s * 1e9);
  int64_t sum = busy, most = busy;
  art_ranks_sum(sim, 1, &sum);
  art_ranks_largest(sim, 1, &most);
  if (sum > 0) balance.measured = (double)most * size / (double)sum;
  int64_t *load = measure_load(sim);
  share_partition(setup, ranks->group, load, owner);
  balance.expected = imbalance_of(sim->net, size, ranks->node_owner, load);
  balance.possible = imbalance_of(sim->net, size, owner, load);
  free(load);
  return balance;
}

art_status art_ranks_begin(art_sim *sim, const art_sim_setup *setup, art_error *err)
{
  const art_group *group = setup->group;
  if (!group || group->size < 2) return ART_OK;
  const art_net *net = sim->net;
  art_ranks *ranks = sim->ranks = ART_NEW(art_ranks, 1);
  ranks->group = group;
  ranks->node_owner = ART_NEW(int32_t, net->node_count);
  ranks->lane_owner = ART_NEW(int32_t, net->lane_count);
  if (setup->node_rank)
    memcpy(ranks->node_owner, setup->node_rank, (size_t)net->node_count * sizeof *ranks->node_owner);
  else
    share_partition(setup, group, NULL, ranks->node_owner);
  const art_status status = check_owners(setup, ranks->node_owner, group->size, err);
  if (status != ART_OK) return status;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) ranks->lane_owner[lane] = ranks->node_owner[node_of(net, lane)];
  sim->lane_owner = ranks->lane_owner;
  sim->rank = group->rank;
  ranks->holds = ART_NEW(uint8_t, sim->demand->trip_count);
  for (int32_t trip = 0; trip < sim->demand->trip_count; ++trip) {
    const int32_t link = sim->demand->route_link[sim->demand->route_first[sim->demand->trip_route[trip]]];
    ranks->holds[trip] = ranks->lane_owner[net->link_first_lane[link]] == group->rank;
  }
  return ART_OK;
}

// --- who wants to know what -----------------------------------------------------------------------------------------

/// A row of interest on its way to the others. Nodes come as their complement.
typedef struct wish {
  int32_t id;
  uint8_t what;
} wish;

static void say_wishes(const art_sim *sim, art_bytes *out)
{
  const art_ranks *ranks = sim->ranks;
  const int32_t me = ranks->group->rank;
  for (int32_t lane = 0; lane < sim->net->lane_count; ++lane) {
    const wish row = { lane, ranks->lane_what[lane] };
    if (row.what && ranks->lane_owner[lane] != me) ART_PUT(out, row);
  }
  for (int32_t node = 0; node < sim->net->node_count; ++node) {
    const wish row = { ~node, ranks->node_what[node] };
    if (row.what && ranks->node_owner[node] != me) ART_PUT(out, row);
  }
}

/// The interest of others by lane or node: theirs as they said it, and the owner's. `peer` holds ranks here.
typedef struct rows {
  int32_t count;
  int32_t *first;
  art_interest *row;
} rows;

static rows rows_of(const art_sim *sim, const wish *wishes, const int64_t *first_of, int32_t count, const int32_t *owner,
                    const uint8_t *mine, int are_nodes)
{
  const art_group *group = sim->ranks->group;
  rows r = { .count = count, .first = ART_NEW(int32_t, count + 1) };
  for (int pass = 0; pass < 2; ++pass) {  // count, then fill
    for (int32_t id = 0; pass && id < count; ++id) r.first[id + 1] += r.first[id];
    if (pass) r.row = ART_NEW(art_interest, r.first[count]);
    int32_t *used = ART_NEW(int32_t, count);
    for (int32_t id = 0; id < count; ++id) {  // what I may do there its owner must hear of
      if (owner[id] == group->rank || !mine[id]) continue;
      if (pass) r.row[r.first[id] + used[id]++] = (art_interest){ owner[id], OWNER_WANTS };
      else ++r.first[id + 1];
    }
    for (int32_t rank = 0; rank < group->size; ++rank)
      for (int64_t i = first_of[rank]; i < first_of[rank + 1]; ++i) {
        const int32_t id = are_nodes ? ~wishes[i].id : wishes[i].id;
        if (rank == group->rank || id < 0 || (owner[id] != group->rank && !mine[id])) continue;
        if (pass) r.row[r.first[id] + used[id]++] = (art_interest){ rank, wishes[i].what };
        else ++r.first[id + 1];
      }
    free(used);
  }
  return r;
}

static void find_peers(art_ranks *ranks, const rows *lanes, const rows *nodes)
{
  uint8_t *is_peer = ART_NEW(uint8_t, ranks->group->size);
  int32_t *place = ART_NEW(int32_t, ranks->group->size);
  const rows *const both[2] = { lanes, nodes };
  for (int k = 0; k < 2; ++k)
    for (int32_t i = 0; i < both[k]->first[both[k]->count]; ++i) is_peer[both[k]->row[i].peer] = 1;
  ranks->peer = ART_NEW(int32_t, ranks->group->size);
  for (int32_t rank = 0; rank < ranks->group->size; ++rank) {
    if (!is_peer[rank]) continue;
    place[rank] = ranks->peer_count;
    ranks->peer[ranks->peer_count++] = rank;
  }
  for (int k = 0; k < 2; ++k)
    for (int32_t i = 0; i < both[k]->first[both[k]->count]; ++i) both[k]->row[i].peer = place[both[k]->row[i].peer];
  ranks->send = ART_NEW(art_bytes, ranks->peer_count);
  ranks->receive = ART_NEW(art_bytes, ranks->peer_count);
  ranks->reader = ART_NEW(art_byte_reader, ranks->peer_count);
  free(is_peer);
  free(place);
}

static void list_told(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  int32_t tails = 0, leads = 0;
  for (int32_t lane = 0; lane < sim->net->lane_count; ++lane) {
    if (ranks->lane_owner[lane] != ranks->group->rank) continue;
    for (int32_t i = ranks->lane_first[lane]; i < ranks->lane_first[lane + 1]; ++i) {
      const art_interest *row = &ranks->lane_row[i];
      if (row->what & ART_WANTS_TAIL) {
        const art_told_tail told = { lane, row->peer, { .rear_m = INFINITY } };
        ART_PUSH(ranks->told_tail, ranks->told_tail_count, tails, told);
      }
      if (row->what & ART_WANTS_LEAD) {
        const art_told_lead told = { lane, row->peer, { .distance_m = INFINITY, .vehicle = -1, .next_connector = -1 } };
        ART_PUSH(ranks->told_lead, ranks->told_lead_count, leads, told);
      }
    }
  }
}

void art_ranks_connect(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  if (!ranks) return;
  const art_net *net = sim->net;
  const art_group *group = ranks->group;
  ranks->lane_what = ART_NEW(uint8_t, net->lane_count);
  ranks->node_what = ART_NEW(uint8_t, net->node_count);
  art_ranks_look_out(sim);
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  say_wishes(sim, &mine);
  group->gather(group, &mine, &all, first);
  for (int32_t r = 0; r <= group->size; ++r) first[r] /= (int64_t)sizeof(wish);
  const wish *wishes = (const wish *)(const void *)all.data;
  rows lanes = rows_of(sim, wishes, first, net->lane_count, ranks->lane_owner, ranks->lane_what, 0);
  rows nodes = rows_of(sim, wishes, first, net->node_count, ranks->node_owner, ranks->node_what, 1);
  find_peers(ranks, &lanes, &nodes);
  ranks->lane_first = lanes.first;
  ranks->is_told = ART_NEW(uint8_t, net->lane_count);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) ranks->is_told[lane] = lanes.first[lane] < lanes.first[lane + 1];
  ranks->lane_row = lanes.row;
  ranks->node_first = nodes.first;
  ranks->node_row = nodes.row;
  list_told(sim);
  ranks->shared = ART_NEW(int32_t, net->node_count);
  for (int32_t n = 0; n < net->node_count; ++n) {
    const int decides = ranks->node_owner[n] == group->rank || (ranks->node_what[n] & ART_DECIDES_NODE);
    if (nodes.first[n] < nodes.first[n + 1]) ranks->shared[ranks->shared_count++] = n;
    if (!decides && sim->node_listens) sim->node_listens[n] = 0;
  }
  ranks->words_told = ART_NEW(int32_t, sim->threads);
  ranks->part = ART_NEW(art_bytes, (int64_t)(sim->threads - 1) * ranks->peer_count);
  ranks->notices_told = ART_NEW(int32_t, ranks->shared_count);
  art_ranks_find_border(sim);
  art_ranks_signals_build(sim);
  ranks->is_finished = sim->first_trip == sim->last_trip;
  free(first);
  free(mine.data);
  free(all.data);
}

void art_ranks_free(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  if (!ranks) return;
  for (int32_t p = 0; p < ranks->peer_count; ++p) {
    free(ranks->send[p].data);
    free(ranks->receive[p].data);
  }
  for (int32_t i = 0; i < (sim->threads - 1) * ranks->peer_count; ++i) free(ranks->part[i].data);
  free(ranks->part);
  free(ranks->is_told);
  art_ranks_signals_free(ranks);
  void *const owned[] = { ranks->node_owner, ranks->lane_owner, ranks->holds,    ranks->peer,      ranks->send,
                          ranks->receive,    ranks->lane_what,  ranks->node_what, ranks->lane_first, ranks->node_first,
                          ranks->lane_row,   ranks->node_row,   ranks->told_tail, ranks->told_lead, ranks->shared,
                          ranks->reader,     ranks->shown,      ranks->block,     ranks->node,      ranks->words_told,
                          ranks->notices_told, ranks };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

static art_ranks_share share_of(const art_sim *sim, const art_ranks *ranks)
{
  const art_net *net = sim->net;
  art_ranks_share share = { .peers = ranks->peer_count, .sent_bytes = ranks->bytes };
  for (int32_t n = 0; n < net->node_count; ++n) {
    const int is_mine = ranks->node_owner[n] == ranks->group->rank;
    share.nodes += is_mine;
    share.shared_nodes += !is_mine && (ranks->node_what[n] & ART_DECIDES_NODE);
  }
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    const int is_mine = ranks->lane_owner[lane] == ranks->group->rank;
    share.lanes += is_mine;
    share.watched_lanes += !is_mine && (ranks->lane_what[lane] & (ART_WANTS_TAIL | ART_WANTS_LEAD));
  }
  return share;
}

art_ranks_share art_sim_share(const art_sim *sim)
{
  const art_ranks_share whole = { .nodes = sim->net->node_count, .lanes = sim->net->lane_count };
  return sim->ranks ? share_of(sim, sim->ranks) : whole;
}

void art_ranks_shares(art_sim *sim, int32_t size, const int32_t *owner, art_ranks_share *of)
{
  const art_net *net = sim->net;
  art_group group = { .size = size };
  art_ranks ranks = { .group = &group,
                      .node_owner = ART_NEW(int32_t, net->node_count),
                      .lane_owner = ART_NEW(int32_t, net->lane_count),
                      .lane_what = ART_NEW(uint8_t, net->lane_count),
                      .node_what = ART_NEW(uint8_t, net->node_count) };
  if (net->node_count > 0) memcpy(ranks.node_owner, owner, (size_t)net->node_count * sizeof *owner);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) ranks.lane_owner[lane] = owner[node_of(net, lane)];
  sim->ranks = &ranks;
  for (group.rank = 0; group.rank < size; ++group.rank) {
    memset(ranks.lane_what, 0, (size_t)net->lane_count);
    memset(ranks.node_what, 0, (size_t)net->node_count);
    art_ranks_look_out(sim);
    of[group.rank] = share_of(sim, &ranks);
  }
  sim->ranks = NULL;
  free(ranks.node_owner);
  free(ranks.lane_owner);
  free(ranks.lane_what);
  free(ranks.node_what);
}

int art_sim_holds(const art_sim *sim, int32_t trip)
{
  return !sim->ranks || sim->ranks->holds[trip];
}
