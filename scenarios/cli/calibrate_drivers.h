/// \file calibrate_drivers.h
/// `arterial calibrate drivers`.
#ifndef ART_SCENARIOS_CLI_CALIBRATE_DRIVERS_H
#define ART_SCENARIOS_CLI_CALIBRATE_DRIVERS_H

/// argv[0] is the name for messages, the rest are what follows `calibrate drivers`. Returns the exit code.
int art_verb_calibrate_drivers(int argc, char **argv);

#endif  // ART_SCENARIOS_CLI_CALIBRATE_DRIVERS_H
