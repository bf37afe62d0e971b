#include "toolchain/binary.h"

#include "component/binary/decode.h"
#include "component/validate/validate.h"
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

Result<std::string> print(std::span<const uint8_t> binary,
                          const wasm::text::PrintOptions& options) {
  if (component::is_component(binary))
    return fail(ErrorCode::unsupported, "components are not printed yet");
  return wasm::text::print_module(binary, options);
}

}  // namespace tenon::toolchain
