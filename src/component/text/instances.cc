#include "component/text/component_parser.h"

// Instances of core modules and of components.
namespace tenon::component::text {

// component: Explainer.md#instance-definitions (core:instance)
void ComponentParser::core_instance(size_t source) {
  DefName name = def_name();
  ByteWriter out;
  if (in_.take_open("instantiate")) {
    core_instantiate(out);
  } else {
    core_bundle(out);
  }
  in_.expect_close();
  define(Sort::core_instance, Section::core_instance, out, source, name);
}

// Behind `(instantiate`.
void ComponentParser::core_instantiate(ByteWriter& out) {
  out.byte(instance_expr::instantiate);
  out.u32(index_or_reference(Sort::core_module));
  ByteWriter args;
  uint32_t count = 0;
  for (; in_.take_open("with"); ++count) {
    args.name(in_.name());
    size_t source = here();
    uint32_t given = 0;
    if (!in_.take_open("instance")) return unexpected("`(instance`");
    if (in_.peek().is_index()) {
      given = core_reference_in_parens(Sort::core_instance);
    } else {
      ByteWriter exports;
      core_bundle(exports);
      in_.expect_close();
      given = define(Sort::core_instance, Section::core_instance, exports, source);
    }
    in_.expect_close();
    write_core_sort(args, Sort::core_instance);
    args.u32(given);
  }
  in_.expect_close();
  out.u32(count);
  out.bytes(args.view());
}

// component: Explainer.md#instance-definitions (core:inlineexport)
void ComponentParser::core_bundle(ByteWriter& out) {
  ByteWriter exports;
  uint32_t count = 0;
  for (; in_.take_open("export"); ++count) {
    exports.name(in_.name());
    in_.expect_open();
    std::optional<Sort> sort = take_sort(true);
    if (!sort) return;
    uint32_t item = core_reference_in_parens(*sort);
    write_core_sort(exports, *sort);
    exports.u32(item);
    in_.expect_close();
  }
  out.byte(instance_expr::exports);
  out.u32(count);
  out.bytes(exports.view());
}

// component: Explainer.md#instance-definitions (instance)
void ComponentParser::instance(size_t source) {
  DefName name = def_name();
  std::vector<ByteWriter> exports = inline_exports();
  ByteWriter out;
  Section section = Section::instance;
  if (at_short_form("import")) {
    section = Section::import;
    in_.take_open("import");
    extern_name(out);
    in_.expect_close();
    uint32_t used = type_use(Sort::instance);
    extern_bytes(out, Sort::instance);
    out.u32(used);
  } else if (in_.take_open("instantiate")) {
    instantiate(out);
  } else {
    bundle(out);
  }
  in_.expect_close();
  uint32_t made = define(Sort::instance, section, out, source, name);
  add_exports(std::move(exports), Sort::instance, made, source);
}

// Behind `(instantiate`.
void ComponentParser::instantiate(ByteWriter& out) {
  out.byte(instance_expr::instantiate);
  out.u32(index_or_reference(Sort::component));
  ByteWriter args;
  uint32_t count = 0;
  for (; in_.take_open("with"); ++count) {
    args.name(in_.name());
    size_t source = here();
    in_.expect_open();
    SortIndex given{Sort::instance, 0};
    bool is_bundle = in_.at_keyword("instance") && (in_.peek_second().is(Token::Kind::open) ||
                                                    in_.peek_second().is(Token::Kind::close));
    if (is_bundle) {
      in_.take();
      ByteWriter exports;
      bundle(exports);
      in_.expect_close();
      given.index = define(Sort::instance, Section::instance, exports, source);
    } else {
      given = any_reference(true);
    }
    in_.expect_close();
    write_sort(args, given.sort);
    args.u32(given.index);
  }
  in_.expect_close();
  out.u32(count);
  out.bytes(args.view());
}

// component: Explainer.md#instance-definitions (inlineexport)
void ComponentParser::bundle(ByteWriter& out) {
  ByteWriter exports;
  uint32_t count = 0;
  for (; in_.take_open("export"); ++count) {
    extern_name(exports);
    in_.expect_open();
    SortIndex item = any_reference(true);
    in_.expect_close();
    write_sort(exports, item.sort);
    exports.u32(item.index);
  }
  out.byte(instance_expr::exports);
  out.u32(count);
  out.bytes(exports.view());
}

}  // namespace tenon::component::text
