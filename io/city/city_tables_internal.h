/// \file city_tables_internal.h
/// The tables of a city file. Private to io/city.
#ifndef ART_IO_CITY_CITY_TABLES_INTERNAL_H
#define ART_IO_CITY_CITY_TABLES_INTERNAL_H
#include "io/city/table_internal.h"

/// Owners in the order in which the table functions take them.
enum { ART_OWNER_CITY, ART_OWNER_NET, ART_OWNER_COUNT };

enum { ART_CITY_TABLE_COUNT = 21, ART_CITY_VERSION = 1 };
extern const art_table art_city_tables[ART_CITY_TABLE_COUNT];

#endif  // ART_IO_CITY_CITY_TABLES_INTERNAL_H
