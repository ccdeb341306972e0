/* A signal controller in a shared library: serves the stage before which somebody waits longest, extends it as long as
 * vehicles come, and gives every stage its turn after two minutes. Build:
 *
 *     cc -shared -fPIC -I <source of arterial> -o user_controller.so user_controller.c
 *
 * and name it in a scenario:
 *
 *     controllers:
 *       - {signals: all, control: user, library: user_controller.so, options: "max 40"}
 */
#include <stdio.h>

#include "core/step/user_control.h"

#define GAP_MS 3000
#define MIN_MS 6000
#define TURN_MS 120000

/* Since when somebody has waited at the sensors of a stage; now if nobody does. */
static int64_t waits_since(const art_user_signal *signal, const art_user_stage *stage)
{
  int64_t since = signal->now_ms;
  for (int32_t i = 0; i < stage->sensor_count; ++i) {
    const art_user_sensor *sensor = &signal->sensor[stage->sensor[i]];
    if (sensor->is_occupied && sensor->since_ms < since) since = sensor->since_ms;
  }
  return since;
}

/* Did anybody pass the sensors of a stage within the gap? */
static int is_used(const art_user_signal *signal, const art_user_stage *stage)
{
  for (int32_t i = 0; i < stage->sensor_count; ++i) {
    const art_user_sensor *sensor = &signal->sensor[stage->sensor[i]];
    if (sensor->is_occupied || (sensor->count > 0 && signal->now_ms - sensor->since_ms < GAP_MS)) return 1;
  }
  return 0;
}

int arterial_control(const art_user_signal *signal, art_user_decision *decision)
{
  double max_s = 60.0;
  int64_t *green_since = &signal->memory[0]; /* when the stage at hand was first shown; 0: not yet */
  int64_t *left_at = &signal->memory[1];     /* by stage: when it was left */
  if (signal->version < 1 || signal->stage_count < 1 || signal->stage_count >= ART_USER_MEMORY_WORDS) return 1;
  (void)sscanf(signal->options, "max %lf", &max_s);
  if (decision->stage < 0) {
    decision->stage = 0;
    return 0;
  }
  if (signal->stage_shown != decision->stage) return 0; /* on the way there */
  if (*green_since == 0) *green_since = signal->now_ms;

  const int64_t green_ms = signal->now_ms - *green_since;
  if (green_ms < MIN_MS) return 0;
  if (is_used(signal, &signal->stage[decision->stage]) && (double)green_ms < 1000.0 * max_s) return 0;

  int32_t next = decision->stage;
  int64_t longest = signal->now_ms;
  for (int32_t k = 0; k < signal->stage_count; ++k) {
    if (k == decision->stage) continue;
    int64_t since = waits_since(signal, &signal->stage[k]);
    if (signal->now_ms - left_at[k] > TURN_MS && left_at[k] < since) since = left_at[k];
    if (since < longest) {
      longest = since;
      next = k;
    }
  }
  if (next != decision->stage) {
    left_at[decision->stage] = signal->now_ms;
    decision->stage = next;
    *green_since = 0;
  }
  return 0;
}
