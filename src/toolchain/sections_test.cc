#include "toolchain/sections.h"

#include "base/limits.h"
#include "component/testing/builder.h"
#include "toolchain/binary.h"
#include "toolchain/dump.h"
#include "toolchain/metadata.h"
#include "toolchain/objdump.h"
#include "toolchain/strip.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::toolchain {
namespace {

using component::testing::ComponentBuilder;

Bytes parsed(std::string_view text) {
  return to_binary("m.wat", Bytes(text.begin(), text.end())).value();
}

const Bytes with_customs = parsed(R"((module $m (memory 1) (func (export "f"))
    (@custom "a" "1") (@custom "name.x" "2") (@custom "component-type:w" "3")
    (@custom "component-type" "4") (@custom "dylink.1" "5")
    (@producers (language "C" "11"))))");

std::vector<std::string> customs(std::span<const uint8_t> binary) {
  std::vector<std::string> names;
  SectionReader in(binary);
  while (!in.at_end()) {
    Section section = in.next();
    if (section.id == 0) names.emplace_back(custom_section(section)->name);
  }
  return names;
}

using Names = std::vector<std::string>;

// A component in as many others as are allowed, and some more.
Bytes nested(uint32_t more) {
  Bytes binary = ComponentBuilder().finish();
  for (uint32_t i = 0; i < limits::max_component_depth + more; ++i)
    binary = ComponentBuilder().component(binary).finish();
  return binary;
}

// A name section that ends within a name.
const Bytes broken_names = {0, 'a', 's', 'm', 1, 0, 0, 0, 0, 8, 4, 'n', 'a', 'm', 'e', 0, 9, 9};

}  // namespace

TEST_CASE("strip removes what no later step needs") {
  auto stripped = strip(with_customs, is_removed_by_default);
  REQUIRE(stripped.has_value());
  CHECK(customs(*stripped) == Names{"component-type:w", "name"});
  CHECK(validate(*stripped, wasm::Features::standard()).has_value());
  auto all = strip(with_customs, [](std::string_view) { return true; });
  CHECK(customs(*all).empty());
  auto none = strip(with_customs, [](std::string_view) { return false; });
  CHECK(*none == with_customs);
}

TEST_CASE("strip goes into what is nested") {
  Bytes binary =
      ComponentBuilder().component(ComponentBuilder().core_module(with_customs).finish()).finish();
  auto stripped = strip(binary, [](std::string_view) { return true; });
  REQUIRE(stripped.has_value());
  auto bare = strip(with_customs, [](std::string_view) { return true; });
  CHECK(*stripped ==
        ComponentBuilder().component(ComponentBuilder().core_module(*bare).finish()).finish());
}

TEST_CASE("nesting is bounded") {
  auto removes = [](std::string_view) { return true; };
  CHECK(strip(nested(0), removes).has_value());
  CHECK(objdump(nested(0)).has_value());
  CHECK(read_metadata(nested(0)).has_value());
  CHECK(dump(nested(0)).status.has_value());
  CHECK(strip(nested(1), removes).error().code() == ErrorCode::limit);
  CHECK(objdump(nested(1)).error().code() == ErrorCode::limit);
  CHECK(read_metadata(nested(1)).error().code() == ErrorCode::limit);
  CHECK(dump(nested(1)).status.error().code() == ErrorCode::limit);
}

TEST_CASE("what is neither a module nor a component is refused") {
  for (const Bytes& bytes : {Bytes{}, Bytes{0, 'a', 's', 'm'}, Bytes(100, 7)}) {
    CHECK(objdump(bytes).error().code() == ErrorCode::malformed);
    CHECK(strip(bytes, is_removed_by_default).error().code() == ErrorCode::malformed);
    CHECK(read_metadata(bytes).error().code() == ErrorCode::malformed);
    CHECK(edit_metadata(bytes, {}).error().code() == ErrorCode::malformed);
    CHECK(dump(bytes).status.error().code() == ErrorCode::malformed);
  }
}

TEST_CASE("every prefix of a binary is listed as far as it goes") {
  for (size_t size = 8; size < with_customs.size(); ++size) {
    Dump cut = dump(std::span(with_customs).first(size));
    CHECK(cut.text.find("preamble of a core module") != std::string::npos);
  }
  Dump whole = dump(with_customs);
  CHECK(whole.status.has_value());
  CHECK(whole.text.find("[func 0] (type 0)") != std::string::npos);
}

TEST_CASE("every kind of definition of a component is listed, those that cannot run yet too") {
  using namespace component::testing;
  Bytes binary = ComponentBuilder()
                     .core_module(with_customs)
                     .core_instantiate(0)
                     .type(list(u8))
                     .type({0x66, 0x01, 0x7d})                      // stream
                     .type({0x43, 0x00, 0x01, 0x00})                // async func
                     .type({0x42, 0x01, 0x01, 0x3f, 0x7f, 0x00})    // instance
                     .item(6, {0x00, 0x00, 0x01, 0x00, 0x01, 'f'})  // alias
                     .item(8, {0x09, 0x01, 0x00, 0x01, 0x06})       // task.return
                     .item(10, {0x02, 0x01, 'i', 0x01, 0x02, 0x01, 'x', 0x05, 0x03})
                     .section(9, {0x00, 0x00, 0x00})  // start
                     .finish();
  Dump listed = dump(binary);
  CHECK(listed.status.has_value());
  for (const char* line :
       {"[core instance 0] instantiate 0, 0 arguments", "[type 0] (list u8)",
        "[type 1] (stream u8)", "[type 2] (func async)", "[type 3] instance type, 1 declarators",
        "  [type 0] (resource (rep i32))", "[core func 0] alias core export 0 \"f\"",
        "[core func 1] canon task.return async",
        "[instance 0] import \"i\" (external-id \"x\") (instance (type 3))",
        "start (func 0), 0 results"})
    CHECK_MESSAGE(listed.text.find(line) != std::string::npos, line);
}

TEST_CASE("a broken name section is listed, and is an error where the name is asked for") {
  CHECK(dump(broken_names).status.has_value());
  CHECK(dump(broken_names).text.find("... 3 bytes of data") != std::string::npos);
  CHECK(read_metadata(broken_names).error().code() == ErrorCode::malformed);
  MetadataEdit edit;
  CHECK(edit_metadata(broken_names, edit).value() == broken_names);
  edit.name.set = "n";
  CHECK(edit_metadata(broken_names, edit).error().code() == ErrorCode::malformed);
}

TEST_CASE("metadata is edited in place") {
  MetadataEdit edit;
  edit.name.set = "other";
  edit.producers = {{"language", {{"C", "17"}, {"Zig", ""}}}, {"sdk", {{"s", "1"}}}};
  edit.facts[static_cast<size_t>(Fact::version)].set = "1.2.3";
  auto edited = edit_metadata(with_customs, edit);
  REQUIRE(edited.has_value());
  Names names = customs(with_customs);
  names.emplace_back("version");
  CHECK(customs(*edited) == names);
  Metadata metadata = read_metadata(*edited).value();
  CHECK(metadata.name == "other");
  CHECK(metadata.producers ==
        Producers{{"language", {{"C", "17"}, {"Zig", ""}}}, {"sdk", {{"s", "1"}}}});
  CHECK(metadata.fact(Fact::version) == "1.2.3");

  MetadataEdit clear;
  clear.name.is_cleared = true;
  clear.facts[static_cast<size_t>(Fact::version)].is_cleared = true;
  Metadata cleared = read_metadata(edit_metadata(*edited, clear).value()).value();
  CHECK(!cleared.name);
  CHECK(!cleared.fact(Fact::version));
  CHECK(cleared.producers == metadata.producers);
}

TEST_CASE("a component has its own name section") {
  MetadataEdit edit;
  edit.name.set = "c";
  Bytes binary = ComponentBuilder().core_module(with_customs).finish();
  Metadata metadata = read_metadata(edit_metadata(binary, edit).value()).value();
  CHECK(metadata.is_component);
  CHECK(metadata.name == "c");
  REQUIRE(metadata.children.size() == 1);
  CHECK(metadata.children[0].name == "m");
}

TEST_CASE("JSON escapes what it must") {
  Metadata metadata;
  metadata.name = "a\"\\\n\x01";
  CHECK(metadata_json(metadata).starts_with(R"({"module":{"name":"a\"\\\u000a\u0001",)"));
}

TEST_CASE("URLs are spelled in one way") {
  CHECK(absolute_url("HTTP://Example.COM").value() == "http://example.com/");
  CHECK(absolute_url("https://u:P@h:443/a b?q#f").value() == "https://u:P@h/a%20b?q#f");
  CHECK(absolute_url("http://h?q").value() == "http://h/?q");
  CHECK(absolute_url("mailto:a@b").value() == "mailto:a@b");
  for (const char* wrong : {"", "a", "a/b", "://x", "1a://x", "http:", "http://", "https:///x"})
    CHECK(!absolute_url(wrong).has_value());
}

TEST_CASE("license expressions have a form") {
  for (const char* right : {"MIT", "MIT OR Apache-2.0", "(MIT AND (GPL-2.0+ OR Zlib))",
                            "Apache-2.0 WITH LLVM-exception", "DocumentRef-a:LicenseRef-b"})
    CHECK(check_licenses(right).has_value());
  for (const char* wrong :
       {"", "MIT OR", "OR", "(MIT", "MIT)", "MIT Apache", "MIT AND AND Zlib", "a/b", "()"})
    CHECK(!check_licenses(wrong).has_value());
}

}  // namespace tenon::toolchain
