// Names of uses and facilities in GMNS.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/gmns/gmns_internal.h"

#define BIT(name) (1u << ART_VCLASS_##name)
#define EVERY (ART_PERMIT_ALL >> (32 - ART_VCLASS_COUNT))
#define CARS (BIT(PRIVATE) | BIT(VIP) | BIT(PASSENGER) | BIT(HOV) | BIT(TAXI) | BIT(EVEHICLE))
#define TRUCKS (BIT(TRUCK) | BIT(TRAILER) | BIT(DELIVERY))
#define RAILS (BIT(TRAM) | BIT(RAIL_URBAN) | BIT(RAIL) | BIT(RAIL_ELECTRIC) | BIT(RAIL_FAST) | BIT(SHIP))

/// Uses that need no definition. Those of zero let nobody drive.
static const struct {
  const char *name;
  uint32_t mask;
} known_uses[] = {
  { "all", ART_PERMIT_ALL },
  { "none", 0 },
  { "auto", EVERY & ~(BIT(PEDESTRIAN) | BIT(BICYCLE) | RAILS) },
  { "car", CARS },
  { "sov", CARS & ~BIT(HOV) },
  { "hov", BIT(HOV) },
  { "hov2", BIT(HOV) },
  { "hov3", BIT(HOV) },
  { "hov3+", BIT(HOV) },
  { "truck", TRUCKS },
  { "hgv", BIT(TRUCK) | BIT(TRAILER) },
  { "transit", BIT(BUS) },
  { "bike", BIT(BICYCLE) },
  { "walk", BIT(PEDESTRIAN) },
  { "ped", BIT(PEDESTRIAN) },
  { "parking", 0 },
  { "shoulder", 0 },
};

void art_gmns_define_use(art_gmns_net *net, const char *name, uint32_t mask)
{
  ART_PUSH(net->use_name, net->use_count, net->use_capacity, art_strdup(name));
  ART_PUSH(net->use_mask, net->use_mask_count, net->use_mask_capacity, mask);
}

/// 1 and the classes of one name.
static int find_use(const art_gmns_net *net, const char *name, uint32_t *mask)
{
  for (int32_t i = 0; i < net->use_count; ++i) {
    if (strcasecmp(net->use_name[i], name) != 0) continue;
    *mask = net->use_mask[i];
    return 1;
  }
  for (size_t i = 0; i < sizeof known_uses / sizeof *known_uses; ++i) {
    if (strcasecmp(known_uses[i].name, name) != 0) continue;
    *mask = known_uses[i].mask;
    return 1;
  }
  for (int c = 0; c < ART_VCLASS_COUNT; ++c) {
    if (strcasecmp(art_vclass_name(c), name) != 0) continue;
    *mask = 1u << c;
    return 1;
  }
  return 0;
}

uint32_t art_gmns_uses(art_gmns_net *net, const char *text)
{
  static const char marks[] = " ,;|\t";
  uint32_t all = 0;
  int any = 0;
  for (text += strspn(text, marks); *text; text += strspn(text, marks)) {
    char word[64];
    const size_t length = strcspn(text, marks), kept = length < sizeof word ? length : sizeof word - 1;
    memcpy(word, text, kept);
    word[kept] = '\0';
    text += length;
    any = 1;
    uint32_t mask = 0;
    if (strcasecmp(word, "NULL") == 0) return ART_PERMIT_ALL;
    if (!find_use(net, word, &mask)) ++net->report->unknown_uses;
    all |= mask;
  }
  return any ? all : ART_PERMIT_ALL;
}

void art_gmns_use_names(uint32_t mask, char *text, size_t size)
{
  *text = '\0';
  if (mask == ART_PERMIT_ALL) {
    snprintf(text, size, "ALL");
    return;
  }
  if (!(mask & EVERY)) {
    snprintf(text, size, "NONE");
    return;
  }
  size_t at = 0;
  for (int c = 0; c < ART_VCLASS_COUNT && at < size; ++c) {
    if (!(mask >> c & 1u)) continue;
    const char *name = c == ART_VCLASS_PEDESTRIAN ? "walk"
                       : c == ART_VCLASS_BICYCLE  ? "bike"
                                                  : art_vclass_name(c);
    at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "," : "", name);
  }
}

int art_gmns_is_own_facility(const char *facility)
{
  return strncmp(facility, "rank_", 5) == 0;
}

int32_t art_gmns_priority(const char *facility, double speed_mps)
{
  static const struct {
    const char *part;
    int32_t priority;
  } known[] = { { "ramp", 45 },        { "link", 45 },        { "freeway", 130 }, { "motorway", 130 },
                { "expressway", 120 }, { "trunk", 110 },      { "highway", 100 }, { "primary", 90 },
                { "arterial", 80 },    { "secondary", 70 },   { "tertiary", 60 }, { "collector", 60 },
                { "local", 40 },       { "residential", 40 }, { "service", 20 },  { "hot", 10 },
                { "centroid", 10 },    { "connector", 10 },   { "bike", 15 } };
  if (art_gmns_is_own_facility(facility)) {
    const long rank = strtol(facility + 5, NULL, 10);
    return rank > -1000000 && rank < 1000000 ? (int32_t)rank : 0;
  }
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    if (strcasestr(facility, known[i].part)) return known[i].priority;
  return 30 + (int32_t)(speed_mps * 0.72);  // 0.2 for each km/h, so that faster roads go first
}
