// Fundamental diagrams of a ring road of 1 km for every car-following model: prints CSV for scripts/plot_fundamental_diagram.
// Drivers are the urban default, once all alike and once as they are (spread and noise; sigma for Krauss).
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/ring_run.h"

#define RING_M 1000.0
#define LIMIT_MPS (50.0f / 3.6f)

/// Mean speed over 300 s after 600 s, or a negative number.
static double measure(const art_vtype *type, int model, int32_t count)
{
  ring_run r;
  art_error err = { 0 };
  art_status status = ring_start(&r, RING_M, LIMIT_MPS, count, 0.2, type, model, 500, 1, &err);
  if (status == ART_OK) status = art_sim_advance(r.sim, 600000, &err);
  double speed = -1.0;
  if (status == ART_OK) {
    const int64_t before_mm = art_sim_ledger(r.sim).distance_mm;
    status = art_sim_advance(r.sim, 900000, &err);
    speed = (double)(art_sim_ledger(r.sim).distance_mm - before_mm) * 1e-3 / count / 300.0;
  }
  if (status != ART_OK)
    fprintf(stderr, "%s, %d vehicles: %s\n", art_model_name(model), (int)count, err.message);
  ring_free(&r);
  return status == ART_OK ? speed : -1.0;
}

static int is_wanted(int model, int count, char **names)
{
  for (int i = 1; i < count; ++i)
    if (art_model_find(names[i]) == model) return 1;
  return count < 2;
}

/// Arguments: names of models; none: all.
int main(int argc, char **argv)
{
  printf("model,drivers,density_vpkm,speed_mps,flow_vph\n");
  for (int model = 0; model < ART_MODEL_COUNT; ++model)
    for (int differ = 0; differ < 2 && is_wanted(model, argc, argv); ++differ) {
      art_vtype type = art_vtype_default();
      // Gipps and Krauss are about braking limits, not comfort: with 2 m/s2 their drivers would hardly dare to follow.
      if (model == ART_MODEL_GIPPS || model == ART_MODEL_KRAUSS) type.decel_mps2 = 4.5f;
      if (!differ) type.speed_factor_dev = type.time_gap_dev = type.noise_mps2 = type.sigma = 0.0f;
      for (int32_t count = 4; count <= 138; count += count < 60 ? 4 : 6) {
        const double speed = measure(&type, model, count);
        if (speed < 0.0) return EXIT_FAILURE;
        printf("%s,%s,%d,%.4f,%.1f\n", art_model_name(model), differ ? "differ" : "alike", (int)count, speed,
               3.6 * speed * count);
      }
    }
  return EXIT_SUCCESS;
}
