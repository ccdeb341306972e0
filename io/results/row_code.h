/// \file row_code.h
/// Rows of one trip after the other in few bytes, for the temporary file of spill.h: what is as before is left out, and of numbers
/// the bytes that differ are kept. A row takes 1 byte where the vehicle stands, about 7 where it moves. Private to io/results.
#ifndef ART_IO_RESULTS_ROW_CODE_H
#define ART_IO_RESULTS_ROW_CODE_H
#include <stddef.h>
#include <stdint.h>

#include "core/num/real.h"
#include "io/results/spill.h"

enum {
  ART_ROW_CODE_MOST = 17,      ///< bytes of a row
  ART_ROW_CODE_BEYOND = 4,     ///< bytes behind a row that are touched: written by put, read and not used by get
  ART_ROW_CODE_HAS_LANE = 64,  ///< bits of the first byte; below them are the bytes of the place and of the speed, 3 bits each
  ART_ROW_CODE_HAS_INSTANT = 128
};

/// What the first row of a trip is compared with.
static inline art_spill_row art_row_code_start(void)
{
  return (art_spill_row){ .instant = -1, .lane = -1 };
}

/// Bytes up to the highest one that is not 0.
static inline int art_row_code_bytes(uint32_t bits)
{
  return bits ? 4 - __builtin_clz(bits) / 8 : 0;
}

static inline uint8_t *art_row_code_number(uint8_t *out, uint32_t bits, int bytes)
{
  for (int k = 0; k < 4; ++k) out[k] = (uint8_t)(bits >> 8 * k);
  return out + bytes;
}

/// Writes a row that follows `before`; returns where the next one goes.
static inline uint8_t *art_row_code_put(uint8_t *out, const art_spill_row *before, const art_spill_row *row)
{
  const uint32_t pos = art_bits_of_float(row->pos_m) ^ art_bits_of_float(before->pos_m);
  const uint32_t speed = art_bits_of_float(row->speed_mps) ^ art_bits_of_float(before->speed_mps);
  const int pos_bytes = art_row_code_bytes(pos), speed_bytes = art_row_code_bytes(speed);
  const int has_lane = row->lane != before->lane, has_instant = row->instant != before->instant + 1;
  *out++ = (uint8_t)(pos_bytes | speed_bytes << 3 | (has_lane ? ART_ROW_CODE_HAS_LANE : 0) |
                     (has_instant ? ART_ROW_CODE_HAS_INSTANT : 0));
  out = art_row_code_number(out, pos, pos_bytes);
  out = art_row_code_number(out, speed, speed_bytes);
  if (has_lane) out = art_row_code_number(out, (uint32_t)row->lane, 4);
  if (has_instant) out = art_row_code_number(out, (uint32_t)row->instant, 4);
  return out;
}

static inline uint32_t art_row_code_take(const uint8_t **in, int bytes)
{
  uint32_t bits = 0;
  for (int k = 0; k < 4; ++k) bits |= (uint32_t)(*in)[k] << 8 * k;
  *in += bytes;
  return bytes < 4 ? bits & ((1u << 8 * bytes) - 1u) : bits;
}

static inline float art_row_code_float(float before, uint32_t differs)
{
  return art_float_of_bits(art_bits_of_float(before) ^ differs);
}

/// Reads a row that follows `row` into it; returns where the next one begins.
static inline const uint8_t *art_row_code_get(const uint8_t *in, art_spill_row *row)
{
  const int head = *in++;
  row->pos_m = art_row_code_float(row->pos_m, art_row_code_take(&in, head & 7));
  row->speed_mps = art_row_code_float(row->speed_mps, art_row_code_take(&in, head >> 3 & 7));
  if (head & ART_ROW_CODE_HAS_LANE) row->lane = (int32_t)art_row_code_take(&in, 4);
  row->instant = head & ART_ROW_CODE_HAS_INSTANT ? (int32_t)art_row_code_take(&in, 4) : row->instant + 1;
  return in;
}

#endif  // ART_IO_RESULTS_ROW_CODE_H
