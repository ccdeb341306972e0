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
#include "core/step/ranks.h"
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
        "--walltime leaves %.0f s, --checkpoint-margin keeps %.0f s of them for saving: no time to simulate",
        left_s, o->margin_s);
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

static void put_found(const art_checkpoints *c, art_bytes *out)
{
  const art_checkpoint *f = &c->found;
  const uint64_t outputs = f->outputs.count, state = f->state.count;
  const uint64_t name = c->found_journal ? strlen(c->found_journal) + 1 : 0;
  ART_PUT(out, c->is_saving);
  ART_PUT(out, c->is_found);
  ART_PUT(out, c->continues);
  ART_PUT(out, f->now_ms);
  ART_PUT(out, f->restarts);
  ART_PUT(out, f->wall_s);
  ART_PUT(out, f->step_s);
  ART_PUT(out, outputs);
  ART_PUT(out, state);
  ART_PUT(out, name);
  ART_PUT(out, c->parts.count);
  (void)art_bytes_put(out, f->outputs.data, f->outputs.count);
  (void)art_bytes_put(out, f->state.data, f->state.count);
  (void)art_bytes_put(out, c->found_journal, (size_t)name);
  (void)art_bytes_put(out, c->parts.mark, (size_t)c->parts.count * sizeof *c->parts.mark);
}

/// What put_found wrote; 0 if it is not whole.
static int get_found(art_checkpoints *c, art_byte_reader *in)
{
  art_checkpoint *f = &c->found;
  uint64_t outputs, state, name;
  ART_GET(in, c->is_saving);
  ART_GET(in, c->is_found);
  ART_GET(in, c->continues);
  ART_GET(in, f->now_ms);
  ART_GET(in, f->restarts);
  ART_GET(in, f->wall_s);
  ART_GET(in, f->step_s);
  ART_GET(in, outputs);
  ART_GET(in, state);
  ART_GET(in, name);
  ART_GET(in, c->parts.count);
  const void *of_outputs = art_bytes_take(in, outputs, 1), *of_state = art_bytes_take(in, state, 1);
  const char *of_name = art_bytes_take(in, name, 1);
  if (in->is_short || c->parts.count < 0) return 0;
  c->parts.mark = ART_NEW(art_journal_mark, c->parts.count);
  art_bytes_get(in, c->parts.mark, (size_t)c->parts.count * sizeof *c->parts.mark);
  if (in->is_short) return 0;
  if (of_name) c->found_journal = art_strdup(of_name);
  (void)art_bytes_put(&f->outputs, of_outputs, (size_t)outputs);
  (void)art_bytes_put(&f->state, of_state, (size_t)state);
  return 1;
}

/// The first rank tells the others where the run goes on from.
static art_status share_found(art_checkpoints *c, art_error *err)
{
  const art_group *group = c->setup.group;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  if (group->rank == 0) put_found(c, &mine);
  group->gather(group, &mine, &all, first);
  art_byte_reader in = { .data = all.data, .count = all.count };
  const int is_whole = group->rank == 0 || get_found(c, &in);
  free(first);
  free(mine.data);
  free(all.data);
  return is_whole ? ART_OK
                  : art_fail(err, ART_E_INTERNAL, "the first rank's word on the checkpoint is cut short");
}

art_status art_checkpoints_open(const art_checkpoints_setup *setup, art_checkpoints **out, art_error *err)
{
  art_checkpoints *c = ART_NEW(art_checkpoints, 1);
  c->setup = *setup;
  c->saved_ms = INT64_MIN;
  c->name = run_name(setup->scenario, setup->seed);
  describe_run(c);
  const int is_first = !setup->group || setup->group->rank == 0;
  art_status status = is_first ? read_walltime(c, err) : ART_OK;
  if (status == ART_OK && is_first) status = take_folder(c, err);
  if (status == ART_OK && is_first) status = art_checkpoints_find(c, err);
  c->is_saving = c->journal != NULL;
  if (status == ART_OK && c->is_found)
    status = art_journal_find_parts(c->found_journal, &c->found.mark, &c->parts, err);
  status = art_group_agree(setup->group, status, err);
  if (status == ART_OK && setup->group) status = share_found(c, err);
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
  art_journal_close(c->part);
  free(c->parts.mark);
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
  if (!c->continues) art_folder_forget_parts(folder, c->name);
  // Checkpoints go before the part of the journal that they need.
  art_status status =
      art_folder_forget_after(folder, c->name, c->continues ? c->found.now_ms : INT64_MIN, err);
  if (status == ART_OK)
    status =
        c->continues ? art_journal_cut(c->journal, &c->found.mark, err) : art_journal_start(c->journal, err);
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
  art_status status = c->journal ? begin_folder(c, err) : ART_OK;
  status = art_group_agree(c->setup.group, status, err);  // the first rank has tidied up
  return status == ART_OK ? art_checkpoints_parts_begin(c, err) : status;
}

art_status art_checkpoints_replay(art_checkpoints *c, art_results *results, art_error *err)
{
  art_journal *own = c->part ? c->part : c->journal;
  const int is_first = !c->setup.group || c->setup.group->rank == 0;
  if (!c->continues) art_results_set_journal(results, own);  // what comes from elsewhere is noted here, too
  art_status status =
      c->is_found && is_first ? art_journal_replay(c->found_journal, &c->found.mark, results, err) : ART_OK;
  if (status == ART_OK && c->is_found) status = art_checkpoints_parts_replay(c, results, err);
  art_results_set_journal(results, own);
  return status;
}

void art_checkpoints_follow(art_checkpoints *c, art_sim *sim)
{
  c->sim = sim;
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
  const art_bytes state = out->state;
  const uint64_t hash = out->hash;
  *out = c->run;
  out->state = state;
  out->hash = hash;
  out->now_ms = art_sim_now(c->sim);
  out->restarts = art_checkpoints_restarts(c);
  out->written_at = (int64_t)time(NULL);
  out->wall_s = art_checkpoints_wall_before(c) + art_wall_s() - c->setup.start_s;
  out->step_s = art_checkpoints_steps_before(c) + art_sim_ledger(c->sim).step_seconds;
  memset(host, 0, host_size);
  gethostname(host, host_size - 1);
  out->host = host;
  out->journal = (char *)journal_name;
}

/// The states of all ranks, one after the other. Collective; only the first one gets them.
static void gather_state(art_checkpoints *c, art_bytes *out)
{
  const art_group *group = c->setup.group;
  art_sim_save(c->sim, out);
  if (!group) return;
  art_bytes all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  art_group_collect(group, out, &all, first);
  free(first);
  free(out->data);
  *out = all;
}

static art_status write_state(art_checkpoints *c, art_outputs *outputs, art_checkpoint save,
                              const art_journal_parts *parts, char **path, art_error *err)
{
  const char *folder = c->setup.options->folder, *slash = strrchr(c->journal_path, '/');
  char host[128];
  describe_state(c, slash ? slash + 1 : c->journal_path, host, sizeof host, &save);
  // What the writing thread still has goes to the journal first; it is idle then.
  art_status status = art_outputs_settle(outputs, err);
  if (status == ART_OK && parts->count > 0) status = art_journal_add_parts(c->journal, parts, err);
  if (status == ART_OK) status = art_journal_sync(c->journal, &save.mark, err);
  if (status == ART_OK) {
    art_outputs_save(outputs, &save.outputs);
    *path = art_folder_checkpoint_path(folder, c->name, save.now_ms);
    status = art_checkpoint_write(*path, &save, err);
  }
  free(save.outputs.data);
  return status == ART_OK ? art_folder_keep(folder, c->name, KEPT, err) : status;
}

art_status art_checkpoints_save(art_checkpoints *c, art_outputs *outputs, art_error *err)
{
  char *path = NULL;
  const double from_s = art_wall_s();
  if (art_sim_now(c->sim) == c->saved_ms) return ART_OK;
  art_checkpoint save = { .hash = art_sim_hash_all(c->sim) };
  gather_state(c, &save.state);
  art_journal_parts parts;
  art_status status = art_checkpoints_parts_sync(c, outputs, &parts, err);
  if (status == ART_OK && c->journal) status = write_state(c, outputs, save, &parts, &path, err);
  free(parts.mark);
  free(save.state.data);
  status = art_group_agree(c->setup.group, status, err);
  if (status == ART_OK) {
    c->saved_ms = art_sim_now(c->sim);
    c->save_s = art_wall_s() - from_s;
    if (!c->setup.quiet && c->journal)
      art_progress_note("checkpoint=%s t=%.1f write_s=%.3f", path, (double)c->saved_ms / 1000.0, c->save_s);
  } else if (c->saved_ms != INT64_MIN) {
    art_fail_prefix(err, "no checkpoint at %.1f s, the one at %.1f s remains: ",
                    (double)art_sim_now(c->sim) / 1000.0, (double)c->saved_ms / 1000.0);
  }
  free(path);
  return status;
}

static art_status stop(art_checkpoints *c, art_outputs *outputs, const char *why, art_error *err)
{
  const art_status status = art_checkpoints_save(c, outputs, err);
  if (status != ART_OK) return status;
  return art_fail(err, ART_E_STOPPED,
                  "stopped by %s at %.1f s; the state is in %s, --restart auto goes on from there", why,
                  (double)c->saved_ms / 1000.0, c->setup.options->folder);
}

/// Wall clocks differ: that of the first rank counts.
static void ask_clock(const art_checkpoints *c, int64_t clock[2])
{
  const art_group *group = c->setup.group;
  const double now_s = art_wall_s();
  // Twice as long as the last one took: disks that many jobs share are slow now and then.
  clock[0] = c->journal && now_s + 2.0 * c->save_s >= c->deadline_s;
  clock[1] = c->journal && now_s >= c->next_wall_s;
  if (group) group->reduce(group, ART_REDUCE_MAX, 2, clock);
}

art_status art_checkpoints_step(art_checkpoints *c, art_outputs *outputs, art_error *err)
{
  const int is_over = art_sim_now(c->sim) >= c->setup.scenario->end_ms || art_sim_is_finished(c->sim);
  if (!c->is_saving || is_over) return ART_OK;
  if (art_requests_stop()) return stop(c, outputs, art_requests_stop_name(), err);
  int64_t clock[2];  // out of time, due
  ask_clock(c, clock);
  if (clock[0]) return stop(c, outputs, "the wall time", err);
  const int is_due = art_sim_now(c->sim) >= c->next_ms || clock[1], is_asked = art_requests_save();
  if (!is_due && !is_asked) return ART_OK;
  const art_status status = art_checkpoints_save(c, outputs, err);
  if (is_due) plan_next(c);
  return status;
}
