// Types of vehicles and sets of them.
#include "io/sumo/demand_build_internal.h"

#include <stdlib.h>

int32_t *art_demand_unset(int32_t count)
{
  int32_t *array = ART_NEW(int32_t, count);
  for (int32_t i = 0; i < count; ++i) array[i] = -1;
  return array;
}

static int compare_members(const void *left, const void *right)
{
  const art_raw_member *a = left, *b = right;
  return a->mix != b->mix ? (a->mix < b->mix ? -1 : 1) : 0;
}

int32_t *art_demand_group_members(art_raw_member *member, int32_t count, int32_t mixes)
{
  int is_sorted = 1;
  for (int32_t i = 1; i < count; ++i) is_sorted &= member[i - 1].mix <= member[i].mix;
  if (!is_sorted) qsort(member, (size_t)count, sizeof *member, compare_members);
  int32_t *first = ART_NEW(int32_t, mixes + 1);
  for (int32_t i = 0; i < count; ++i) ++first[member[i].mix + 1];
  for (int32_t i = 0; i < mixes; ++i) first[i + 1] += first[i];
  return first;
}

static void add_implicit_type(art_loader *l, const char *id, int vclass)
{
  const int32_t name = art_idmap_find(l->type_names, id);
  if (name < 0) return;  // nobody asks for it
  for (int32_t i = 0; i < l->type_count; ++i)
    if (l->type[i].name == name) return;
  for (int32_t i = 0; i < l->type_mix_count; ++i)
    if (l->type_mix[i].name == name) return;
  const art_raw_type type = { .name = name, .type = art_sumo_type_default(vclass), .probability = 1.0 };
  ART_PUSH(l->type, l->type_count, l->type_capacity, type);
}

void art_demand_types(art_demand_builder *b)
{
  art_loader *l = b->l;
  add_implicit_type(l, "DEFAULT_VEHTYPE", ART_VCLASS_PASSENGER);
  add_implicit_type(l, "DEFAULT_BIKETYPE", ART_VCLASS_BICYCLE);
  add_implicit_type(l, "DEFAULT_TAXITYPE", ART_VCLASS_TAXI);
  add_implicit_type(l, "DEFAULT_RAILTYPE", ART_VCLASS_RAIL);
  add_implicit_type(l, "DEFAULT_PEDTYPE", ART_VCLASS_PEDESTRIAN);
  const int32_t names = art_idmap_count(l->type_names);
  b->type_of_name = art_demand_unset(names);
  b->mix_of_name = art_demand_unset(names);
  b->set_of_name = art_demand_unset(names);
  art_demand *d = b->demand;
  d->type_count = l->type_count;
  free(d->type_id);
  free(d->type);
  d->type_id = ART_NEW(char *, l->type_count);
  d->type = ART_NEW(art_vtype, l->type_count);
  for (int32_t i = 0; i < l->type_count; ++i) {
    d->type_id[i] = art_strdup(art_idmap_id(l->type_names, l->type[i].name));
    d->type[i] = l->type[i].type;
    b->type_of_name[l->type[i].name] = i;
  }
  for (int32_t i = 0; i < l->type_mix_count; ++i) b->mix_of_name[l->type_mix[i].name] = i;
  b->first_type_member = art_demand_group_members(l->type_member, l->type_member_count, l->type_mix_count);
}

static void add_set_member(art_demand_builder *b, int32_t type, double probability)
{
  art_demand *d = b->demand;
  if (b->member_count == b->member_capacity) {
    b->member_capacity = b->member_capacity ? 2 * b->member_capacity : 16;
    d->set_type = art_renew(d->set_type, (size_t)b->member_capacity, sizeof *d->set_type);
    d->set_probability =
        art_renew(d->set_probability, (size_t)b->member_capacity, sizeof *d->set_probability);
  }
  d->set_type[b->member_count] = type;
  d->set_probability[b->member_count++] = (float)probability;
}

art_status art_demand_find_set(art_demand_builder *b, int32_t name, int32_t *set)
{
  art_loader *l = b->l;
  art_demand *d = b->demand;
  *set = b->set_of_name[name];
  if (*set >= 0) return ART_OK;
  const int32_t mix = b->mix_of_name[name], first_member = b->member_count;
  if (mix < 0 && b->type_of_name[name] < 0) return ART_OK;
  if (mix < 0)
    add_set_member(b, b->type_of_name[name], 1.0);
  else {
    const char *id = art_idmap_id(l->type_names, name);
    double sum = 0.0;
    for (int32_t i = b->first_type_member[mix]; i < b->first_type_member[mix + 1]; ++i) {
      const art_raw_member *member = &l->type_member[i];
      if (b->type_of_name[member->name] < 0)
        return art_fail(b->err, ART_E_INPUT,
                        "%s:%d: vTypeDistribution: id=\"%.200s\": vTypes names \"%.200s\": accepted: "
                        "the id of a vType",
                        l->type_mix[mix].place.file, l->type_mix[mix].place.line, id,
                        art_idmap_id(l->type_names, member->name));
      sum += member->probability;
    }
    if (!(sum > 0.0))
      return art_fail(b->err, ART_E_INPUT,
                      "%s:%d: vTypeDistribution: id=\"%.200s\": probabilities add up to %g: accepted: "
                      "more than 0",
                      l->type_mix[mix].place.file, l->type_mix[mix].place.line, id, sum);
    for (int32_t i = b->first_type_member[mix]; i < b->first_type_member[mix + 1]; ++i)
      if (l->type_member[i].probability > 0.0)
        add_set_member(b, b->type_of_name[l->type_member[i].name], l->type_member[i].probability / sum);
  }
  if (d->set_count + 1 >= b->set_capacity) {
    b->set_capacity = b->set_capacity ? 2 * b->set_capacity : 16;
    d->set_id = art_renew(d->set_id, (size_t)b->set_capacity, sizeof *d->set_id);
    d->set_first = art_renew(d->set_first, (size_t)b->set_capacity + 1, sizeof *d->set_first);
  }
  d->set_id[d->set_count] = art_strdup(art_idmap_id(l->type_names, name));
  d->set_first[d->set_count] = first_member;
  d->set_first[d->set_count + 1] = b->member_count;
  *set = b->set_of_name[name] = d->set_count++;
  return ART_OK;
}
