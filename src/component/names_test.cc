#include "component/names.h"

#include <doctest/doctest.h>

namespace tenon::component {
namespace {

TEST_CASE("labels are kebab case") {
  for (auto text : {"a", "a1", "a-1", "a-b-c", "B", "B-1", "a11-B11-123-ABC-abc", "is-XML"}) {
    CAPTURE(text);
    CHECK(is_label(text));
  }
  for (auto text : {"", "1", "1-a", "-", "a-", "a--b", "-a", "aBc", "a_b", "a b", "\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(is_label(text));
  }
}

TEST_CASE("names are taken apart") {
  auto method = parse_extern_name("[method]output-stream.write");
  REQUIRE(method);
  CHECK(method->kind == ParsedName::Kind::method);
  CHECK(method->resource == "output-stream");
  CHECK(method->label == "write");
  auto interface = parse_extern_name("wasi:cli/run@0.2.0");
  REQUIRE(interface);
  CHECK(interface->kind == ParsedName::Kind::interface);
  CHECK(interface->package_namespace == "wasi");
  CHECK(interface->package == "cli");
  CHECK(interface->projection == "run");
  CHECK(to_string(*interface->version) == "0.2.0");
}

TEST_CASE("names that are none are refused") {
  for (auto text :
       {"",          "[constructor]", "[method]a", "[method]a.", "[method].a", "[method]a.b.c",
        "[static]a", "[async]a",      "a:b",       "a:",         ":/",         "a:b/",
        "a:b:c/d",   "a:b/c/d",       "A:b/c",     "a:B/c",      "a:b/cD",     "a:b/c@",
        "a:b/c@1.2", "a:b/c@1.0.0x",  "a:b/c@0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_extern_name(text).has_value());
  }
}

// component: Explainer.md#name-uniqueness
TEST_CASE("names that would meet in a source language have one key") {
  auto same = [](std::string_view a, std::string_view b) {
    return uniqueness_key(a, Hyphens::ignored) == uniqueness_key(b, Hyphens::ignored);
  };
  CHECK(same("foo", "FOO"));
  CHECK(same("foo", "[method]foo.foo"));
  CHECK(same("foo-bar", "[static]foo-BAR.FOO-bar"));
  CHECK(same("[constructor]foo", "[constructor]FOO"));
  CHECK(same("[method]foo.bar", "[static]foo.BAR"));
  CHECK_FALSE(same("foo", "[constructor]foo"));
  CHECK_FALSE(same("foo", "[method]foo.bar"));
  CHECK_FALSE(same("foo", "foo-bar"));
  CHECK(same("a1", "a-1"));
  CHECK(same("foo-bar", "[method]foo-bar.foobar"));
  CHECK(uniqueness_key("a1", Hyphens::significant) != uniqueness_key("a-1", Hyphens::significant));
}

}  // namespace
}  // namespace tenon::component
