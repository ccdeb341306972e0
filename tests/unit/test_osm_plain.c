/// Elements of OpenStreetMap's XML that are taken at once: what they say, and what is left to the long way.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/osm/xml_plain_internal.h"

static size_t node_in(const char *text, int64_t *id, double *lon, double *lat)
{
  *id = -1;
  *lon = *lat = -999.0;
  return art_osm_xml_plain_node(text, text + strlen(text), id, lon, lat);
}

static void plain_nodes_are_taken(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t id;
    double lon, lat;
  } rows[] = {
    { "<node id=\"484925\" lat=\"50.8471874\" lon=\"9.6489214\"/>", 484925, 9.6489214, 50.8471874 },
    { "<node id=\"1\" lon=\"-0.1\" lat=\"-.5\"/>", 1, -0.1, -.5 },
    { "<node id=\"7\" visible=\"true\" version=\"2\" user=\"a > b\" lat=\"90\" lon=\"180.\"/>", 7, 180.0, 90.0 },
    { "<node id=\"123456789012345678\" lat=\"1.00000000000001\" uid=\"3\" lon=\"2\" changeset=\"9\"/>", 123456789012345678,
      2.0, 1.00000000000001 },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    char text[256];  // with what follows: the last bytes of a file are left to the long way
    int64_t id;
    double lon, lat;
    strcat(strcpy(text, rows[i].text), "\n  <node id=\"2\"");
    assert_int_equal(node_in(text, &id, &lon, &lat), strlen(rows[i].text));
    assert_int_equal(id, rows[i].id);
    assert_true(lon == rows[i].lon && lat == rows[i].lat);
  }
}

static void other_nodes_are_left(void **state)
{
  (void)state;
  static const char *const texts[] = {
    "<node id=\"1\" lat=\"1\" lon=\"2\">",                        // has tags
    "<node id=\"1\" lat=\"1\" lon=\"2\" />",                      // a blank
    "<node id='1' lat='1' lon='2'/>",                             // other quotes
    "<node lat=\"1\" lon=\"2\" id=\"1\"/>",                       // another order
    "<node id=\"-1\" lat=\"1\" lon=\"2\"/>",                      // made by an editor
    "<node id=\"1234567890123456789\" lat=\"1\" lon=\"2\"/>",     // too long
    "<node id=\"1\" visible=\"false\" lat=\"1\" lon=\"2\"/>",     // deleted
    "<node id=\"1\" action=\"delete\" lat=\"1\" lon=\"2\"/>",     // deleted
    "<node id=\"1\" lat=\"90.1\" lon=\"2\"/>",                    // out of range
    "<node id=\"1\" lat=\"1e1\" lon=\"2\"/>",                     // no plain number
    "<node id=\"1\" lat=\"1.234567890123456\" lon=\"2\"/>",       // more digits than a product holds
    "<node id=\"1\" lat=\".\" lon=\"2\"/>",                       // no number
    "<node id=\"1\" lat=\"1\"/>",                                 // no longitude
    "<node id=\"1\" id=\"2\" lat=\"1\" lon=\"2\"/>",              // two
    "<node id=\"1\" lat=\"1\" lon=\"2\" user=\"cut",              // the end is not read yet
    "<node id=\"1\" lat=\"1\" lon=\"2\" user",
    "<node id=\"1\" lat=\"1\" lon=\"2",
    "<node id=\"1\" lat=\"1\" lon=\"2\"/",
    "<node id=\"1",
    "<node",
    "<nodes id=\"1\" lat=\"1\" lon=\"2\"/>",
    "<way id=\"1\" lat=\"1\" lon=\"2\"/>",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    int64_t id;
    double lon, lat;
    assert_int_equal(node_in(texts[i], &id, &lon, &lat), 0);
  }
}

/// One division rounds as strtod does.
static void numbers_are_those_of_strtod(void **state)
{
  (void)state;
  static const char *const texts[] = { "0", "-0.0", "7.4229093", "43.7371175", "-122.419415", "0.00000000000001", "999999999999999",
                                       "12345678901234.5", "179.99999999999" };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    double value;
    assert_ptr_equal(art_osm_xml_plain_number(texts[i], &value), texts[i] + strlen(texts[i]));
    assert_true(value == strtod(texts[i], NULL));
  }
}

static void plain_tags_are_taken(void **state)
{
  (void)state;
  char text[] = "<tag k=\"name\" v=\"A &amp; B > C\"/>\n";
  art_osm_xml_attribute key = { 0 }, value = { 0 };
  assert_int_equal(art_osm_xml_plain_tag(text, text + sizeof text - 1, &key, &value), sizeof text - 2);
  assert_string_equal(key.value, "name");
  assert_int_equal(key.length, 4);
  assert_string_equal(value.value, "A &amp; B > C");
  assert_int_equal(value.length, 13);
}

static void other_tags_are_left_as_they_are(void **state)
{
  (void)state;
  static const char *const texts[] = { "<tag v=\"b\" k=\"aaaaaaa\"/>", "<tag k=\"a\" v=\"bbbbbbbb\" />", "<tag k=\"a\" v=\"bbbbbbbb\"></tag>",
                                       "<tag k=\"a\"  v=\"bbbbbbb\"/>", "<tag k=\"a\" v=\"bbbbbbbbbbb", "<tag k=\"aaaaaaaaaaaaaa",
                                       "<tag k='a' v='bbbbbbbb'/>", "<tags k=\"a\" v=\"bbbbbbb\"/>" };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    char text[64];
    art_osm_xml_attribute key, value;
    strcpy(text, texts[i]);
    assert_int_equal(art_osm_xml_plain_tag(text, text + strlen(text), &key, &value), 0);
    assert_string_equal(text, texts[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(plain_nodes_are_taken),        cmocka_unit_test(other_nodes_are_left),
    cmocka_unit_test(numbers_are_those_of_strtod),  cmocka_unit_test(plain_tags_are_taken),
    cmocka_unit_test(other_tags_are_left_as_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
