/// \file start.h
/// What has to be settled before the first thread: how threads wait for one another, and whether there are too many.
#ifndef ART_SCENARIOS_CLI_START_H
#define ART_SCENARIOS_CLI_START_H

/// Threads that wait at a barrier spin by default, for ever where there is one core for each; on a machine that others use
/// too that makes a run tens of times slower. The runtimes of OpenMP read their settings before main, so the program starts
/// itself once more: with short spinning, or with none where the command line or OMP_NUM_THREADS ask for more threads than
/// the processes of this node have cores. Does nothing if the user has said how to wait. Call it before MPI is started, if there will be many barriers: what steps does that.
void art_start_wait_politely(int argc, char **argv);

/// Under a launcher: one sentence on stderr, from the first rank, if `threads` in each process are more than the cores that
/// it may use. Call it when MPI has started.
void art_start_warn_of_threads(int threads);

#endif  // ART_SCENARIOS_CLI_START_H
