#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/known_answer.h"

static void record(art_gate gate, const char *case_id, const char *what, const char *unit,
                   const char *expected, double obtained, const char *tolerance, int passed)
{
  const char *path = getenv("ARTERIAL_VALIDATION_REPORT");
  if (path && *path) {
    FILE *file = fopen(path, "a");
    if (!file) fail_msg("%s: cannot append to the validation report", path);
    fprintf(file, "%s\t%s\t%s\t%s\t%.9g\t%s\t%s\t%s\n", case_id, what, unit, expected, obtained, tolerance,
            gate == ART_GATE_HARD ? "hard" : "soft", passed ? "pass" : "fail");
    fclose(file);
  }
  if (passed) return;
  if (gate == ART_GATE_HARD)
    fail_msg("%s %s: obtained %.9g %s, expected %s (tolerance %s)", case_id, what, obtained, unit, expected,
             tolerance);
  print_message("%s %s: obtained %.9g %s, expected %s (tolerance %s); soft, goes on\n", case_id, what,
                obtained, unit, expected, tolerance);
}

void art_answer(art_gate gate, const char *case_id, const char *what, const char *unit, double expected,
                double obtained, double tolerance)
{
  char wanted[32], margin[32];
  snprintf(wanted, sizeof wanted, "%.9g", expected);
  snprintf(margin, sizeof margin, "%.3g", tolerance);
  record(gate, case_id, what, unit, wanted, obtained, margin, fabs(obtained - expected) <= tolerance);
}

void art_answer_within(art_gate gate, const char *case_id, const char *what, const char *unit, double low,
                       double high, double obtained)
{
  char wanted[64];
  if (isinf(low))
    snprintf(wanted, sizeof wanted, "at most %.6g", high);
  else if (isinf(high))
    snprintf(wanted, sizeof wanted, "at least %.6g", low);
  else
    snprintf(wanted, sizeof wanted, "%.6g to %.6g", low, high);
  record(gate, case_id, what, unit, wanted, obtained, "", obtained >= low && obtained <= high);
}
