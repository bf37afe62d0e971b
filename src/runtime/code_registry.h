#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

// Which code of the process is ours: the one global of the runtime, since a signal handler has
// nothing else to ask. Publishing and withdrawing take a lock; look-ups take none and may run in a
// signal handler.
namespace tenon::runtime {

class LoadedCode;

// `text` stays mapped until it is withdrawn. Engines that share an artifact publish the same text.
Result<void> publish_code(std::span<const uint8_t> text, const LoadedCode& code);
void withdraw_code(const LoadedCode& code);

struct CodeRange {
  const uint8_t* text = nullptr;
  const LoadedCode* code = nullptr;  // null: none of ours
};
// The answer holds as long as something keeps that code loaded; a store keeps what its instances
// run.
CodeRange find_code(const void* pc);

}  // namespace tenon::runtime
