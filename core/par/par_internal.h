/// \file par_internal.h
/// What par.c shares with its two transports, par_mpi.c and par_serial.c.
#ifndef ART_CORE_PAR_PAR_INTERNAL_H
#define ART_CORE_PAR_PAR_INTERNAL_H
#include <sched.h>
#include <stdint.h>

/// Share of the node's cores that this process may count on, as far as processes of this run compete for
/// them; >= 0.
double art_par_core_share(void);
/// The cores that this process was given, whoever else uses them; at least one.
void art_par_own_mask(cpu_set_t *mask);
/// How many they are.
int art_par_own_cores(void);
/// Processes of this run on this node, >= 1.
int art_par_node_size(void);

#endif  // ART_CORE_PAR_PAR_INTERNAL_H
