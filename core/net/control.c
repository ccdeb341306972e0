#include "core/net/control.h"

#include <string.h>

static const char *const names[] = {
#define X(suffix, name) name,
  ART_CONTROL_LIST(X)
#undef X
};

int art_control_find(const char *name)
{
  for (int i = 0; i < ART_CONTROL_COUNT; ++i)
    if (strcmp(name, names[i]) == 0) return i;
  return -1;
}

const char *art_control_name(int control)
{
  return control >= 0 && control < ART_CONTROL_COUNT ? names[control] : "unknown";
}

static const struct {
  const char *name;
  float initial;
  double lowest, highest;
} values[] = {
#define X(name, unit, initial, lowest, highest, sentence) { #name, initial, lowest, highest },
  ART_CONTROL_VALUE_LIST(X)
#undef X
};

const char *art_control_value_name(int value)
{
  return values[value].name;
}

float art_control_value_initial(int value)
{
  return values[value].initial;
}

double art_control_value_lowest(int value)
{
  return values[value].lowest;
}

double art_control_value_highest(int value)
{
  return values[value].highest;
}

int64_t art_phase_time_initial(int time)
{
  static const int64_t initials[] = {
#define X(name, initial, sentence) initial,
    ART_PHASE_TIME_LIST(X)
#undef X
  };
  return initials[time];
}
