/// \file plot.h
/// Calls the plotting helper, scripts/plot_compare, on a folder that art_compare_write() filled.
#ifndef ART_SCENARIOS_COMPARE_PLOT_H
#define ART_SCENARIOS_COMPARE_PLOT_H

/// Draws <folder>/map*.png and kpi*.png. Looks for the helper in $ARTERIAL_SCRIPTS, beside the program (installed as
/// ../share/arterial/scripts), and in the source tree that a build folder belongs to; Python 3 with matplotlib is needed.
/// Returns 1 if it drew; else 0 and `reason` says in a sentence why not.
int art_compare_plot(const char *folder, char *reason, int size);

#endif  // ART_SCENARIOS_COMPARE_PLOT_H
