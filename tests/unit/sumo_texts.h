/// \file sumo_texts.h
/// Small SUMO networks for tests, and the call that imports them.
#ifndef ART_TESTS_UNIT_SUMO_TEXTS_H
#define ART_TESTS_UNIT_SUMO_TEXTS_H
#include <string.h>

#include "io/sumo/import.h"

/// Junction n: from w straight to e, from s straight to n_, and from s by a left turn into lane e. The paths w-e and s-n_
/// are 20 m lines that cross in their middles at a right angle; s-n_ is driven as 40 m, in two parts. Signal n.
static const char sumo_crossing[] =
    "<net version='1.9'>\n"
    "<location netOffset='-500000,-4900000' convBoundary='0,0,1,1' origBoundary='0,0,1,1' "
    "projParameter='+proj=utm +zone=32 +ellps=WGS84 +datum=WGS84 +units=m +no_defs'/>\n"
    "<edge id=':n_0' function='internal'><lane id=':n_0_0' index='0' speed='9' length='20' shape='-10,0 "
    "10,0'/></edge>\n"
    "<edge id=':n_1' function='internal'><lane id=':n_1_0' index='0' speed='8' length='16' shape='0,-10 "
    "0,-2'/></edge>\n"
    "<edge id=':n_2' function='internal'><lane id=':n_2_0' index='0' speed='7' length='24' shape='0,-2 "
    "0,10'/></edge>\n"
    "<edge id=':n_c0' function='crossing'><lane id=':n_c0_0' index='0' speed='1' length='5' shape='1,1 "
    "2,2'/></edge>\n"
    "<edge id='in' from='w' to='n' priority='3' name='West'>"
    "<lane id='in_0' index='0' speed='13.9' length='100' shape='-110,0 -10,0' disallow='tram pedestrian'/>"
    "<lane id='in_1' index='1' speed='13.9' length='100' shape='-110,3 -10,3' allow='public_transport "
    "hovercraft' width='3.5'/>"
    "</edge>\n"
    "<edge id='out' from='n' to='e'><lane id='out_0' index='0' speed='13.9' length='100' shape='10,0 "
    "110,0'/></edge>\n"
    "<edge id='up' from='s' to='n'><lane id='up_0' index='0' speed='13.9' length='80' shape='0,-90 "
    "0,-10'/></edge>\n"
    "<edge id='on' from='n' to='t'><lane id='on_0' index='0' speed='13.9' length='80' shape='0,10 "
    "0,90'/></edge>\n"
    "<tlLogic id='n' type='static' programID='0' offset='5'><phase duration='30' minDur='5' maxDur='50' "
    "state='Gr'/>"
    "<phase duration='3' state='yr'/><phase duration='30.5' state='rG'/></tlLogic>\n"
    "<junction id='n' type='traffic_light' x='0' y='0' incLanes='in_0 in_1 up_0' intLanes=':n_0_0 :n_1_0' "
    "shape='-5,-5 5,-5 5,5'>"
    "<request index='0' response='00' foes='10' cont='0'/><request index='1' response='01' foes='01' "
    "cont='1'/></junction>\n"
    "<junction id='w' type='dead_end' x='-110' y='0' incLanes='' intLanes=''/>\n"
    "<junction id='e' type='priority' x='110' y='0' incLanes='out_0' intLanes=''/>\n"
    "<junction id='s' type='dead_end' x='0' y='-90' incLanes='' intLanes=''/>\n"
    "<junction id='t' type='dead_end' x='0' y='90' incLanes='on_0' intLanes=''/>\n"
    "<junction id=':n_2_0' type='internal' x='0' y='0' incLanes=':n_1_0' intLanes=''/>\n"
    "<connection from='up' to='on' fromLane='0' toLane='0' via=':n_1_0' tl='n' linkIndex='1' dir='s' "
    "state='o'/>\n"
    "<connection from='in' to='out' fromLane='0' toLane='0' via=':n_0_0' tl='n' linkIndex='0' dir='s' "
    "state='O' keepClear='0'/>\n"
    "<connection from=':n_0' to='out' fromLane='0' toLane='0' dir='s' state='M'/>\n"
    "<connection from=':n_1' to='on' fromLane='0' toLane='0' via=':n_2_0' dir='s' state='m'/>\n"
    "<connection from=':n_2' to='on' fromLane='0' toLane='0' dir='s' state='M'/>\n"
    "<roundabout nodes='n e' edges='out'/>\n"
    "</net>\n";

/// Junction n with two roads into it: `a` of one lane, straight on or left (groups 0 and 1); `b` of two lanes, lane 0
/// straight on and lane 1 left (groups 2 and 3). Before b stands `c`, the only way into it. No paths cross.
static const char sumo_two_roads[] =
    "<net version='1.9'><location netOffset='0,0' convBoundary='0,0,1,1' origBoundary='0,0,1,1' projParameter='!'/>\n"
    "<edge id='a' from='w' to='n'><lane id='a_0' index='0' speed='10' length='100' shape='-110,0 -10,0'/></edge>\n"
    "<edge id='b' from='m' to='n'><lane id='b_0' index='0' speed='20' length='30' shape='100,50 20,50'/>"
    "<lane id='b_1' index='1' speed='20' length='30' shape='100,47 20,47'/></edge>\n"
    "<edge id='c' from='e' to='m'><lane id='c_0' index='0' speed='20' length='50' shape='200,50 105,50'/>"
    "<lane id='c_1' index='1' speed='20' length='50' shape='200,47 105,47'/></edge>\n"
    "<edge id='x' from='n' to='t'><lane id='x_0' index='0' speed='10' length='80' shape='10,0 90,0'/></edge>\n"
    "<edge id='y' from='n' to='s'><lane id='y_0' index='0' speed='10' length='80' shape='0,60 0,150'/></edge>\n"
    "<tlLogic id='n' type='static' programID='0' offset='0'><phase duration='30' state='GGGG'/></tlLogic>\n"
    "<junction id='n' type='traffic_light' x='0' y='0' incLanes='a_0 b_0 b_1' intLanes='' shape='-5,-5 5,-5 5,5'/>\n"
    "<junction id='m' type='priority' x='102' y='50' incLanes='c_0 c_1' intLanes='' shape='0,0 1,0 1,1'/>\n"
    "<junction id='w' type='dead_end' x='-110' y='0' incLanes='' intLanes=''/>\n"
    "<junction id='e' type='dead_end' x='200' y='50' incLanes='' intLanes=''/>\n"
    "<junction id='t' type='dead_end' x='90' y='0' incLanes='x_0' intLanes=''/>\n"
    "<junction id='s' type='dead_end' x='0' y='150' incLanes='y_0' intLanes=''/>\n"
    "<connection from='a' to='x' fromLane='0' toLane='0' tl='n' linkIndex='0' dir='s' state='O'/>\n"
    "<connection from='a' to='y' fromLane='0' toLane='0' tl='n' linkIndex='1' dir='l' state='o'/>\n"
    "<connection from='b' to='y' fromLane='0' toLane='0' tl='n' linkIndex='2' dir='s' state='o'/>\n"
    "<connection from='b' to='x' fromLane='1' toLane='0' tl='n' linkIndex='3' dir='l' state='w'/>\n"
    "<connection from='c' to='b' fromLane='0' toLane='0' dir='s' state='M'/>\n"
    "<connection from='c' to='b' fromLane='1' toLane='1' dir='s' state='M'/>\n"
    "</net>\n";

/// What an import gives; all of it freed by sumo_free().
typedef struct sumo_result {
  art_status status;
  art_city *city;
  art_demand *demand;
  art_import_report report;
  art_error err;
} sumo_result;

/// Imports a network and, where it is not NULL, a route file of the name "test.rou.xml".
static inline sumo_result sumo_import(const char *net, const char *routes)
{
  sumo_result r = { .status = ART_OK };
  const art_sumo_text text[2] = { { "test.net.xml", net, strlen(net) },
                                  { "test.rou.xml", routes ? routes : "", routes ? strlen(routes) : 0 } };
  r.status = art_sumo_import_texts(text, routes ? 2 : 1, NULL, 100000, &r.city, &r.demand, &r.report, &r.err);
  return r;
}

static inline void sumo_free(sumo_result *r)
{
  art_demand_free(r->demand);
  art_city_free(r->city);
  art_import_report_clear(&r->report);
}

/// How often a row of that name was counted.
static inline int64_t sumo_times(const art_import_tally *tally, const char *name)
{
  for (int32_t i = 0; i < tally->count; ++i)
    if (strcmp(tally->name[i], name) == 0) return tally->times[i];
  return 0;
}

#endif  // ART_TESTS_UNIT_SUMO_TEXTS_H
