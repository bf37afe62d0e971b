#include "component/adapter/adapter.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "wasm/binary/decode_module.h"
#include "wasm/validate/module.h"

namespace tenon::component {
namespace {

// Two guests with a memory and functions of their own; trampolines are numbered as they come.
class FakeImports : public AdapterImports {
 public:
  CoreExport memory(MemoryId id) override {
    return {CoreInstanceId(id.index), wasm::ExternKind::memory, 0};
  }
  uint8_t page_size_log2(MemoryId) override { return 16; }
  CoreDef function(FunctionId id) override {
    return CoreExport{CoreInstanceId(2u), wasm::ExternKind::func, id.index};
  }
  bool tracks_tasks(InstanceId) override { return false; }
  TrampolineId trampoline(Trampoline made) override {
    // Like the planner, one id for each kind and operation.
    auto op = std::holds_alternative<Transcode>(made.kind)
                  ? static_cast<uint32_t>(std::get<Transcode>(made.kind).op) +
                        100 * std::get<Transcode>(made.kind).to.index
                  : 0;
    return TrampolineId(static_cast<uint32_t>(made.kind.index()) * 1000 + op);
  }
};

struct Case {
  ComponentTypes types;
  FuncType func;
  StringEncoding caller = StringEncoding::utf8;
  StringEncoding callee = StringEncoding::utf8;

  ValType add(Type type) {
    Result<TypeId> id = types.intern(std::move(type));
    REQUIRE(id);
    return ValType(*id);
  }
  Result<AdapterModule> build(size_t count = 1) {
    AdapterRequest request;
    request.type = add(func).type();
    request.lower = {InstanceId(1u), caller, MemoryId(0u), FunctionId(0u),
                     std::nullopt,   false,  std::nullopt};
    request.lift = {InstanceId(2u), callee, MemoryId(1u), FunctionId(1u),
                    FunctionId(2u), false,  std::nullopt};
    request.callee = CoreExport{CoreInstanceId(3u), wasm::ExternKind::func, 7};
    request.entered = {InstanceId(2u)};
    FakeImports imports;
    return build_adapters(types, std::vector(count, request), imports);
  }
  // Builds the adapter, which must be a valid module with one argument for each import.
  AdapterModule valid() {
    Result<AdapterModule> module = build();
    REQUIRE(module);
    auto decoded = wasm::decode_module(module->bytes, 0, wasm::Features::adapters());
    REQUIRE(decoded);
    CHECK(decoded->imports.size() == module->args.size());
    auto valid = wasm::validate_module(*decoded, wasm::Features::adapters());
    CHECK_MESSAGE(valid.has_value(), (valid ? "" : valid.error().to_string()));
    return std::move(*module);
  }
};

bool imports_flag(const AdapterModule& module, InstanceFlag flag) {
  for (const CoreDef& def : module.args) {
    auto* found = std::get_if<InstanceFlag>(&def);
    if (found && *found == flag) return true;
  }
  return false;
}

TEST_CASE("every type crosses flat, in memory, and in lists") {
  for (int kind = 0; kind < 26; kind++) {
    for (int form = 0; form < 3; form++) {
      CAPTURE(kind);
      CAPTURE(form);
      Case c;
      ValType record = c.add(
          RecordType{{{"a", Primitive::u8}, {"b", Primitive::f64}, {"c", Primitive::string}}});
      ValType type;
      if (kind < 13) {
        type = static_cast<Primitive>(kind);
      } else {
        switch (kind) {
          case 13: type = record; break;
          case 14:
            type = c.add(VariantType{{{"a", record}, {"b", Primitive::f32}, {"c", std::nullopt}}});
            break;
          case 15: type = c.add(ListType{Primitive::u16}); break;
          case 16: type = c.add(FlagsType{{"a", "b", "c"}}); break;
          case 17: type = c.add(EnumType{{"a", "b"}}); break;
          case 18:
            type = c.add(OptionType{c.add(ResultType{Primitive::s64, Primitive::f32})});
            break;
          case 19: type = c.add(OwnType{ResourceId(0u), {}}); break;
          case 20:
            type = c.add(VariantType{{{"a", Primitive::u8},
                                      {"b", Primitive::s64},
                                      {"c", Primitive::char_},
                                      {"d", Primitive::f32},
                                      {"e", Primitive::f64},
                                      {"f", Primitive::string}}});
            break;
          case 22: type = c.add(FixedListType{record, 2}); break;
          case 23: type = c.add(FixedListType{Primitive::u16, 9}); break;
          case 24: type = c.add(FixedListType{Primitive::char_, 40}); break;
          case 25: type = c.add(MapType{Primitive::string, record, {}}); break;
          case 21: type = c.add(TupleType{{Primitive::bool_, c.add(ListType{record})}}); break;
          default: break;
        }
      }
      ValType passed = form == 2 ? c.add(ListType{type}) : type;
      c.func.params.assign(form == 1 ? 17 : 1, {"p", passed});
      c.func.result = passed;
      AdapterModule module = c.valid();
      CHECK(imports_flag(module, {InstanceId(1u), InstanceFlag::Which::may_leave}));
      CHECK(imports_flag(module, {InstanceId(2u), InstanceFlag::Which::may_enter}));
    }
  }
}

TEST_CASE("strings between all encodings") {
  StringEncoding encodings[] = {StringEncoding::utf8, StringEncoding::utf16,
                                StringEncoding::latin1_utf16};
  for (StringEncoding caller : encodings) {
    for (StringEncoding callee : encodings) {
      Case c;
      c.caller = caller;
      c.callee = callee;
      c.func = {{{"s", Primitive::string}}, Primitive::string};
      c.valid();
    }
  }
}

TEST_CASE("borrowed handles open a call scope") {
  auto has_scope = [](const AdapterModule& module) {
    uint32_t kind = static_cast<uint32_t>(decltype(Trampoline::kind)(EnterCall()).index());
    for (const CoreDef& def : module.args) {
      auto* id = std::get_if<TrampolineId>(&def);
      if (id && id->index == kind * 1000) return true;
    }
    return false;
  };
  Case borrow;
  borrow.func.params = {{"r", borrow.add(BorrowType{ResourceId(0u), {}})}};
  CHECK(has_scope(borrow.valid()));
  Case own;
  own.func.params = {{"r", own.add(OwnType{ResourceId(0u), {}})}};
  CHECK_FALSE(has_scope(own.valid()));
}

TEST_CASE("an adapter that would be too large is an error") {
  Case c;
  ValType type = c.add(VariantType{std::vector<component::Case>(60, {"a", Primitive::u8})});
  for (int i = 0; i < 2; i++)
    type = c.add(VariantType{std::vector<component::Case>(60, {"a", type})});
  c.func.params = {{"p", type}};
  Result<AdapterModule> module = c.build();
  REQUIRE_FALSE(module.has_value());
  CHECK(module.error().code() == ErrorCode::limit);
}

TEST_CASE("adapters that would be too large together are an error") {
  Case c;
  ValType type = c.add(VariantType{std::vector<component::Case>(300, {"a", Primitive::u8})});
  c.func.params = {{"p", c.add(VariantType{std::vector<component::Case>(300, {"a", type})})}};
  REQUIRE(c.build().has_value());
  Result<AdapterModule> module = c.build(limits::max_plan_steps / 90'000 + 1);
  REQUIRE_FALSE(module.has_value());
  CHECK(module.error().code() == ErrorCode::limit);
}

}  // namespace
}  // namespace tenon::component
