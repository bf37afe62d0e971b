#include "component/plan/plan.h"

#include <doctest/doctest.h>

#include "base/archive.h"
#include "base/limits.h"
#include "component/binary/decode.h"
#include "component/plan/build.h"
#include "component/plan/dump.h"
#include "component/testing/builder.h"
#include "component/validate/validate.h"

namespace tenon::component {
namespace {

using namespace testing;

constexpr auto i32 = wasm::ValType::i32;

Result<Plan> plan_of(const Bytes& bytes, const PlanOptions& options = {}) {
  auto decoded = decode(bytes);
  if (!decoded) return std::unexpected(decoded.error());
  auto validated = validate(*decoded);
  if (!validated) return std::unexpected(validated.error());
  return build_plan(*decoded, *validated, options);
}

std::string dump_of(const Bytes& bytes, const PlanOptions& options = {}) {
  auto plan = plan_of(bytes, options);
  if (!plan) return plan.error().to_string();
  return dump(*plan);
}

// Exports "f": func(s: string) from its own memory.
Bytes string_taker() {
  return ComponentBuilder()
      .core_module(guest_module({{{i32, i32}, {}}}))
      .core_instantiate(0)
      .alias_core(core_memory, 0, "mem")
      .alias_core(core_func, 0, "realloc")
      .alias_core(core_func, 0, "f0")
      .type(func({field("s", string)}))
      .lift(1, 0, {memory_option(0), realloc_option(0)})
      .export_("f", func_sort, 0)
      .finish();
}

TEST_CASE("a component without imports") {
  CHECK(dump_of(string_taker()) ==
        "instance 0\n"
        "module 0 at 0xa, 69 bytes\n"
        "core 0 = instance 0 module 0 ()\n"
        "memory 0 = core 0 memory 0\n"
        "function 0 = core 0 func 0\n"
        "export \"f\": func(s: string) = core 0 func 1 instance 0 utf8 memory 0 realloc 0: (i32 "
        "i32) -> ()\n");
}

TEST_CASE("imports and resources") {
  Bytes bytes = ComponentBuilder()
                    .type(instance_type({export_decl("r", sub_resource), type_decl(borrow(0)),
                                         type_decl(func({field("self", u32(1))})),
                                         export_decl("[method]r.m", func_desc(2))}))
                    .import("a:b/c@0.2.1", instance_desc(0))
                    .alias_export(func_sort, 0, "[method]r.m")
                    .alias_export(type_sort, 0, "r")
                    .lower(0)
                    .resource_drop(1)
                    .type(resource)
                    .resource_new(2)
                    .export_("own", type_sort, 2)
                    .finish();
  CHECK(dump_of(bytes) ==
        "instance 0\n"
        "resource 0 \"r\" imported\n"
        "resource 1 \"own\" defined by instance 0\n"
        "import instance \"a:b/c@0.2.1\"\n"
        "import resource \"a:b/c@0.2.1\" \"r\" = 0\n"
        "import 0 \"a:b/c@0.2.1\" \"[method]r.m\": func(self: borrow<0>)\n"
        "trampoline 0 lower import 0 instance 0 utf8: (i32) -> ()\n"
        "trampoline 1 resource.drop resource 0 instance 0: (i32) -> ()\n"
        "trampoline 2 resource.new resource 1 instance 0: (i32) -> (i32)\n"
        "export \"own\": resource 1\n");
}

// A root that gives `f` of one child to another, which lowers it and calls it from a core module.
Bytes caller_and_callee() {
  wasm::ModuleBuilder core;
  core.import_function("env", "f", core.type({i32, i32}, {}));
  Bytes caller = ComponentBuilder()
                     .core_module(guest_module({}))
                     .core_instantiate(0)
                     .alias_core(core_memory, 0, "mem")
                     .type(func({field("s", string)}))
                     .import("f", func_desc(0))
                     .lower(0, {memory_option(0)})
                     .core_exports({{"f", core_func, 0}})
                     .core_module(core.finish())
                     .core_instantiate(1, {{"env", 1}})
                     .finish();
  return ComponentBuilder()
      .component(string_taker())
      .component(caller)
      .instantiate(0)
      .alias_export(func_sort, 0, "f")
      .instantiate(1, {{"f", func_sort, 0}})
      .finish();
}

TEST_CASE("a call between children becomes an adapter module") {
  CHECK(dump_of(caller_and_callee()) ==
        "instance 0\n"
        "instance 1 in 0\n"
        "instance 2 in 0\n"
        "module 0 at 0x15, 69 bytes\n"
        "module 1 at 0xb0, 54 bytes\n"
        "module 2 adapters\n"
        "module 3 at 0x11d, 27 bytes\n"
        "trampoline 0 trap: (i32) -> ()\n"
        "trampoline 1 transcode utf8-to-utf8 memory 1 to 0: (i32 i32 i32) -> ()\n"
        "core 0 = instance 1 module 0 ()\n"
        "memory 0 = core 0 memory 0\n"
        "function 0 = core 0 func 0\n"
        "core 1 = instance 2 module 1 ()\n"
        "memory 1 = core 1 memory 0\n"
        "core 2 = instance 1 module 2 (trampoline 0, core 0 func 0, trampoline 1, core 0 func 1, "
        "core 1 memory 0, "
        "core 0 memory 0, instance 2 may-leave, instance 1 may-leave)\n"
        "core 3 = instance 2 module 3 (core 2 func 4)\n");
}

// Only a parent that lowers functions of its own can bring a call back into a child.
TEST_CASE("children are guarded against re-entrance where their parent calls") {
  auto flags = [](bool parent_lowers) {
    ComponentBuilder builder;
    builder.component(string_taker()).instantiate(0).alias_export(func_sort, 0, "f");
    builder.core_module(guest_module({})).core_instantiate(0).alias_core(core_memory, 0, "mem");
    if (parent_lowers) builder.lower(0, {memory_option(0)});
    wasm::ModuleBuilder core;
    core.import_function("env", "f", core.type({i32, i32}, {}));
    if (parent_lowers) {
      builder.core_exports({{"f", core_func, 0}}).core_module(core.finish());
      builder.core_instantiate(1, {{"env", 1}});
    }
    std::string text = dump_of(builder.finish(), {.calls_between_relatives = true});
    return text.find("instance 1 may-enter") != std::string::npos;
  };
  CHECK(flags(true));
  CHECK_FALSE(flags(false));
}

TEST_CASE("long names that multiply meet a limit") {
  std::string long_name(50'000, 'a');
  Bytes component = ComponentBuilder().type(list(u8)).export_(long_name, type_sort, 0).finish();
  for (int level = 0; level < 3; level++) {
    ComponentBuilder builder;
    builder.component(component);
    for (int i = 0; i < 20; i++) builder.instantiate(0);
    component = builder.finish();
  }
  auto plan = plan_of(component);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code() == ErrorCode::limit);
}

TEST_CASE("an archive gives the plan back") {
  auto plan = plan_of(caller_and_callee());
  REQUIRE(plan);
  ArchiveWriter writer;
  writer(*plan);
  std::vector<uint8_t> bytes = std::move(writer).take();
  Plan copy;
  ArchiveReader reader(bytes);
  reader(copy);
  REQUIRE(reader.ok());
  CHECK(dump(copy) == dump(*plan));
  CHECK(copy.modules[ModuleId(2u)].bytes == plan->modules[ModuleId(2u)].bytes);
}

TEST_CASE("what is valid and not built yet is refused by name") {
  Bytes importer = ComponentBuilder().type({0x41, 0x00}).import("c", {0x04, 0x00}).finish();
  auto plan = plan_of(importer);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code() == ErrorCode::unsupported);
  CHECK(plan.error().message().find("`c`") != std::string::npos);
  auto wide = plan_of(ComponentBuilder().type({0x3f, 0x7e, 0x00}).resource_new(0).finish());
  REQUIRE_FALSE(wide.has_value());
  CHECK(wide.error().code() == ErrorCode::unsupported);
}

TEST_CASE("instances that multiply meet a limit") {
  Bytes component = ComponentBuilder().finish();
  for (int level = 0; level < 8; level++) {
    ComponentBuilder builder;
    builder.component(component);
    for (int i = 0; i < 10; i++) builder.instantiate(0);
    component = builder.finish();
  }
  auto plan = plan_of(component);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code() == ErrorCode::limit);
}

}  // namespace
}  // namespace tenon::component
