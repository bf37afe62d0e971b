// Text to work on: made words in sentences, some of them often, some of them seldom. The same bytes
// on every machine.
#pragma once

#include "kernel.h"

enum { vocabulary = 2000, longest_word = 12 };
static char words[vocabulary][longest_word + 1];

static void make_words(void) {
  static const char* syllables[] = {"ta", "no",  "ri", "sel", "mor", "ka", "in", "ve",
                                    "lu", "dan", "e",  "pos", "tra", "gi", "ob", "un"};
  for (int i = 0; i < vocabulary; ++i) {
    words[i][0] = 0;
    int parts = 1 + (int)(random_u32() % 4);
    for (int j = 0; j < parts; ++j) {
      const char* syllable = syllables[random_u32() % 16];
      if (strlen(words[i]) + strlen(syllable) <= longest_word) strcat(words[i], syllable);
    }
  }
}

// The lower of three numbers: words at the front of the vocabulary are common.
static const char* random_word(void) {
  uint32_t choice = vocabulary;
  for (int i = 0; i < 3; ++i) {
    uint32_t other = random_u32() % vocabulary;
    if (other < choice) choice = other;
  }
  return words[choice];
}

// Fills `size` bytes; the last is 0.
static void make_text(char* text, size_t size) {
  make_words();
  size_t at = 0;
  for (int in_sentence = 0; at + longest_word + 4 < size;) {
    const char* word = random_word();
    size_t length = strlen(word);
    memcpy(text + at, word, length);
    at += length;
    if (++in_sentence > 5 && random_u32() % 8 == 0) {
      in_sentence = 0;
      text[at++] = '.';
      text[at++] = random_u32() % 6 ? ' ' : '\n';
    } else {
      text[at++] = ' ';
    }
  }
  while (at < size) text[at++] = 0;
}

static uint64_t hash_bytes(const void* bytes, size_t size) {
  const unsigned char* byte = (const unsigned char*)bytes;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ byte[i]) * 1099511628211u;
  return hash;
}
