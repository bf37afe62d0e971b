// Integers and loads: a table-driven CRC-32 of sixteen megabytes.
#include "kernel.h"

enum { size = 16 << 20 };
static uint8_t data[size];
static uint32_t table[256];

static uint64_t kernel(void) {
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  for (int i = 0; i < size; ++i) data[i] = (uint8_t)(i * 7 + (i >> 10));
  uint32_t crc = 0xffffffffu;
  for (int i = 0; i < size; ++i) crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}
