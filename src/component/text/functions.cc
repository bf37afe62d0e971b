#include <fmt/format.h>

#include <algorithm>

#include "component/builtins.h"
#include "component/text/component_parser.h"
#include "component/text/words.h"
#include "wasm/binary/encode_types.h"
#include "wasm/text/type_parser.h"

// Functions: imported, aliased, lifted, lowered, built in.
namespace tenon::component::text {

namespace {

constexpr uint8_t lift_opcode = 0x00;
constexpr uint8_t lower_opcode = 0x01;
constexpr uint8_t func_sort = 0x00;

}  // namespace

// `(func $id? (export "x")* ...)`
void ComponentParser::func(size_t source) {
  DefName name = def_name();
  std::vector<ByteWriter> exports = inline_exports();
  uint32_t made = 0;
  if (at_short_form("import")) {
    in_.take_open("import");
    ByteWriter out;
    extern_name(out);
    in_.expect_close();
    uint32_t used = type_use(Sort::func);
    extern_bytes(out, Sort::func);
    out.u32(used);
    made = define(Sort::func, Section::import, out, source, name);
  } else if (in_.take_open("alias")) {
    in_.expect_keyword("export");
    uint32_t instance = index(Sort::instance);
    std::string item = in_.name();
    in_.expect_close();
    made = alias_export(Sort::func, instance, item, source, name);
  } else {
    uint32_t used = type_use(Sort::func);
    if (!in_.take_open("canon")) return unexpected("`(canon lift`");
    in_.expect_keyword("lift");
    ByteWriter out;
    lift_options(out);
    in_.expect_close();
    out.u32(used);
    made = define(Sort::func, Section::canon, out, source, name);
  }
  in_.expect_close();
  add_exports(std::move(exports), Sort::func, made, source);
}

// `(core func $id? (canon ...))` or `(core func $id? (alias core export $i "f"))`
void ComponentParser::core_func(size_t source) {
  DefName name = def_name();
  if (in_.take_open("alias")) {
    in_.expect_keyword("core");
    in_.expect_keyword("export");
    uint32_t instance = index(Sort::core_instance);
    std::string item = in_.name();
    in_.expect_close();
    alias_core_export(Sort::core_func, instance, item, source, name);
    return in_.expect_close();
  }
  if (!in_.take_open("canon")) return unexpected("`(canon` or `(alias`");
  ByteWriter out;
  if (!core_canon(out)) return unexpected("`lower` or a canonical built-in");
  in_.expect_close();
  in_.expect_close();
  define(Sort::core_func, Section::canon, out, source, name);
}

// component: Explainer.md#canonical-definitions
void ComponentParser::canon(size_t source) {
  ByteWriter out;
  if (in_.take_keyword("lift")) {
    lift_options(out);
    if (!in_.take_open("func")) return unexpected("a canonical option or `(func`");
    DefName name = def_name();
    out.u32(type_use(Sort::func));
    in_.expect_close();
    in_.expect_close();
    define(Sort::func, Section::canon, out, source, name);
    return;
  }
  if (!core_canon(out)) return unexpected("`lift`, `lower` or a canonical built-in");
  if (!in_.take_open("core")) return unexpected("`(core func`");
  in_.expect_keyword("func");
  DefName name = def_name();
  in_.expect_close();
  in_.expect_close();
  define(Sort::core_func, Section::canon, out, source, name);
}

// Behind `lift`: what is lifted, and how. The type follows.
void ComponentParser::lift_options(ByteWriter& out) {
  out.byte(lift_opcode);
  out.byte(func_sort);
  if (!options_.lenient_indices && !in_.at_open("core")) return unexpected("`(core func`");
  out.u32(core_reference(Sort::core_func));
  canon_options(out);
}

// Behind `canon`; false when it is none of these.
bool ComponentParser::core_canon(ByteWriter& out) {
  if (!in_.take_keyword("lower")) return builtin(out);
  out.byte(lower_opcode);
  out.byte(func_sort);
  if (!in_.at_open("func")) {
    unexpected("`(func`");
    return true;
  }
  out.u32(index_or_reference(Sort::func));
  canon_options(out);
  return true;
}

// component: Binary.md#canonical-definitions (opts)
void ComponentParser::canon_options(ByteWriter& out) {
  ByteWriter options;
  uint32_t count = 0;
  while (in_.ok() && canon_option(options)) ++count;
  out.u32(count);
  out.bytes(options.view());
}

// False when none follows.
bool ComponentParser::canon_option(ByteWriter& out) {
  for (const CanonOptionWord& option : canon_option_words) {
    if (!option.sort) {
      if (!in_.take_keyword(option.word)) continue;
      out.byte(option.code);
      return true;
    }
    if (!in_.take_open(option.word)) continue;
    uint32_t given = core_option(*option.sort);
    out.byte(option.code);
    out.u32(given);
    return true;
  }
  return false;
}

// A built-in of builtins.def with its immediates; false when it is none.
bool ComponentParser::builtin(ByteWriter& out) {
  if (!in_.at(Token::Kind::keyword)) return false;
  std::optional<Builtin> known = builtin_of(in_.peek().text);
  if (!known) return false;
  in_.take();
  const BuiltinInfo& info = info_of(*known);
  out.byte(info.opcode);
  for (char kind : info.immediates) immediate(out, kind);
  return true;
}

void ComponentParser::immediate(ByteWriter& out, char kind) {
  switch (kind) {
    case 't': return out.u32(index_or_reference(Sort::type));
    case 'c': return out.u32(core_reference(Sort::core_type));
    case 'T': return out.u32(core_reference(Sort::core_table));
    case 'm':
      if (!in_.take_open("memory")) return unexpected("`(memory`");
      return out.u32(core_option(Sort::core_memory));
    case 'r': return result_list(out);
    case 'o': return canon_options(out);
    case 'a': return out.byte(in_.take_keyword("async") ? 1 : 0);
    case 'C': return out.byte(in_.take_keyword("cancellable") ? 1 : 0);
    case 's': return out.byte(in_.take_keyword("shared") ? 1 : 0);
    case 'v': {
      wasm::text::Context context = core_context();
      return wasm::write_val_type(out, wasm::text::parse_val_type(context));
    }
    case 'i': return out.u32(in_.u32());
    default: CHECK(false);
  }
}

}  // namespace tenon::component::text
