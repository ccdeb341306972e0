#include "models/estimation/resample.h"

int32_t art_resample_copies(double weight, uint64_t phase, int64_t rank)
{
  if (!(weight > 0.0)) return 0;
  if (weight > 1000.0) weight = 1000.0;
  // 2^64 / golden ratio: multiples of it, as fractions of 2^64, are spread evenly (Weyl sequence).
  const uint64_t place = phase + (uint64_t)rank * 0x9e3779b97f4a7c15u;
  const int32_t whole = (int32_t)weight;
  const double rest = weight - (double)whole, u = (double)(place >> 11) * 0x1p-53;
  return whole + (rest + u >= 1.0);
}
