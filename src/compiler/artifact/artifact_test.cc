#include "compiler/artifact/artifact.h"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cstring>

#include "compiler/artifact/test_touch.h"
#include "compiler/artifact/writer.h"

namespace tenon::compiler {
namespace {

ArtifactContents sample() {
  ArtifactContents c;
  c.header.contract_version = contract_version;
  c.text.assign(5000, 0xcc);
  c.text[16] = 0xc3;
  c.rodata = {1, 2, 3};
  c.functions = {{0, 0, 2}, {16, 0, 3}};
  c.entries = {0, 16};
  c.unwind = {{0, 0}, {1, 1}, {4000, 2}};
  c.unwind_rules = {{8, 0, {}}, {16, 0, {16}}};
  c.landing_pads = {{20, 25, 60}, {30, 40, 70}};
  c.position_blocks = {{0, 101, 0}};
  c.position_stream = {4, 2, 8, 3};  // 4: position 102 (less 1: 101); 12: 100 (99)
  ModuleInfo m;
  m.name = "sample";
  wasm::SubType type;
  type.func = {{wasm::ValType::i32}, {wasm::ValType::funcref()}};
  m.types.push_back(type);
  m.functions = {0, 0, 0, 0};
  m.imported_functions = 2;
  m.imports = {{"env", "f", wasm::ExternKind::func, 0}, {"env", "g", wasm::ExternKind::func, 1}};
  m.exports = {{"run", wasm::ExternKind::func, 2}};
  m.memories.push_back({});
  m.globals.push_back({{wasm::ValType::i32, true}, {{wasm::ConstOp::Kind::i32_const, {}, 7, 0}}});
  m.datas.push_back({wasm::SegmentMode::passive, 0, {}, 1, 3, false});
  m.images.push_back({0, 65536, 0, artifact_page});
  m.names_offset = 4;
  m.names_size = 2;
  c.metadata.modules.push_back(m);
  c.data = {0, 'a', 'b', 'c', 'n', 'm'};
  c.images.assign(artifact_page, 0x5a);
  return c;
}

std::vector<uint8_t> sample_bytes() {
  auto bytes = write_artifact(sample());
  REQUIRE(bytes.has_value());
  return *bytes;
}

std::shared_ptr<const Artifact> open(std::span<const uint8_t> bytes) {
  auto artifact = Artifact::open(bytes);
  return artifact ? *artifact : nullptr;
}

TEST_CASE("an artifact gives back what was written") {
  auto artifact = open(sample_bytes());
  REQUIRE(artifact != nullptr);
  CHECK_EQ(artifact->modules().size(), 1);
  const ModuleInfo& m = artifact->modules()[0];
  CHECK_EQ(m.name, "sample");
  CHECK_EQ(m.imports[1].name, "g");
  CHECK(m.types[0] == sample().metadata.modules[0].types[0]);
  CHECK_EQ(m.globals[0].init[0].bits, 7);
  CHECK(artifact->plan() == nullptr);
  CHECK_EQ(std::string(reinterpret_cast<const char*>(artifact->segment(m.datas[0]).data()), 3),
           "abc");
  CHECK_EQ(artifact->name_section(m)[0], 'n');
  CHECK_EQ(artifact->image(m.images[0])[artifact_page - 1], 0x5a);
  CHECK(same_digest(artifact->compute_digest(), artifact->seal().digest));

  CHECK_EQ(artifact->code(0, 2), artifact->text().data());
  CHECK_EQ(artifact->code(0, 3), artifact->text().data() + 16);
  CHECK_EQ(artifact->code(0, 1), nullptr);
  CHECK_EQ(artifact->code(0, 4), nullptr);
  CHECK_EQ(artifact->code(1, 2), nullptr);
  auto function = reinterpret_cast<void (*)()>(const_cast<void*>(artifact->code(0, 3)));
  function();
}

TEST_CASE("tables are searched by offset") {
  auto artifact = open(sample_bytes());
  REQUIRE(artifact != nullptr);
  const CodeTables& t = artifact->tables();
  CHECK_EQ(t.find_function(15)->function, 2);
  CHECK_EQ(t.find_function(16)->function, 3);
  CHECK(*t.find_unwind(0) == UnwindRule{8, 0, {}});
  CHECK(*t.find_unwind(900) == UnwindRule{16, 0, {16}});
  CHECK(t.find_unwind(4000) == nullptr);  // a rule that is not there
  CHECK(t.find_landing_pad(19) == nullptr);
  CHECK_EQ(t.find_landing_pad(20)->pad, 60);
  CHECK_EQ(t.find_landing_pad(24)->pad, 60);
  CHECK(t.find_landing_pad(25) == nullptr);
  CHECK_EQ(t.find_landing_pad(39)->pad, 70);
  CHECK(t.find_landing_pad(900) == nullptr);
  CHECK_EQ(t.find_position(0), 100);
  CHECK_EQ(t.find_position(3), 100);
  CHECK_EQ(t.find_position(4), 101);
  CHECK_EQ(t.find_position(11), 101);
  CHECK_EQ(t.find_position(12), 99);
  CHECK_EQ(CodeTables{}.find_function(1), nullptr);
  CHECK(CodeTables{}.find_unwind(1) == nullptr);
  CHECK(CodeTables{}.find_landing_pad(1) == nullptr);
  CHECK_FALSE(CodeTables{}.find_position(1).has_value());
}

TEST_CASE("an artifact can be read as ELF and starts with its mark") {
  auto bytes = sample_bytes();
  CHECK(Artifact::is_artifact(bytes));
  CHECK_FALSE(Artifact::is_artifact(std::span(bytes).first(15)));
  bytes[9] = 'x';
  CHECK_FALSE(Artifact::is_artifact(bytes));
}

TEST_CASE("the same contents give the same bytes") {
  CHECK(sample_bytes() == sample_bytes());
}

TEST_CASE("the maker's signature") {
  auto bytes = sample_bytes();
  MacKey key{1, 2, 3};
  CHECK_FALSE(made_with(open(bytes)->seal(), key));
  sign_artifact(bytes, key);
  auto artifact = open(bytes);
  CHECK(made_with(artifact->seal(), key));
  CHECK(same_digest(artifact->compute_digest(), artifact->seal().digest));
  key[0] = 0;
  CHECK_FALSE(made_with(artifact->seal(), key));
}

TEST_CASE("truncated artifacts are errors") {
  auto bytes = sample_bytes();
  for (size_t size = 0; size < bytes.size(); size += size < artifact_page ? 61 : 997) {
    CHECK(open(std::span(bytes).first(size)) == nullptr);
  }
  CHECK(open(std::span(bytes).first(bytes.size() - 1)) == nullptr);
}

TEST_CASE("a file that claims to be very large costs nothing") {
  auto bytes = sample_bytes();
  for (auto source : {Artifact::Source::map, Artifact::Source::copy}) {
    os::FileDescriptor file(memfd_create("large", MFD_CLOEXEC));
    REQUIRE(os::write_all(file.get(), bytes));
    REQUIRE(os::set_size(file.get(), uint64_t{1} << 40));
    auto artifact = Artifact::open(std::move(file), source);
    REQUIRE_FALSE(artifact.has_value());
    CHECK_EQ(artifact.error().message(), "damaged artifact: too large");
  }
}

TEST_CASE("damaged artifacts open without harm or not at all, and their digest tells") {
  const auto bytes = sample_bytes();
  uint32_t random = 1;
  auto next = [&random] { return random = random * 1664525 + 1013904223; };
  for (int round = 0; round < 10'000; round++) {
    auto damaged = bytes;
    size_t at = (next() >> 8) % damaged.size();
    if (round % 2 == 0) at %= 1300;  // headers
    if (round % 8 == 1) at = 2 * artifact_page + at % (bytes.size() - 3 * artifact_page);  // tables
    if (at >= artifact_seal_offset + offsetof(ArtifactSeal, maker) && at < artifact_page) continue;
    damaged[at] ^= static_cast<uint8_t>(1u << (next() >> 29));
    auto artifact = open(damaged);
    if (artifact == nullptr) continue;
    CHECK_FALSE(same_digest(artifact->compute_digest(), artifact->seal().digest));
    test::touch(*artifact);
  }
}

}  // namespace
}  // namespace tenon::compiler
