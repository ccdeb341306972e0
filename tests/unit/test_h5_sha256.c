// SHA-256 against the vectors of FIPS 180-2 (appendix B) and NIST's long message.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/city/city_file.h"
#include "io/h5/sha256.h"

/// Once as the processor does it best, once as any does.
static void expect(const char *text, const char *digest)
{
  for (int is_plain = 0; is_plain < 2; ++is_plain) {
    art_sha256 sha;
    char hex[65];
    art_sha256_begin(&sha);
    if (is_plain) sha.is_quick = 0;
    art_sha256_add(&sha, text, strlen(text));
    art_sha256_end(&sha, hex);
    assert_string_equal(hex, digest);
  }
}

static void published_vectors_hold(void **state)
{
  (void)state;
  expect("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/// A million times "a", added in pieces whose lengths do not divide the block.
static void a_million_letters_in_pieces(void **state)
{
  (void)state;
  char piece[997];
  memset(piece, 'a', sizeof piece);
  art_sha256 sha;
  art_sha256_begin(&sha);
  for (size_t left = 1000000; left;) {
    const size_t part = left < sizeof piece ? left : sizeof piece;
    art_sha256_add(&sha, piece, part);
    left -= part;
  }
  char hex[65];
  art_sha256_end(&sha, hex);
  assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/// Lengths around the end of a block, whole against byte by byte, and the latter without special instructions.
static void splitting_does_not_matter(void **state)
{
  (void)state;
  unsigned char bytes[200];
  for (size_t i = 0; i < sizeof bytes; ++i) bytes[i] = (unsigned char)(i * 7 + 1);
  for (size_t size = 0; size < sizeof bytes; ++size) {
    art_sha256 whole, single;
    char a[65], b[65];
    art_sha256_begin(&whole);
    art_sha256_begin(&single);
    single.is_quick = 0;
    art_sha256_add(&whole, bytes, size);
    for (size_t i = 0; i < size; ++i) art_sha256_add(&single, bytes + i, 1);
    art_sha256_end(&whole, a);
    art_sha256_end(&single, b);
    assert_string_equal(a, b);
  }
}

static void files_are_hashed(void **state)
{
  (void)state;
  const char *path = "test_h5_sha256.txt";
  FILE *file = fopen(path, "wb");
  fputs("abc", file);
  fclose(file);
  char hex[65];
  art_error err = { 0 };
  assert_int_equal(art_file_sha256(path, hex, &err), ART_OK);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  unlink(path);
  assert_int_equal(art_file_sha256(path, hex, &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "No such file"));
  assert_int_equal(art_file_sha256(".", hex, &err), ART_E_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(published_vectors_hold),
    cmocka_unit_test(a_million_letters_in_pieces),
    cmocka_unit_test(splitting_does_not_matter),
    cmocka_unit_test(files_are_hashed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
