#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

// A listing of a module or component, byte by byte: what each item of the format is, with its
// offset and its bytes, those of nested modules and components included. Only contents of data
// segments and of custom sections that are not known are left out. Nothing but the format is
// checked, and every feature is on. Where the bytes do not follow the format the listing ends, and
// the status says why.
namespace tenon::toolchain {

struct Dump {
  std::string text;
  Result<void> status;
};
Dump dump(std::span<const uint8_t> binary);

// The lines of it around an offset, that of the offset marked; without a final newline. Empty where
// nothing is listed there.
std::string dump_around(std::span<const uint8_t> binary, uint64_t offset);

}  // namespace tenon::toolchain
