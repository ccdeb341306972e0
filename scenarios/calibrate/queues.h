/// \file queues.h
/// What counts say behind a queue. A flow is the smaller of demand and capacity: where a queue grows or covers the link, more
/// trips lengthen the queue and pass no counter, and fewer trips pass as many until the queue is gone. So of routes that
/// are held up on their way, a count asks
/// - if it is as high as the simulated flow or higher: only that demand suffices for that flow (a floor, which binds from
///   below; routes that are not held up may still rise to meet the count);
/// - if it is lower: that demand comes down to the count, for then there was no queue.
/// And trips that wait outside beyond those of the prior are taken off routes that begin there (a ceiling).
#ifndef ART_SCENARIOS_CALIBRATE_QUEUES_H
#define ART_SCENARIOS_CALIBRATE_QUEUES_H
#include "scenarios/calibrate/measure.h"
#include "scenarios/calibrate/weights.h"

/// A link is full if a queue covers it in this share of the window: its flow is capacity, not demand.
#define ART_FULL_LINK_SHARE 0.5

/// The linear model of one iteration, and what queues make of it. Arrays are owned; free with art_queue_model_clear().
typedef struct art_queue_model {
  uint8_t *is_held_up;  ///< [entries] a queue grows on the route up to the counted link, or covers that link
  double *share;        ///< [entries] as in art_weight_problem, and so on
  double *base;         ///< [rows]
  double *floor_share;  ///< [entries]
  double *floor;        ///< [rows]
  int32_t ceiling_count;
  int32_t *ceiling_row;  ///< [groups]
  double *ceiling;       ///< [links at most]
} art_queue_model;
void art_queue_model_new(const art_incidence *incidence, int32_t group_count, int32_t link_count,
                         art_queue_model *out);
void art_queue_model_clear(art_queue_model *model);

/// What the model is made from. Borrowed.
typedef struct art_queue_input {
  const art_demand *demand;
  const art_net *net;
  const art_trip_groups *groups;
  const art_incidence *incidence;
  double window_h;
  const double *observed;              ///< [rows] veh/h
  const double *share;                 ///< [entries] learnt passages per hour and trip
  const double *free_share;            ///< [entries] the same without queues
  const art_measurement *measurement;  ///< of the demand with
  const int32_t *realised;             ///< [groups] trips
  const double *allowed_outside;       ///< [links] trips that waited at the end with the prior
} art_queue_input;

/// Fills the model: exact at the measurement for rows that no queue touches.
void art_queue_model_make(const art_queue_input *input, art_queue_model *model);

#endif  // ART_SCENARIOS_CALIBRATE_QUEUES_H
