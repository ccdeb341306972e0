// Signal tables from a buffer, on a small city. Oracle: what is refused is refused by the reader, with the table's name in
// the message; what it takes can be written and read again; nothing that it takes breaks the shape of the net.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/signals/table.h"
#include "io/sumo/import.h"
#include "tests/unit/sumo_texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char name[] = "t.csv";
  sumo_result r = sumo_import(sumo_two_roads, NULL);
  if (r.status != ART_OK) abort();
  art_net *net = r.city->net;
  art_signal_table_report report;
  const art_status status = art_signal_table_read_text(name, (const char *)data, size, net, &report, &r.err);
  if (status == ART_OK) {
    if (!report.signals || net->phase_first_sensor[net->phase_count] != net->phase_sensor_count ||
        net->phase_first_next[net->phase_count] != net->phase_next_count ||
        net->program_first_phase[net->program_count] != net->phase_count ||
        net->signal_first_program[net->signal_count] != net->program_count ||
        net->signal_first_switch[net->signal_count] != net->switch_count ||
        net->signal_first_intergreen[net->signal_count] != net->intergreen_count)
      abort();
    (void)art_net_check(net, &r.err);  // may refuse what only it knows, such as rings that do not fit
  } else if (status != ART_E_INPUT || strncmp(r.err.message, name, sizeof name - 1) != 0) {
    abort();
  }
  sumo_free(&r);
  return 0;
}
