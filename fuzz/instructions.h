#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/random.h"
#include "wasm/binary/byte_writer.h"
#include "wasm/binary/reader.h"

// Instructions as pieces of a body that can be moved, replaced and made up.
namespace tenon::fuzz {

// Where each instruction of a body starts, and behind the last of them where it ends; empty for a
// body that does not follow the format.
std::vector<uint32_t> instruction_starts(std::span<const uint8_t> body);

// Another instruction with the same immediates: mostly one of the same type, too.
wasm::Opcode similar(wasm::Opcode opcode, Random& random);

// Any instruction, with immediates of mostly small numbers.
void write_any(wasm::ByteWriter& out, Random& random);
// Instructions that leave the operand stack as it was.
void write_neutral(wasm::ByteWriter& out, Random& random);
// A number that is likely to be a border of something.
uint64_t interesting(Random& random);

}  // namespace tenon::fuzz
