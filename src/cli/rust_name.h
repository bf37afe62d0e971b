#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::cli {

// A name as the Rust compiler mangles it (`_RNvC5hello4main`, its "v0" scheme) in the form that a
// programmer wrote it (`hello::main`): without hashes of crates and without lifetimes. Nothing
// where it is no such name, or one that is longer than anybody would read.
std::optional<std::string> readable_rust_name(std::string_view mangled);

}  // namespace tenon::cli
