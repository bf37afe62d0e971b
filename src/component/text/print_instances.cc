#include "component/binary/codes.h"
#include "component/binary/sorts.h"
#include "component/builtins.h"
#include "component/text/component_printer.h"

// Instances and canonical definitions as text.
namespace tenon::component::text {

// Each item in parentheses on a line of its own; what follows stands on the next.
template <typename Item, typename Put>
void ComponentPrinter::on_lines(std::string_view word, const std::vector<Item>& items, Put&& put) {
  to_.indent();
  for (const Item& item : items) {
    to_.line_without_offset();
    to_.put("(");
    to_.put(word);
    to_.put(" ");
    put(item);
    to_.put(")");
  }
  to_.outdent();
  if (!items.empty()) to_.line_without_offset();
}

template <typename Arg, typename Put>
void ComponentPrinter::instantiation(Sort sort, uint32_t target, const std::vector<Arg>& args,
                                     Put&& put) {
  to_.indent();
  to_.put(" (instantiate ");
  index(sort, target);
  on_lines("with", args, put);
  to_.put(")");
  to_.outdent();
  if (!args.empty()) to_.line_without_offset();
}

Result<void> ComponentPrinter::item(const CoreInstanceDef& def) {
  to_.put("(core instance");
  define(Sort::core_instance);
  // What is instantiated comes before the instance.
  --scope().next[static_cast<size_t>(Sort::core_instance)];
  if (const auto* instantiate = std::get_if<CoreInstantiate>(&def.expr)) {
    instantiation(Sort::core_module, instantiate->module, instantiate->args,
                  [&](const CoreInstantiateArg& arg) {
                    quoted(arg.name);
                    to_.put(" ");
                    reference({Sort::core_instance, arg.instance}, false);
                  });
  } else {
    on_lines("export", std::get<std::vector<CoreInlineExport>>(def.expr),
             [&](const CoreInlineExport& item) {
               quoted(item.name);
               to_.put(" ");
               reference(item.item, false);
             });
  }
  ++scope().next[static_cast<size_t>(Sort::core_instance)];
  to_.put(")");
  return {};
}

Result<void> ComponentPrinter::item(const InstanceDef& def) {
  to_.put("(instance");
  define(Sort::instance);
  --scope().next[static_cast<size_t>(Sort::instance)];
  if (const auto* instantiate = std::get_if<Instantiate>(&def.expr)) {
    instantiation(Sort::component, instantiate->component, instantiate->args,
                  [&](const InstantiateArg& arg) {
                    quoted(arg.name);
                    to_.put(" ");
                    reference(arg.item);
                  });
  } else {
    on_lines("export", std::get<std::vector<InlineExport>>(def.expr),
             [&](const InlineExport& item) {
               extern_name(item.name);
               to_.put(" ");
               reference(item.item);
             });
  }
  ++scope().next[static_cast<size_t>(Sort::instance)];
  to_.put(")");
  return {};
}

Result<void> ComponentPrinter::item(const CanonDef& def) {
  constexpr uint8_t lift = 0x00;
  constexpr uint8_t lower = 0x01;
  wasm::Reader in(bytes_.subspan(offset_), offset_, options_.features);
  uint8_t opcode = in.byte();
  if (const auto* lifted = std::get_if<CanonLift>(&def.canon)) {
    CHECK(opcode == lift);
    to_.put("(func");
    define(Sort::func);
    to_.put(" (type ");
    index(Sort::type, lifted->type);
    to_.put(") (canon lift ");
    in.byte();
    reference({Sort::core_func, in.u32()});
    canon_options(in);
    to_.put("))");
    return {};
  }
  to_.put("(core func");
  define(Sort::core_func);
  --scope().next[static_cast<size_t>(Sort::core_func)];
  to_.put(" (canon ");
  if (opcode == lower) {
    in.byte();
    to_.put("lower ");
    reference({Sort::func, in.u32()});
    canon_options(in);
  } else {
    const BuiltinInfo& known = info_of(std::get<CanonBuiltin>(def.canon).builtin);
    to_.put(known.name);
    for (char kind : known.immediates) immediate(in, kind);
  }
  ++scope().next[static_cast<size_t>(Sort::core_func)];
  to_.put("))");
  return {};
}

// The bytes have been decoded before.
void ComponentPrinter::canon_options(wasm::Reader& in) {
  uint32_t n = in.u32();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint8_t code = in.byte();
    CHECK(code < std::size(canon_option_words));
    const CanonOptionWord& option = canon_option_words[code];
    to_.put(option.sort ? " (" : " ");
    to_.put(option.word);
    if (!option.sort) continue;
    to_.put(" ");
    index(*option.sort, in.u32());
    to_.put(")");
  }
}

void ComponentPrinter::immediate(wasm::Reader& in, char kind) {
  auto put_index = [&](Sort sort) {
    to_.put(" ");
    index(sort, in.u32());
  };
  auto put_word = [&](std::string_view word) {
    if (in.byte() == 0) return;
    to_.put(" ");
    to_.put(word);
  };
  switch (kind) {
    case 't': return put_index(Sort::type);
    case 'c': return put_index(Sort::core_type);
    case 'T': return put_index(Sort::core_table);
    case 'm':
      to_.put(" (memory");
      put_index(Sort::core_memory);
      return to_.put(")");
    case 'r':
      if (in.byte() != 0) {
        in.byte();
        return;
      }
      to_.put(" (result ");
      val_type(in);
      return to_.put(")");
    case 'o': return canon_options(in);
    case 'a': return put_word("async");
    case 'C': return put_word("cancellable");
    case 's': return put_word("shared");
    case 'v': to_.put(" "); return to_.val_type(in.val_type());
    case 'i': to_.put(" "); return to_.number(in.u32());
    default: CHECK(false);
  }
}

void ComponentPrinter::val_type(wasm::Reader& in) {
  int64_t code = in.s33();
  if (code >= 0) return index(Sort::type, static_cast<uint32_t>(code));
  if (auto primitive = primitive_of(static_cast<uint8_t>(code & 0x7f)))
    to_.put(name_of(*primitive));
}

}  // namespace tenon::component::text
