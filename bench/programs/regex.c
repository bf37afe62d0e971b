// Searches a megabyte of text for five regular expressions with PCRE2's interpreter.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "text.h"

enum { size = 1 << 20 };
static char input[size];

static const char* patterns[] = {
    "\\b(\\w+) \\1\\b",
    "(?:sel|mor|tra)[a-z]*(?:in|ve)\\b",
    "\\b[aeiou]\\w{2,5}\\. ",
    "(?:[aeiou][^aeiou .]+){4,}(?=[ .])",
    "(?:(?<=ta)|(?<=no))([a-z]+) (?!no)([a-z]+)",
};

static uint64_t matches_of(const char* pattern) {
  int error;
  PCRE2_SIZE where;
  pcre2_code* code =
      pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &error, &where, NULL);
  if (!code) exit(1);
  pcre2_match_data* data = pcre2_match_data_create_from_pattern(code, NULL);
  uint64_t sum = 0;
  size_t length = strlen(input);
  for (PCRE2_SIZE at = 0; at < length;) {
    if (pcre2_match(code, (PCRE2_SPTR)input, length, at, 0, data, NULL) < 0) break;
    const PCRE2_SIZE* found = pcre2_get_ovector_pointer(data);
    sum = sum * 31 + found[0] * 7 + found[1];
    at = found[1] > at ? found[1] : at + 1;
  }
  pcre2_match_data_free(data);
  pcre2_code_free(code);
  return sum;
}

static uint64_t kernel(void) {
  if (!*input) make_text(input, size);
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; ++i)
    sum = sum * 131 + matches_of(patterns[i]);
  return sum;
}
