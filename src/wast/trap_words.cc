#include "wast/trap_words.h"

namespace tenon::wast {
namespace {

// The same trap in Wasmtime's words, or in how they begin, and in ours.
struct Words {
  std::string_view theirs;
  std::string_view ours;
};

constexpr Words other_words[] = {
    {"wasm `unreachable` instruction executed", "unreachable"},
    {"uninitialized", "the function of a thread is null"},
    {"undefined element", "out of bounds table access"},
    {"out of bounds", "undefined element"},
    {"null reference", "null function reference"},
    {"null reference", "null structure reference"},
    {"null reference", "null array reference"},
    {"null reference", "null i31 reference"},
    {"allocation size too large", "GC heap out of memory"},
    {"thrown Wasm exception", "uncaught exception"},
    {"uncaught exception propagated out of component", "uncaught exception"},
    {"atomic wait on non-shared memory", "expected shared memory"},
    {"string pointer not aligned to", "unaligned pointer"},
    {"string content out-of-bounds", "string byte length exceeds the maximum"},
    {"discriminant ", "invalid variant discriminant"},
    {"invalid debug message pointer", "the pointer to a string is out of bounds of memory"},
    {"backpressure counter overflow", "backpressure counter underflow"},
    {"stream read/write count too large", "the buffer of a copy is too long"},
    {"cannot read from and write to intra-component future/stream with non-numeric payload",
     "with a payload that is not a number"},
    {"cannot read after being notified that the writable end dropped",
     "after being notified that the writable end dropped"},
    {"cannot write after being notified that the readable end dropped",
     "after being notified that the readable end dropped"},
    {"cannot write after being notified that the readable end dropped",
     "cannot write to future after previous write succeeded or readable end dropped"},
};

}  // namespace

bool is_expected_trap(std::string_view reason, std::string_view expected) {
  constexpr std::string_view prefix = "wasm trap: ";
  if (expected.starts_with(prefix)) expected.remove_prefix(prefix.size());
  if (reason.contains(expected)) return true;
  for (const Words& words : other_words)
    if (expected.starts_with(words.theirs) && reason.contains(words.ours)) return true;
  return false;
}

}  // namespace tenon::wast
