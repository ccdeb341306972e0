// Saved states of a small city from a buffer. An even first byte: the rest are edits of a sound state, seven bytes each (where,
// and what stands there then); odd: the rest is the state. In both cases the sums over sections are made right, so that what
// is behind them is reached. Oracle: a refused state has a message and is bad input; one that is accepted can be saved again.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/step/state.h"
#include "core/step/state_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"

enum { HEAD_BYTES = 24, EDIT_BYTES = 7, MOST_EDITS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static random_city city;
static art_bytes sound;

static art_sim *create(void)
{
  const art_sim_setup setup = { .net = city.net,
                                .demand = city.demand,
                                .kernels = art_models_kernels(),
                                .seed = 5,
                                .step_ms = 500,
                                .end_ms = 3600000,
                                .threads = 1,
                                .model = ART_MODEL_IIDM,
                                .reroute_share = 0.5,
                                .reroute_period_ms = 10000,
                                .approaches = 1 };
  art_sim *sim = NULL;
  art_error err = { 0 };
  if (art_sim_create(&setup, &sim, &err) != ART_OK) fprintf(stderr, "%s\n", err.message), abort();
  return sim;
}

static void make_sound_state(void)
{
  const city_traits traits = { .nodes = 3,
                               .trips = 100,
                               .most_lanes = 2,
                               .least_link_m = 5.0f,
                               .with_signals = 1,
                               .with_crossings = 1,
                               .with_stops = 1,
                               .longest_m = 12.0f };
  city = city_build(56, &traits);
  art_sim *sim = create();
  art_error err = { 0 };
  if (art_sim_advance(sim, 90000, &err) != ART_OK) abort();
  art_sim_save(sim, &sound);
  art_sim_free(sim);
}

static void mend_sums(art_bytes *state)
{
  for (size_t at = 0; at + HEAD_BYTES <= state->count;) {
    uint64_t count;
    memcpy(&count, state->data + at + 8, sizeof count);
    if (count > state->count - at - HEAD_BYTES) return;
    const uint64_t sum = art_state_sum(0, state->data + at + HEAD_BYTES, (size_t)count);
    memcpy(state->data + at + 16, &sum, sizeof sum);
    at += HEAD_BYTES + (size_t)count;
  }
}

static void edit(art_bytes *state, const uint8_t *edits, size_t count)
{
  for (size_t n = 0; n < MOST_EDITS && (n + 1) * EDIT_BYTES <= count; ++n) {
    const uint8_t *e = edits + n * EDIT_BYTES;
    const size_t at = ((size_t)e[0] << 16 | (size_t)e[1] << 8 | e[2]) % (state->count - 4);
    memcpy(state->data + at, e + 3, 4);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!sound.count) make_sound_state();
  if (size < 2) return 0;
  art_bytes state = { 0 }, again = { 0 };
  if (data[0] & 1) {
    (void)art_bytes_put(&state, data + 1, size - 1);
  } else {
    (void)art_bytes_put(&state, sound.data, sound.count);
    edit(&state, data + 1, size - 1);
  }
  mend_sums(&state);
  art_sim *sim = create();
  art_error err = { 0 };
  const art_status status = art_sim_restore(sim, state.data, state.count, &err);
  if (status != ART_OK && (status != ART_E_INPUT || !err.message[0])) abort();
  if (status == ART_OK) {
    art_sim_save(sim, &again);
    if (again.count == 0) abort();
  }
  art_sim_free(sim);
  free(state.data);
  free(again.data);
  return 0;
}
