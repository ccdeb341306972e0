/// \file little_net.h
/// A network of SUMO for targets that need one beside what they try.
#ifndef ART_TESTS_FUZZ_LITTLE_NET_H
#define ART_TESTS_FUZZ_LITTLE_NET_H

/// Two roads that meet: a -> b, c and d -> b; two lanes on a, one of them for buses.
static const char little_net[] =
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

#endif  // ART_TESTS_FUZZ_LITTLE_NET_H
