#include "io/config/keys.h"

#include "core/fleet/demand.h"
#include "core/net/gaps.h"
#include "io/config/scenario.h"

// A time bound, in ms.
#define MS(value) ((double)(value))
#define S(value) (1000.0 * (value))
#define HOURS(value) (3600e3 * (value))
#define DAYS(value) (86400e3 * (value))

static const char *const model_words[] = {
#define X(suffix, text) text,
  ART_MODEL_LIST(X)
#undef X
      NULL
};
static const char *const gap_words[] = {
#define X(suffix, text) text,
  ART_GAP_SOURCE_LIST(X)
#undef X
      NULL
};
static const char *const control_words[] = {
  "keep",
#define X(suffix, text) text,
  ART_CONTROL_LIST(X)
#undef X
      NULL
};
static const char *const recall_words[] = { "keep", "none", "min", "max", NULL };
static const char *const skip_words[] = { "keep", "never", "uncalled", NULL };
static const char *const sensor_words[] = { "auto", "own", NULL };
static const char *const day_words[] = { "all", "weekdays", NULL };

// Rows: path, type, offset, count offset, required, default, lowest, highest, word, its value, choices,
// sentence.
#define AT(member) offsetof(OWNER, member)
#define NONE ART_KEY_NOWHERE
#define PLAIN(path, type, member, initial, sentence)                                  \
  {                                                                                   \
    path, ART_KEY_##type, AT(member), NONE, 0, initial, 0, 0, NULL, 0, NULL, sentence \
  }
#define NEEDED(path, type, member, sentence)                                       \
  {                                                                                \
    path, ART_KEY_##type, AT(member), NONE, 1, NULL, 0, 0, NULL, 0, NULL, sentence \
  }
#define RANGED(path, type, member, initial, lowest, highest, sentence)                           \
  {                                                                                              \
    path, ART_KEY_##type, AT(member), NONE, 0, initial, lowest, highest, NULL, 0, NULL, sentence \
  }
#define NEEDED_RANGED(path, type, member, lowest, highest, sentence)                          \
  {                                                                                           \
    path, ART_KEY_##type, AT(member), NONE, 1, NULL, lowest, highest, NULL, 0, NULL, sentence \
  }
#define WORDED(path, type, member, initial, lowest, highest, word, word_value, sentence)                  \
  {                                                                                                       \
    path, ART_KEY_##type, AT(member), NONE, 0, initial, lowest, highest, word, word_value, NULL, sentence \
  }
#define LIST(path, type, member, counter, required, lowest, highest, sentence)                              \
  {                                                                                                         \
    path, ART_KEY_##type, AT(member), AT(counter), required, NULL, lowest, highest, NULL, 0, NULL, sentence \
  }
#define CHOICE(path, member, initial, words, sentence)                                 \
  {                                                                                    \
    path, ART_KEY_CHOICE, AT(member), NONE, 0, initial, 0, 0, NULL, 0, words, sentence \
  }
#define SECTION(path, required, sentence)                                            \
  {                                                                                  \
    path, ART_KEY_SECTION, NONE, NONE, required, NULL, 0, 0, NULL, 0, NULL, sentence \
  }
#define SAMPLING(path, flag_offset, initial, sentence)                                   \
  {                                                                                      \
    path, ART_KEY_SAMPLING, flag_offset, NONE, 0, initial, 0, 0, NULL, 0, NULL, sentence \
  }
#define SCHEMA(sentence)                                                           \
  {                                                                                \
    "arterial", ART_KEY_SCHEMA, NONE, NONE, 1, NULL, 1, 1, NULL, 0, NULL, sentence \
  }
#define TABLE(name, title, where, intro)                       \
  const art_key_table art_keys_##name = { title, where, intro, \
                                          (int)(sizeof name##_keys / sizeof *name##_keys), name##_keys }

#define SCHEMA_SENTENCE "Version of this format; must be the number 1."
#define EVERY(path, member, initial, word, sentence) \
  WORDED(path, DURATION, member, initial, MS(50), HOURS(24), word, 0, sentence)

#define OWNER art_scenario
static const art_key scenario_keys[] = {
  SCHEMA(SCHEMA_SENTENCE),
  PLAIN("title", TEXT, title, NULL,
        "A line for people; stands in results and reports. Default: the name of the file."),
  NEEDED("city", INPUT, city_path, "The city to drive in, `*.city.h5`."),
  LIST("demand", INPUTS, demand_paths, demand_count, 1, 1, 10000,
       "Who drives, `*.demand.h5`; several files are added."),
  RANGED("demand_scale", REAL, demand_scale, "1", 0, 1000,
         "Times the demand: 1.5 drives every trip once and half of them twice (copies depart in the same 5 "
         "minutes). The "
         "choice does not depend on the seed."),
  PLAIN("time.date", DATE, date, NULL, "Day of the run; without one, results carry times of day only."),
  PLAIN("time.timezone", TIMEZONE, timezone, NULL,
        "Time zone of the clock, a name of the IANA database. Default: UTC."),
  RANGED("time.begin", INSTANT, begin_ms, "0 s", 0, DAYS(366), "Start of the run, counted from midnight."),
  NEEDED_RANGED("time.end", INSTANT, end_ms, MS(50), DAYS(366), "End of the run; after `begin`, by 24 days at most."),
  RANGED("time.step", STEP, step_ms, "0.5 s", MS(50), S(1), "Time step; 1 s is a whole number of steps."),
  RANGED("time.warmup", DURATION, warmup_ms, "0 s", 0, DAYS(366),
         "Filling time after `begin` that KPIs leave out; shorter than the run."),
  RANGED("time.demand_start", INSTANT, demand_shift_ms, "0 s", DAYS(-366), DAYS(366),
         "Where second 0 of the demand lies on the clock of the run: `08:00:00` for a demand whose "
         "departures count from the start of the run at eight o'clock."),
  WORDED("time.demand_repeat", DURATION, demand_repeat_ms, "once", S(1), DAYS(366), "once", 0,
         "The whole demand departs again every so often, until the end of the run."),
  PLAIN("seed", SEED, seed, "1", "Chooses all random draws; the same seed gives the same run."),
  CHOICE("models.gap_acceptance", gap_source, "city", gap_words,
         "Gaps accepted where somebody yields: `city`: as the city says, else from geometry and what "
         "vehicles can "
         "do; `hcm`: where the city says nothing, critical gaps and follow-up times of the Highway Capacity "
         "Manual."),
  CHOICE("models.car_following", model, "iidm", model_words,
         "Car-following model of the types that name none."),
  RANGED("rerouting.share", REAL, reroute_share, "0", 0, 1,
         "Share of drivers who look for a faster way when they depart and on the road, by the queues and flows of the last "
         "minutes; not those who have stops to make."),
  RANGED("rerouting.period", DURATION, reroute_period_ms, "300 s", S(10), HOURS(24),
         "How often each of them looks; a driver's own instants lie anywhere in it."),
  RANGED("people.per_crossing", REAL, people_per_h, "0", 0, 100000,
         "Persons per hour, both ways together, over each pedestrian crossing for which the city knows no "
         "flow."),
  WORDED("threads", INTEGER, threads, "auto", 0, 4096, "auto", 0,
         "Threads per process; `auto` or 0: `OMP_NUM_THREADS`, else the cores allowed. Results do not depend "
         "on it."),
  SAMPLING("outputs.links", NONE, "true", "Flow, density, speed, delay and queue of every link."),
  EVERY("outputs.links.every", links_every_ms, "60 s", NULL, "Interval; a whole number of steps."),
  SAMPLING("outputs.movements", NONE, "false", "Vehicles that pass each turn of each junction."),
  EVERY("outputs.movements.every", movements_every_ms, "60 s", NULL, "Interval; a whole number of steps."),
  SAMPLING("outputs.detectors", AT(detectors), "true",
           "Counts, speeds and occupancies of the city's detectors."),
  EVERY("outputs.detectors.every", detectors_every_ms, "own", "own",
        "Interval, a whole number of steps; `own`: the period that each detector brings along."),
  EVERY("outputs.totals.every", totals_every_ms, "10 s", NULL,
        "Interval of the network totals; a whole number of steps."),
  PLAIN("outputs.trips", BOOL, trips, "true", "One row per trip."),
  PLAIN("outputs.signals", BOOL, signals, "true", "Log of signal changes."),
  PLAIN("outputs.approaches", BOOL, approaches, "false",
        "Delay, stops, queues, discharge and arrivals on green of every lane group before a signal, in all and by cycle."),
  PLAIN("outputs.passages", BOOL, passages, "false",
        "Every vehicle that crosses the stop line of a signal, for coordination diagrams."),
  SAMPLING("outputs.trajectories", NONE, "false", "Position and speed of every vehicle. Large."),
  EVERY("outputs.trajectories.every", trajectories_every_ms, "1 s", NULL,
        "Interval; a whole number of steps."),
  SECTION("interventions", 0, "Timed changes of the city, a list; see below."),
  SECTION("controllers", 0, "Who decides at signals, a list; see below."),
  SECTION("signals", 0, "Signal plans to apply, path or list of paths of `*.signals.yaml`; later files win."),
};
TABLE(scenario, "Scenario", "",
      "What `arterial run` simulates: a city, a demand, a span of time, and what to change and to write.");
#undef OWNER

#define OWNER art_intervention
#define FROM_TO                                                                                \
  WORDED("from", INSTANT, from_ms, "begin", DAYS(-366), DAYS(366), "begin", ART_KEY_WHOLE_RUN, \
         "When it starts, on the clock of the run; `begin`: with the run."),                   \
      WORDED("to", INSTANT, to_ms, "end", DAYS(-366), DAYS(366), "end", ART_KEY_WHOLE_RUN,     \
             "When it ends, after `from`; `end`: with the run.")
#define LINKS LIST("links", TEXTS, links, link_count, 1, 1, 1000000, "Ids of the links.")
static const art_key retime_keys[] = {
  NEEDED("signal", TEXT, signal, "Id of the signal."),
  WORDED("cycle", DURATION, cycle_ms, "keep", S(1), HOURS(1), "keep", -1,
         "New cycle time: greens are scaled, yellow, all-red and minimum greens stay."),
  WORDED("offset", DURATION, offset_ms, "keep", 0, HOURS(24), "keep", -1,
         "When the cycle starts against the clock; at least one of `cycle` and `offset` is given."),
};
TABLE(retime, "Intervention: retime", "interventions[].retime.",
      "Changes the cycle or the offset of a fixed-time signal, for the whole run.");

static const art_key close_keys[] = {
  LINKS,
  WORDED("lane", INTEGER, lane, "all", 0, 63, "all", -1, "One lane only; 0 is the kerbside lane."),
  FROM_TO,
};
TABLE(close, "Intervention: close", "interventions[].close.",
      "Closes links, or one lane of them. Vehicles take the next best route; trips left without one wait "
      "outside.");

static const art_key speed_keys[] = {
  LINKS,
  NEEDED_RANGED("limit", SPEED, speed_mps, 0.1, 150, "The new speed limit."),
  FROM_TO,
};
TABLE(speed, "Intervention: speed", "interventions[].speed.", "Another speed limit on links. Of changes that overlap the last one "
      "listed counts.");

static const art_key permit_keys[] = {
  LINKS,
  WORDED("lane", INTEGER, lane, "all", 0, 63, "all", -1, "One lane only; 0 is the kerbside lane."),
  LIST("classes", TEXTS, classes, class_count, 1, 1, 64,
       "Vehicle classes that may use the lanes, and no others; `all`: every class."),
  FROM_TO,
};
TABLE(permit, "Intervention: permit", "interventions[].permit.",
      "Reserves lanes for vehicle classes, as a bus lane at certain hours. Others leave the lanes; where a "
      "link has none "
      "left for them, they take the next best route. Of changes that overlap the last one listed counts.");

static const art_key switch_keys[] = {
  NEEDED("signal", TEXT, signal, "Id of the signal."),
  NEEDED("program", TEXT, program, "Id of the program that runs then; `off` and `flashing` need not be in the city."),
  FROM_TO,
};
TABLE(switch, "Intervention: switch", "interventions[].switch.",
      "Another program of a signal for some time, whatever its schedule says. The change is safe at any instant: "
      "greens last their minimum and end with yellow. A program by the clock then joins its cycle where the clock is.");
#undef OWNER

#define OWNER art_controller
#define KEEP(path, member, highest, sentence) \
  WORDED(path, DURATION, member, "keep", 0, highest, "keep", -1, sentence)
static const art_key controller_keys[] = {
  LIST("signals", TEXTS, signals, signal_count, 1, 1, 1000000, "Ids of the signals; `all`: every signal of the city."),
  PLAIN("program", TEXT, program, NULL,
        "Id of the program that runs; `off` and `flashing` need not be in the city. Default: the active one."),
  CHOICE("control", control, "keep", control_words,
         "How it decides. Of a program by the clock the phases with green and without yellow become the stages of a "
         "new program; yellow and all-red come from the guard. `adaptive` runs its phases as they are."),
  PLAIN("library", PATH, library, NULL, "Shared library with the controller, for `control: user`."),
  PLAIN("options", TEXT, options, NULL, "A text that is handed to it."),
  KEEP("cycle", cycle_ms, HOURS(1), "Cycle time of coordinated programs."),
  KEEP("offset", offset_ms, HOURS(24), "When the cycle starts against the clock."),
  KEEP("min_green", min_green_ms, HOURS(1), "Shortest green of every stage. Of a new program: 5 s."),
  KEEP("max_green", max_green_ms, HOURS(1), "Longest green of every stage. Of a new program: 60 s."),
  KEEP("passage", passage_ms, S(60), "A stage ends after a gap so long (extension). Of a new program: 3 s."),
  KEEP("yellow", yellow_ms, S(10), "Yellow after every stage."),
  KEEP("all_red", all_red_ms, S(30), "All-red after the yellow."),
  WORDED("coordinated", INTEGER, coordinated, "none", 0, 1000, "none", -1,
         "Number of the stage, from 0, that ends at its place in the cycle."),
  CHOICE("recall", recall, "keep", recall_words, "Stages that are served in every cycle, for their minimum or maximum."),
  CHOICE("skip", skip, "keep", skip_words, "Whether stages that nobody calls are left out. Of a new program: `uncalled`."),
  CHOICE("sensors", own_sensors, "auto", sensor_words,
         "`auto`: where the stages of a program have none, sensors are added on the lanes that they serve; `own`: not."),
  RANGED("sensor_line", REAL, sensor_line_m, "3", 0, 2000,
         "Metres before the stop line of the one; 0: none. Vehicles stop 1 m before the line."),
  RANGED("sensor_upstream", REAL, sensor_upstream_m, "40", 0, 2000,
         "Metres before the stop line of the other; 0: none. On shorter lanes it lies where they begin."),
#define X(name, unit, initial, lowest, highest, sentence)                                                             \
  WORDED("settings." #name, REAL, setting[ART_CONTROL_VALUE_##name], "keep", lowest, highest, "keep", -1, sentence) \
  ,
  ART_CONTROL_VALUE_LIST(X)
#undef X
};
TABLE(controller, "Controllers", "controllers[].",
      "Chooses program and control of signals for the whole run; later entries win. A schedule of the city for these "
      "signals is put aside. Whatever decides, yellow, all-red and minimum greens are kept by a guard.");
#undef OWNER

static const art_key plan_keys[] = {
  SCHEMA(SCHEMA_SENTENCE),
  SECTION("signals", 1,
          "A mapping of signal ids to what follows, or a list whose elements also have `signal: ID`."),
};
TABLE(plan, "Signal plan", "",
      "Replaces phase durations and offset of signal programs; `arterial optimize` writes such files "
      "(`*.signals.yaml`), "
      "a scenario takes them by `signals: [PLAN.signals.yaml]`.");

#define OWNER art_plan_signal
static const art_key plan_signal_keys[] = {
  PLAIN("program", TEXT, program, NULL, "Id of the program to change. Default: the active one."),
  NEEDED_RANGED("offset", DURATION, offset_ms, 0, HOURS(24), "When the cycle starts against the clock."),
  LIST("durations", DURATIONS, duration_ms, phase_count, 1, 0, HOURS(1),
       "One per phase of the program, in its order; their sum, the cycle, is above zero."),
};
TABLE(plan_signal, "Signal plan: one signal", "signals.ID.", "The new timing of one signal.");
#undef OWNER

#define OWNER art_batch
static const art_key batch_keys[] = {
  SCHEMA(SCHEMA_SENTENCE),
  LIST("scenarios", INPUTS, scenario_paths, scenario_count, 1, 1, 10000,
       "Scenario files; each is run with every seed."),
  SECTION("seeds", 1,
          "Whole numbers: a range `1..20`, both ends included, or a list `[1, 2, 3]`; no number twice."),
  NEEDED("output", PATH, output_dir, "Folder for the results; made if missing."),
};
TABLE(batch, "Batch", "",
      "What `arterial batch` runs: scenarios times seeds; members already finished are skipped.");
#undef OWNER

#define OWNER art_calibration
static const art_key calibration_keys[] = {
  SCHEMA(SCHEMA_SENTENCE),
  NEEDED("scenario", INPUT, scenario_path, "The scenario whose demand is fitted; its demand is the prior."),
  NEEDED("feed", INPUT, feed_path, "The counts, `*.feed.h5`."),
  CHOICE("select.days", weekdays_only, "weekdays", day_words,
         "Days of the feed that count: Monday to Friday, or all."),
  SECTION("select.hours", 1,
          "The window of the day that is fitted and scored: `\"08:00-09:00\"`, or a list of one such."),
  LIST("select.exclude", DATES, exclude_dates, exclude_date_count, 0, 0, 100000,
       "Days to leave out, such as holidays."),
  RANGED("select.min_days", INTEGER, min_days, "10", 1, 100000,
         "Stations with fewer days of data are left out."),
  LIST("select.stations_exclude", TEXTS, exclude_stations, exclude_station_count, 0, 0, 1000000,
       "Ids of stations to leave out, for reasons known beforehand."),
  RANGED("holdout.share", REAL, holdout_share, "0.2", 0, 0.9,
         "Share of the counted links that the fit never sees."),
  PLAIN("holdout.seed", SEED, holdout_seed, "1", "Chooses which links these are."),
  RANGED("iterations", INTEGER, iterations, "12", 1, 10000, "Simulations in the loop."),
  RANGED("replications", INTEGER, replications, "1", 1, 1000, "Seeds averaged in each evaluation."),
  RANGED("prior_weight", REAL, prior_weight, "0.05", 0, 1e6,
         "How strongly the demand is held near the prior; 0: not at all."),
  RANGED("lead", DURATION, lead_ms, "30 min", 0, HOURS(24),
         "The prior demand is extended backward by this much at the same rate, so that streets are full when "
         "scoring starts."),
  WORDED("accept.geh5_fitted", REAL, accept_geh5_fitted, "any", 0, 1, "any", -1,
         "Wanted share of fitted stations with GEH below 5; exit code 6 if missed."),
  WORDED("accept.geh5_heldout", REAL, accept_geh5_heldout, "any", 0, 1, "any", -1,
         "The same for the stations held out."),
  WORDED("accept.median_geh", REAL, accept_median_geh, "any", 0, 100, "any", -1,
         "Wanted median GEH of the fitted stations, at most."),
  NEEDED("output.demand", PATH, demand_out, "The calibrated demand, `*.demand.h5`."),
  PLAIN("output.fit", PATH, fit_csv_out, NULL, "Table of the fit per station, CSV. Default: not written."),
  PLAIN("output.fit_h5", PATH, fit_h5_out, NULL, "The same as HDF5. Default: not written."),
};
TABLE(calibration, "Calibration", "",
      "What `arterial calibrate` does: fit the demand of a scenario to counts.");
