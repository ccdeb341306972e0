// SUMO additional and route files from a buffer, on a small network. Oracle: what is refused is refused by the reader,
// with the file's name in the message, never by the checks of the finished demand.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/import.h"
#include "tests/fuzz/mutate_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Two roads that meet: a -> b, c and d -> b; two lanes on a, one of them for buses.
static const char network[] =
    "<net><edge id='a' from='n0' to='n1'><lane id='a_0' index='0' speed='10' length='100' shape='0,0 100,0' "
    "allow='bus'/>"
    "<lane id='a_1' index='1' speed='10' length='100' shape='0,3 100,3'/></edge>"
    "<edge id='b' from='n1' to='n2'><lane id='b_0' index='0' speed='10' length='50' shape='110,0 "
    "160,0'/></edge>"
    "<edge id='c' from='n1' to='n3'><lane id='c_0' index='0' speed='10' length='50' shape='105,10 "
    "105,60'/></edge>"
    "<edge id='d' from='n4' to='n1'><lane id='d_0' index='0' speed='10' length='50' shape='105,-60 "
    "105,-10'/></edge>"
    "<tlLogic id='n1' type='static' programID='0' offset='0'><phase duration='30' state='GGGr'/>"
    "<phase duration='30' state='rrrG'/></tlLogic>"
    "<junction id='n0' type='dead_end' x='0' y='0' incLanes='' intLanes=''/>"
    "<junction id='n1' type='traffic_light' x='105' y='0' incLanes='a_0 a_1 d_0' intLanes=''/>"
    "<junction id='n2' type='dead_end' x='160' y='0' incLanes='b_0' intLanes=''/>"
    "<junction id='n3' type='dead_end' x='105' y='60' incLanes='c_0' intLanes=''/>"
    "<junction id='n4' type='dead_end' x='105' y='-60' incLanes='' intLanes=''/>"
    "<connection from='a' to='b' fromLane='0' toLane='0' dir='s' state='M' tl='n1' linkIndex='0'/>"
    "<connection from='a' to='b' fromLane='1' toLane='0' dir='s' state='M' tl='n1' linkIndex='1'/>"
    "<connection from='a' to='c' fromLane='1' toLane='0' dir='l' state='M' tl='n1' linkIndex='2'/>"
    "<connection from='d' to='b' fromLane='0' toLane='0' dir='r' state='m' tl='n1' linkIndex='3'/></net>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char name[] = "fuzz.rou.xml";
  const art_sumo_text text[2] = { { .name = "net.xml", .text = network, .size = sizeof network - 1 },
                                  { .name = name, .text = (const char *)data, .size = size } };
  art_import_report report = { 0 };
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_error err;
  const art_status status = art_sumo_import_texts(text, 2, NULL, 1000, &city, &demand, &report, &err);
  if (status == ART_OK) {
    if (!city || !demand || demand->trip_count > 2000) abort();
  } else if (status != ART_E_INPUT || strncmp(err.message, name, sizeof name - 1) != 0) {
    abort();
  }
  art_demand_free(demand);
  art_city_free(city);
  art_import_report_clear(&report);
  return 0;
}
