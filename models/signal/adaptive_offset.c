/// The offset of an adaptive signal: profiles of departures by place in the cycle, the queues that they would make, and
/// the shift that makes the least of them.
#include "core/num/random.h"
#include "core/step/kernels.h"
#include "models/signal/adaptive_internal.h"
#include "models/signal/movements.h"
#include "models/signal/platoon.h"

#define HOPS_MOST 6            // links without a light that a platoon is followed over
#define PROFILE_ONE 1024u        // a vehicle in a bin, of which a quarter is renewed in a cycle
#define FIELD_MOST 65535u
#define WORTH_IT 0.97          // of the present delay

/// Vehicles that go from one light to the next, or come from wherever they can be counted.
typedef struct stream {
  int32_t counted;   ///< link that they enter where they are counted
  int32_t link;      ///< link before the light
  float travel_s;
} stream;

/// The only link behind this one, without a light; -1: there is none.
static int32_t only_behind(const art_net *net, int32_t link)
{
  int32_t to = -1;
  for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l)
    for (int32_t c = net->lane_first_out[l]; c < net->lane_first_out[l + 1]; ++c) {
      const int32_t other = net->lane_link[net->connector_to[c]];
      if (net->connector_signal[c] >= 0 || (to >= 0 && other != to)) return -1;
      to = other;
    }
  return to;
}

static float travel_s(const art_net *net, int32_t link)
{
  const int32_t lane = net->link_first_lane[link];
  return net->lane_length_m[lane] / net->lane_speed_mps[lane];
}

static int is_entered(const art_net *net, int32_t link)
{
  return net->lane_first_in[net->link_first_lane[link]] < net->lane_first_in[net->link_first_lane[link + 1]];
}

/// The connector out of a link that most vehicles take, of those with a light; -1: no light there.
static int32_t main_connector(const art_control_view *view, int32_t link)
{
  const art_net *net = view->net;
  int32_t best = -1;
  for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l)
    for (int32_t c = net->lane_first_out[l]; c < net->lane_first_out[l + 1]; ++c)
      if (net->connector_signal[c] >= 0 && (best < 0 || view->passed[c] > view->passed[best])) best = c;
  return best;
}

static int32_t put(stream *streams, int32_t count, stream s)
{
  for (int32_t i = 0; i < count; ++i)
    if (streams[i].counted == s.counted) return count;
  streams[count] = s;
  return count + 1;
}

static int32_t streams_in(const art_control_view *view, stream streams[ADAPT_STREAMS])
{
  const art_net *net = view->net;
  int32_t count = 0, last = -1;
  for (int32_t r = 0; r < view->connector_count && count < ADAPT_STREAMS; ++r) {
    const int32_t link = net->lane_link[net->connector_from[view->connector[r]]];
    if (link == last) continue;
    last = link;
    stream s = { .counted = link, .link = link, .travel_s = travel_s(net, link) };
    for (int hop = 0; hop < HOPS_MOST; ++hop) {
      const int32_t before = art_net_link_before(net, s.counted);
      if (before < 0) break;
      s.counted = before;
      s.travel_s += travel_s(net, before);
    }
    if (is_entered(net, s.counted)) count = put(streams, count, s);
  }
  return count;
}

static int32_t streams_out(const art_control_view *view, stream streams[ADAPT_STREAMS])
{
  const art_net *net = view->net;
  int32_t count = 0;
  for (int32_t r = 0; r < view->connector_count && count < ADAPT_STREAMS; ++r) {
    const int32_t link = net->lane_link[net->connector_to[view->connector[r]]];
    stream s = { .counted = link, .link = link, .travel_s = travel_s(net, link) };
    for (int hop = 0; hop < HOPS_MOST; ++hop) {
      const int32_t behind = only_behind(net, s.link);
      if (behind < 0) break;
      s.link = behind;
      s.travel_s += travel_s(net, behind);
    }
    const int32_t light = main_connector(view, s.link);
    if (light >= 0 && net->connector_signal[light] != view->signal) count = put(streams, count, s);
  }
  return count;
}

// --- profiles ---------------------------------------------------------------------------------------------------------

/// Vehicles that have been counted; `own`: only those that come through this signal.
static int64_t departed(const art_control_view *view, const stream *s, int own)
{
  const art_net *net = view->net;
  int64_t sum = 0;
  for (int32_t l = net->link_first_lane[s->counted]; l < net->link_first_lane[s->counted + 1]; ++l)
    for (int32_t i = net->lane_first_in[l]; i < net->lane_first_in[l + 1]; ++i)
      if (!own || net->connector_signal[net->lane_in[i]] == view->signal) sum += view->passed[net->lane_in[i]];
  return sum;
}

static int32_t bin_at(art_tick t, art_tick cycle_ms)
{
  art_tick at = t % cycle_ms;
  if (at < 0) at += cycle_ms;
  return (int32_t)(at * ADAPT_BINS / cycle_ms);
}

static void count_stream(art_control_view *view, const stream *s, int32_t i, int32_t before, int32_t bin)
{
  int64_t *word = view->memory + ADAPT_PROFILE + i * (ADAPT_BINS / 4);
  for (int32_t b = before; b != bin;) {  // a bin that begins forgets a quarter
    b = (b + 1) % ADAPT_BINS;
    adapt_set_field(word, b, 16, adapt_field(word, b, 16) * 3u / 4u);
  }
  const int64_t all = departed(view, s, i >= ADAPT_STREAMS);
  const int64_t fresh = view->memory[ADAPT_LOOKED] > 0 ? all - view->memory[ADAPT_SEEN + i] : 0;
  const uint32_t sum = adapt_field(word, bin, 16) + (uint32_t)fresh * (PROFILE_ONE / 4u);
  adapt_set_field(word, bin, 16, sum < FIELD_MOST ? sum : FIELD_MOST);
  view->memory[ADAPT_SEEN + i] = all;
}

void adapt_observe(art_control_view *view, art_tick cycle_ms)
{
  stream streams[ADAPT_STREAMS];
  const art_tick now = view->now_ms - view->begin_ms, looked = view->memory[ADAPT_LOOKED];
  // What was counted happened half-way between this look and the last one.
  const int32_t bin = bin_at(view->now_ms - (now - looked) / 2, cycle_ms);
  const int32_t before = (int32_t)view->memory[ADAPT_BIN];
  int32_t count = streams_in(view, streams);
  for (int32_t i = 0; i < count; ++i) count_stream(view, &streams[i], i, before, bin);
  count = streams_out(view, streams);
  for (int32_t i = 0; i < count; ++i) {
    count_stream(view, &streams[i], ADAPT_STREAMS + i, before, bin);
    const int aspect = view->aspect[main_connector(view, streams[i].link)];
    const int is_green = aspect == ART_ASPECT_MAJOR || aspect == ART_ASPECT_MINOR;
    adapt_set_field(&view->memory[ADAPT_SERVED + i], bin_at(view->now_ms, cycle_ms), 1, (uint32_t)is_green);
  }
  view->memory[ADAPT_LOOKED] = now;
  view->memory[ADAPT_BIN] = bin;
}

// --- queues -----------------------------------------------------------------------------------------------------------

/// One stream as it meets its light: arrivals and what could leave, by bin.
typedef struct meeting {
  float arrive[ADAPT_BINS], serve[ADAPT_BINS];
  int is_own_light;  ///< the shift moves what can leave; otherwise what arrives
} meeting;

static void read_arrivals(const art_control_view *view, const stream *s, int32_t i, art_tick cycle_ms, meeting *m)
{
  float leave[ADAPT_BINS], missing = 1.0f;
  for (int64_t k = 0; k < view->memory[ADAPT_CYCLES] && k < 30; ++k) missing *= 0.75f;
  const float one = 1.0f / ((float)PROFILE_ONE * (1.0f - missing));  // the average began at nothing
  for (int32_t b = 0; b < ADAPT_BINS; ++b)
    leave[b] = (float)adapt_field(view->memory + ADAPT_PROFILE + i * (ADAPT_BINS / 4), b, 16) * one;
  art_platoon_disperse(ADAPT_BINS, leave, s->travel_s * 1e3f * (float)ADAPT_BINS / (float)cycle_ms, m->arrive);
}

static float link_rate_vps(const art_control_view *view, int32_t link, int32_t phase)
{
  const art_net *net = view->net;
  float sum = 0.0f;
  for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l) {
    float most = 0.0f;
    for (int32_t c = net->lane_first_out[l]; c < net->lane_first_out[l + 1]; ++c) {
      if (net->connector_signal[c] < 0) continue;
      const int is_own = net->connector_signal[c] == view->signal;
      if (phase >= 0 && !is_own) continue;
      const float part = phase < 0 ? 1.0f
                                   : art_movement_part(art_stage_letter(net, view->program, phase,
                                                                        net->connector_signal_group[c]));
      most = art_maxf(most, part * art_movement_saturation_vps(net, c));
    }
    sum += most;
  }
  return sum;
}

/// Phase of the plan at a place of the cycle.
static int32_t phase_at(const art_control_view *view, const adapt_plan *plan, art_tick at)
{
  int32_t phase = 0;
  while (phase < plan->phase_count - 1 && at >= adapt_phase_ms(view, plan, phase))
    at -= adapt_phase_ms(view, plan, phase++);
  return phase;
}

static int32_t read_meetings(const art_control_view *view, const adapt_plan *plan, meeting *m)
{
  stream streams[ADAPT_STREAMS];
  const art_tick cycle = plan->cycle_ms, width = cycle / ADAPT_BINS;
  const float bin_s = (float)cycle * 1e-3f / (float)ADAPT_BINS;
  int32_t count = streams_in(view, streams), n = 0;
  for (int32_t i = 0; i < count; ++i, ++n) {
    read_arrivals(view, &streams[i], i, cycle, &m[n]);
    m[n].is_own_light = 1;
    for (int32_t b = 0; b < ADAPT_BINS; ++b) {
      const art_tick t = cycle * b / ADAPT_BINS + width / 2;
      art_tick at = (t - view->begin_ms - view->memory[ADAPT_CYCLE_BEGIN]) % cycle;
      if (at < 0) at += cycle;
      m[n].serve[b] = bin_s * link_rate_vps(view, streams[i].link, phase_at(view, plan, at));
    }
  }
  count = streams_out(view, streams);
  for (int32_t i = 0; i < count; ++i, ++n) {
    read_arrivals(view, &streams[i], ADAPT_STREAMS + i, cycle, &m[n]);
    m[n].is_own_light = 0;
    for (int32_t b = 0; b < ADAPT_BINS; ++b)
      m[n].serve[b] = adapt_field(&view->memory[ADAPT_SERVED + i], b, 1)
                          ? bin_s * link_rate_vps(view, streams[i].link, -1)
                          : 0.0f;
  }
  return n;
}

/// Vehicles x bins in the queue of one cycle, the cycle before having been the same.
static float queue_of(const meeting *m, int32_t shift)
{
  float queue = 0.0f, sum = 0.0f;
  for (int32_t i = 0; i < 2 * ADAPT_BINS; ++i) {
    const int32_t here = i % ADAPT_BINS, moved = (i - shift + ADAPT_BINS) % ADAPT_BINS;
    queue += m->is_own_light ? m->arrive[here] : m->arrive[moved];
    queue = art_maxf(0.0f, queue - (m->is_own_light ? m->serve[moved] : m->serve[here]));
    if (i >= ADAPT_BINS) sum += queue;
  }
  return sum;
}

art_tick adapt_best_shift(const art_control_view *view, const adapt_plan *plan)
{
  meeting m[2 * ADAPT_STREAMS];
  const int32_t count = read_meetings(view, plan, m);
  // Opposite shifts can be equally good: then chance decides, so that neighbours do not run after each other for ever.
  const int32_t sign =
      art_mix64((uint64_t)view->signal * 2654435761u + (uint64_t)view->memory[ADAPT_CYCLES]) & 1u ? 1 : -1;
  int32_t best = 0;
  float present = 0.0f, least = 0.0f;
  for (int32_t away = 0; away <= ADAPT_BINS / 2; ++away)
    for (int32_t side = 0; side < 2; ++side) {
      const int32_t shift = side == 0 ? sign * away : -sign * away;
      float sum = 0.0f;
      for (int32_t i = 0; i < count; ++i) sum += queue_of(&m[i], shift);
      if (away == 0) present = least = sum;
      if (sum >= least) continue;
      least = sum;
      best = shift;
    }
  if (!(least < (float)WORTH_IT * present)) return 0;
  return (art_tick)best * plan->cycle_ms / ADAPT_BINS;
}
