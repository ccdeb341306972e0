/// \file random.h
/// Keyed random numbers and hashes: a draw is a function of (seed, agent key, tick, purpose) and nothing else, so that
/// order of evaluation, threads and ranks never matter.
#ifndef ART_CORE_NUM_RANDOM_H
#define ART_CORE_NUM_RANDOM_H
#include <stdint.h>

/// What a draw is for; a new purpose gets a new number, numbers are never reused.
typedef enum art_purpose {
  ART_FOR_TYPE = 1,
  ART_FOR_SPEED_FACTOR = 2,
  ART_FOR_CONNECTOR = 3,
  ART_FOR_DEPART_LANE = 4,
  ART_FOR_LANE_CHANGE = 5,
  ART_FOR_DEPART_POS = 6,
  ART_FOR_CALIBRATION = 7,
  ART_FOR_HOLDOUT = 8,
  ART_FOR_FLOW = 9,
  ART_FOR_GENERATOR = 40,  ///< made-up cities and demands
  ART_FOR_FEED_NOISE = 10,
  ART_FOR_TRUTH = 11,
  ART_FOR_DAWDLE = 12,
  ART_FOR_SCALE = 13,
  ART_FOR_DRIVER = 20,
  ART_FOR_NOISE = 21,
  ART_FOR_CROSSING = 41,
  ART_FOR_REROUTING = 42
} art_purpose;

/// Bijective 64-bit mixer (finaliser of splitmix64, Steele, Lea, Flood 2014).
static inline uint64_t art_mix64(uint64_t x)
{
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
static inline uint64_t art_hash2(uint64_t a, uint64_t b) { return art_mix64(a * 0x9e3779b97f4a7c15u + art_mix64(b + 0x632be59bd9b4e019u)); }
static inline uint64_t art_rng(uint64_t seed, uint64_t key, int64_t tick, art_purpose purpose)
{
  return art_hash2(art_hash2(seed, key), art_hash2((uint64_t)tick, (uint64_t)purpose));
}
/// [0, 1), 53 bits.
static inline double art_uniform(uint64_t bits) { return (double)(bits >> 11) * 0x1p-53; }
/// Standard normal by inverting the distribution function (Acklam's rational approximation, relative error 1.2e-9);
/// own logarithm and square root only, so the bits do not depend on libm.
double art_normal(uint64_t bits);

#endif  // ART_CORE_NUM_RANDOM_H
