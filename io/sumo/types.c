// Vehicle types and their distributions. Defaults are those of SUMO 1.15, read from a running sumo by its control interface.
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/demand_internal.h"
#include "io/sumo/report_internal.h"

typedef struct class_default {
  int vclass;
  float length_m, min_gap_m, width_m, max_speed_mps, accel_mps2, decel_mps2, emergency_decel_mps2, sigma,
      speed_dev;
} class_default;

#define KMH(x) ((float)((x) / 3.6))
/// Classes that differ from the passenger car, which is the first row.
static const class_default defaults[] = {
  { ART_VCLASS_PASSENGER, 5.0f, 2.5f, 1.8f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.1f },
  { ART_VCLASS_EMERGENCY, 6.5f, 2.5f, 2.16f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.0f },
  { ART_VCLASS_AUTHORITY, 5.0f, 2.5f, 1.8f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.0f },
  { ART_VCLASS_ARMY, 5.0f, 2.5f, 1.8f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.0f },
  { ART_VCLASS_TAXI, 5.0f, 2.5f, 1.8f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.05f },
  { ART_VCLASS_IGNORING, 5.0f, 2.5f, 1.8f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.0f },
  { ART_VCLASS_BUS, 12.0f, 2.5f, 2.5f, KMH(100), 1.2f, 4.0f, 7.0f, 0.5f, 0.0f },
  { ART_VCLASS_COACH, 14.0f, 2.5f, 2.6f, KMH(100), 2.0f, 4.0f, 7.0f, 0.5f, 0.05f },
  { ART_VCLASS_DELIVERY, 6.5f, 2.5f, 2.16f, KMH(200), 2.6f, 4.5f, 9.0f, 0.5f, 0.05f },
  { ART_VCLASS_TRUCK, 7.1f, 2.5f, 2.4f, KMH(130), 1.3f, 4.0f, 7.0f, 0.5f, 0.05f },
  { ART_VCLASS_TRAILER, 16.5f, 2.5f, 2.55f, KMH(130), 1.1f, 4.0f, 7.0f, 0.5f, 0.05f },
  { ART_VCLASS_TRAM, 22.0f, 2.5f, 2.4f, KMH(80), 1.0f, 3.0f, 7.0f, 0.0f, 0.0f },
  { ART_VCLASS_RAIL_URBAN, 109.5f, 5.0f, 3.0f, KMH(100), 1.0f, 3.0f, 7.0f, 0.0f, 0.0f },
  { ART_VCLASS_RAIL, 135.0f, 5.0f, 2.84f, KMH(160), 0.25f, 1.3f, 5.0f, 0.0f, 0.0f },
  { ART_VCLASS_RAIL_ELECTRIC, 200.0f, 5.0f, 2.95f, KMH(220), 0.5f, 1.3f, 5.0f, 0.0f, 0.0f },
  { ART_VCLASS_RAIL_FAST, 200.0f, 5.0f, 2.95f, KMH(330), 0.5f, 1.3f, 5.0f, 0.0f, 0.0f },
  { ART_VCLASS_MOTORCYCLE, 2.2f, 2.5f, 0.9f, KMH(200), 6.0f, 10.0f, 10.0f, 0.5f, 0.1f },
  { ART_VCLASS_MOPED, 2.1f, 2.5f, 0.78f, KMH(60), 1.1f, 7.0f, 10.0f, 0.5f, 0.1f },
  { ART_VCLASS_BICYCLE, 1.6f, 0.5f, 0.65f, KMH(50), 1.2f, 3.0f, 7.0f, 0.5f, 0.1f },
  { ART_VCLASS_PEDESTRIAN, 0.215f, 0.25f, 0.478f, KMH(37.58), 1.5f, 2.0f, 5.0f, 0.5f, 0.1f },
  { ART_VCLASS_SHIP, 17.0f, 2.5f, 4.0f, (float)(8.0 / 1.94), 0.1f, 0.15f, 1.0f, 0.0f, 0.1f },
};

art_vtype art_sumo_type_default(int vclass)
{
  const class_default *row = &defaults[0];
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; ++i)
    if (defaults[i].vclass == vclass) row = &defaults[i];
  art_vtype type = art_vtype_default();
  type.length_m = row->length_m;
  type.min_gap_m = row->min_gap_m;
  type.width_m = row->width_m;
  type.max_speed_mps = row->max_speed_mps;
  type.accel_mps2 = row->accel_mps2;
  type.decel_mps2 = row->decel_mps2;
  type.emergency_decel_mps2 = row->emergency_decel_mps2;
  type.time_gap_s = 1.0f;
  type.sigma = row->sigma;
  // SUMO's drivers differ by their speed factor, and dawdle by sigma.
  type.time_gap_dev = type.noise_mps2 = 0.0f;
  type.speed_factor_mean = 1.0f;
  type.speed_factor_dev = row->speed_dev;
  type.speed_factor_min = 0.2f;
  type.speed_factor_max = 2.0f;
  type.startup_delay_s = 0.0f;
  type.impatience = 0.0f;
  type.lc_strategic = type.lc_cooperative = type.lc_speed_gain = type.lc_keep_right = 1.0f;
  type.vclass = vclass;
  type.model = ART_MODEL_DEFAULT;
  return type;
}

/// Attributes that are one number: name in SUMO, place in the type. Ranges are those of the parameter list.
typedef struct number_attribute {
  const char *name;
  size_t offset;
} number_attribute;
#define ROW(attribute, field)             \
  {                                       \
    attribute, offsetof(art_vtype, field) \
  }

static const art_vtype lowest_values = {
#define X(name, unit, initial, lowest, highest, sentence) .name = lowest,
  ART_TYPE_PARAM_LIST(X)
#undef X
};
static const art_vtype highest_values = {
#define X(name, unit, initial, lowest, highest, sentence) .name = highest,
  ART_TYPE_PARAM_LIST(X)
#undef X
};

static float field(const art_vtype *type, size_t offset)
{
  return *(const float *)((const char *)type + offset);
}

static void read_numbers(art_xml *xml, art_vtype *type)
{
  const number_attribute rows[] = {
    ROW("length", length_m),
    ROW("width", width_m),
    ROW("minGap", min_gap_m),
    ROW("tau", time_gap_s),
    ROW("accel", accel_mps2),
    ROW("decel", decel_mps2),
    ROW("emergencyDecel", emergency_decel_mps2),
    ROW("maxSpeed", max_speed_mps),
    ROW("sigma", sigma),
    ROW("startupDelay", startup_delay_s),
    ROW("actionStepLength", action_step_s),
    ROW("cc1", time_gap_s),
    ROW("cc2", w99_cc2_m),
    ROW("cc3", w99_cc3_s),
    ROW("cc4", w99_cc4_mps),
    ROW("cc5", w99_cc5_mps),
    ROW("cc6", w99_cc6),
    ROW("cc7", w99_cc7_mps2),
    ROW("cc8", accel_mps2),
    ROW("cc9", w99_cc9_mps2),
    ROW("lcStrategic", lc_strategic),
    ROW("lcCooperative", lc_cooperative),
    ROW("lcSpeedGain", lc_speed_gain),
    ROW("lcKeepRight", lc_keep_right),
    ROW("lcOvertakeRight", lc_pass_kerbside),
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    float *value = (float *)((char *)type + rows[i].offset);
    *value = (float)art_xml_number(xml, rows[i].name, (double)*value,
                                   (double)field(&lowest_values, rows[i].offset),
                                   (double)field(&highest_values, rows[i].offset));
  }
  const char *impatience = art_xml_text(xml, "impatience");
  if (impatience && strcmp(impatience, "off") == 0)
    type->impatience = -1.0f;
  else
    type->impatience = (float)art_xml_number(xml, "impatience", (double)type->impatience, -1.0, 1.0);
}

/// "1.1", "norm(mean,dev)", "normc(mean,dev,lowest,highest)"; speedDev wins over the deviation in brackets.
static void read_speed_factor(art_xml *xml, art_vtype *type)
{
  static const char accepted[] =
      "a number, norm(mean,deviation) or normc(mean,deviation,lowest,highest), all within 0 to 10";
  const char *text = art_xml_text(xml, "speedFactor");
  if (text) {
    double part[4] = { (double)type->speed_factor_mean, (double)type->speed_factor_dev,
                       (double)type->speed_factor_min, (double)type->speed_factor_max };
    const char *bracket = strchr(text, '(');
    int good = 1, count = 0;
    if (!bracket)
      good = art_parse_number(text, &part[0]);
    else {
      const size_t name = (size_t)(bracket - text), length = strlen(text);
      const int is_normal = name == 4 && strncmp(text, "norm", 4) == 0;
      good = (is_normal || (name == 5 && strncmp(text, "normc", 5) == 0)) && text[length - 1] == ')';
      char word[64];
      for (const char *at = bracket + 1; good && at < text + length; ++count) {
        const size_t size = strcspn(at, ",)");
        good = count < 4 && size < sizeof word;
        if (!good) break;
        memcpy(word, at, size);
        word[size] = '\0';
        good = art_parse_number(word, &part[count]);
        at += size + 1;
      }
      good = good && count >= 2;
      if (is_normal && count == 2) part[3] = 10.0;  // not cut above; SUMO never goes below 0.2
    }
    good = good && part[0] > 0.0 && part[0] <= 10.0 && part[1] >= 0.0 && part[1] <= 5.0 && part[2] >= 0.0 &&
           part[2] <= 10.0 && part[3] >= 0.01 && part[3] <= 10.0 && part[2] <= part[3];
    if (!good) {
      art_xml_fail_value(xml, "speedFactor", text, accepted);
      return;
    }
    type->speed_factor_mean = fmaxf((float)part[0], 0.01f);
    type->speed_factor_dev = (float)part[1];
    type->speed_factor_min = fminf((float)part[2], type->speed_factor_mean);
    type->speed_factor_max = fmaxf((float)part[3], type->speed_factor_mean);
  }
  type->speed_factor_dev = (float)art_xml_number(xml, "speedDev", (double)type->speed_factor_dev, 0.0, 5.0);
}

/// SUMO's names of models that exist here. Those noted share the idea, not every equation.
typedef struct model_row {
  const char *name;
  int model;
  const char *note;  ///< what it becomes; NULL: the same equations
} model_row;
static const model_row model_rows[] = {
  { "Krauss", ART_MODEL_KRAUSS, NULL },
  { "KraussOrig1", ART_MODEL_KRAUSS, NULL },
  { "KraussPS", ART_MODEL_KRAUSS, NULL },
  { "IDM", ART_MODEL_IDM, NULL },
  { "IDMM", ART_MODEL_IDM, "IDM without memory" },
  { "EIDM", ART_MODEL_IIDM, "the improved IDM with no delays" },
  { "W99", ART_MODEL_W99, NULL },
  { "ACC", ART_MODEL_ACC, "the ACC of Kesting, Treiber and Helbing" },
  { "CACC", ART_MODEL_CACC, "the ACC of Kesting, Treiber and Helbing with a shorter time gap" },
};

/// The model for SUMO's name; ART_MODEL_DEFAULT and a note where there is none.
static int model_of(art_loader *l, const char *name, art_vtype *type)
{
  if (strcmp(name, "KraussPS") == 0) type->grade_share = 1.0f;  // the one that knows slopes
  for (size_t i = 0; i < sizeof model_rows / sizeof *model_rows; ++i) {
    if (strcmp(name, model_rows[i].name) != 0) continue;
    if (model_rows[i].note)
      art_tally(&l->report->notes, "car-following model \"%.40s\" becomes %s", name, model_rows[i].note);
    return model_rows[i].model;
  }
  art_tally(&l->report->notes, "car-following model \"%.40s\" becomes the scenario's model", name);
  return ART_MODEL_DEFAULT;
}

static int class_of(art_loader *l, art_xml *xml)
{
  const char *name = art_xml_text(xml, "vClass");
  if (!name) return ART_VCLASS_PASSENGER;
  const int vclass = art_sumo_vclass(name);
  if (vclass >= 0) return vclass;
  art_tally(&l->report->notes, "vehicle type of unknown class \"%.40s\" becomes passenger", name);
  return ART_VCLASS_PASSENGER;
}

static void add_member(art_loader *l, int32_t name, double probability)
{
  const art_raw_member member = {
    .mix = l->open_type_mix, .name = name, .route = -1, .probability = probability
  };
  ART_PUSH(l->type_member, l->type_member_count, l->type_member_capacity, member);
}

static int is_defined(const art_loader *l, int32_t name)
{
  for (int32_t i = 0; i < l->type_count; ++i)
    if (l->type[i].name == name) return 1;
  for (int32_t i = 0; i < l->type_mix_count; ++i)
    if (l->type_mix[i].name == name) return 1;
  return 0;
}

static void read_type(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_need_id(xml, "id");
  if (art_xml_failed(xml)) return;
  const int32_t before = art_idmap_count(l->type_names);
  art_raw_type raw = { .name = art_idmap_put(l->type_names, id),
                       .type = art_sumo_type_default(class_of(l, xml)) };
  if (raw.name < before && is_defined(l, raw.name)) {
    art_xml_fail_value(xml, "id", id, "an id that no other vehicle type or distribution has");
    return;
  }
  const float emergency = raw.type.emergency_decel_mps2;
  read_numbers(xml, &raw.type);
  // Without a value of its own, the hardest braking is never below the comfortable one.
  if (!art_xml_text(xml, "emergencyDecel"))
    raw.type.emergency_decel_mps2 = fmaxf(emergency, raw.type.decel_mps2);
  read_speed_factor(xml, &raw.type);
  const char *model = art_xml_text(xml, "carFollowModel");
  if (model) raw.type.model = model_of(l, model, &raw.type);
  raw.probability = art_xml_number(xml, "probability", 1.0, 0.0, 1e9);
  static const char *const drawn[] = { "color", "guiShape", "imgFile", "osgFile" };
  for (size_t i = 0; i < sizeof drawn / sizeof *drawn; ++i) art_xml_ignore(xml, drawn[i]);
  if (art_xml_failed(xml)) return;
  l->open_type = l->type_count;
  ART_PUSH(l->type, l->type_count, l->type_capacity, raw);
  if (l->open_type_mix >= 0) add_member(l, raw.name, raw.probability);
}

/// The older nested form: the model's name in the element, its parameters as attributes.
static void read_nested_model(art_loader *l, art_xml *xml, const char *name)
{
  art_vtype *type = &l->type[l->open_type].type;
  type->model = model_of(l, name, type);
  const float emergency = type->emergency_decel_mps2;
  read_numbers(xml, type);
  if (!art_xml_text(xml, "emergencyDecel")) type->emergency_decel_mps2 = fmaxf(emergency, type->decel_mps2);
}

static void read_type_mix(art_loader *l, art_xml *xml)
{
  const char *id = art_xml_need_id(xml, "id");
  if (art_xml_failed(xml)) return;
  const int32_t before = art_idmap_count(l->type_names);
  const art_raw_mix mix = { .name = art_idmap_put(l->type_names, id),
                            .place = { art_xml_file(xml), art_xml_line(xml) } };
  if (mix.name < before && is_defined(l, mix.name)) {
    art_xml_fail_value(xml, "id", id, "an id that no other vehicle type or distribution has");
    return;
  }
  l->open_type_mix = l->type_mix_count;
  ART_PUSH(l->type_mix, l->type_mix_count, l->type_mix_capacity, mix);
  const char *types = art_xml_text(xml, "vTypes"), *shares = art_xml_text(xml, "probabilities");
  if (!types) return;
  char word[1024], share[64];
  for (const char *rest = art_next_word(types, word, sizeof word); rest;
       rest = art_next_word(rest, word, sizeof word)) {
    double probability = 1.0;
    if (shares) {
      shares = art_next_word(shares, share, sizeof share);
      if (!shares || !art_parse_number(share, &probability) || probability < 0.0 || probability > 1e9) {
        art_xml_fail_value(xml, "probabilities", shares ? share : "",
                           "one number from 0 to 1e9 for each of vTypes");
        return;
      }
    }
    add_member(l, art_idmap_put(l->type_names, word), probability);
  }
}

int art_types_start(art_loader *l, art_xml *xml, const char *element)
{
  static const char nested[] = "carFollowing-";
  if (strcmp(element, "vType") == 0)
    read_type(l, xml);
  else if (strcmp(element, "vTypeDistribution") == 0)
    read_type_mix(l, xml);
  else if (l->open_type >= 0 && strncmp(element, nested, sizeof nested - 1) == 0)
    read_nested_model(l, xml, element + sizeof nested - 1);
  else
    return 0;
  return 1;
}

void art_types_end(art_loader *l, const char *element)
{
  if (strcmp(element, "vType") == 0) l->open_type = -1;
  if (strcmp(element, "vTypeDistribution") == 0) l->open_type_mix = -1;
}
