/// \file walltime.h
/// When a batch system will end the job.
#ifndef ART_SCENARIOS_RUN_WALLTIME_H
#define ART_SCENARIOS_RUN_WALLTIME_H
#include "core/base/status.h"

/// Seconds from now on until the run has to be over, by `text`: "HH:MM:SS" or any duration, also "D-HH:MM:SS", counted from
/// `since_start_s` ago; or "auto": SLURM_JOB_END_TIME (seconds since 1970), else PBS_WALLTIME (counted like a duration).
/// INFINITY: NULL, or auto without either of them. ART_E_USAGE: not such a text. ART_E_INPUT: a variable holds none.
art_status art_walltime_left(const char *text, double since_start_s, double *left_s, art_error *err);

#endif  // ART_SCENARIOS_RUN_WALLTIME_H
