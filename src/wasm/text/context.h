#pragma once

#include "wasm/text/cursor.h"
#include "wasm/text/module_parts.h"

// What the parsers of a module's types, instructions and fields share: the tokens, and what is
// known of the module. They hand their failures to the cursor.
namespace tenon::wasm::text {

struct Context {
  Context(Cursor& tokens, ModuleParts& module) : in(tokens), parts(module) {}

  Cursor& in;
  ModuleParts& parts;

  // The name behind an identifier token. For one that stays: it is kept with the module's parts.
  std::string_view kept_name(const Token& id);
  // wasm: text-index. A number, or an identifier of the index space.
  uint32_t index(Space space);
  uint32_t field_index(uint32_t type);
  // The index that follows, or `otherwise` when none does.
  uint32_t optional_index(Space space, uint32_t otherwise = 0) {
    return in.peek().is_index() ? index(space) : otherwise;
  }
  // What an identifier stands for, or null.
  uint32_t* lookup(NameMap& ids, const Token& id);
  void unknown(const Token& id, std::string_view what);

  // wasm: text-nameannot. The identifier, the name annotation behind it, both or neither: nullopt
  // when there is neither. The annotation wins.
  std::optional<std::string_view> optional_name();
  // The same where something of an index space is defined; for the name section.
  void definition_name(Space space, uint32_t index);

 private:
  std::string scratch_;
};

// The contents of a name annotation.
std::optional<std::string> annotated_name(Cursor& in, const Annotation& annotation);

}  // namespace tenon::wasm::text
