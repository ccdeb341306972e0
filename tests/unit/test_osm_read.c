// Reading of OpenStreetMap files: what is kept, errors with their place, one pass and two, PBF and gzip; real
// extracts against an independent reader.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <readosm.h>
#include <zlib.h>

#include "io/osm/read.h"
#include "tests/support/check.h"

static const char small[] =
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<osm version='0.6'>\n"
    " <bounds minlat='1' minlon='1' maxlat='2' maxlon='2'/>\n"
    " <!-- a > b -->\n"
    " <node id='3' lat='50.1' lon='8.3'/>\n"
    " <node id='1' lat='50.1' lon='8.1'><tag k='highway' v='stop'/><tag k='note' v='x'/></node>\n"
    " <node id='2' lat='50.1' lon='8.2'/>\n"
    " <node id='4' lat='-50.25' lon='-8.123456789'/>\n"
    " <node id='5' lat='50.2' lon='8.2' visible='false'/>\n"
    " <node id='6' lat='1' lon='2'><tag k='amenity' v='bench'/></node>\n"
    " <way id='11'><nd ref='2'/><nd ref='2'/><nd ref='3'/><tag k='highway' v='primary'/>"
    "<tag k='name' v='A &amp; &quot;B&#xe4;r&quot;'/></way>\n"
    " <way id='10'><nd ref='1'/><nd ref='2'/><nd ref='99'/><tag k='highway' v='residential'/></way>\n"
    " <way id='12'><nd ref='6'/><nd ref='1'/><tag k='building' v='yes'/></way>\n"
    " <way id='13'><nd ref='4'/><nd ref='4'/><tag k='highway' v='service'/></way>\n"
    " <way id='14'><nd ref='4'/><nd ref='3'/><tag k='railway' v='tram'/></way>\n"
    " <relation id='20'><member type='way' ref='10' role='from'/><member type='node' ref='2' role='via'/>"
    "<member type='way' ref='11' role='to'/><tag k='type' v='restriction'/><tag k='restriction' "
    "v='no_u_turn'/></relation>\n"
    " <relation id='21'><member type='way' ref='14' role=''/><tag k='type' v='route'/><tag k='route' "
    "v='tram'/></relation>\n"
    "</osm>\n";

static art_osm_store *read_text(const char *text, const art_osm_read_options *options)
{
  art_osm_store *store = NULL;
  art_error err;
  assert_ok(art_osm_read_text("text.osm", text, strlen(text), options, &store, &err), err);
  return store;
}

static void only_what_moves_traffic_is_kept(void **state)
{
  (void)state;
  art_osm_store *s = read_text(small, NULL);
  assert_int_equal(s->nodes_read, 5);
  assert_int_equal(s->ways_read, 5);
  assert_int_equal(s->way_count, 3);
  assert_int_equal(s->node_count, 4);
  assert_int_equal(s->relation_count, 1);
  assert_int_equal(s->nodes_missing, 1);
  assert_int_equal(s->passes, 1);
  assert_int_equal(s->way[0].id, 10);
  assert_int_equal(s->way[1].id, 11);
  assert_int_equal(s->way[1].ref_count, 2);  // the repeated node is one
  assert_int_equal(s->ref_node[s->way[0].ref_first], 0);
  assert_int_equal(s->ref_node[s->way[0].ref_first + 2], -1);
  assert_string_equal(art_osm_tag_get(art_osm_tags_of(s, s->way[1].tag_first, s->way[1].tag_count),
                                      ART_OSM_NAME),
                      "A & \"B\xc3\xa4r\"");
  const int64_t one = art_osm_find_node(s, 1), four = art_osm_find_node(s, 4);
  assert_int_equal(s->node[one].tag_count, 1);
  assert_true(s->node[four].lon == -8.123456789 && s->node[four].lat == -50.25);
  assert_int_equal(art_osm_find_node(s, 6), -1);
  assert_int_equal(s->relation[0].member_count, 3);
  assert_string_equal(s->member[1].role, "via");
  art_osm_store_free(s);
  s = read_text(small, &(art_osm_read_options){ .keep_routes = 1, .keep_built_up = 1 });
  assert_int_equal(s->relation_count, 2);
  assert_int_equal(s->way_count, 4);
  art_osm_store_free(s);
}

/// `text` with every `from` replaced; for the caller to free.
static char *replaced(const char *text, const char *from, const char *to)
{
  const size_t a = strlen(from), b = strlen(to), length = strlen(text);
  char *out = calloc(length / a * (a > b ? a : b) + length + 1, 1), *end = out;
  assert_non_null(out);
  for (const char *at = text; *at;) {
    const int is_here = strncmp(at, from, a) == 0;
    memcpy(end, is_here ? to : at, is_here ? b : 1);
    end += is_here ? b : 1;
    at += is_here ? a : 1;
  }
  return out;
}

static void expect_equal(const art_osm_store *a, const art_osm_store *b)
{
  assert_int_equal(a->node_count, b->node_count);
  assert_int_equal(a->way_count, b->way_count);
  assert_int_equal(a->ref_count, b->ref_count);
  assert_int_equal(a->member_count, b->member_count);
  assert_int_equal(a->tag_count, b->tag_count);
  for (int64_t i = 0; i < a->node_count; ++i)
    assert_true(a->node[i].id == b->node[i].id && a->node[i].lon == b->node[i].lon && a->node[i].lat == b->node[i].lat);
  for (int64_t i = 0; i < a->way_count; ++i) assert_int_equal(a->way[i].id, b->way[i].id);
  for (int64_t i = 0; i < a->ref_count; ++i) assert_int_equal(a->ref[i], b->ref[i]);
  for (int64_t i = 0; i < a->member_count; ++i) assert_int_equal(a->member[i].id, b->member[i].id);
  for (int64_t i = 0; i < a->tag_count; ++i) {
    assert_int_equal(a->tag[i].key, b->tag[i].key);
    assert_string_equal(a->tag[i].value, b->tag[i].value);
  }
}

/// Elements as nearly all files write them are taken in one look; blanks, quotes and many attributes change nothing.
static void every_way_of_writing_reads_the_same(void **state)
{
  (void)state;
  static const char *const edits[][2] = {
    { "/>", " />" },
    { " ref=", "\n\tref = " },
    { "<nd ref=", "<nd note=\"a > b\" ref=" },
    { "<nd ref=\"2\"/>", "<nd ref=\"2\"></nd>" },
    { "<node id=", "<node a=\"1\" b=\"2\" c=\"3\" d=\"4\" e=\"5\" f=\"6\" g=\"/>\" h=\"8\" i=\"9\" j=\"10\" k=\"11\" l=\"12\" m=\"\" id=" },
  };
  art_osm_store *single = read_text(small, NULL);
  char *usual = replaced(small, "'", "\"");
  art_osm_store *store = read_text(usual, NULL);
  expect_equal(single, store);
  art_osm_store_free(store);
  for (size_t i = 0; i < sizeof edits / sizeof *edits; ++i) {
    char *text = replaced(usual, edits[i][0], edits[i][1]);
    assert_string_not_equal(text, usual);
    store = read_text(text, NULL);
    expect_equal(single, store);
    art_osm_store_free(store);
    free(text);
  }
  free(usual);
  art_osm_store_free(single);
}

static void boxes_keep_ways_that_touch_them(void **state)
{
  (void)state;
  const art_osm_read_options box = {
    .with_box = 1, .min_lon = 8.0, .min_lat = 50.0, .max_lon = 8.15, .max_lat = 51.0
  };
  art_osm_store *s = read_text(small, &box);
  assert_int_equal(s->way_count, 1);
  assert_int_equal(s->way[0].id, 10);
  assert_int_equal(s->node_count, 2);  // the one outside too: the way goes on there
  assert_int_equal(s->relation_count, 1);
  assert_int_equal(s->passes, 2);
  art_osm_store_free(s);
  // Nodes behind the ways.
  static const char late[] = "<osm><way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='service'/></way>"
                             "<way id='2'><nd ref='3'/><nd ref='2'/><tag k='highway' v='service'/></way>"
                             "<node id='1' lat='50.5' lon='8.1'/><node id='2' lat='50.5' lon='9'/>"
                             "<node id='3' lat='50.5' lon='9.1'/></osm>";
  s = read_text(late, &box);
  assert_int_equal(s->way_count, 1);
  assert_int_equal(s->node_count, 2);
  art_osm_store_free(s);
}

static void a_tight_budget_reads_twice_and_keeps_the_same(void **state)
{
  (void)state;
  art_osm_store *one = read_text(small, NULL);
  art_osm_store *two = read_text(small, &(art_osm_read_options){ .node_budget = 2 });
  assert_int_equal(two->passes, 2);
  assert_int_equal(one->node_count, two->node_count);
  for (int64_t i = 0; i < one->node_count; ++i) {
    assert_int_equal(one->node[i].id, two->node[i].id);
    assert_int_equal(one->node[i].tag_count, two->node[i].tag_count);
    assert_true(one->node[i].lon == two->node[i].lon && one->node[i].lat == two->node[i].lat);
  }
  assert_memory_equal(one->ref_node, two->ref_node, (size_t)one->ref_count * sizeof *one->ref_node);
  art_osm_store_free(one);
  art_osm_store_free(two);
}

/// Members of relations are passed over until the tags behind them are known: of restrictions all are there, in their order,
/// however they are written and wherever they stand.
static void members_are_read_where_they_are_wanted(void **state)
{
  (void)state;
#define MEMBER(ref, role) "<member type=\"way\" ref=\"" ref "\" role=\"" role "\"/>"
#define BAN "<tag k=\"type\" v=\"restriction\"/><tag k=\"restriction\" v=\"no_u_turn\"/>"
  static const char *const bodies[] = {
    MEMBER("1", "a") MEMBER("2", "b") MEMBER("3", "c") BAN,
    "\n  " MEMBER("1", "a") "\n" MEMBER("2", "b") "\n\t" MEMBER("3", "c") "\n" BAN "\n",
    BAN MEMBER("1", "a") MEMBER("2", "b") MEMBER("3", "c"),
    MEMBER("1", "a") BAN MEMBER("2", "b") MEMBER("3", "c"),
    MEMBER("1", "a>") MEMBER("2", "/>") MEMBER("3", "<!-- &gt;") BAN,
    "<member type='way' ref='1' role='a'></member>" MEMBER("2", "b") MEMBER("3", "c") BAN,
    MEMBER("1", "a") "<member role='b' ref='2'  type='way' />" MEMBER("3", "c") BAN,
    MEMBER("1", "a") "<!-- " MEMBER("9", "x") " -->" MEMBER("2", "b") BAN MEMBER("3", "c"),
  };
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; ++i) {
    char text[2048];
    snprintf(text, sizeof text,
             "<osm><relation id='7'>" MEMBER("8", "left out") "<tag k='type' v='site'/></relation><relation id='9'/>"
             "<relation id='20'>%s</relation></osm>",
             bodies[i]);
    art_osm_store *s = read_text(text, NULL);
    assert_int_equal(s->relations_read, 3);
    assert_int_equal(s->relation_count, 1);
    assert_int_equal(s->relation[0].id, 20);
    assert_int_equal(s->relation[0].member_count, 3);
    assert_int_equal(s->member_count, 3);
    for (int64_t k = 0; k < 3; ++k) assert_int_equal(s->member[k].id, k + 1);
    static const char *const odd[] = { "a>", "/>", "<!-- >" }, *const plain[] = { "a", "b", "c" };
    for (int k = 0; k < 3; ++k) assert_string_equal(s->member[k].role, i == 4 ? odd[k] : plain[k]);
    art_osm_store_free(s);
  }
}

static void broken_files_are_refused_with_their_place(void **state)
{
  (void)state;
  static const struct {
    const char *text, *words[3];
  } cases[] = {
    { "", { "text.osm", "neither", "PBF" } },
    { "hello", { "text.osm", "neither", "PBF" } },
    { "<osm>\n<node id='1'", { "text.osm:2", "ends within an element", "" } },
    { "<osm>\n<node id='1' lat='1' lon='2'>", { "text.osm:2", "ends before", "" } },
    { "<osm>\n\n<node id='x' lat='1' lon='2'/></osm>", { "text.osm:3", "id=x", "integer" } },
    { "<osm><node id='1' lat='91' lon='2'/></osm>", { "text.osm:1", "lat=91", "[-90, 90]" } },
    { "<osm><node id='1' lat='nan' lon='2'/></osm>", { "text.osm:1", "lat=nan", "" } },
    { "<osm><node id='1' lat='1'/></osm>", { "text.osm:1", "node 1", "missing" } },
    { "<osm><way id='1'><nd/></way></osm>", { "nd", "ref", "missing" } },
    { "<osm><way id='1'><tag k='highway'/></way></osm>", { "tag", "missing", "" } },
    { "<osm><way id='1'></node></osm>", { "closes what is not open", "node", "" } },
    { "<osm><relation id='1'><member type='car' ref='1'/><tag k='type' v='restriction'/></relation></osm>",
      { "type=car", "accepted", "" } },
    { "<osm>\n<relation id='1'>\n<member type='way' ref='1'/>\n<member type='way'/><tag k='type' v='restriction'/></relation></osm>",
      { "text.osm:4", "type or ref is missing", "" } },
    { "<osm><relation id='1'><member type='way' ref='1'/><member type='way' ref='2'", { "ends within an element", "", "" } },
    { "<osm><relation id='1'><member type=\"way\" ref=\"1\"/>\n<member ref=\"2 role=\"x\"/><tag k=\"a\" v=\"b\"/></relation></osm>",
      { "text.osm:2", "ends within an element", "" } },
    { "<osm><way id='1'><tag k='highway' v='&bomb;'/></way></osm>", { "reference", "&bomb;", "" } },
    { "<osm><way id='1'><tag k='name' v='\xff\xfe'/></way></osm>", { "UTF-8", "text.osm:1", "" } },
    { "<!DOCTYPE osm [<!ENTITY a 'b'>]><osm/>", { "document type", "text.osm:1", "" } },
    { "<?xml version='1.0' encoding='ISO-8859-1'?><osm/>", { "encoding", "ISO-8859-1", "" } },
    { "<osmChange/>", { "osmChange", "accepted: osm", "" } },
    { "<osm/><osm/>", { "second root", "text.osm", "" } },
    { "<osm>\n<node id/></osm>", { "text.osm:2", "an attribute without a value", "" } },
    { "<osm><node id=\"1\" lat></node></osm>", { "text.osm:1", "an attribute without a value", "" } },
    { "<osm><node id=\"1\" lat=1 lon=\"2\"/></osm>", { "text.osm:1", "without quotes", "" } },
    { "<osm>\n<way id=\"1\"><nd ref=\"1x\"/></way></osm>", { "text.osm:2", "ref=1x", "integer" } },
    { "<osm><way id=\"1\"><nd ref=\"\"/></way></osm>", { "nd", "ref=", "integer" } },
    { "<osm><way id=\"1\"><nd ref=\"1234567890123456789\"/></way></osm>", { "nd", "ref=", "18 digits" } },
    { "<osm><way id=\"1\"><nd ref=\"1\"/>", { "text.osm:1", "ends before", "" } },
    { "<osm><!-- ", { "comment", "text.osm:1", "" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    art_osm_store *store = NULL;
    art_error err = { 0 };
    const art_status status =
        art_osm_read_text("text.osm", cases[i].text, strlen(cases[i].text), NULL, &store, &err);
    assert_null(store);
    assert_refused(status, ART_E_INPUT, err, cases[i].words[0], cases[i].words[1], cases[i].words[2]);
  }
  art_osm_store *store = NULL;
  art_error err = { 0 };
  assert_int_equal(art_osm_read("/nowhere/x.osm", NULL, &store, &err), ART_E_OPEN);
  store = read_text("<osm/>", NULL);
  assert_int_equal(store->node_count, 0);
  assert_non_null(store->member);  // pieces of an empty store can be addressed
  assert_non_null(store->tag);
  art_osm_store_free(store);
}

/// Bytes of a file that the test writes; removed by the caller.
static void write_file(const char *path, const void *data, size_t size, int is_gzip)
{
  if (is_gzip) {
    gzFile gz = gzopen(path, "wb");
    assert_non_null(gz);
    assert_int_equal(gzwrite(gz, data, (unsigned)size), (int)size);
    assert_int_equal(gzclose(gz), Z_OK);
  } else {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
  }
}

/// Compressors that work in parallel write a file in pieces; the last four bytes then tell the size of the last piece only.
static void gzip_of_several_members_is_read(void **state)
{
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "test_osm_read_%d.osm.gz", (int)getpid());
  const size_t cut = 200;
  write_file(path, small, cut, 1);
  gzFile gz = gzopen(path, "ab");
  assert_non_null(gz);
  assert_int_equal(gzwrite(gz, small + cut, (unsigned)(sizeof small - 1 - cut)), (int)(sizeof small - 1 - cut));
  assert_int_equal(gzclose(gz), Z_OK);
  art_osm_store *s = NULL;
  art_error err;
  assert_ok(art_osm_read(path, NULL, &s, &err), err);
  assert_int_equal(s->way_count, 3);
  art_osm_store_free(s);
  unlink(path);
}

static void gzip_is_read_and_damage_is_seen(void **state)
{
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "test_osm_read_%d.osm.gz", (int)getpid());
  write_file(path, small, sizeof small - 1, 1);
  art_osm_store *s = NULL;
  art_error err;
  assert_ok(art_osm_read(path, NULL, &s, &err), err);
  assert_int_equal(s->way_count, 3);
  art_osm_store_free(s);
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, -6, SEEK_END), 0);  // the checksum
  fputc('#', file);
  fclose(file);
  assert_int_equal(art_osm_read(path, NULL, &s, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "compressed data are broken"));
  unlink(path);
}

// ---- PBF -------------------------------------------------------------------------------------------------------------

/// A message under construction.
typedef struct message {
  uint8_t data[256];
  size_t size;
} message;

static void put_varint(message *m, uint64_t value)
{
  for (; value > 127; value >>= 7) m->data[m->size++] = (uint8_t)(value | 128);
  m->data[m->size++] = (uint8_t)value;
}

static void put_bytes(message *m, int field, const void *data, size_t size)
{
  put_varint(m, (uint64_t)field << 3 | 2);
  put_varint(m, size);
  memcpy(m->data + m->size, data, size);
  m->size += size;
}
static void put_inside(message *m, int field, const message *inside)
{
  put_bytes(m, field, inside->data, inside->size);
}
static void put_text(message *m, int field, const char *text)
{
  put_bytes(m, field, text, strlen(text));
}
static void put_number(message *m, int field, uint64_t value)
{
  put_varint(m, (uint64_t)field << 3);
  put_varint(m, value);
}

/// Differences of a list, zigzag, packed.
static void put_steps(message *m, int field, int count, const int64_t *values)
{
  message list = { 0 };
  for (int i = 0; i < count; ++i) {
    const int64_t step = values[i] - (i ? values[i - 1] : 0);
    put_varint(&list, ((uint64_t)step << 1) ^ (uint64_t)(step >> 63));
  }
  put_inside(m, field, &list);
}

/// Appends a block whose data stand in `field` of the blob (1: not compressed).
static void put_block(message *file, const char *type, int field, const message *data)
{
  message blob = { 0 }, header = { 0 };
  put_inside(&blob, field, data);
  put_text(&header, 1, type);
  put_number(&header, 3, blob.size);
  const uint8_t length[4] = { 0, 0, 0, (uint8_t)header.size };
  memcpy(file->data + file->size, length, 4);
  memcpy(file->data + file->size + 4, header.data, header.size);
  memcpy(file->data + file->size + 4 + header.size, blob.data, blob.size);
  file->size += 4 + header.size + blob.size;
}

static void put_header(message *file, const char *feature)
{
  message header = { 0 };
  put_text(&header, 4, feature);
  put_block(file, "OSMHeader", 1, &header);
}

/// A track between two dense nodes, `lats` of them having a latitude; the strings stand behind what uses them.
static message block_of_track(int lats)
{
  static const int64_t ids[] = { 7, -8 }, lat[] = { 10000000, 15000000 }, lon[] = { 20000000, -1234567 };
  message strings = { 0 }, dense = { 0 }, group = { 0 }, way = { 0 }, ways = { 0 }, block = { 0 };
  put_text(&strings, 1, "");
  put_text(&strings, 1, "highway");
  put_text(&strings, 1, "track");
  put_steps(&dense, 1, 2, ids);
  put_steps(&dense, 8, lats, lat);
  put_steps(&dense, 9, 2, lon);
  put_inside(&group, 2, &dense);
  put_number(&way, 1, 9);
  put_bytes(&way, 2, "\1", 1);
  put_bytes(&way, 3, "\2", 1);
  put_steps(&way, 8, 2, ids);
  put_inside(&ways, 3, &way);
  put_inside(&block, 2, &group);
  put_inside(&block, 2, &ways);
  put_inside(&block, 1, &strings);
  return block;
}

static void pbf_of_hand_is_read(void **state)
{
  (void)state;
  message file = { 0 };
  put_header(&file, "OsmSchema-V0.6");
  const size_t header = file.size;
  const message track = block_of_track(2);
  put_block(&file, "OSMData", 1, &track);
  art_osm_store *s = NULL;
  art_error err = { 0 };
  assert_ok(art_osm_read_text("x.pbf", file.data, file.size, NULL, &s, &err), err);
  assert_int_equal(s->node_count, 2);
  assert_int_equal(s->way_count, 1);
  assert_true(s->node[0].id == -8 && s->node[0].lat == 1.5 && s->node[0].lon == -0.1234567);
  assert_true(s->node[1].id == 7 && s->node[1].lat == 1.0 && s->node[1].lon == 2.0);
  assert_string_equal(s->tag[s->way[0].tag_first].value, "track");
  art_osm_store_free(s);
  // Cut anywhere, it is refused, or it ends between blocks.
  for (size_t cut = 0; cut < file.size; ++cut) {
    const art_status status = art_osm_read_text("x.pbf", file.data, cut, NULL, &s, &err);
    assert_int_equal(status, cut == header ? ART_OK : ART_E_INPUT);
    art_osm_store_free(s);
  }
}

static void broken_pbf_is_refused_with_its_place(void **state)
{
  (void)state;
  art_osm_store *s = NULL;
  art_error err = { 0 };
  message file = { 0 };
  put_header(&file, "OsmSchema-V0.6");
  const size_t header = file.size;
  const message uneven = block_of_track(1);
  char place[32];
  snprintf(place, sizeof place, "byte %zu", header);
  put_block(&file, "OSMData", 1, &uneven);
  assert_refused(art_osm_read_text("x.pbf", file.data, file.size, NULL, &s, &err), ART_E_INPUT, err, "x.pbf",
                 place, "broken");
  file.size = header;
  put_block(&file, "OSMData", 7, &uneven);
  assert_refused(art_osm_read_text("x.pbf", file.data, file.size, NULL, &s, &err), ART_E_INPUT, err, place,
                 "zstd");
  file.size = 0;
  put_header(&file, "HistoricalInformation");
  assert_refused(art_osm_read_text("x.pbf", file.data, file.size, NULL, &s, &err), ART_E_INPUT, err,
                 "required feature", "HistoricalInformation");
  assert_null(s);
}

// ---- real files ------------------------------------------------------------------------------------------------------

/// What the other reader saw of ways that we keep: sums that depend on every id, reference and value.
typedef struct witness {
  const art_osm_store *store;
  int64_t nodes, ways, relations, kept_ways, kept_nodes, differences;
} witness;

static int see_node(const void *user, const readosm_node *node)
{
  witness *w = (witness *)user;
  ++w->nodes;
  const int64_t i = art_osm_find_node(w->store, node->id);
  if (i < 0) return READOSM_OK;
  ++w->kept_nodes;
  const art_osm_node_row *row = &w->store->node[i];
  if (fabs(row->lon - node->longitude) > 1e-9 || fabs(row->lat - node->latitude) > 1e-9) ++w->differences;
  return READOSM_OK;
}

static int see_way(const void *user, const readosm_way *way)
{
  witness *w = (witness *)user;
  ++w->ways;
  art_osm_tag tag[256];
  int32_t count = 0;
  for (int i = 0; i < way->tag_count && count < 256; ++i) {
    const art_osm_key key = art_osm_key_parse(way->tags[i].key, strlen(way->tags[i].key));
    if (key) tag[count++] = (art_osm_tag){ key, way->tags[i].value };
  }
  const int64_t i = art_osm_find_way(w->store, way->id);
  const int is_wanted = art_osm_is_way((art_osm_tags){ count, tag }) && way->node_ref_count > 1;
  if (is_wanted != (i >= 0)) ++w->differences;
  if (i < 0) return READOSM_OK;
  ++w->kept_ways;
  const art_osm_way_row *row = &w->store->way[i];
  int32_t kept = 0;
  for (int k = 0; k < way->node_ref_count; ++k) {
    if (k && way->node_refs[k] == way->node_refs[k - 1]) continue;
    if (kept >= row->ref_count || w->store->ref[row->ref_first + kept] != way->node_refs[k]) ++w->differences;
    ++kept;
  }
  if (kept != row->ref_count || count != row->tag_count) ++w->differences;
  const art_osm_tags tags = art_osm_tags_of(w->store, row->tag_first, row->tag_count);
  for (int32_t k = 0; k < count; ++k) {
    const char *value = art_osm_tag_get(tags, tag[k].key);
    if (!value || strcmp(value, tag[k].value) != 0) ++w->differences;
  }
  return READOSM_OK;
}

static int see_relation(const void *user, const readosm_relation *relation)
{
  (void)relation;
  ++((witness *)user)->relations;
  return READOSM_OK;
}

static void an_independent_reader_sees_the_same(void **state)
{
  (void)state;
  static const char *const files[] = { "osm/andorra/andorra.osm.pbf", "osm/monaco/monaco.osm.pbf" };
  const char *data = getenv("ARTERIAL_DATA");
  int found = 0;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", data ? data : ".", files[i]);
    if (access(path, R_OK) != 0) {
      print_message("SKIPPED: %s is not there\n", path);
      continue;
    }
    ++found;
    witness w = { 0 };
    art_osm_store *s = NULL;
    art_error err;
    assert_ok(art_osm_read(path, NULL, &s, &err), err);
    w.store = s;
    const void *handle = NULL;
    assert_int_equal(readosm_open(path, &handle), READOSM_OK);
    assert_int_equal(readosm_parse(handle, &w, see_node, see_way, see_relation), READOSM_OK);
    readosm_close(handle);
    assert_int_equal(w.nodes, s->nodes_read);
    assert_int_equal(w.ways, s->ways_read);
    assert_int_equal(w.relations, s->relations_read);
    assert_int_equal(w.kept_ways, s->way_count);
    assert_int_equal(w.kept_nodes, s->node_count);
    assert_int_equal(w.differences, 0);
    assert_true(s->way_count > 1000);
    art_osm_store_free(s);
  }
  if (!found) skip();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(only_what_moves_traffic_is_kept),
    cmocka_unit_test(every_way_of_writing_reads_the_same),
    cmocka_unit_test(boxes_keep_ways_that_touch_them),
    cmocka_unit_test(a_tight_budget_reads_twice_and_keeps_the_same),
    cmocka_unit_test(members_are_read_where_they_are_wanted),
    cmocka_unit_test(broken_files_are_refused_with_their_place),
    cmocka_unit_test(gzip_is_read_and_damage_is_seen),
    cmocka_unit_test(gzip_of_several_members_is_read),
    cmocka_unit_test(pbf_of_hand_is_read),
    cmocka_unit_test(broken_pbf_is_refused_with_its_place),
    cmocka_unit_test(an_independent_reader_sees_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
