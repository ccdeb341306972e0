// What travellers lose on a grid under different kinds of control: bench_signal_grid FLOW_VPH [SEEDS [LANES [BAYS
// [COLUMN_PART [SIZE [HOURS]]]]]]. Prints load and cycle of the optimised fixed plan, then a line per kind of control.
#include <stdio.h>
#include <stdlib.h>

#include "scenarios/whatif/webster.h"
#include "tests/support/grid_lab.h"

static double argument(int argc, char **argv, int i, double initial)
{
  return argc > i ? strtod(argv[i], NULL) : initial;
}

int main(int argc, char **argv)
{
  static const art_control kinds[] = { ART_CONTROL_FIXED, ART_CONTROL_MAX_PRESSURE, ART_CONTROL_SOTL,
                                       ART_CONTROL_ADAPTIVE };
  art_grid_lab lab = art_grid_lab_default();
  if (argc < 2) return fputs("usage: bench_signal_grid FLOW_VPH [SEEDS [LANES [BAYS [COLUMN_PART [SIZE [HOURS]]]]]]\n", stderr), 2;
  lab.flow_vph = strtod(argv[1], NULL);
  lab.hours = argument(argc, argv, 7, 0.5);
  const int seeds = (int)argument(argc, argv, 2, 3);
  lab.lanes = (int32_t)argument(argc, argv, 3, lab.lanes);
  lab.turn_bays = (int)argument(argc, argv, 4, lab.turn_bays);
  lab.column_part = argument(argc, argv, 5, lab.column_part);
  lab.size = (int32_t)argument(argc, argv, 6, lab.size);
  art_error err = { 0 };
  art_city *city = NULL;
  art_grid_plan plan;
  if (art_grid_lab_city(&lab, &city, &err) != ART_OK ||
      art_grid_lab_optimise(&lab, city, 1, ART_CYCLE_BEST, &plan, &err) != ART_OK)
    return fprintf(stderr, "signal_grid: %s\n", err.message), 1;
  printf("optimised plan: load %.3f, %s, longest cycle %.0f s\n", plan.load, plan.rule, plan.cycle_s);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
    art_grid_lab_control(city->net, kinds[k]);
    double delay = 0, stops = 0, switches = 0;
    int64_t unfinished = 0;
    printf("%-14s", art_control_name(kinds[k]));
    for (int seed = 1; seed <= seeds; ++seed) {
      art_grid_result r;
      if (art_grid_lab_run(&lab, city->net, (uint64_t)seed, 2, &r, &err) != ART_OK)
        return fprintf(stderr, "signal_grid: %s\n", err.message), 1;
      printf(" %7.2f", r.delay_s);
      fflush(stdout);
      delay += r.delay_s / seeds;
      stops += r.stops / seeds;
      switches += r.switches_per_h / seeds;
      unfinished += r.unfinished;
    }
    printf("  mean %7.2f s  stops %.2f  greens/h %.1f  unfinished %lld\n", delay, stops, switches, (long long)unfinished);
  }
  art_city_free(city);
  return 0;
}
