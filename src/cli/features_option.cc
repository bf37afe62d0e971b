#include "cli/features_option.h"

#include "wasm/feature_list.h"

namespace tenon::cli {

Flag features_flag(std::string names, wasm::Features& features) {
  constexpr size_t help_width = 70;
  return {std::move(names), "LIST",
          "features to turn on, or off with a `-` before the name:\n" +
              wasm::feature_list_names(help_width),
          [&features](std::string_view list) { return wasm::apply_feature_list(list, features); }};
}

}  // namespace tenon::cli
