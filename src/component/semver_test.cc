#include "component/semver.h"

#include <doctest/doctest.h>

namespace tenon::component {
namespace {

bool parses(std::string_view text) {
  return parse_semver(text).has_value();
}

TEST_CASE("versions are read as semver.org has them") {
  auto version = parse_semver("1.22.333-rc.1+build.007");
  REQUIRE(version);
  CHECK(version->major == 1);
  CHECK(version->minor == 22);
  CHECK(version->patch == 333);
  CHECK(version->prerelease == "rc.1");
  CHECK(version->build == "build.007");
  CHECK(to_string(*version) == "1.22.333-rc.1+build.007");
  for (auto text :
       {"", ".", "1", "1.", "1.2", "1.2.", "01.2.3", "1.2.3-", "1.2.3+", "1.2.3-01", "1.2.3-a..b",
        "1.2.3 ", "a.2.3", "1.2.3-a_b", "1.2.3.4", "99999999999999999999.0.0"}) {
    CAPTURE(text);
    CHECK_FALSE(parses(text));
  }
}

TEST_CASE("precedence follows the example of semver.org") {
  const char* ordered[] = {"1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                           "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",
                           "1.0.1",        "1.1.0"};
  for (size_t i = 0; i + 1 < std::size(ordered); i++) {
    CAPTURE(ordered[i]);
    CHECK(*parse_semver(ordered[i]) < *parse_semver(ordered[i + 1]));
  }
  CHECK(*parse_semver("1.0.0+a") == *parse_semver("1.0.0+b"));
}

// component: Explainer.md#canonical-interface-name
TEST_CASE("canonical versions end with the first number that counts") {
  for (auto text : {"1", "20", "0.1", "0.20", "0.0.1", "0.0.0"}) {
    CAPTURE(text);
    CHECK(parse_canonical_version(text).has_value());
  }
  for (auto text : {"", "0", "01", "1.0", "1.2.3", "0.1.0", "0.0", "1.", "0.0.1-a", "1+b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_canonical_version(text).has_value());
  }
}

TEST_CASE("interfaces match within a compatible range") {
  CHECK(is_compatible("a:b/c@0.2", "a:b/c@0.2.12"));
  CHECK(is_compatible("a:b/c@1", "a:b/c@1.9.0"));
  CHECK(is_compatible("wasi:io/poll@0.2.0", "wasi:io/poll@0.2.12"));
  CHECK(is_compatible("wasi:io/poll@0.2.99", "wasi:io/poll@0.2.12"));
  CHECK(is_compatible("a:b/c@1.2.3", "a:b/c@1.9.0"));
  CHECK(is_compatible("a:b/c", "a:b/c"));
  CHECK(is_compatible("a:b/c@0.3.0-rc-1", "a:b/c@0.3.0-rc-1"));
  CHECK_FALSE(is_compatible("wasi:io/poll@0.2.0", "wasi:io/poll@0.3.0"));
  CHECK_FALSE(is_compatible("wasi:io/poll@0.2.0", "wasi:io/error@0.2.0"));
  CHECK_FALSE(is_compatible("a:b/c@0.0.1", "a:b/c@0.0.2"));
  CHECK_FALSE(is_compatible("a:b/c@0.3.0-rc-1", "a:b/c@0.3.0"));
  CHECK_FALSE(is_compatible("a:b/c", "a:b/c@1.0.0"));
}

}  // namespace
}  // namespace tenon::component
