#include "toolchain/binary.h"

#include <fmt/format.h>

#include "base/text.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "toolchain/dump.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/parse_module.h"
#include "wasm/validate/module.h"

namespace tenon::toolchain {

Result<Bytes> to_binary(std::string_view name, Bytes input) {
  if (!wasm::text::is_text(input)) return input;
  std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  return wasm::text::parse_module({name, text});
}

Result<void> validate(std::span<const uint8_t> binary, wasm::Features features) {
  if (component::is_component(binary)) {
    auto decoded = TRY(component::decode(binary, features));
    auto validated = component::validate(decoded, features);
    if (!validated) return std::unexpected(std::move(validated).error());
    return {};
  }
  return wasm::validate_module(TRY(wasm::decode_module(binary, 0, features)), features);
}

namespace {

// With the line of the text that the place in the binary was made of.
Error shown_in_text(const wasm::text::Source& source, Error error) {
  std::vector<wasm::text::SourceMark> marks;
  auto again = wasm::text::parse_module(source, {.marks = &marks});
  auto place =
      again && error.offset() ? wasm::text::source_of(marks, *error.offset()) : std::nullopt;
  if (!place) return error;
  return std::move(error).snippet(wasm::text::error_at(source, *place, "").snippet());
}

Error shown_in_binary(std::string_view name, std::span<const uint8_t> binary, Error error) {
  if (!error.offset()) return error;
  std::string lines = dump_around(binary, *error.offset());
  if (lines.empty()) return error;
  return std::move(error).snippet(
      fmt::format("  --> {}:{:#x}\n{}", printable(name), *error.offset(), lines));
}

}  // namespace

Result<void> validate_file(std::string_view name, const Bytes& input, wasm::Features features) {
  if (!wasm::text::is_text(input)) {
    auto validated = validate(input, features);
    if (validated) return {};
    return std::unexpected(shown_in_binary(name, input, std::move(validated).error()));
  }
  std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  Bytes binary = TRY(to_binary(name, input));
  auto validated = validate(binary, features);
  if (validated) return {};
  return std::unexpected(shown_in_text({name, text}, std::move(validated).error()));
}

Result<std::string> print(std::span<const uint8_t> binary,
                          const wasm::text::PrintOptions& options) {
  if (component::is_component(binary))
    return fail(ErrorCode::unsupported, "components are not printed yet");
  return wasm::text::print_module(binary, options);
}

}  // namespace tenon::toolchain
