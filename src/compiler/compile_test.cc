#include "compiler/compile.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "compiler/artifact/artifact.h"
#include "compiler/memory_image.h"
#include "compiler/test_tier.h"
#include "wasm/binary/decode_module.h"
#include "wasm/binary/encode.h"

namespace tenon::compiler {
namespace {

using namespace wasm;

// `bodies` functions of about `size` bytes each.
std::vector<uint8_t> sample(uint32_t bodies, uint32_t size = 20) {
  ModuleBuilder module;
  TypeIndex type = module.type({}, {ValType::i32});
  module.import_function("env", "f", type);
  MemoryIndex memory = module.memory({{2, 0, false, false}, false, 16});
  const std::vector<uint8_t> hello = {'h', 'i'};
  module.active_data(memory, const_i32(65536), hello);
  module.passive_data(hello);
  std::vector<FuncIndex> functions;
  for (uint32_t i = 0; i < bodies; i++) {
    FuncIndex f = module.function(type, "f" + std::to_string(i));
    functions.push_back(f);
    for (uint32_t at = 0; at < size; at += 3) module.body(f).i32_const(1).drop();
    module.body(f).i32_const(7);
  }
  module.export_("first", functions.front());
  module.export_("memory", memory);
  module.module_name("sample");
  return module.finish();
}

Result<std::vector<uint8_t>> compile_with(uint32_t threads, std::span<const uint8_t> wasm,
                                          test::FakeTier& tier) {
  CompileOptions options;
  options.limits.threads = threads;
  return compile(wasm, tier, options);
}

TEST_CASE("a module becomes an artifact") {
  test::FakeTier tier;
  auto bytes = compile_with(2, sample(300, 900), tier);
  REQUIRE_MESSAGE(bytes.has_value(), (bytes ? "" : bytes.error().to_string()));
  CHECK_GT(tier.chunks.load(), 2);
  auto opened = Artifact::open(*bytes);
  REQUIRE(opened.has_value());
  const Artifact& artifact = **opened;
  CHECK(artifact.kind() == ArtifactKind::module);
  const ModuleInfo& info = artifact.modules()[0];
  CHECK_EQ(info.name, "sample");
  CHECK_EQ(info.imports[0].name, "f");
  CHECK_EQ(info.functions.size(), 301);
  CHECK_EQ(info.escaping, std::vector<uint32_t>{1});
  CHECK_EQ(info.layout.size, VmLayout::of({1, 0, 1, 0, 0, 1}).size);
  CHECK_GT(artifact.name_section(info).size(), 300);

  REQUIRE_EQ(info.images.size(), 1);
  CHECK_EQ(info.images[0].address, 65536);
  CHECK_EQ(info.images[0].size, artifact_page);
  CHECK_EQ(std::memcmp(artifact.image(info.images[0]).data(), "hi\0", 3), 0);
  CHECK(info.datas[0].in_image);
  CHECK_FALSE(info.datas[1].in_image);
  CHECK_EQ(std::memcmp(artifact.segment(info.datas[1]).data(), "hi", 2), 0);

  CHECK_EQ(artifact.code(0, 0), nullptr);
  for (uint32_t f = 1; f <= 300; f++) {
    auto* code = static_cast<const uint8_t*>(artifact.code(0, f));
    REQUIRE(code != nullptr);
    uint32_t offset = static_cast<uint32_t>(code - artifact.text().data());
    CHECK_EQ(artifact.tables().find_function(offset + 3)->function, f);
    CHECK(artifact.tables().find_position(offset).has_value());
  }
}

TEST_CASE("the number of threads does not show in the artifact") {
  test::FakeTier tier;
  auto wasm = sample(500, 2000);
  auto one = compile_with(1, wasm, tier);
  auto four = compile_with(4, wasm, tier);
  REQUIRE(one.has_value());
  REQUIRE(four.has_value());
  CHECK(*one == *four);
}

TEST_CASE("chunks are cut by the size of bodies") {
  auto bytes = sample(40, 30'000);
  auto module = decode_module(bytes);
  REQUIRE(module.has_value());
  std::vector<ModuleJob> jobs = {{&*module, Features::defaults(), {}}};
  auto chunks = cut_into_chunks(jobs);
  CHECK_EQ(chunks.size(), 10);
  CHECK_EQ(chunks[0].first, 1);
  CHECK_EQ(chunks[9].last, 41);
  for (size_t i = 1; i < chunks.size(); i++) CHECK_EQ(chunks[i].first, chunks[i - 1].last);
  bytes = sample(3, 100'000);
  module = decode_module(bytes);
  REQUIRE(module.has_value());
  jobs[0].module = &*module;
  CHECK_EQ(cut_into_chunks(jobs).size(), 3);
}

TEST_CASE("errors of a compilation") {
  test::FakeTier tier;
  auto wasm = sample(50, 30'000);
  tier.fail_at = 7;
  auto result = compile_with(2, wasm, tier);
  REQUIRE_FALSE(result.has_value());
  CHECK_EQ(result.error().message(), "function 7");
  tier.fail_at = 0xffffffff;

  CompileOptions options;
  options.limits.memory_bytes = 1;
  result = compile(wasm, tier, options);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code() == ErrorCode::limit);

  options = {};
  options.native_cpu = false;
  options.tier.cpu = "unknown";
  CHECK_FALSE(compile(wasm, tier, options).has_value());

  CHECK_FALSE(compile(std::span(wasm).first(wasm.size() / 2), tier, {}).has_value());
  CHECK_FALSE(compile({}, tier, {}).has_value());
}

TEST_CASE("a module without functions") {
  test::FakeTier tier;
  auto bytes = compile(ModuleBuilder().finish(), tier, {});
  REQUIRE_MESSAGE(bytes.has_value(), (bytes ? "" : bytes.error().to_string()));
  CHECK(Artifact::open(*bytes).has_value());
}

MemoryImages images_of(ModuleBuilder& builder) {
  auto bytes = builder.finish();
  auto module = decode_module(bytes);
  REQUIRE(module.has_value());
  return build_memory_images(*module);
}

TEST_CASE("memory images stop before the first segment that may fail") {
  const std::vector<uint8_t> ab = {'a', 'b'};
  ModuleBuilder builder;
  GlobalIndex global = builder.import_global("env", "base", {ValType::i32, false});
  MemoryIndex memory = builder.memory({{1, 0, false, false}, false, 16});
  builder.active_data(memory, const_i32(4095), ab);
  builder.active_data(memory, const_i32(4096), ab);
  builder.passive_data(ab);
  builder.active_data(memory, const_global(global), ab);
  builder.active_data(memory, const_i32(0), ab);
  MemoryImages images = images_of(builder);
  CHECK(images.in_image == std::vector<bool>{true, true, false, false, false});
  REQUIRE_EQ(images.images.size(), 1);
  CHECK_EQ(images.images[0].size, 2 * artifact_page);
  CHECK_EQ(std::memcmp(images.bytes.data() + 4094, "\0aab\0", 5), 0);
}

TEST_CASE("segments that do not fit, and memories of others, are not folded") {
  const std::vector<uint8_t> ab = {'a', 'b'};
  ModuleBuilder builder;
  MemoryIndex memory = builder.memory({{1, 0, false, false}, false, 16});
  builder.active_data(memory, const_i32(65535), ab);
  CHECK(images_of(builder).images.empty());

  ModuleBuilder imported;
  memory = imported.import_memory("env", "memory", {{1, 0, false, false}, false, 16});
  imported.active_data(memory, const_i32(0), ab);
  CHECK(images_of(imported).images.empty());
}

TEST_CASE("distant segments get images of their own, up to a number") {
  const std::vector<uint8_t> ab = {'a', 'b'};
  ModuleBuilder builder;
  MemoryIndex memory = builder.memory({{65536, 0, false, false}, false, 16});
  for (int i = 0; i < 8; i++) builder.active_data(memory, const_i32(i << 29), ab);
  builder.active_data(memory, const_i32(8192), ab);
  MemoryImages images = images_of(builder);
  CHECK_EQ(images.images.size(), max_images_per_memory);
  CHECK_EQ(images.bytes.size(), (max_images_per_memory + 2) * artifact_page);

  for (int i = 0; i < 8; i++) builder.active_data(memory, const_i32((i << 29) + (1 << 28)), ab);
  images = images_of(builder);
  CHECK(images.images.empty());
  CHECK(images.in_image == std::vector<bool>(17, false));
}

}  // namespace
}  // namespace tenon::compiler
