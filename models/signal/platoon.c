#include "models/signal/platoon.h"

#define DISPERSION 0.35f
#define FIRST_PART 0.8f  // of the travel time that the first of a platoon needs

float art_platoon_smoothing(float travel_steps)
{
  return 1.0f / (1.0f + DISPERSION * FIRST_PART * travel_steps);
}

void art_platoon_disperse(int32_t count, const float *leaving, float travel_steps, float *arriving)
{
  const float f = art_platoon_smoothing(travel_steps), keep = 1.0f - f, lag = FIRST_PART * travel_steps;
  const int32_t whole = (int32_t)lag;
  const float part = lag - (float)whole;
  // Once round from nothing leaves y; in the periodic state it is y / (1 - keep^count).
  float y = 0.0f, rest = 1.0f;
  for (int round = 0; round < 2; ++round) {
    for (int32_t i = 0; i < count; ++i) {
      const int32_t at = (i - whole % count + count) % count, before = (at - 1 + count) % count;
      const float q = (1.0f - part) * leaving[at] + part * leaving[before];
      y = f * q + keep * y;
      rest *= keep;
      if (round == 1) arriving[i] = y;
    }
    if (round == 0) y /= 1.0f - rest;
  }
}
