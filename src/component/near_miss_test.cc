#include "component/near_miss.h"

#include <doctest/doctest.h>

namespace tenon::component {
namespace {

using Names = std::vector<std::string_view>;

const Names wasi = {"wasi:io/streams@0.2.12",
                    "wasi:io/poll@0.2.12",
                    "wasi:http/types@0.2.0",
                    "wasi:http/types@0.2.6",
                    "a:b/old",
                    "a:b/c@0.0.3"};

TEST_CASE("a slip of the pen is found, another word is not") {
  Names offered = {"get-random-bytes", "get-random-u64", "get"};
  CHECK(similar_names("get-random-byte", offered) == Names{"get-random-bytes"});
  CHECK(similar_names("get-radnom-bytes", offered) == Names{"get-random-bytes"});
  CHECK(similar_names("gte", offered) == Names{"get"});
  CHECK(similar_names("now", offered).empty());
  CHECK(similar_names(std::string(200, 'a'), offered).empty());
  CHECK(similar_names("", offered).empty());
}

TEST_CASE("what fits an import is said as a range") {
  CHECK(fitting_versions("a:b/c@1.4.2") == "1.x");
  CHECK(fitting_versions("a:b/c@0.2.12") == "0.2.x");
  CHECK(fitting_versions("a:b/c@0.0.3") == "0.0.3 alone");
  CHECK(fitting_versions("a:b/c@0.3.0-rc-2025-09-16") == "0.3.0-rc-2025-09-16 alone");
  CHECK(fitting_versions("a:b/c").empty());
}

TEST_CASE("other versions come before other names") {
  CHECK(instead_of_interface("wasi:http/types@0.3.0", wasi) ==
        "there is 0.2.0, 0.2.6, and only 0.3.x fits");
  CHECK(instead_of_interface("wasi:http/types", wasi) ==
        "there is 0.2.0, 0.2.6, and only one without a version fits");
  CHECK(instead_of_interface("a:b/old@1.0.0", wasi) ==
        "there is one without a version, and only 1.x fits");
  CHECK(instead_of_interface("wasi:io/stream@0.2.0", wasi) == "there is `wasi:io/streams`");
  CHECK(instead_of_interface("my:own/thing", wasi).empty());
}

TEST_CASE("an import from the future is known as one") {
  CHECK(is_newer_than_all("wasi:http/types@0.3.0", wasi));
  CHECK_FALSE(is_newer_than_all("wasi:http/types@0.2.1", wasi));
  CHECK_FALSE(is_newer_than_all("wasi:http/types", wasi));
  CHECK_FALSE(is_newer_than_all("x:y/z@9.0.0", wasi));
}

TEST_CASE("lists end") {
  Names names = {"a", "b", "c"};
  CHECK(listed(names, 5) == "`a`, `b`, `c`");
  CHECK(listed(names, 2) == "`a`, `b` and 1 more");
}

}  // namespace
}  // namespace tenon::component
