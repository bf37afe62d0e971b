#pragma once

#include "toolchain/binary.h"
#include "wasm/text/parse_module.h"

// Errors about what a file holds, with the place: the line of a text, the bytes of a binary.
namespace tenon::toolchain {

// The error with the bytes around its offset.
Error shown_in_binary(std::string_view name, std::span<const uint8_t> binary, Error error);

// What `use` makes of the binary that `input` is or is the text of; an error shows the place.
template <typename T, typename Use>
Result<T> with_binary(std::string_view name, const Bytes& input, Use use) {
  if (!wasm::text::is_text(input)) {
    Result<T> done = use(input);
    if (done) return done;
    return std::unexpected(shown_in_binary(name, input, std::move(done).error()));
  }
  wasm::text::Source source{name, {reinterpret_cast<const char*>(input.data()), input.size()}};
  Bytes binary = TRY(component::text::parse(source));
  Result<T> done = use(binary);
  if (done) return done;
  return std::unexpected(component::text::shown_in_text(source, std::move(done).error()));
}

}  // namespace tenon::toolchain
