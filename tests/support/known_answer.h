/// \file known_answer.h
/// Comparisons with known answers. Each one is an assertion, and a row of the validation report: where the environment
/// names a file in ARTERIAL_VALIDATION_REPORT, the row is appended to it, passed or not (scripts/validation_report
/// makes docs/validation.md from the rows). Include after cmocka.h; one thread.
#ifndef ART_TESTS_SUPPORT_KNOWN_ANSWER_H
#define ART_TESTS_SUPPORT_KNOWN_ANSWER_H

typedef enum art_gate {
  ART_GATE_HARD,  ///< out of tolerance fails the test
  ART_GATE_SOFT   ///< out of tolerance is printed and stands in the report
} art_gate;

/// |obtained - expected| <= tolerance, all in `unit`. `case_id` as V07; `what` names the quantity and its conditions.
void art_answer(art_gate gate, const char *case_id, const char *what, const char *unit, double expected,
                double obtained, double tolerance);

/// low <= obtained <= high. An infinite bound is left out of the report.
void art_answer_within(art_gate gate, const char *case_id, const char *what, const char *unit, double low,
                       double high, double obtained);

#endif  // ART_TESTS_SUPPORT_KNOWN_ANSWER_H
