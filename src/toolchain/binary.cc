#include "toolchain/binary.h"

#include <fmt/format.h>

#include "base/text.h"
#include "component/binary/decode.h"
#include "component/text/print_component.h"
#include "component/validate/validate.h"
#include "toolchain/dump.h"
#include "toolchain/located.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/parse_module.h"
#include "wasm/validate/module.h"

namespace tenon::toolchain {

Result<Bytes> to_binary(std::string_view name, Bytes input,
                        const component::text::ParseOptions& options) {
  if (!wasm::text::is_text(input)) {
    if (component::is_component(input) || wasm::is_core_module(input)) return input;
    return fail(ErrorCode::malformed,
                "neither text nor a binary: it does not begin with a preamble of WebAssembly");
  }
  std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  return component::text::parse({name, text}, options);
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

Error shown_in_binary(std::string_view name, std::span<const uint8_t> binary, Error error) {
  if (!error.offset()) return error;
  std::string lines = dump_around(binary, *error.offset());
  if (lines.empty()) return error;
  return std::move(error).snippet(
      fmt::format("  --> {}:{:#x}\n{}", printable(name), *error.offset(), lines));
}

Result<void> validate_file(std::string_view name, const Bytes& input, wasm::Features features) {
  return with_binary<void>(name, input,
                           [&](const Bytes& binary) { return validate(binary, features); });
}

Result<std::string> print(std::span<const uint8_t> binary,
                          const wasm::text::PrintOptions& options) {
  if (component::is_component(binary)) return component::text::print_component(binary, options);
  return wasm::text::print_module(binary, options);
}

Result<std::string> print_file(std::string_view name, const Bytes& input,
                               const wasm::text::PrintOptions& options) {
  return with_binary<std::string>(name, input,
                                  [&](const Bytes& binary) { return print(binary, options); });
}

}  // namespace tenon::toolchain
