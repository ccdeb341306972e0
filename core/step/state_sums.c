/// Sums of the intervals that are open: of links, detectors and movements. What is all zero is left out.
#include "core/step/state_internal.h"
#include "core/step/stats_internal.h"

static art_status fail(art_error *err, const char *what, int32_t at)
{
  return art_fail(err, ART_E_INPUT, "saved state: sums of %s %d: there is none, or its record ends early",
                  what, (int)at);
}

// --- links ----------------------------------------------------------------------------------------------------------

static int link_has_sums(const art_link_sums *sums, int32_t i)
{
  int has = 0;
#define X(column, type) has |= sums->column[i] != 0;
  ART_LINK_SUM_LIST(X)
#undef X
  return has;
}

static void put_links(const art_sim *sim, art_bytes *out)
{
  const art_link_sums *sums = &sim->link_sums;
  int32_t count = 0;
  for (int32_t i = 0; i < sums->link_count; ++i) count += link_has_sums(sums, i);
  ART_PUT(out, count);
  for (int32_t i = 0; i < sums->link_count; ++i) {
    if (!link_has_sums(sums, i)) continue;
    ART_PUT(out, i);
#define X(column, type) ART_PUT(out, sums->column[i]);
    ART_LINK_SUM_LIST(X)
#undef X
  }
}

/// Adds a value to a sum, or raises a maximum to it.
#define MERGE(column, type, is_maximum)                                      \
  {                                                                          \
    type value;                                                              \
    ART_GET(in, value);                                                      \
    if (!(is_maximum))                                                       \
      sums->column[i] = (type)((uint64_t)sums->column[i] + (uint64_t)value); \
    else if (value > sums->column[i])                                        \
      sums->column[i] = value;                                               \
  }

static art_status get_links(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_link_sums *sums = &sim->link_sums;
  int32_t count, i = 0;
  ART_GET(in, count);
  for (int32_t n = 0; n < count; ++n) {
    ART_GET(in, i);
    if (in->is_short || i < 0 || i >= sums->link_count) return fail(err, "link", i);
#define X(column, type) MERGE(column, type, (const void *)sums->column == (const void *)sums->queue_max_m)
    ART_LINK_SUM_LIST(X)
#undef X
  }
  return in->is_short || count < 0 ? fail(err, "link", i) : ART_OK;
}

// --- detectors ------------------------------------------------------------------------------------------------------

static void put_detectors(const art_sim *sim, art_bytes *out)
{
  const art_detector_sums *sums = &sim->detector_sums;
  for (int32_t i = 0; i < sums->detector_count; ++i) {
    ART_PUT(out, sim->zone_inside[i]);
#define X(column, type) ART_PUT(out, sums->column[i]);
    ART_DETECTOR_SUM_LIST(X)
#undef X
    (void)art_bytes_put(out, sums->class_count + (size_t)i * ART_COUNT_CLASSES,
                        ART_COUNT_CLASSES * sizeof *sums->class_count);
  }
}

static art_status get_detectors(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_detector_sums *sums = &sim->detector_sums;
  for (int32_t i = 0; i < sums->detector_count; ++i) {
    int32_t inside, classes[ART_COUNT_CLASSES];
    ART_GET(in, inside);
    sim->zone_inside[i] = (int32_t)((uint32_t)sim->zone_inside[i] + (uint32_t)inside);
#define X(column, type)                                                 \
  MERGE(column, type,                                                   \
        (const void *)sums->column == (const void *)sums->jam_max_mm || \
            (const void *)sums->column == (const void *)sums->jam_vehicles_max)
    ART_DETECTOR_SUM_LIST(X)
#undef X
    ART_GET(in, classes);
    for (int c = 0; c < ART_COUNT_CLASSES; ++c) {
      int32_t *sum = &sums->class_count[i * ART_COUNT_CLASSES + c];
      *sum = (int32_t)((uint32_t)*sum + (uint32_t)classes[c]);
    }
    if (in->is_short) return fail(err, "detector", i);
  }
  return ART_OK;
}

// --- movements ------------------------------------------------------------------------------------------------------

static int was_used(const art_sim *sim, int32_t c)
{
  return sim->movement_sums[c] || sim->movement_taken[c] || sim->movement_out[c] || sim->movement_delay_ms[c];
}

static void put_movements(const art_sim *sim, art_bytes *out)
{
  int32_t count = 0;
  for (int32_t c = 0; c < sim->net->connector_count; ++c) count += was_used(sim, c);
  ART_PUT(out, count);
  for (int32_t c = 0; c < sim->net->connector_count; ++c) {
    if (!was_used(sim, c)) continue;
    ART_PUT(out, c);
    ART_PUT(out, sim->movement_sums[c]);
    ART_PUT(out, sim->movement_taken[c]);
    ART_PUT(out, sim->movement_out[c]);
    ART_PUT(out, sim->movement_delay_ms[c]);
  }
}

static art_status get_movements(art_sim *sim, art_byte_reader *in, art_error *err)
{
  int32_t count, c = 0;
  ART_GET(in, count);
  for (int32_t n = 0; n < count; ++n) {
    int32_t passed, taken, out;
    int64_t delay_ms;
    ART_GET(in, c);
    ART_GET(in, passed);
    ART_GET(in, taken);
    ART_GET(in, out);
    ART_GET(in, delay_ms);
    if (in->is_short || c < 0 || c >= sim->net->connector_count) return fail(err, "movement", c);
    sim->movement_sums[c] = (int32_t)((uint32_t)sim->movement_sums[c] + (uint32_t)passed);
    sim->movement_taken[c] = (int32_t)((uint32_t)sim->movement_taken[c] + (uint32_t)taken);
    sim->movement_out[c] = (int32_t)((uint32_t)sim->movement_out[c] + (uint32_t)out);
    sim->movement_delay_ms[c] = (int64_t)((uint64_t)sim->movement_delay_ms[c] + (uint64_t)delay_ms);
  }
  return in->is_short || count < 0 ? fail(err, "movement", c) : ART_OK;
}

void art_state_put_sums(const art_sim *sim, art_bytes *out)
{
  put_links(sim, out);
  put_detectors(sim, out);
  put_movements(sim, out);
}

art_status art_state_get_sums(art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_status status = get_links(sim, in, err);
  if (status == ART_OK) status = get_detectors(sim, in, err);
  if (status == ART_OK) status = get_movements(sim, in, err);
  return status;
}
