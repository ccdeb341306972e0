// Blocks of up to 64 KiB with Huffman codes of their own, or stored. Matches are runs of one byte and, where a sample
// says that it pays, repetitions found by a hash of eight bytes; noise is passed over quickly.
#include "io/h5/deflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef ART_HAS_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "core/base/memory.h"

enum {
  BLOCK_BYTES = 1 << 16,
  STORED_BYTES = 65535,  // of one stored block
  WINDOW_BYTES = 32768,
  RUN_LEAST = 6,     // shorter runs cost about as much as their literals
  REPEAT_LEAST = 16,
  MATCH_MOST = 258,
  LITERALS = 286,    // and lengths
  DISTANCES = 30,
  LENGTH_CODES = 19,
  BITS_MOST = 14,    // of a code: four literals and what is left of a byte fit into 64 bits
  HASH_BITS = 12,
  SAMPLE_BYTES = 4096,
  SKIP_SHIFT = 5,    // without a match for 2^5 bytes the search goes on in steps of two, and so on
  END_OF_BLOCK = 256
};

/// Bytes that stand `distance` before, too.
typedef struct match {
  uint32_t at, length, distance;
} match;

typedef struct code {
  uint16_t bits[LITERALS];  ///< reversed, as they go into the stream
  uint8_t length[LITERALS];
  int count;                ///< symbols up to the last that is used
} code;

struct art_deflate {
  match list[BLOCK_BYTES / RUN_LEAST + 2];
  int32_t count;
  uint32_t place[1 << HASH_BITS];  ///< where a hash was seen last in the block, plus 1
  uint32_t literal_count[LITERALS], distance_count[DISTANCES];
  code literal, distance, lengths;
  uint64_t word;  ///< bits not written yet
  int fill;       ///< how many
  uint8_t *out;
};

art_deflate *art_deflate_new(void)
{
  return ART_NEW(art_deflate, 1);
}

void art_deflate_free(art_deflate *d)
{
  free(d);
}

size_t art_deflate_bound(size_t size)
{
  return size + 5 * (size / STORED_BYTES + 2 + size / BLOCK_BYTES) + 64;
}

// --- bits -----------------------------------------------------------------------------------------------------------

static uint64_t load_word(const uint8_t *bytes)
{
  uint64_t word;
  memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static void store_word(uint8_t *bytes, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  memcpy(bytes, &word, 8);
}

/// Writes whole bytes; up to 7 bits stay.
static void flush(art_deflate *d)
{
  store_word(d->out, d->word);
  d->out += d->fill >> 3;
  d->word >>= d->fill & ~7;
  d->fill &= 7;
}

static void put(art_deflate *d, uint64_t bits, int count)
{
  d->word |= bits << d->fill;
  d->fill += count;
  flush(d);
}

static void align(art_deflate *d)
{
  if (d->fill > 0) put(d, 0, 8 - d->fill);
}

// --- codes ----------------------------------------------------------------------------------------------------------

/// Lengths and distances: symbol, extra bits, value of the extra bits.
typedef struct coded {
  int symbol, extra;
  uint32_t rest;
} coded;

static int log2_of(uint32_t value)
{
  return 31 - __builtin_clz(value);
}

static coded code_of_length(uint32_t length)
{
  if (length == MATCH_MOST) return (coded){ 285, 0, 0 };
  const uint32_t v = length - 3;
  if (v < 8) return (coded){ 257 + (int)v, 0, 0 };
  const int extra = log2_of(v) - 2;
  return (coded){ 257 + 4 * extra + (int)(v >> extra), extra, v & ((1u << extra) - 1) };
}

static coded code_of_distance(uint32_t distance)
{
  const uint32_t v = distance - 1;
  if (v < 4) return (coded){ (int)v, 0, 0 };
  const int extra = log2_of(v) - 1;
  return (coded){ 2 * extra + (int)(v >> extra), extra, v & ((1u << extra) - 1) };
}

typedef struct node {
  uint32_t weight;
  int16_t symbol;
} node;

/// One pass of a radix sort by eight bits of the weight; stable.
static void sort_byte(const node *from, node *to, int count, int shift)
{
  int at[257] = { 0 };
  for (int i = 0; i < count; ++i) ++at[(from[i].weight >> shift & 255) + 1];
  for (int k = 0; k < 256; ++k) at[k + 1] += at[k];
  for (int i = 0; i < count; ++i) to[at[from[i].weight >> shift & 255]++] = from[i];
}

/// By weight, then symbol, which is the order they come in. Weights are below 2^24: a block has fewer symbols.
static void sort_nodes(node *leaf, int count)
{
  node other[LITERALS];
  sort_byte(leaf, other, count, 0);
  sort_byte(other, leaf, count, 8);
  sort_byte(leaf, other, count, 16);
  memcpy(leaf, other, (size_t)count * sizeof *leaf);
}

/// Depths of the leaves of a Huffman tree over sorted leaves, by two queues. Returns the greatest.
static int depths_of(const node *leaf, int leaves, uint8_t *depth)
{
  uint32_t weight[2 * LITERALS];
  int16_t parent[2 * LITERALS];
  int next_leaf = 0, next_inner = leaves, end = leaves;
  for (int i = 0; i < leaves; ++i) weight[i] = leaf[i].weight;
  for (; end < 2 * leaves - 1; ++end) {
    weight[end] = 0;
    for (int k = 0; k < 2; ++k) {
      const int takes_leaf = next_leaf < leaves && (next_inner >= end || weight[next_leaf] <= weight[next_inner]);
      const int child = takes_leaf ? next_leaf++ : next_inner++;
      weight[end] += weight[child];
      parent[child] = (int16_t)end;
    }
  }
  uint8_t level[2 * LITERALS] = { 0 };
  int most = 0;
  for (int i = end - 2; i >= 0; --i) {
    level[i] = (uint8_t)(level[parent[i]] + 1);
    if (i < leaves) {
      depth[i] = level[i];
      if (level[i] > most) most = level[i];
    }
  }
  return most;
}

static uint16_t reversed(uint32_t bits, int count)
{
  uint32_t out = 0;
  for (int i = 0; i < count; ++i) out |= (bits >> i & 1) << (count - 1 - i);
  return (uint16_t)out;
}

/// Canonical codes from lengths (RFC 1951, 3.2.2).
static void assign_bits(code *c, int symbols)
{
  uint32_t of_length[16] = { 0 }, next[16] = { 0 };
  for (int s = 0; s < symbols; ++s) ++of_length[c->length[s]];
  of_length[0] = 0;
  for (int n = 1; n < 16; ++n) next[n] = (next[n - 1] + of_length[n - 1]) << 1;
  c->count = 0;
  for (int s = 0; s < symbols; ++s) {
    if (!c->length[s]) continue;
    c->bits[s] = reversed(next[c->length[s]]++, c->length[s]);
    c->count = s + 1;
  }
}

/// A code of at most `bits_most` bits: weights are flattened until it is.
static void build_code(code *c, const uint32_t *weight, int symbols, int bits_most)
{
  node leaf[LITERALS];
  uint8_t depth[LITERALS] = { 0 };
  int leaves = 0;
  memset(c->length, 0, sizeof c->length);
  for (int s = 0; s < symbols; ++s)
    if (weight[s]) leaf[leaves++] = (node){ weight[s], (int16_t)s };
  if (leaves > 1) {
    sort_nodes(leaf, leaves);
    while (depths_of(leaf, leaves, depth) > bits_most)
      for (int i = 0; i < leaves; ++i) leaf[i].weight = leaf[i].weight / 2 + 1;
  }
  for (int i = 0; i < leaves; ++i) c->length[leaf[i].symbol] = leaves > 1 ? depth[i] : 1;
  assign_bits(c, symbols);
}

// --- matches --------------------------------------------------------------------------------------------------------

static size_t common(const uint8_t *a, const uint8_t *b, size_t most)
{
  size_t n = 0;
  for (; n + 8 <= most; n += 8) {
    const uint64_t differ = load_word(a + n) ^ load_word(b + n);
    if (differ) return n + (size_t)(__builtin_ctzll(differ) >> 3);
  }
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

/// Returns how many bytes runs cover.
static size_t find_runs(art_deflate *d, const uint8_t *in, size_t size)
{
  size_t covered = 0;
  d->count = 0;
  for (size_t i = 1; i + 8 <= size;) {
    // Eight bytes that each equal the one before; most words fail at once.
    const uint64_t differ = load_word(in + i) ^ load_word(in + i - 1);
    if (differ) {
      // What follows the last byte that differs may be a run.
      const size_t same = (size_t)(__builtin_clzll(differ) >> 3);
      i += 8 - same;
      if (same < 2 || i + RUN_LEAST > size || in[i + RUN_LEAST - 1] != in[i - 1]) continue;
    }
    const size_t length = common(in + i, in + i - 1, size - i);
    if (length < RUN_LEAST) {
      i += length + 1;
      continue;
    }
    d->list[d->count++] = (match){ (uint32_t)i, (uint32_t)length, 1 };
    covered += length;
    i += length + 1;
  }
  return covered;
}

static uint32_t hash_at(const uint8_t *bytes)
{
  return (uint32_t)(load_word(bytes) * 0x9e3779b97f4a7c15u >> (64 - HASH_BITS));
}

/// Runs and repetitions of 16 bytes and more. Returns how many bytes they cover.
static size_t find_repeats(art_deflate *d, const uint8_t *in, size_t size)
{
  size_t covered = 0, since = 0;
  d->count = 0;
  memset(d->place, 0, sizeof d->place);
  for (size_t i = 1; i + REPEAT_LEAST <= size;) {
    uint32_t *place = &d->place[hash_at(in + i)];
    size_t from = *place ? *place - 1 : i - 1;
    *place = (uint32_t)i + 1;
    size_t length = i - from <= WINDOW_BYTES ? common(in + i, in + from, size - i) : 0;
    if (length < REPEAT_LEAST && from != i - 1 && in[i] == in[i - 1]) {
      from = i - 1;
      length = common(in + i, in + from, size - i);
    }
    if (length >= (i - from == 1 ? RUN_LEAST : REPEAT_LEAST)) {
      d->list[d->count++] = (match){ (uint32_t)i, (uint32_t)length, (uint32_t)(i - from) };
      covered += length;
      i += length;
      since = i;
    } else {
      i += 1 + ((i - since) >> SKIP_SHIFT);
    }
  }
  return covered;
}

/// Repetitions are looked for where runs leave much of the block and a sample of it repeats itself.
static void find_matches(art_deflate *d, const uint8_t *in, size_t size)
{
  const uint8_t *sample = in + size / 2;
  if (size >= 2 * SAMPLE_BYTES) {
    const size_t runs = find_runs(d, sample, SAMPLE_BYTES);
    if (runs < SAMPLE_BYTES / 8 * 7 && find_repeats(d, sample, SAMPLE_BYTES) > runs + SAMPLE_BYTES / 4 &&
        find_repeats(d, in, size) > size / 4)
      return;
  }
  find_runs(d, in, size);
}

// --- blocks ---------------------------------------------------------------------------------------------------------

static void count_literals(uint32_t *count, const uint8_t *in, size_t size)
{
  uint32_t part[4][256];
  size_t i = 0;
  if (size >= 512) {  // four tables: counting one byte again and again would wait for memory
    memset(part, 0, sizeof part);
    for (; i + 4 <= size; i += 4)
      for (int k = 0; k < 4; ++k) ++part[k][in[i + (size_t)k]];
    for (int s = 0; s < 256; ++s) count[s] += part[0][s] + part[1][s] + part[2][s] + part[3][s];
  }
  for (; i < size; ++i) ++count[in[i]];
}

/// Parts of a match: none shorter than 3 may remain.
static uint32_t part_of(uint32_t left)
{
  return left <= MATCH_MOST ? left : left - MATCH_MOST < 3 ? MATCH_MOST - 3 : MATCH_MOST;
}

static void count_symbols(art_deflate *d, const uint8_t *in, size_t size)
{
  size_t at = 0;
  memset(d->literal_count, 0, sizeof d->literal_count);
  memset(d->distance_count, 0, sizeof d->distance_count);
  for (int32_t k = 0; k < d->count; ++k) {
    const match *m = &d->list[k];
    count_literals(d->literal_count, in + at, m->at - at);
    at = m->at + m->length;
    const int symbol = code_of_distance(m->distance).symbol;
    for (uint32_t left = m->length; left;) {
      const uint32_t part = part_of(left);
      ++d->literal_count[code_of_length(part).symbol];
      ++d->distance_count[symbol];
      left -= part;
    }
  }
  count_literals(d->literal_count, in + at, size - at);
  d->literal_count[END_OF_BLOCK] = 1;
}

static void put_literals(art_deflate *d, const uint8_t *in, size_t size)
{
  const uint16_t *bits = d->literal.bits;
  const uint8_t *length = d->literal.length;
  uint64_t word = d->word;
  int fill = d->fill;
  uint8_t *out = d->out;
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    for (size_t k = 0; k < 4; ++k) {
      word |= (uint64_t)bits[in[i + k]] << fill;
      fill += length[in[i + k]];
    }
    store_word(out, word);
    out += fill >> 3;
    word >>= fill & ~7;
    fill &= 7;
  }
  d->word = word;
  d->fill = fill;
  d->out = out;
  for (; i < size; ++i) put(d, bits[in[i]], length[in[i]]);
}

static void put_match(art_deflate *d, const match *m)
{
  const coded distance = code_of_distance(m->distance);
  // What stands for the distance, at most 28 bits, is the same for all parts; with a length's 19 it goes into the stream at once.
  const int distance_bits = d->distance.length[distance.symbol] + distance.extra;
  const uint64_t distance_code =
      d->distance.bits[distance.symbol] | (uint64_t)distance.rest << d->distance.length[distance.symbol];
  for (uint32_t left = m->length; left;) {
    const uint32_t part = part_of(left);
    const coded length = code_of_length(part);
    const int literal_bits = d->literal.length[length.symbol], length_bits = literal_bits + length.extra;
    put(d, d->literal.bits[length.symbol] | (uint64_t)length.rest << literal_bits | distance_code << length_bits,
        length_bits + distance_bits);
    left -= part;
  }
}

/// Code lengths as the header has them: repetitions are symbols 16 to 18 with a number.
typedef struct header {
  uint8_t symbol[LITERALS + DISTANCES], number[LITERALS + DISTANCES];
  int count, literals, distances, lengths;
} header;

static const uint8_t length_order[LENGTH_CODES] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
static const uint8_t number_bits[3] = { 2, 3, 7 };

static void add_symbol(header *h, int symbol, int number)
{
  h->symbol[h->count] = (uint8_t)symbol;
  h->number[h->count++] = (uint8_t)number;
}

static void write_down(header *h, const uint8_t *length, int count)
{
  for (int i = 0; i < count;) {
    int same = 1;
    while (i + same < count && length[i + same] == length[i]) ++same;
    if (length[i] == 0 && same >= 3) {
      same = same > 138 ? 138 : same;
      add_symbol(h, same > 10 ? 18 : 17, same > 10 ? same - 11 : same - 3);
    } else if (same >= 4) {
      same = same > 7 ? 7 : same;
      add_symbol(h, length[i], 0);
      add_symbol(h, 16, same - 4);
    } else {
      same = 1;
      add_symbol(h, length[i], 0);
    }
    i += same;
  }
}

/// Makes all codes of a block. Returns the bits that it will take.
static uint64_t plan_block(art_deflate *d, header *h)
{
  build_code(&d->literal, d->literal_count, LITERALS, BITS_MOST);
  build_code(&d->distance, d->distance_count, DISTANCES, BITS_MOST);
  uint8_t all[LITERALS + DISTANCES] = { 0 };
  h->literals = d->literal.count < 257 ? 257 : d->literal.count;
  h->distances = d->distance.count < 1 ? 1 : d->distance.count;
  memcpy(all, d->literal.length, (size_t)h->literals);
  memcpy(all + h->literals, d->distance.length, (size_t)h->distances);
  h->count = 0;
  write_down(h, all, h->literals + h->distances);
  uint32_t weight[LENGTH_CODES] = { 0 };
  int used = 0;
  for (int i = 0; i < h->count; ++i) used += weight[h->symbol[i]]++ == 0;
  if (used == 1) weight[h->symbol[0] == 0] = 1;  // readers want a complete code
  build_code(&d->lengths, weight, LENGTH_CODES, 7);
  h->lengths = LENGTH_CODES;
  while (h->lengths > 4 && d->lengths.length[length_order[h->lengths - 1]] == 0) --h->lengths;
  uint64_t bits = 17 + 3 * (uint64_t)h->lengths;
  for (int i = 0; i < h->count; ++i)
    bits += d->lengths.length[h->symbol[i]] + (h->symbol[i] >= 16 ? number_bits[h->symbol[i] - 16] : 0u);
  for (int s = 0; s < LITERALS; ++s) bits += (uint64_t)d->literal_count[s] * d->literal.length[s];
  for (int s = 0; s < DISTANCES; ++s) bits += (uint64_t)d->distance_count[s] * d->distance.length[s];
  for (int32_t k = 0; k < d->count; ++k)  // extra bits, at most
    bits += (uint64_t)(d->list[k].length / MATCH_MOST + 1) * 5 + (uint64_t)(d->list[k].length / MATCH_MOST + 1) * 13;
  return bits;
}

static void put_header(art_deflate *d, const header *h)
{
  put(d, (uint64_t)(h->literals - 257), 5);
  put(d, (uint64_t)(h->distances - 1), 5);
  put(d, (uint64_t)(h->lengths - 4), 4);
  for (int i = 0; i < h->lengths; ++i) put(d, d->lengths.length[length_order[i]], 3);
  for (int i = 0; i < h->count; ++i) {
    put(d, d->lengths.bits[h->symbol[i]], d->lengths.length[h->symbol[i]]);
    if (h->symbol[i] >= 16) put(d, h->number[i], number_bits[h->symbol[i] - 16]);
  }
}

static void put_stored(art_deflate *d, const uint8_t *in, size_t size, int is_last)
{
  do {
    const size_t part = size < STORED_BYTES ? size : STORED_BYTES;
    put(d, (uint64_t)(is_last && part == size), 3);
    align(d);
    put(d, (uint64_t)part | (uint64_t)(~part & 0xffff) << 16, 32);
    memcpy(d->out, in, part);
    d->out += part;
    in += part;
    size -= part;
  } while (size > 0);
}

/// Writes a block whose matches are listed.
static void put_block(art_deflate *d, const uint8_t *in, size_t size, int is_last)
{
  header h;
  count_symbols(d, in, size);
  if (size == 0 || plan_block(d, &h) >= 8 * (uint64_t)size) {
    put_stored(d, in, size, is_last);
    return;
  }
  put(d, (uint64_t)is_last | 2 << 1, 3);
  put_header(d, &h);
  size_t at = 0;
  for (int32_t k = 0; k < d->count; ++k) {
    put_literals(d, in + at, d->list[k].at - at);
    put_match(d, &d->list[k]);
    at = d->list[k].at + d->list[k].length;
  }
  put_literals(d, in + at, size - at);
  put(d, d->literal.bits[END_OF_BLOCK], d->literal.length[END_OF_BLOCK]);
}

static uint32_t plain_checksum(uint32_t sum, const uint8_t *in, size_t size)
{
#ifdef ART_HAS_LIBDEFLATE
  return libdeflate_adler32(sum, in, size);
#else
  return (uint32_t)adler32(sum, in, (uInt)size);
#endif
}

/// Adler-32 of `sum` continued over a block; of one byte repeated (the usual plane) in closed form.
static uint32_t add_checksum(uint32_t sum, const uint8_t *in, size_t size, int is_one_byte)
{
  if (!is_one_byte) return plain_checksum(sum, in, size);
  const uint64_t base = 65521, n = size, low = sum & 0xffff, high = sum >> 16;
  const uint64_t triangle = n * (n + 1) / 2 % base;
  return (uint32_t)((high + n * low + triangle * in[0]) % base << 16 | (low + n * in[0]) % base);
}

size_t art_deflate_run(art_deflate *d, const uint8_t *in, size_t size, size_t plane, uint8_t *out)
{
  d->word = 0;
  d->fill = 0;
  d->out = out;
  put(d, 0x0178, 16);
  uint32_t sum = 1;
  size_t at = 0;
  do {
    const size_t to_plane = plane - at % plane, left = size - at < to_plane ? size - at : to_plane;
    const size_t part = left < BLOCK_BYTES ? left : BLOCK_BYTES;
    const int is_one_byte = part > RUN_LEAST && memcmp(in + at + 1, in + at, part - 1) == 0;
    sum = add_checksum(sum, in + at, part, is_one_byte);
    if (is_one_byte) {
      d->list[0] = (match){ 1, (uint32_t)part - 1, 1 };
      d->count = 1;
    } else {
      find_matches(d, in + at, part);
    }
    put_block(d, in + at, part, at + part == size);
    at += part;
  } while (at < size);
  align(d);
  put(d, __builtin_bswap32(sum), 32);
  return (size_t)(d->out - out);
}
