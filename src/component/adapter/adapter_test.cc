#include "component/adapter/adapter.h"

#include <doctest/doctest.h>

#include <algorithm>

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
  wasm::MemoryType memory_type(MemoryId id) override {
    wasm::MemoryType type;
    type.limits.is_64 = is_64[id.index];
    return type;
  }
  CoreDef function(FunctionId id) override {
    return CoreExport{CoreInstanceId(2u), wasm::ExternKind::func, id.index};
  }
  bool tracks_tasks(InstanceId) override { return false; }
  bool is_64[2] = {};  // of the caller's memory and of the callee's
  TrampolineId trampoline(Trampoline made) override {
    // Like the planner, one id for each kind and operation.
    uint32_t op = 0;
    if (auto* transcode = std::get_if<Transcode>(&made.kind))
      op = static_cast<uint32_t>(transcode->op) + 100 * transcode->to.index;
    if (auto* transfer = std::get_if<TransferBorrow>(&made.kind)) op = transfer->enters_call;
    return TrampolineId(static_cast<uint32_t>(made.kind.index()) * 1000 + op);
  }
};

struct Case {
  ComponentTypes types;
  FuncType func;
  StringEncoding caller = StringEncoding::utf8;
  StringEncoding callee = StringEncoding::utf8;
  FlatType lower_pointer = FlatType::i32;
  FlatType lift_pointer = FlatType::i32;

  // One of four pairs.
  void set_address_types(int number) {
    if (number & 1) lower_pointer = FlatType::i64;
    if (number & 2) lift_pointer = FlatType::i64;
  }
  ValType add(Type type) {
    Result<TypeId> id = types.intern(std::move(type));
    REQUIRE(id);
    return ValType(*id);
  }
  Result<AdapterModule> build(size_t count = 1) {
    AdapterRequest request;
    request.type = add(func).type();
    request.lower.instance = InstanceId(1u);
    request.lower.string_encoding = caller;
    request.lower.memory = MemoryId(0u);
    request.lower.pointer = lower_pointer;
    request.lower.realloc = FunctionId(0u);
    request.lift.instance = InstanceId(2u);
    request.lift.string_encoding = callee;
    request.lift.memory = MemoryId(1u);
    request.lift.pointer = lift_pointer;
    request.lift.realloc = FunctionId(1u);
    request.lift.post_return = FunctionId(2u);
    request.callee = CoreExport{CoreInstanceId(3u), wasm::ExternKind::func, 7};
    request.entered = {InstanceId(2u)};
    FakeImports imports;
    imports.is_64[0] = lower_pointer == FlatType::i64;
    imports.is_64[1] = lift_pointer == FlatType::i64;
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

TEST_CASE(
    "every type crosses flat, in memory, and in lists, between memories of any address type") {
  for (int kind = 0; kind < 26; kind++) {
    for (int form = 0; form < 12; form++) {
      CAPTURE(kind);
      CAPTURE(form);
      Case c;
      c.set_address_types(form / 3);
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
      ValType passed = form % 3 == 2 ? c.add(ListType{type}) : type;
      c.func.params.assign(form % 3 == 1 ? 17 : 1, {"p", passed});
      c.func.result = passed;
      AdapterModule module = c.valid();
      CHECK(imports_flag(module, {InstanceId(1u), InstanceFlag::Which::may_leave}));
      CHECK(imports_flag(module, {InstanceId(2u), InstanceFlag::Which::may_enter}));
    }
  }
}

TEST_CASE("strings between all encodings, and memories of any address type") {
  for (int form = 0; form < 3 * 3 * 4; form++) {
    Case c;
    c.caller = static_cast<StringEncoding>(form % 3);
    c.callee = static_cast<StringEncoding>(form / 3 % 3);
    c.set_address_types(form / 9);
    c.func = {{{"s", Primitive::string}}, Primitive::string};
    c.valid();
  }
}

TEST_CASE("borrowed handles open a call scope") {
  auto imports = [](const AdapterModule& module, decltype(Trampoline::kind) kind) {
    TrampolineId wanted = FakeImports().trampoline({{}, kind});
    return std::ranges::find(module.args, CoreDef(wanted)) != module.args.end();
  };
  TransferBorrow later, first;
  first.enters_call = true;
  auto check = [&](const std::vector<ValType>& params, Case& c, bool enters,
                   bool enters_with_first) {
    for (ValType type : params) c.func.params.push_back({"p", type});
    AdapterModule module = c.valid();
    CHECK(imports(module, EnterCall()) == enters);
    CHECK(imports(module, first) == enters_with_first);
    CHECK(imports(module, ExitCall()) == (enters || enters_with_first));
    return imports(module, later);
  };
  Case c[4];
  ValType borrow = c[0].add(BorrowType{ResourceId(0u), {}});
  CHECK_FALSE(check({borrow}, c[0], false, true));
  c[1].add(BorrowType{ResourceId(0u), {}});
  CHECK(check({borrow, borrow}, c[1], false, true));
  c[2].add(BorrowType{ResourceId(0u), {}});
  CHECK(check({Primitive::u32, borrow}, c[2], true, false));
  CHECK_FALSE(check({c[3].add(OwnType{ResourceId(0u), {}})}, c[3], false, false));
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
