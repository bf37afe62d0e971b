#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/text/parse_component.h"
#include "wasm/features.h"
#include "wasm/text/print_module.h"

// What the commands from file to file do with one module or component. In go bytes, as a file holds
// them, and the name by which messages call it; where a binary is wanted, a text stands for it.
// What can fail is the input.
namespace tenon::toolchain {

using Bytes = std::vector<uint8_t>;

// The binary that `input` is, or is the text of.
Result<Bytes> to_binary(std::string_view name, Bytes input,
                        const component::text::ParseOptions& options = {});

// Whether `binary` is valid, with these features: all of it, function bodies included.
Result<void> validate(std::span<const uint8_t> binary, wasm::Features features);
// The same for what a file holds. An error shows the place: the line of a text, the bytes of a
// binary.
Result<void> validate_file(std::string_view name, const Bytes& input, wasm::Features features);

// The text of a core module or a component; of what a file holds with errors like those of
// validate_file.
Result<std::string> print(std::span<const uint8_t> binary, const wasm::text::PrintOptions& options);
Result<std::string> print_file(std::string_view name, const Bytes& input,
                               const wasm::text::PrintOptions& options);

}  // namespace tenon::toolchain
