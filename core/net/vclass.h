/// \file vclass.h
/// Vehicle classes, with the names that SUMO uses. A permission is a mask of `1u << class`.
#ifndef ART_CORE_NET_VCLASS_H
#define ART_CORE_NET_VCLASS_H
#include <stdint.h>

/// X(enumerator suffix, name in files)
#define ART_VCLASS_LIST(X)      \
  X(PRIVATE, "private")         \
  X(EMERGENCY, "emergency")     \
  X(AUTHORITY, "authority")     \
  X(ARMY, "army")               \
  X(VIP, "vip")                 \
  X(PASSENGER, "passenger")     \
  X(HOV, "hov")                 \
  X(TAXI, "taxi")               \
  X(BUS, "bus")                 \
  X(COACH, "coach")             \
  X(DELIVERY, "delivery")       \
  X(TRUCK, "truck")             \
  X(TRAILER, "trailer")         \
  X(TRAM, "tram")               \
  X(RAIL_URBAN, "rail_urban")   \
  X(RAIL, "rail")               \
  X(RAIL_ELECTRIC, "rail_electric") \
  X(RAIL_FAST, "rail_fast")     \
  X(MOTORCYCLE, "motorcycle")   \
  X(MOPED, "moped")             \
  X(BICYCLE, "bicycle")         \
  X(PEDESTRIAN, "pedestrian")   \
  X(EVEHICLE, "evehicle")       \
  X(SHIP, "ship")               \
  X(CUSTOM1, "custom1")         \
  X(CUSTOM2, "custom2")         \
  X(IGNORING, "ignoring")

typedef enum art_vclass {
#define X(name, text) ART_VCLASS_##name,
  ART_VCLASS_LIST(X)
#undef X
      ART_VCLASS_COUNT
} art_vclass;

#define ART_PERMIT_ALL UINT32_MAX
/// A class that may use any lane, whatever its permissions say (SUMO's deprecated "ignoring").
#define ART_PERMITS(mask, vclass) ((vclass) == ART_VCLASS_IGNORING || (((mask) >> (vclass)) & 1u))

/// Class of a name, or -1 if unknown.
int art_vclass_find(const char *name);
const char *art_vclass_name(int vclass);

#endif  // ART_CORE_NET_VCLASS_H
