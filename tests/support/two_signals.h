/// \file two_signals.h
/// A street with two signals and a side street at each, for tests of signal control; and views of a signal made by hand.
#ifndef ART_TESTS_SUPPORT_TWO_SIGNALS_H
#define ART_TESTS_SUPPORT_TWO_SIGNALS_H
#include "core/net/network.h"
#include "core/step/control.h"

enum {  // links
  TWO_WEST_IN, TWO_EAST, TWO_EAST_OUT, TWO_EAST_IN, TWO_WEST, TWO_WEST_OUT, TWO_SIDE_IN, TWO_SIDE_OUT, TWO_SIDE2_IN,
  TWO_SIDE2_OUT, TWO_LINKS
};

typedef struct art_two_signals {
  float between_m, speed_mps, arm_m;   ///< from line to line; of the other links
  art_tick green_ms[2], yellow_ms, red_ms;  ///< of the street and of the side street
  art_tick offset_ms[2];
  art_control control;
} art_two_signals;

/// Links as above, one lane each, in one direction: from west over signal 0 and 1 to the east (TWO_WEST_IN, TWO_EAST,
/// TWO_EAST_OUT), back (TWO_EAST_IN, TWO_WEST, TWO_WEST_OUT), and a side street over each signal. Groups of a signal:
/// eastwards, westwards, side street. Phases: street, yellow, all red, side street, yellow, all red. Free with
/// art_net_free().
art_net *art_test_two_signals(const art_two_signals *options);

/// What the engine would keep for one signal.
typedef struct art_test_signal {
  art_control_view view;
  int32_t *connector;
  char *shown;
  art_tick *since_ms;
  art_lane_reading *lane;
  int32_t *passed;
  char *aspect;
} art_test_signal;
void art_test_signal_open(art_test_signal *s, const art_net *net, int32_t signal);
void art_test_signal_close(art_test_signal *s);
/// Drivers see at once what is wanted, from now on.
void art_test_signal_obey(art_test_signal *s);

#endif  // ART_TESTS_SUPPORT_TWO_SIGNALS_H
