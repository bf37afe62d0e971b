#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Why a name finds nothing, in words: which other versions of the interface there are and which
// ones would fit, and what is spelled almost like it. For errors of linkers. Work is bounded: long
// names are not compared.
namespace tenon::component {

// Those of `offered` that are spelled most like `wanted`, if a slip can explain it; at most three.
std::vector<std::string_view> similar_names(std::string_view wanted,
                                            std::span<const std::string_view> offered);

// "0.2.x", "1.x", "0.0.3 alone": the versions that satisfy an import of this interface; empty where
// its name has none.
std::string fitting_versions(std::string_view interface);

// Behind "..., which nothing defines": what there is instead; empty where there is nothing like it.
std::string instead_of_interface(std::string_view wanted,
                                 std::span<const std::string_view> offered);

// Whether something of the same interface is offered, all of it in older versions.
bool is_newer_than_all(std::string_view wanted, std::span<const std::string_view> offered);

// "`a`, `b` and 3 more"; with the backquotes.
std::string listed(std::span<const std::string_view> names, size_t most);

}  // namespace tenon::component
