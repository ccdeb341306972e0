/// \file conservation_internal.h
/// Vehicles do not vanish: notes stations whose counts cannot all be right.
#ifndef ART_SCENARIOS_CALIBRATE_CONSERVATION_INTERNAL_H
#define ART_SCENARIOS_CALIBRATE_CONSERVATION_INTERNAL_H
#include "scenarios/calibrate/audit.h"

/// Compares the stations that are used (a) along roads without branches and (b) at nodes: where all arms of one
/// direction are counted, the counted arms of the other must not carry more. GEH of 5 or more is a note on the rows.
void art_note_contradictions(const art_feed *feed, const art_net *net, art_audit *audit);

#endif  // ART_SCENARIOS_CALIBRATE_CONSERVATION_INTERNAL_H
