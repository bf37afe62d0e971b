#pragma once

#include <array>
#include <string_view>

#include "wasm/text/cursor.h"
#include "wasm/text/dylink.h"
#include "wasm/text/module_parts.h"
#include "wasm/text/section_names.h"

// Annotations that stand for custom sections.
namespace tenon::wasm::text {

constexpr std::string_view custom_annotation = "custom";
constexpr std::string_view producers_annotation = "producers";
// All that the parser of modules looks at.
constexpr std::array<std::string_view, 5> known_annotations = {
    "name", custom_annotation, producers_annotation, dylink_annotation, branch_hint_section_name};

// wasm: text-customannot. `(@custom "name" (before first)? "bytes"*)`
void parse_custom(Cursor& in, const Annotation& annotation, ModuleParts& parts);
// `(@producers (language "name" "version")* (processed-by ...)* (sdk ...)*)`
void parse_producers(Cursor& in, const Annotation& annotation, ModuleParts& parts);

}  // namespace tenon::wasm::text
