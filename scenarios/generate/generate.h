/// \file generate.h
/// Synthetic cities and demands of any size. Everything is a function of the options, the seed included: equal options
/// give equal cities. Cities have what imported ones have: shapes, connectors with conflicts and holding points, right of
/// way, signal plans, detectors where wanted. Lengths in metres, speeds in m/s, times in seconds.
#ifndef ART_SCENARIOS_GENERATE_GENERATE_H
#define ART_SCENARIOS_GENERATE_GENERATE_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "io/city/city.h"

/// What all generated cities have in common. Start from art_street_defaults().
typedef struct art_street_options {
  int32_t lanes;               ///< of each direction, 1 to 16 (15 with turn bays)
  double speed_mps;            ///< limit of links
  double signals;              ///< share of the nodes where streets meet that have signals, 0 to 1
  art_node_kind unsignalised;  ///< of the others: PRIORITY, PRIORITY_STOP, ALLWAY_STOP or RIGHT_BEFORE_LEFT
  int turn_bays;   ///< 1: a lane of its own for left turns before each node, with a stage of its own
  double cycle_s;  ///< of signals; 0: by Webster's formula
  int detectors;   ///< 1: a loop on each lane that leads to a node where streets meet
  int left_hand;   ///< 1: traffic keeps left
  uint64_t seed;
} art_street_options;
art_street_options art_street_defaults(void);

/// Streets in columns and rows, both directions.
typedef struct art_grid_options {
  art_street_options street;
  int32_t columns, rows;
  double block_m;  ///< from node to node
  double arm_m;    ///< length of streets that lead out at the rim; 0: none (but one block for a single node)
  int torus;       ///< 1: what leaves at one side enters at the other; no rim
} art_grid_options;
art_status art_generate_grid(const art_grid_options *options, art_city **out, art_error *err);

/// A closed road of one direction. Lanes are joined at `links` nodes, where nothing else happens.
typedef struct art_ring_options {
  art_street_options street;
  double length_m;  ///< once round, along every lane
  int32_t links;
} art_ring_options;
art_status art_generate_ring(const art_ring_options *options, art_city **out, art_error *err);

/// A straight road with an entry and an exit at its ends.
typedef struct art_corridor_options {
  art_street_options street;
  int32_t links;
  double block_m;
  int32_t cross_lanes;  ///< of streets that cross at each inner node; 0: none, and then no signals
  double arm_m;         ///< length of the crossing streets on either side
  int one_way;
} art_corridor_options;
art_status art_generate_corridor(const art_corridor_options *options, art_city **out, art_error *err);

/// Nodes at random places, joined by a planar network of streets with 1 to `lanes` lanes.
typedef struct art_random_options {
  art_street_options street;
  int32_t nodes;
  double block_m;  ///< mean distance: the area is nodes x block^2
} art_random_options;
art_status art_generate_random(const art_random_options *options, art_city **out, art_error *err);

/// Vehicles that are on the road from the start and stay there: spread evenly over the lanes, on walks that last for
/// `duration_s` even without any traffic. Where a city cannot be left (it has gates only, like a corridor without signals),
/// vehicles cross it instead, and others follow at the rate at which they leave.
typedef struct art_fleet_options {
  int64_t vehicles;  ///< running at once
  double duration_s;
  int32_t vclass;  ///< art_vclass
  uint64_t seed;
} art_fleet_options;
art_status art_generate_fleet(const art_city *city, const art_fleet_options *options, art_demand **out,
                              art_error *err);

/// Trips between random links, origins and destinations weighted by the length of their lanes, departures spread evenly.
/// Routes are fastest ways over times that are disturbed, differently for each destination, so that they spread.
typedef struct art_trips_options {
  int64_t trips;
  double begin_s, duration_s;
  int32_t vclass;
  double noise;  ///< link times are taken up to this share longer at random
  uint64_t seed;
  /// > 0: instead of a number of trips, as many as bring the 95th percentile of volume over capacity (load.h; of junctions,
  /// each counted as often as somebody passes it) to this. They are added destination by destination, each on the ways that
  /// are fastest with the delays of those before; a trip that would bring a movement above `most_load` is left out, and where
  /// nine of ten have to be left out, the city is full and no more are added. Departures are independent of each other.
  double load, most_load;
} art_trips_options;

typedef struct art_trips_report {
  int64_t trips, left_out;
  double load;                  ///< reached; less than wanted where nothing more fits
  double link_load, most_load;  ///< the 95th percentile of links with any volume, each counted once, and the highest
  /// By connector, of a load: volumes, what they could be if each had its lane to itself, and how full their lane is of all
  /// that leave from it. NULL without a load.
  double *vph, *capacity_vph, *lane_share;
} art_trips_report;
/// `report` may be NULL; the caller clears it.
art_status art_generate_trips(const art_city *city, const art_trips_options *options, art_demand **out,
                              art_trips_report *report, art_error *err);
void art_trips_report_clear(art_trips_report *report);

#endif  // ART_SCENARIOS_GENERATE_GENERATE_H
