#include "scenarios/run/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/config/quantity.h"

// ---- the configuration, line by line ---------------------------------------------------------------------------------

/// A piece of text that is not terminated.
typedef struct piece {
  const char *at;
  size_t length;
} piece;

static int is_equal(piece a, piece b)
{
  return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static int is_text(piece p, const char *text)
{
  return p.length == strlen(text) && memcmp(p.at, text, p.length) == 0;
}

/// Goes through the lines of a configuration that count.
typedef struct walk {
  const char *rest;
  piece end;      ///< value of time.end
  piece section;  ///< key without indent that the line stands under
  piece key, value;
} walk;

/// Sections that may differ, or that are compared by what the files hold and not by their names.
static int is_free_section(piece key)
{
  static const char *const names[] = { "title", "city", "demand", "signals", "seed", "threads" };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (is_text(key, names[i])) return 1;
  return 0;
}

/// Splits the next line into key and value; 0 at the end.
static int next_line(walk *w)
{
  if (*w->rest == '\0') return 0;
  const size_t length = strcspn(w->rest, "\n"), indent = strspn(w->rest, " -");
  const piece line = { w->rest + indent, length > indent ? length - indent : 0 };
  size_t colon = 0;
  while (colon < line.length && !(line.at[colon] == ':' && (colon + 1 == line.length || line.at[colon + 1] == ' ')))
    ++colon;
  const size_t value = colon + 2 < line.length ? colon + 2 : line.length;
  w->key = (piece){ line.at, colon };
  w->value = (piece){ line.at + value, line.length - value };
  if (indent == 0) w->section = w->key;
  w->rest += length + (w->rest[length] == '\n');
  return 1;
}

static walk walk_of(const char *config)
{
  walk w = { .rest = config };
  while (next_line(&w))
    if (is_text(w.section, "time") && is_text(w.key, "end")) w.end = w.value;
  w.rest = config;
  return w;
}

/// The next line that has to be equal; 0 at the end.
static int next_that_counts(walk *w)
{
  while (next_line(w)) {
    if (is_free_section(w->section) || (is_text(w->section, "time") && is_text(w->key, "end"))) continue;
    return 1;
  }
  w->key = w->value = (piece){ "", 0 };
  return 0;
}

/// Changes of the city last until the end of the run unless they say otherwise; then the end stands there. To the simulation
/// that is for ever (case_signals.c).
static int lasts_until_end(const walk *w)
{
  return is_text(w->key, "to") && w->end.length > 0 && is_equal(w->value, w->end);
}

static int is_same_line(const walk *a, const walk *b)
{
  if (!is_equal(a->section, b->section) || !is_equal(a->key, b->key)) return 0;
  const int is_whole = lasts_until_end(a);
  return is_whole == lasts_until_end(b) && (is_whole || is_equal(a->value, b->value));
}

static int print_line(char *text, size_t size, const walk *w, int is_there)
{
  enum { SHOWN = 60 };
  if (!is_there) return snprintf(text, size, "nothing");
  const int length = (int)(w->value.length < SHOWN ? w->value.length : SHOWN);
  if (lasts_until_end(w)) return snprintf(text, size, "'to: end'");
  return snprintf(text, size, "'%.*s: %.*s%s'", (int)w->key.length, w->key.at, length, w->value.at,
                  w->value.length > SHOWN ? "..." : "");
}

int art_identity_config(const char *saved, const char *run, char *difference, int size)
{
  walk a = walk_of(saved), b = walk_of(run);
  for (;;) {
    const int is_a = next_that_counts(&a), is_b = next_that_counts(&b);
    if (!is_a && !is_b) return 1;
    if (is_a == is_b && is_same_line(&a, &b)) continue;
    char first[160], second[160];
    print_line(first, sizeof first, &a, is_a);
    print_line(second, sizeof second, &b, is_b);
    const walk *named = is_a ? &a : &b;
    snprintf(difference, (size_t)size, "the configuration under '%.*s' (%s at the checkpoint, %s now)",
             (int)named->section.length, named->section.at, first, second);
    return 0;
  }
}

// ---- everything ------------------------------------------------------------------------------------------------------

/// A list of what differs, as one sentence.
typedef struct list {
  char text[700];
  size_t length;
} list;

static void add(list *l, const char *text)
{
  const int length = snprintf(l->text + l->length, sizeof l->text - l->length, "%s%s", l->length ? "; " : "", text);
  l->length += (size_t)(length > 0 ? length : 0);
  if (l->length >= sizeof l->text) l->length = sizeof l->text - 1;
}

static void compare_inputs(list *l, const art_checkpoint *saved, const art_checkpoint *run)
{
  char text[300];
  if (saved->input_count != run->input_count) {
    snprintf(text, sizeof text, "the number of input files (%d at the checkpoint, %d now)", saved->input_count,
             run->input_count);
    add(l, text);
    return;
  }
  for (int32_t i = 0; i < run->input_count; ++i) {
    if (strcmp(saved->input[i].sha256, run->input[i].sha256) == 0) continue;
    snprintf(text, sizeof text, "the contents of %.200s", run->input[i].path);
    add(l, text);
  }
}

art_status art_identity_check(const char *path, const art_checkpoint *saved, const art_checkpoint *run, art_error *err)
{
  list differ = { .length = 0 };
  char text[600], end[ART_QUANTITY_TEXT], now[ART_QUANTITY_TEXT];
  if (strcmp(saved->version, run->version) != 0)
    return art_fail(err, ART_E_INPUT, "%s: written by arterial %s, this is %s", path, saved->version, run->version);
  if (saved->seed != run->seed) {
    snprintf(text, sizeof text, "the seed (%" PRIu64 " at the checkpoint, %" PRIu64 " now)", saved->seed, run->seed);
    add(&differ, text);
  }
  compare_inputs(&differ, saved, run);
  if (!art_identity_config(saved->config, run->config, text, sizeof text)) add(&differ, text);
  if (saved->has_results != run->has_results)
    add(&differ, run->has_results ? "that this run writes results, and the one that was saved did not"
                                  : "that this run writes no results, and the one that was saved did");
  if (differ.length > 0)
    return art_fail(
        err, ART_E_INPUT,
        "%s: belongs to another run: what differs is %s. Only time.end, the path of the results, threads and ranks "
        "may differ at a restart",
        path, differ.text);
  if (run->end_ms < saved->now_ms) {
    art_quantity_print_clock(run->end_ms, end);
    art_quantity_print_clock(saved->now_ms, now);
    return art_fail(err, ART_E_INPUT, "%s: was saved at %s; time.end, %s, lies before", path, now, end);
  }
  return ART_OK;
}
