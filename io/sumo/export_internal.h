/// \file export_internal.h
/// Parts of an export that the network and the additional file share.
#ifndef ART_IO_SUMO_EXPORT_INTERNAL_H
#define ART_IO_SUMO_EXPORT_INTERNAL_H
#include <stdint.h>

#include "core/net/network.h"
#include "io/sumo/export.h"
#include "io/sumo/xml_out_internal.h"

/// Name of the program that holds the place of those in the additional file.
#define ART_SUMO_STAND_IN "stand-in"

static inline int64_t art_max_ms(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/// A signal with fixed times and without schedule: all of it stands in the network.
int art_sumo_signal_is_plain(const art_net *net, int32_t signal);
void art_sumo_put_net_signals(art_xml_out *out, const art_net *net);
void art_sumo_put_other_signals(art_xml_out *out, const art_net *net, art_sumo_signal_losses *losses);

#endif  // ART_IO_SUMO_EXPORT_INTERNAL_H
