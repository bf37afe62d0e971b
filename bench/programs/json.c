// Parses, sums up and writes three megabytes of JSON with yyjson, eight times.
#include <yyjson.h>

#include "text.h"

enum { size = 3 << 20, times = 8 };
static char input[size];

static size_t make_json(void) {
  make_words();
  size_t at = (size_t)sprintf(input, "[");
  for (int id = 0; at + 600 < size; ++id) {
    at += (size_t)sprintf(
        input + at, "%s{\"id\":%d,\"name\":\"%s %s\",\"ratio\":%u.%03ue-2,\"active\":%s,\"tags\":[",
        id ? ",\n  " : "", id, random_word(), random_word(), random_u32() % 1000,
        random_u32() % 1000, random_u32() % 2 ? "true" : "false");
    uint32_t tags = random_u32() % 8;
    for (uint32_t i = 0; i < tags; ++i)
      at += (size_t)sprintf(input + at, "%s\"%s\\n\"", i ? ", " : "", random_word());
    at += (size_t)sprintf(input + at, "],\"at\":{\"x\":%d,\"y\":-%u,\"none\":null}}", id * 7,
                          random_u32());
  }
  at += (size_t)sprintf(input + at, "]");
  return at;
}

static uint64_t sum_of(yyjson_val* value) {
  uint64_t sum = yyjson_get_tag(value);
  if (yyjson_is_num(value)) return sum + (uint64_t)(int64_t)(yyjson_get_num(value) * 16);
  if (yyjson_is_str(value)) return sum + yyjson_get_len(value);
  size_t i, n;
  yyjson_val *key, *item;
  if (yyjson_is_arr(value)) {
    yyjson_arr_foreach(value, i, n, item) sum = sum * 3 + sum_of(item);
  } else if (yyjson_is_obj(value)) {
    yyjson_obj_foreach(value, i, n, key, item) sum = sum * 5 + yyjson_get_len(key) + sum_of(item);
  }
  return sum;
}

static uint64_t kernel(void) {
  static size_t length;
  if (!length) length = make_json();
  uint64_t sum = 0;
  for (int i = 0; i < times; ++i) {
    yyjson_doc* document = yyjson_read(input, length, 0);
    if (!document) exit(1);
    sum += sum_of(yyjson_doc_get_root(document));
    size_t written;
    char* text = yyjson_write(document, YYJSON_WRITE_PRETTY, &written);
    sum += written;
    free(text);
    yyjson_doc_free(document);
  }
  return sum;
}
