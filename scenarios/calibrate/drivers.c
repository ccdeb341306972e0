#include "scenarios/calibrate/drivers.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/par.h"
#include "scenarios/calibrate/drivers_internal.h"

// ---- from pairs to episodes of fits

/// Every how many rows of the data one is taken, and how many steps a row is simulated in.
static art_status choose_step(const art_pairs *pairs, double step_s, int32_t *stride, int32_t *substeps,
                              art_error *err)
{
  *stride = *substeps = 1;
  if (step_s <= 0.0) return ART_OK;
  const double ratio = step_s / pairs->step_s,
               whole = ratio >= 1.0 ? floor(ratio + 0.5) : floor(1.0 / ratio + 0.5);
  const double off = fabs((ratio >= 1.0 ? ratio : 1.0 / ratio) - whole);
  if (off > 0.01 || whole > 1000.0)
    return art_fail(
        err, ART_E_INPUT,
        "step %g s: rows of the data are %g s apart; accepted are whole parts and multiples of that", step_s,
        pairs->step_s);
  *(ratio >= 1.0 ? stride : substeps) = (int32_t)whole;
  return ART_OK;
}

typedef struct builder {
  const art_pairs *pairs;
  art_driver_study *study;
  int32_t stride;
  int32_t *fit_of;  ///< [episodes of pairs], -1: left out
  int32_t fit_capacity;
} builder;

static char *join3(const char *a, const char *mark, const char *b)
{
  char *out = ART_NEW(char, strlen(a) + strlen(mark) + strlen(b) + 1);
  stpcpy(stpcpy(stpcpy(out, a), mark), b);
  return out;
}

/// Makes the list of fits and says which episode belongs to which.
static void make_fits(builder *b)
{
  const art_pairs *p = b->pairs;
  art_driver_study *s = b->study;
  art_idmap *ids = art_idmap_new(), *groups = art_idmap_new();
  for (int32_t e = 0; e < p->episode_count; ++e) art_idmap_put(groups, p->group[e]);
  s->group_count = art_idmap_count(groups);
  s->group = ART_NEW(char *, s->group_count);
  for (int32_t g = 0; g < s->group_count; ++g) s->group[g] = art_strdup(art_idmap_id(groups, g));
  for (int32_t g = 0; g < s->group_count; ++g) {
    for (int32_t e = 0; e < p->episode_count; ++e) {
      if (strcmp(p->group[e], s->group[g]) != 0) continue;
      const int32_t rows = (int32_t)((p->first[e + 1] - p->first[e] - 1) / b->stride) + 1;
      b->fit_of[e] = -1;
      if (rows < 2 || (rows - 1) * s->row_step_s < s->options.min_duration_s - 1e-6) {
        ++s->left_out;
        continue;
      }
      char *id = join3(p->group[e], ":", p->follower[e]);
      for (int n = 2; s->options.by_pair && art_idmap_find(ids, id) >= 0; ++n) {
        char number[16];
        snprintf(number, sizeof number, "%d", n);
        free(id);
        char *plain = join3(p->group[e], ":", p->follower[e]);
        id = join3(plain, "#", number);
        free(plain);
      }
      const int32_t f = art_idmap_put(ids, id);
      b->fit_of[e] = f;
      if (f == s->fit_count) {
        const art_driver_fit fit = { .id = art_strdup(id),
                                     .group = art_strdup(p->group[e]),
                                     .driver = art_strdup(p->follower[e]) };
        ART_PUSH(s->fit, s->fit_count, b->fit_capacity, fit);
      }
      free(id);
    }
  }
  art_idmap_free(ids);
  art_idmap_free(groups);
}

/// Copies the rows that are used, fit by fit.
static void copy_rows(builder *b)
{
  const art_pairs *p = b->pairs;
  art_driver_study *s = b->study;
  s->episode = ART_NEW(art_study_episode, p->episode_count);
  double **to[] = { &s->time_s,    &s->leader_rear_m,   &s->leader_speed_mps,   &s->gap_m,
                    &s->speed_mps, &s->simulated_gap_m, &s->simulated_speed_mps };
  double *const from[] = { p->time_s, p->leader_rear_m, p->leader_speed_mps, p->gap_m, p->speed_mps };
  for (size_t c = 0; c < sizeof to / sizeof *to; ++c) *to[c] = ART_NEW(double, p->row_count);
  for (int32_t f = 0; f < s->fit_count; ++f) {
    art_driver_fit *fit = &s->fit[f];
    fit->first_episode = s->episode_count;
    for (int32_t e = 0; e < p->episode_count; ++e) {
      if (b->fit_of[e] != f) continue;
      art_study_episode *out = &s->episode[s->episode_count++];
      *out = (art_study_episode){ .fit = f, .leader = art_strdup(p->leader[e]), .first = s->row_count };
      for (int64_t k = p->first[e]; k < p->first[e + 1]; k += b->stride, ++s->row_count, ++out->count) {
        for (size_t c = 0; c < sizeof from / sizeof *from; ++c) (*to[c])[s->row_count] = from[c][k];
      }
      fit->rows += out->count;
      fit->duration_s += (out->count - 1) * s->row_step_s;
    }
    fit->episode_count = s->episode_count - fit->first_episode;
  }
}

art_episode art_study_view(const art_driver_study *s, int32_t episode)
{
  const art_study_episode *e = &s->episode[episode];
  return (art_episode){ .count = e->count,
                        .step_s = s->row_step_s,
                        .leader_rear_m = s->leader_rear_m + e->first,
                        .leader_speed_mps = s->leader_speed_mps + e->first,
                        .gap_m = s->gap_m + e->first,
                        .speed_mps = s->speed_mps + e->first };
}

int32_t art_study_longest(const art_driver_study *s)
{
  int32_t longest = 0;
  for (int32_t e = 0; e < s->episode_count; ++e) {
    if (s->episode[e].count > longest) longest = s->episode[e].count;
  }
  return longest;
}

// ---- fits

/// Of a finished search: its own errors, and what it drove.
static void keep_own(art_driver_study *s, int32_t f)
{
  art_driver_fit *fit = &s->fit[f];
  art_gap_sums sums = { 0 };
  for (int32_t e = fit->first_episode; e < fit->first_episode + fit->episode_count; ++e) {
    double *gap = s->simulated_gap_m + s->episode[e].first;
    art_driver_drive(s, e, fit->value, gap, s->simulated_speed_mps + s->episode[e].first);
    const art_episode view = art_study_view(s, e);
    art_gap_sums_add(&sums, &view, gap);
  }
  for (int m = 0; m < ART_GAP_ERROR_COUNT; ++m) fit->error[m] = art_gap_error_of(&sums, m);
  fit->rmse_m = art_gap_rmse(&sums);
  fit->collided = sums.collided;
}

/// The pooled fit of group g; group_count: of all groups.
static void fit_pooled(art_driver_study *s, int32_t g)
{
  int32_t *members = ART_NEW(int32_t, s->fit_count), count = 0;
  for (int32_t f = 0; f < s->fit_count; ++f) {
    if (g == s->group_count || strcmp(s->fit[f].group, s->group[g]) == 0) members[count++] = f;
  }
  if (count) art_driver_search(s, count, members, s->options.restarts < 2 ? 1 : 2, NULL, &s->pooled[g]);
  free(members);
}

/// Waits for nobody but, with a prior, for the pooled fit of the group.
static void fit_driver(art_driver_study *s, int32_t f)
{
  const double *prior = NULL;
  for (int32_t g = 0; s->options.prior > 0.0 && g < s->group_count; ++g) {
    if (strcmp(s->fit[f].group, s->group[g]) == 0) prior = s->pooled[g].value;
  }
  art_driver_search(s, 1, &f, s->options.restarts, prior, &s->fit[f]);
  keep_own(s, f);
}

static void report(const art_driver_study *s, const art_driver_fit *fit, int32_t done, int32_t tasks)
{
  if (!s->options.progress) return;
  fprintf(s->options.progress, "done=%" PRId32 "/%" PRId32 " fit=%s evaluations=%" PRId64, done, tasks,
          fit->id, fit->evaluations);
  if (fit->driver[0])
    fprintf(s->options.progress, " error=%.4f rows=%" PRId64, fit->error[s->options.error], fit->rows);
  fputc('\n', s->options.progress);
}

/// Pooled fits take longest, that of all groups first of them, so they come first.
static void fit_all(art_driver_study *s, int threads)
{
  const int32_t pooled = s->group_count > 1 ? s->group_count + 1 : 1, tasks = pooled + s->fit_count;
  int32_t done = 0;
  // With a prior, drivers need the pooled fits: then two loops, one after the other.
  const int32_t phase_end[2] = { s->options.prior > 0.0 ? pooled : tasks, tasks };
  for (int phase = 0; phase < 2; ++phase) {
    const int32_t first = phase ? phase_end[0] : 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int32_t t = first; t < phase_end[phase]; ++t) {
      if (t < pooled)
        fit_pooled(s, pooled - 1 - t);
      else
        fit_driver(s, t - pooled);
#pragma omp critical(art_driver_report)
      report(s, t < pooled ? &s->pooled[pooled - 1 - t] : &s->fit[t - pooled], ++done, tasks);
    }
  }
  if (s->group_count > 1) return;
  const art_driver_fit *from = &s->pooled[0];  // all there are
  art_driver_fit *to = &s->pooled[1];
  memcpy(to->value, from->value, sizeof to->value);
  memcpy(to->at_bound, from->at_bound, sizeof to->at_bound);
  memcpy(to->is_weak, from->is_weak, sizeof to->is_weak);
}

static void cross_all(art_driver_study *s, int threads)
{
  const int32_t n = s->fit_count;
  const size_t cells = (size_t)n * (size_t)n;
  s->cross = ART_NEW(double, cells);
  s->cross_collided = ART_NEW(uint8_t, cells);
  s->pooled_cross = ART_NEW(double, (size_t)n *(size_t)(s->group_count + 1));
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (int32_t j = 0; j < n; ++j) {
    double *gap = ART_NEW(double, art_study_longest(s));
    for (int32_t i = 0; i < n; ++i) {
      const art_gap_sums sums = art_driver_try(s, j, s->fit[i].value, gap);
      const size_t at = (size_t)i * (size_t)n + (size_t)j;
      s->cross[at] = art_gap_error_of(&sums, s->options.error);
      s->cross_collided[at] = sums.collided > 0;
    }
    for (int32_t g = 0; g <= s->group_count; ++g) {
      const art_gap_sums sums = art_driver_try(s, j, s->pooled[g].value, gap);
      s->pooled_cross[(size_t)g * (size_t)n + (size_t)j] = art_gap_error_of(&sums, s->options.error);
    }
    free(gap);
  }
}

/// The pooled fits, with what can be said before they are made.
static void make_pooled(art_driver_study *s)
{
  s->pooled = ART_NEW(art_driver_fit, s->group_count + 1);
  for (int32_t g = 0; g <= s->group_count; ++g) {
    art_driver_fit *fit = &s->pooled[g];
    fit->group = art_strdup(g < s->group_count ? s->group[g] : "all");
    fit->id = join3(fit->group, ":", "*");
    fit->driver = art_strdup("");
    for (int32_t f = 0; f < s->fit_count; ++f) {
      if (g < s->group_count && strcmp(s->fit[f].group, s->group[g]) != 0) continue;
      fit->rows += s->fit[f].rows;
      fit->duration_s += s->fit[f].duration_s;
      fit->episode_count += s->fit[f].episode_count;
    }
  }
}

art_status art_drivers_fit(const art_pairs *pairs, const art_driver_options *options, art_driver_study **out,
                           art_error *err)
{
  *out = NULL;
  int32_t stride, substeps;
  art_status status = choose_step(pairs, options->step_s, &stride, &substeps, err);
  if (status != ART_OK) return status;
  art_driver_study *s = ART_NEW(art_driver_study, 1);
  s->options = *options;
  s->row_step_s = pairs->step_s * stride;
  s->step_s = s->row_step_s / substeps;
  s->substeps = substeps;
  builder b = { pairs, s, stride, ART_NEW(int32_t, pairs->episode_count), 0 };
  make_fits(&b);
  copy_rows(&b);
  free(b.fit_of);
  if (s->fit_count == 0) {
    art_drivers_free(s);
    return art_fail(err, ART_E_INPUT, "none of the %" PRId32 " episodes is at least %g s long",
                    pairs->episode_count, options->min_duration_s);
  }
  const int threads = options->threads > 0 ? options->threads : art_par_default_threads();
  make_pooled(s);
  fit_all(s, threads);
  cross_all(s, threads);
  *out = s;
  return ART_OK;
}

static void clear_fits(art_driver_fit *fit, int32_t count)
{
  for (int32_t f = 0; fit && f < count; ++f) {
    free(fit[f].id);
    free(fit[f].group);
    free(fit[f].driver);
  }
  free(fit);
}

void art_drivers_free(art_driver_study *s)
{
  if (!s) return;
  clear_fits(s->fit, s->fit_count);
  clear_fits(s->pooled, s->group_count + 1);
  for (int32_t g = 0; g < s->group_count; ++g) free(s->group[g]);
  for (int32_t e = 0; e < s->episode_count; ++e) free(s->episode[e].leader);
  free(s->group);
  free(s->episode);
  free(s->cross);
  free(s->cross_collided);
  free(s->pooled_cross);
  free(s->time_s);
  free(s->leader_rear_m);
  free(s->leader_speed_mps);
  free(s->gap_m);
  free(s->speed_mps);
  free(s->simulated_gap_m);
  free(s->simulated_speed_mps);
  free(s);
}
