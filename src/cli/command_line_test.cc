#include "cli/command_line.h"

#include <doctest/doctest.h>

using namespace tenon::cli;
using tenon::Result;

namespace {

struct Sample {
  std::string output;
  bool quiet = false;
  bool shared = true;
  uint64_t fuel = 0;
  Command command{
      .name = "sample",
      .operands = "[OPTIONS] WASM",
      .summary = "A sample.",
      .flags = {{"-o, --output", "FILE", "where to write", set_string(output)},
                {"-q, --quiet", "", "say less", set_true(quiet)}},
      .groups = {{"-W, --wasm",
                  "WebAssembly",
                  {{"shared", "[=y|n]", "shared memory", set_bool(shared)},
                   {"fuel", "=N", "instructions", set_number(fuel)}},
                  {"gravity"},
                  {"simd"}}},
      .planned = {"-g, --debugger"},
      .epilogue = "",
  };
  Result<Parsed> parse(std::vector<std::string_view> arguments) {
    return tenon::cli::parse(command, arguments);
  }
};

}  // namespace

TEST_CASE("flags come before the operands, which stay as they are") {
  Sample s;
  auto parsed = s.parse({"-q", "--output=x", "-Wshared=n,fuel=0x1_0", "a.wasm", "--quiet", "--"});
  REQUIRE(parsed);
  CHECK(s.output == "x");
  CHECK(s.quiet);
  CHECK_FALSE(s.shared);
  CHECK(s.fuel == 16);
  CHECK(parsed->operands == std::vector<std::string_view>{"a.wasm", "--quiet", "--"});
}

TEST_CASE("flags come behind the operands, too, where no guest takes what is there") {
  Sample s;
  s.command.flags_behind_operands = true;
  auto parsed = s.parse({"a.wasm", "-o", "x", "b.wasm", "--", "-q"});
  REQUIRE(parsed);
  CHECK(s.output == "x");
  CHECK_FALSE(s.quiet);
  CHECK(parsed->operands == std::vector<std::string_view>{"a.wasm", "b.wasm", "-q"});
}

TEST_CASE("a -- before the operands is consumed, a lone - is an operand") {
  Sample s;
  CHECK(s.parse({"--", "-q"})->operands == std::vector<std::string_view>{"-q"});
  CHECK(s.parse({"-"})->operands == std::vector<std::string_view>{"-"});
}

TEST_CASE("what is wrong is named") {
  Sample s;
  CHECK(s.parse({"--nope"}).error().message() == "unknown option `--nope`");
  CHECK(s.parse({"-o"}).error().message() == "`-o` needs a value");
  CHECK(s.parse({"--quiet=1"}).error().message() == "`--quiet` takes no value");
  CHECK(s.parse({"-W", "bogus"}).error().message() == "unknown -W, --wasm option: `bogus`");
  CHECK(s.parse({"-W", "fuel=abc"}).error().message() == "`abc` is not a number");
  CHECK(s.parse({"-W", "shared=0"}).error().message() == "`0` is not y or n");
  CHECK(s.parse({"--nope"}).error().hint() == "see `tenon sample --help`");
}

TEST_CASE("what is known from elsewhere is refused by name, not ignored") {
  Sample s;
  CHECK(s.parse({"-W", "gravity=n"}).error().message() ==
        "-W, --wasm gravity: not built into this version");
  CHECK(s.parse({"-g9000"}).error().message() == "-g, --debugger: not built into this version");
  CHECK(s.parse({"--debugger", "9000"}).error().code() == tenon::ErrorCode::unsupported);
  CHECK(s.parse({"-Wsimd,simd=y", "a.wasm"}));
  CHECK(s.parse({"-W", "simd=n"}).error().to_string() ==
        "-W, --wasm simd=n: it cannot be turned off in this version");
  CHECK(s.parse({"-W", "fuel"}).error().message() == "-W, --wasm fuel needs a value");
}

TEST_CASE("help lists every flag and key") {
  Sample s;
  std::string text = help_text(s.command);
  for (const char* expected :
       {"-o, --output FILE", "-q, --quiet", "shared[=y|n]", "fuel=N", "usage: tenon sample"}) {
    CHECK(text.find(expected) != std::string::npos);
  }
}
