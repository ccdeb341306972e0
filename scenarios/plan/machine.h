/// \file machine.h
/// What a step costs on a machine: the constants of the model in plan.h, their built-in values and their file.
#ifndef ART_SCENARIOS_PLAN_MACHINE_H
#define ART_SCENARIOS_PLAN_MACHINE_H
#include <stdio.h>

#include "core/base/status.h"

/// X(name, unit, built-in, lowest, highest, sentence). The built-in values were measured by scripts/fit_plan on two cores of
/// an AMD EPYC (1 MiB of L2 each, 32 MiB of L3) with Open MPI 4.1 while others used it too; what threads add is that of
/// docs/performance.md, and what a network between computers takes is assumed.
#define ART_MACHINE_LIST(X)                                                                                           \
  X(lane_ns, "ns", 200.0, 0.0, 1e6, "A lane of a link or a connector, in every step.")                                 \
  X(vehicle_ns, "ns", 280.0, 0.0, 1e6, "A vehicle on the road, in every step.")                                       \
  X(step_us, "us", 46.0, 0.0, 1e6, "A step, whatever it holds.")                                                      \
  X(thread_us, "us", 10.0, 0.0, 1e6, "A step, for each thread beyond the first: waking, barriers.")                   \
  X(thread_gain, "1", 0.9, 0.01, 1.0, "What each thread beyond the first adds to the speed of one.")                  \
  X(halo_lane_ns, "ns", 570.0, 0.0, 1e6, "A lane at the boundary, in every step: packing, unpacking.")                \
  X(halo_vehicle_ns, "ns", 460.0, 0.0, 1e6, "A vehicle near the boundary, in every step: the same.")                  \
  X(halo_m, "m", 100.0, 1.0, 1e4, "Distance from the boundary within which vehicles are told to the neighbour.")      \
  X(halo_lane_bytes, "B", 64.0, 0.0, 1e9, "A lane at the boundary, in the messages of a step.")                       \
  X(halo_vehicle_bytes, "B", 145.0, 0.0, 1e9, "A vehicle near the boundary, in the messages of a step.")               \
  X(exchanges, "1", 2.0, 1.0, 100.0, "Messages to each neighbour in a step.")                                         \
  X(reductions, "1", 1.0, 0.0, 100.0, "Values agreed by all ranks in a step.")                                        \
  X(latency_us, "us", 0.4, 0.001, 1e6, "A message to a rank of the same node.")                                       \
  X(bandwidth_gbps, "GB/s", 1.5, 0.001, 1e4, "The same: bytes of it.")                                                \
  X(network_latency_us, "us", 3.0, 0.001, 1e6, "A message to a rank of another node. Assumed, not measured.")         \
  X(network_bandwidth_gbps, "GB/s", 5.0, 0.001, 1e4, "The same: bytes of it, of one rank. Assumed, not measured.")    \
  X(process_mib, "MiB", 27.0, 0.0, 1e6, "A process, whatever it holds.")                                              \
  X(city_lane_bytes, "B", 860.0, 0.0, 1e9, "The city, by lane of a link or connector.")                              \
  X(lane_bytes, "B", 370.0, 0.0, 1e9, "What is simulated, by lane.")                                                  \
  X(vehicle_bytes, "B", 125.0, 0.0, 1e9, "What is simulated, by vehicle on the road.")                                \
  X(trip_bytes, "B", 1400.0, 0.0, 1e9, "Demand and records, by trip.")                                                \
  X(whole_share, "1", 1.0, 0.0, 1.0, "Share of city, demand and lanes that a rank holds beyond its part.")

typedef struct art_machine {
#define X(name, unit, initial, lowest, highest, sentence) double name;
  ART_MACHINE_LIST(X)
#undef X
} art_machine;

art_machine art_machine_default(void);
/// Lines "name: value" over the built-in values; '#' begins a comment. Problems name file, line and range (ART_E_INPUT).
art_status art_machine_read(const char *path, art_machine *out, art_error *err);
/// In the form that art_machine_read takes, each line with unit and sentence.
void art_machine_print(const art_machine *machine, FILE *file);

#endif  // ART_SCENARIOS_PLAN_MACHINE_H
