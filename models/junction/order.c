// Who is under way, who asks, and in which order requests are evaluated.
#include "models/junction/grants_internal.h"

#define CHAINED_CLASS 4096
#define AT_LINE_M 3.0f  // a stop this near to the line is one at the line
/// Between two from one lane where lanes zip together: twice the headway of a dense stream.
#define ZIP_S 4.0f
#define LET_IN_AFTER_S 20.0f  // who has stood so long before a stream that crawls is let in by the next of it
#define CRAWL_MPS 3.0f

static float arrival(const art_passage *p)
{
  return art_maxf(-p->front_m, 0.0f) / art_maxf(p->speed_mps, 1.0f);
}

/// When it is its turn among those of its class. Where two lanes zip together, the one that went in last comes after the
/// other one's next.
static float turn_at(const view *w, const art_passage *p)
{
  const float at = arrival(p);
  if (!w->j->times_gaps || way_of(w, p)->state != 'Z') return at;
  return art_maxf(at, p->lane_start_s + ZIP_S);
}

int art_grants_request_before(const view *w, int32_t a, int32_t b)
{
  if (w->class_of[a] != w->class_of[b]) return w->class_of[a] < w->class_of[b];
  const float wa = w->p[a].jammed ? w->p[a].waited_s : 0.0f, wb = w->p[b].jammed ? w->p[b].waited_s : 0.0f;
  if (wa != wb) return wa > wb;
  if (is_allway(w)) {
    const float sa = stop_instant(&w->p[a]), sb = stop_instant(&w->p[b]);
    if (sa != sb) return sa < sb;
  }
  const float ta = w->p[a].turn_s, tb = w->p[b].turn_s;
  if (ta != tb) return ta < tb;
  if (w->p[a].key != w->p[b].key) return w->p[a].key < w->p[b].key;
  return w->p[a].turn_slot < w->p[b].turn_slot;
}

static int active_before(const view *w, int32_t a, int32_t b)
{
  const art_passage *pa = &w->p[a], *pb = &w->p[b];
  if (pa->new_committed != pb->new_committed) return pa->new_committed > pb->new_committed;
  if (pa->order != pb->order) return pa->order < pb->order;
  if (pa->key != pb->key) return pa->key < pb->key;
  return pa->turn_slot < pb->turn_slot;
}

/// Insertion sort: lists are short and often nearly sorted.
static void sort_by(const view *w, int32_t *list, int32_t count,
                    int (*before)(const view *, int32_t, int32_t))
{
  for (int32_t i = 1; i < count; ++i) {
    const int32_t moved = list[i];
    int32_t at = i;
    for (; at > 0 && before(w, moved, list[at - 1]); --at) list[at] = list[at - 1];
    list[at] = moved;
  }
}

/// Has it stopped at its line, or will it before this step is over?
static int has_stopped(const view *w, const art_passage *p)
{
  if (p->waited_s > 0.0f || p->grant != ART_GRANT_NONE) return 1;
  const float slow = w->j->times_gaps ? STOPPING_MPS2 * w->j->step_s : STOPPED_MPS;
  return p->front_m > -AT_LINE_M && p->speed_mps < slow;
}

static int is_open(const view *w, const art_passage *p)
{
  switch (p->aspect) {
  case ART_ASPECT_RED: return 0;
  case ART_ASPECT_YELLOW: return cannot_stop(p, 0.0f);
  case ART_ASPECT_STOP: return has_stopped(w, p) || art_grants_rolls_up(w, p);
  default: return 1;
  }
}

/// Who has accepted a gap and set off goes through with it: others adapt while they are still far. A light that turns
/// takes it back.
static int has_started(const view *w, const art_passage *p)
{
  if (p->aspect == ART_ASPECT_RED || p->aspect == ART_ASPECT_YELLOW) return 0;
  return w->j->times_gaps && p->grant == ART_GRANT_FULL && p->start_s > -INFINITY && p->start_s <= 0.0f;
}

void art_grants_find_active(view *w)
{
  int32_t fresh = 0;
  for (int32_t i = 0; i < w->n; ++i) {
    art_passage *p = &w->p[i];
    p->new_grant = ART_GRANT_NONE;
    p->new_committed = 0;
    p->waits_for = -1;
    p->refusal = p->prior == ART_PRIOR_CLOSED ? ART_REFUSED_PRIOR
                 : !is_open(w, p)             ? ART_REFUSED_ASPECT
                                              : ART_REFUSED_NOT;
    p->new_order = p->order;
    p->new_start_s = -INFINITY;
    p->delay_s = 0.0f;
    w->state[i] = WAITS;
    w->rank[i] = 0;
    const float line = line_of(w, p), hold = hold_of(w, p);
    if (is_inside(p)) {
      // Irrevocable once past the point of no return, even if it had to halt short of the line after all.
      const int waits_at_hold = hold > 0.0f && line > 0.0f && p->committed != 2 &&
                                !(p->grant == ART_GRANT_FULL && cannot_stop(p, hold));
      w->state[i] = ACTIVE;
      p->new_grant = waits_at_hold ? ART_GRANT_HOLD : ART_GRANT_FULL;
      p->new_committed = p->committed == 2 ? 2 : 1;
      p->new_start_s = waits_at_hold ? -INFINITY : p->start_s;
      // Beyond its holding point it needs a number later than all that passed before it.
      // Who went in from a stand before it had one gets its first number here.
      if ((!waits_at_hold && line > 0.0f && p->committed != 2) || !p->committed) w->sorted[fresh++] = i;
    } else if (p->grant != ART_GRANT_NONE && (cannot_stop(p, 0.0f) || has_started(w, p) || p->rotates == 2)) {
      w->state[i] = ACTIVE;
      p->new_grant = p->grant;
      p->new_committed = p->committed;
      p->new_start_s = p->start_s;
      if (!p->committed) w->sorted[fresh++] = i;
    }
  }
  sort_by(w, w->sorted, fresh, active_before);
  for (int32_t r = 0; r < fresh; ++r) {
    art_passage *p = &w->p[w->sorted[r]];
    p->new_order = w->j->next_order++;
    p->new_committed = p->new_grant == ART_GRANT_FULL ? 2 : 1;  // 2: all the way, 1: to the holding point
  }
}

/// Evaluation class: clearing vehicles first, then major before minor before stop, then by streams to yield to.
static int32_t request_class(const view *w, int32_t i)
{
  static const int32_t base[] = { [ART_ASPECT_RED] = 0,
                                  [ART_ASPECT_YELLOW] = 0,
                                  [ART_ASPECT_MAJOR] = 1,
                                  [ART_ASPECT_MINOR] = 2,
                                  [ART_ASPECT_STOP] = 3 };
  const art_passage *p = &w->p[i];
  const int32_t late = p->prior == ART_PRIOR_CHAINED ? CHAINED_CLASS : 0;  // after all who can really come
  if (p->jammed && p->aspect != ART_ASPECT_RED) return late + 1;  // approaches of a full exit take turns
  return late + base[p->aspect] * 256 + (is_inside(p) ? 0 : 1 + way_of(w, p)->streams);
}

/// Nobody is evaluated before the one ahead of it on its lane. Returns 1 if that makes it later.
static int come_after_those_ahead(view *w, int32_t i)
{
  const int32_t own = w->class_of[i];
  const art_passage *me = &w->p[i];
  for (int32_t o = first_at(&w->from, way_of(w, me)->from_place); o >= 0; o = w->from.next[o]) {
    const art_passage *p = &w->p[o];
    if (w->class_of[o] > w->class_of[i] && p->from_lane == me->from_lane && p->front_m > me->front_m &&
        p->prior == ART_PRIOR_OPEN)
      w->class_of[i] = w->class_of[o];
  }
  return w->class_of[i] != own;
}

/// Does p stand before a stream that crawls past? Then somebody lets it in: drivers in a queue do, and else the queue of the
/// main road would keep side roads shut for as long as it lasts, until these block the next junctions.
static int is_let_in(const view *w, int32_t i)
{
  const art_passage *me = &w->p[i];
  int crawls = 0;
  if (w->state[i] != WAITS || me->waited_s < LET_IN_AFTER_S || !me->asks || is_inside(me) ||
      me->aspect == ART_ASPECT_MAJOR || me->aspect == ART_ASPECT_RED)
    return 0;
  const art_way *way = way_of(w, me);
  for (const art_foe *k = w->foe + way->first_foe; k < w->foe + way->end_foe; ++k) {
    if (k->kind != ART_CONFLICT_MERGE) continue;
    for (int32_t o = first_at(&w->on, k->other_place); o >= 0; o = w->on.next[o]) {
      const art_passage *p = &w->p[o];
      if (!is_on_foe(w, p, k) || p->vehicle == me->vehicle || p->aspect == ART_ASPECT_RED) continue;
      if (!art_grants_yields(w, me, p, k)) continue;
      if (p->speed_mps > CRAWL_MPS) return 0;
      crawls = 1;
    }
  }
  return crawls;
}

int32_t art_grants_list_requests(view *w)
{
  for (int32_t i = 0; i < w->n; ++i) {
    const int beside = is_let_in(w, i) ? ART_JAMMED_BESIDE : 0;
    w->p[i].jammed = (uint8_t)((w->p[i].jammed & ~ART_JAMMED_BESIDE) | beside);
  }
  int32_t count = 0;
  for (int32_t i = 0; i < w->n; ++i) {
    art_passage *p = &w->p[i];
    const int inside_asking = holds(w, i) && is_inside(p);
    const int outside_asking =
        w->state[i] == WAITS && p->asks && p->prior != ART_PRIOR_CLOSED && is_open(w, p);
    w->class_of[i] = -1;
    if (!inside_asking && !outside_asking) continue;
    w->class_of[i] = request_class(w, i);
    p->turn_s = turn_at(w, p);
    w->sorted[count++] = i;
  }
  int changes = 1;
  for (int pass = 0; pass < 2 && changes; ++pass) {  // lanes are short: two settle chains of the usual length
    changes = 0;
    for (int32_t r = 0; r < count; ++r) changes |= come_after_those_ahead(w, w->sorted[r]);
  }
  sort_by(w, w->sorted, count, art_grants_request_before);
  return count;
}
