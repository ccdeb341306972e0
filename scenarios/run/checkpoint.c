#include "scenarios/run/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/build.h"
#include "core/base/memory.h"
#include "core/par/par.h"
#include "core/step/state.h"
#include "io/checkpoint/folder.h"
#include "io/h5/h5.h"
#include "scenarios/run/checkpoint_internal.h"
#include "scenarios/run/requests.h"
#include "scenarios/run/run_internal.h"
#include "scenarios/run/walltime.h"
#include "scenarios/whatif/files.h"

enum { KEPT = 2 };

/// "dir/bologna.yaml" with seed 7 gives "bologna-7": members of an array of jobs may share a folder.
static char *run_name(const art_scenario *s, uint64_t seed)
{
  const char *path = s->path ? s->path : "run", *slash = strrchr(path, '/'), *stem = slash ? slash + 1 : path;
  const char *point = strrchr(stem, '.');
  const int length = (int)(point && point != stem ? (size_t)(point - stem) : strlen(stem));
  const size_t size = (size_t)length + 32;
  char *name = ART_NEW(char, size);
  snprintf(name, size, "%.*s-%" PRIu64, length, stem, seed);
  return name;
}

static void describe_run(art_checkpoints *c)
{
  const art_checkpoints_setup *setup = &c->setup;
  const art_scenario *s = setup->scenario;
  c->run = (art_checkpoint){ .version = (char *)art_build_version(),
                             .commit = (char *)art_build_commit(),
                             .config = s->config_text,
                             .scenario = s->path,
                             .result_path = (char *)setup->result_path,
                             .seed = setup->seed,
                             .input_count = setup->input_count,
                             .input = (art_source *)setup->input,
                             .has_results = setup->result_path != NULL,
                             .ranks = art_par_size(),
                             .threads = setup->threads,
                             .begin_ms = s->begin_ms,
                             .end_ms = s->end_ms };
}

static art_status read_walltime(art_checkpoints *c, art_error *err)
{
  const art_checkpoint_options *o = c->setup.options;
  double left_s = INFINITY;
  const art_status status = art_walltime_left(o->walltime, art_wall_s() - c->setup.start_s, &left_s, err);
  if (status != ART_OK) return status;
  if (left_s <= o->margin_s)
    return art_fail(
        err, ART_E_USAGE,
        "--walltime leaves %.0f s, --checkpoint-margin keeps %.0f s of them for saving: no time to simulate", left_s,
        o->margin_s);
  c->deadline_s = art_wall_s() + left_s - o->margin_s;
  if (o->walltime && left_s == INFINITY && !c->setup.quiet)
    fprintf(stderr, "note: --walltime auto: neither SLURM_JOB_END_TIME nor PBS_WALLTIME is set, no limit\n");
  return ART_OK;
}

static art_status take_folder(art_checkpoints *c, art_error *err)
{
  const char *folder = c->setup.options->folder;
  if (!folder) return ART_OK;
  art_status status = art_folder_make(folder, err);
  if (status == ART_OK) status = art_folder_check(folder, err);
  if (status != ART_OK) return status;
  c->journal_path = art_folder_journal_path(folder, c->name);
  return art_journal_open(c->journal_path, &c->journal, err);
}

art_status art_checkpoints_open(const art_checkpoints_setup *setup, art_checkpoints **out, art_error *err)
{
  art_checkpoints *c = ART_NEW(art_checkpoints, 1);
  c->setup = *setup;
  c->saved_ms = INT64_MIN;
  c->name = run_name(setup->scenario, setup->seed);
  describe_run(c);
  art_status status =
      art_par_size() > 1 ? art_fail(err, ART_E_USAGE, "checkpoints are for runs on one rank, for now") : ART_OK;
  if (status == ART_OK) status = read_walltime(c, err);
  if (status == ART_OK) status = take_folder(c, err);
  if (status == ART_OK) status = art_checkpoints_find(c, err);
  if (status != ART_OK) {
    art_checkpoints_free(c);
    c = NULL;
  }
  *out = c;
  return status;
}

void art_checkpoints_free(art_checkpoints *c)
{
  if (!c) return;
  art_journal_close(c->journal);
  if (c->is_found) art_checkpoint_clear(&c->found);
  free(c->found_path);
  free(c->found_journal);
  free(c->journal_path);
  free(c->name);
  free(c);
}

const art_checkpoint *art_checkpoints_found(const art_checkpoints *c)
{
  return c->is_found ? &c->found : NULL;
}

/// The next multiple of the interval after now, counted from the begin of the run, whenever the session began.
static void plan_next(art_checkpoints *c)
{
  const art_checkpoint_options *o = c->setup.options;
  const art_tick begin = c->setup.scenario->begin_ms, passed = art_sim_now(c->sim) - begin;
  c->next_ms = o->every_ms > 0 ? begin + (passed / o->every_ms + 1) * o->every_ms : INT64_MAX;
  c->next_wall_s = o->every_wall_s > 0.0 ? art_wall_s() + o->every_wall_s : INFINITY;
}

/// The folder as the journal of this session begins: nothing in it that this session will not stand by.
static art_status begin_folder(art_checkpoints *c, art_error *err)
{
  const char *folder = c->setup.options->folder;
  art_journal_remove_leftovers(c->journal_path);
  art_folder_clean(folder, c->name);
  // Checkpoints go before the part of the journal that they need.
  art_status status = art_folder_forget_after(folder, c->name, c->continues ? c->found.now_ms : INT64_MIN, err);
  if (status == ART_OK)
    status = c->continues ? art_journal_cut(c->journal, &c->found.mark, err) : art_journal_start(c->journal, err);
  if (status == ART_OK && c->setup.result_path) {
    char *leftover = art_h5_temporary(c->setup.result_path, (long)getpid());
    char *absolute = leftover[0] == '/' ? NULL : getcwd(NULL, 0);
    if (absolute) {
      absolute = art_renew(absolute, strlen(absolute) + strlen(leftover) + 2, 1);
      strcat(strcat(absolute, "/"), leftover);
    }
    status = art_journal_add_leftover(c->journal, absolute ? absolute : leftover, err);
    free(absolute);
    free(leftover);
  }
  return status;
}

art_status art_checkpoints_begin(art_checkpoints *c, art_sim *sim, art_error *err)
{
  c->sim = sim;
  c->steps_base_s = art_sim_ledger(sim).step_seconds;
  free(c->found.state.data);
  c->found.state = (art_bytes){ 0 };
  if (c->is_found) c->saved_ms = c->continues ? c->found.now_ms : INT64_MIN;
  plan_next(c);
  return c->journal ? begin_folder(c, err) : ART_OK;
}

art_status art_checkpoints_replay(art_checkpoints *c, art_results *results, art_error *err)
{
  if (!c->continues) art_results_set_journal(results, c->journal);  // what comes from elsewhere is noted here, too
  const art_status status = c->is_found ? art_journal_replay(c->found_journal, &c->found.mark, results, err) : ART_OK;
  art_results_set_journal(results, c->journal);
  return status;
}

art_tick art_checkpoints_next(const art_checkpoints *c)
{
  return c->next_ms;
}

double art_checkpoints_wall_before(const art_checkpoints *c)
{
  return c->is_found ? c->found.wall_s : 0.0;
}

double art_checkpoints_steps_before(const art_checkpoints *c)
{
  return (c->is_found ? c->found.step_s : 0.0) - c->steps_base_s;
}

int32_t art_checkpoints_restarts(const art_checkpoints *c)
{
  return c->is_found ? c->found.restarts + 1 : 0;
}

// ---- saving ----------------------------------------------------------------------------------------------------------

static void describe_state(const art_checkpoints *c, const char *journal_name, char *host, size_t host_size,
                           art_checkpoint *out)
{
  *out = c->run;
  out->now_ms = art_sim_now(c->sim);
  out->hash = art_sim_hash(c->sim);
  out->restarts = art_checkpoints_restarts(c);
  out->written_at = (int64_t)time(NULL);
  out->wall_s = art_checkpoints_wall_before(c) + art_wall_s() - c->setup.start_s;
  out->step_s = art_checkpoints_steps_before(c) + art_sim_ledger(c->sim).step_seconds;
  memset(host, 0, host_size);
  gethostname(host, host_size - 1);
  out->host = host;
  out->journal = (char *)journal_name;
}

static art_status write_state(art_checkpoints *c, art_outputs *outputs, char **path, art_error *err)
{
  const char *folder = c->setup.options->folder, *slash = strrchr(c->journal_path, '/');
  char host[128];
  art_checkpoint save;
  describe_state(c, slash ? slash + 1 : c->journal_path, host, sizeof host, &save);
  // What the writing thread still has goes to the journal first; it is idle then.
  art_status status = art_outputs_settle(outputs, err);
  if (status == ART_OK) status = art_journal_sync(c->journal, &save.mark, err);
  if (status == ART_OK) {
    art_outputs_save(outputs, &save.outputs);
    art_sim_save(c->sim, &save.state);
    *path = art_folder_checkpoint_path(folder, c->name, save.now_ms);
    status = art_checkpoint_write(*path, &save, err);
  }
  free(save.outputs.data);
  free(save.state.data);
  return status == ART_OK ? art_folder_keep(folder, c->name, KEPT, err) : status;
}

art_status art_checkpoints_save(art_checkpoints *c, art_outputs *outputs, art_error *err)
{
  char *path = NULL;
  const double from_s = art_wall_s();
  if (art_sim_now(c->sim) == c->saved_ms) return ART_OK;
  const art_status status = write_state(c, outputs, &path, err);
  if (status == ART_OK) {
    c->saved_ms = art_sim_now(c->sim);
    c->save_s = art_wall_s() - from_s;
    if (!c->setup.quiet)
      art_progress_note("checkpoint=%s t=%.1f write_s=%.3f", path, (double)c->saved_ms / 1000.0, c->save_s);
  } else if (c->saved_ms != INT64_MIN) {
    art_fail_prefix(err, "no checkpoint at %.1f s, the one at %.1f s remains: ", (double)art_sim_now(c->sim) / 1000.0,
                    (double)c->saved_ms / 1000.0);
  }
  free(path);
  return status;
}

static art_status stop(art_checkpoints *c, art_outputs *outputs, const char *why, art_error *err)
{
  const art_status status = art_checkpoints_save(c, outputs, err);
  if (status != ART_OK) return status;
  return art_fail(err, ART_E_STOPPED, "stopped by %s at %.1f s; the state is in %s, --restart auto goes on from there",
                  why, (double)c->saved_ms / 1000.0, c->setup.options->folder);
}

art_status art_checkpoints_step(art_checkpoints *c, art_outputs *outputs, art_error *err)
{
  const int is_over = art_sim_now(c->sim) >= c->setup.scenario->end_ms || art_sim_is_finished(c->sim);
  if (!c->journal || is_over) return ART_OK;
  if (art_requests_stop()) return stop(c, outputs, art_requests_stop_name(), err);
  const double now_s = art_wall_s();
  // Twice as long as the last one took: disks that many jobs share are slow now and then.
  if (now_s + 2.0 * c->save_s >= c->deadline_s) return stop(c, outputs, "the wall time", err);
  const int is_due = art_sim_now(c->sim) >= c->next_ms || now_s >= c->next_wall_s, is_asked = art_requests_save();
  if (!is_due && !is_asked) return ART_OK;
  const art_status status = art_checkpoints_save(c, outputs, err);
  if (is_due) plan_next(c);
  return status;
}
