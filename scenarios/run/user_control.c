#include "scenarios/run/user_control.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/user_control.h"

#define EVERY_MS 1000
_Static_assert(ART_USER_MEMORY_WORDS <= ART_CONTROL_WORDS, "memory that users are promised");

typedef struct entry {
  art_user_control function;  ///< NULL: by the clock
  const char *options;
} entry;

struct art_user_controls {
  int32_t library_count;
  void **library;
  entry *by_signal;
};

static art_status open_library(const art_scenario *s, const art_controller *c, art_user_controls *controls,
                               art_user_control *function, art_error *err)
{
  void *library = dlopen(c->library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    return art_fail(err, ART_E_INPUT, "%s:%d: controllers: library %.300s cannot be loaded: %.400s", s->path, c->line,
                    c->library, why ? why : "");
  }
  controls->library[controls->library_count++] = library;
  // POSIX says that the address of a function may be had this way; C does not let it be cast.
  void *address = dlsym(library, "arterial_control");
  memcpy(function, &address, sizeof address);
  if (!address)
    return art_fail(err, ART_E_INPUT, "%s:%d: controllers: library %.300s has no function arterial_control", s->path,
                    c->line, c->library);
  return ART_OK;
}

art_status art_user_controls_open(const art_scenario *scenario, const art_net *net, art_user_controls **out, art_error *err)
{
  art_user_controls *controls = NULL;
  art_status status = ART_OK;
  *out = NULL;
  for (int32_t k = 0; k < scenario->controller_count && status == ART_OK; ++k) {
    const art_controller *c = &scenario->controller[k];
    if (!c->library) continue;
    if (!controls) {
      controls = ART_NEW(art_user_controls, 1);
      controls->library = ART_NEW(void *, scenario->controller_count);
      controls->by_signal = ART_NEW(entry, net->signal_count);
    }
    entry one = { .options = c->options ? c->options : "" };
    status = open_library(scenario, c, controls, &one.function, err);
    if (status != ART_OK) break;
    const int all = c->signal_count == 1 && strcmp(c->signals[0], "all") == 0;
    for (int32_t s = 0; all && s < net->signal_count; ++s) controls->by_signal[s] = one;
    for (int32_t i = 0; !all && i < c->signal_count; ++i)
      controls->by_signal[art_net_find(net->signal_id, net->signal_count, c->signals[i])] = one;
  }
  if (status == ART_OK)
    *out = controls;
  else
    art_user_controls_free(controls);
  return status;
}

void art_user_controls_free(art_user_controls *controls)
{
  if (!controls) return;
  for (int32_t i = 0; i < controls->library_count; ++i) dlclose(controls->library[i]);
  free(controls->library);
  free(controls->by_signal);
  free(controls);
}

// --- a call ---------------------------------------------------------------------------------------------------------

/// What one call shows of the program, built for it.
typedef struct picture {
  art_user_stage *stage;
  art_user_sensor *sensor;
  int32_t *row;       ///< sensors of the stages, one stage after the other
  int32_t *detector;  ///< of the net, by sensor
  int32_t sensor_count;
  uint8_t *people;
} picture;

static int32_t sensor_of(picture *p, const art_control_view *view, int32_t detector)
{
  for (int32_t i = 0; i < p->sensor_count; ++i)
    if (p->detector[i] == detector) return i;
  const art_sensor_reading *reading = &view->sensor[detector];
  p->detector[p->sensor_count] = detector;
  p->sensor[p->sensor_count] = (art_user_sensor){ .id = view->net->detector_id[detector],
                                                  .count = reading->count,
                                                  .is_occupied = reading->occupied,
                                                  .since_ms = reading->since_ms };
  return p->sensor_count++;
}

static picture look(const art_control_view *view)
{
  const art_net *net = view->net;
  const int32_t first = net->program_first_phase[view->program], end = net->program_first_phase[view->program + 1];
  const int32_t begin = net->phase_first_sensor[first], rows = net->phase_first_sensor[end] - begin;
  picture p = { .stage = ART_NEW(art_user_stage, end - first),
                .sensor = ART_NEW(art_user_sensor, rows),
                .row = ART_NEW(int32_t, rows),
                .detector = ART_NEW(int32_t, rows),
                .people = ART_NEW(uint8_t, net->signal_group_count[view->signal]) };
  for (int32_t i = 0; view->sensor && i < rows; ++i) p.row[i] = sensor_of(&p, view, net->phase_sensor[begin + i]);
  for (int32_t k = first; k < end; ++k)
    p.stage[k - first] =
        (art_user_stage){ .letters = net->phase_state + net->phase_first_state[k],
                          .duration_ms = net->phase_duration_ms[k],
                          .min_ms = net->phase_min_ms[k],
                          .max_ms = net->phase_max_ms[k],
                          .extension_ms = art_net_phase_time_ms(net, ART_PHASE_TIME_extension_ms, k),
                          .sensor_count = view->sensor ? net->phase_first_sensor[k + 1] - net->phase_first_sensor[k] : 0,
                          .sensor = p.row + (net->phase_first_sensor[k] - begin) };
  for (int32_t x = 0; view->foot_waits && x < net->crossing_count; ++x)
    if (net->crossing_signal[x] == view->signal) p.people[net->crossing_signal_group[x]] |= view->foot_waits[x];
  return p;
}

static void forget(picture *p)
{
  free(p->stage);
  free(p->sensor);
  free(p->row);
  free(p->detector);
  free(p->people);
}

static int32_t stage_shown(const art_control_view *view, const picture *p, int32_t stages, int32_t groups)
{
  for (int32_t k = 0; k < stages; ++k)
    if (memcmp(view->shown, p->stage[k].letters, (size_t)groups) == 0) return k;
  return -1;
}

void art_user_controls_run(void *context, art_control_view *view)
{
  const art_user_controls *controls = context;
  const entry *one = &controls->by_signal[view->signal];
  const art_net *net = view->net;
  if (!one->function) {
    art_control_by_clock(view);
    return;
  }
  const int32_t stages = net->program_first_phase[view->program + 1] - net->program_first_phase[view->program];
  const int32_t groups = net->signal_group_count[view->signal];
  picture p = look(view);
  char *letters = ART_NEW(char, groups);
  memcpy(letters, view->wanted, (size_t)groups);
  const art_user_signal signal = { .version = ART_USER_CONTROL_VERSION,
                                   .id = net->signal_id[view->signal],
                                   .program = net->program_id[view->program],
                                   .options = one->options,
                                   .now_ms = view->now_ms,
                                   .begin_ms = view->begin_ms,
                                   .group_count = groups,
                                   .shown = view->shown,
                                   .shown_since_ms = view->since_ms,
                                   .people_wait = p.people,
                                   .stage_count = stages,
                                   .stage = p.stage,
                                   .stage_wanted = view->phase,
                                   .stage_shown = stage_shown(view, &p, stages, groups),
                                   .sensor_count = p.sensor_count,
                                   .sensor = p.sensor,
                                   .memory = view->memory };
  art_user_decision decision = { .stage = view->phase, .letters = letters, .next_ms = view->now_ms + EVERY_MS };
  if (one->function(&signal, &decision) == 0) {
    if (decision.stage >= 0 && decision.stage < stages) {
      view->phase = decision.stage;
      memcpy(view->wanted, p.stage[decision.stage].letters, (size_t)groups);
    } else if (decision.stage == -1) {
      view->phase = -1;
      memcpy(view->wanted, letters, (size_t)groups);
    }
  }
  view->next_ms = decision.next_ms > view->now_ms ? decision.next_ms : view->now_ms + EVERY_MS;
  free(letters);
  forget(&p);
}
