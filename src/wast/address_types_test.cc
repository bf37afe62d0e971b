#include <span>
#include <vector>

#include "wast/test_script.h"

// Components whose memories have 64-bit addresses, alone and with others that have 32-bit ones.
// Scripts are written for any two memories: in what follows a %, P and p stand for the address type
// and the bytes of a pointer of the component that is called, W for what makes an i64 such a
// pointer and V for the way back, E for its string encoding, A for a memory and an allocator;
// behind a @ they stand for those of its caller.
namespace tenon::wast {
namespace {

struct Side {
  bool is_64 = true;
  std::string_view encoding = "utf8";
};

// A memory and a realloc that takes fresh space, or returns `lie` when that is not zero.
constexpr std::string_view allocator = R"(
      (memory (export "m") %P 2)
      (global $next (mut %P) (%P.const 4096))
      (global $lie (mut %P) (%P.const 0))
      (func $realloc (export "realloc") (param %P %P %P %P) (result %P) (local $at %P)
        (local.set $at (%P.and (%P.add (global.get $next) (%P.sub (local.get 2) (%P.const 1)))
          (%P.sub (%P.const 0) (local.get 2))))
        (global.set $next (%P.add (local.get $at) (local.get 3)))
        (memory.copy (local.get $at) (local.get 0) (select (local.get 1) (local.get 3)
          (%P.lt_u (local.get 1) (local.get 3))))
        (select (global.get $lie) (local.get $at) (%P.ne (global.get $lie) (%P.const 0)))))";

std::string written_for(const Side& callee, const Side& caller, std::string_view script) {
  std::string text;
  for (size_t i = 0; i < script.size(); i++) {
    if (script[i] != '%' && script[i] != '@') {
      text += script[i];
      continue;
    }
    const Side& side = script[i] == '%' ? callee : caller;
    switch (script[++i]) {
      case 'P': text += side.is_64 ? "i64" : "i32"; break;
      case 'p': text += side.is_64 ? "8" : "4"; break;
      case 'W': text += side.is_64 ? "block (result i64)" : "i32.wrap_i64"; break;
      case 'V': text += side.is_64 ? "block (result i64)" : "i64.extend_i32_u"; break;
      case 'E': text += side.encoding; break;
      case 'A': text += written_for(side, side, allocator); break;
      default: FAIL("no such mark");
    }
  }
  return text;
}

void check_holds(std::string_view text, compiler::OptLevel level = compiler::OptLevel::none) {
  RunnerOptions options;
  options.opt_level = level;
  test::check_holds(text, options);
}

struct EchoFunction {
  std::string name;
  std::string type;
  const char* kind;   // how the core function takes and returns it
  const char* value;  // as a script has it
};

const EchoFunction echo_functions[] = {
    {"text", "string", "pair", R"((str.const "a\u{e9}\u{2603}\u{1f600}z"))"},
    {"plain", "string", "pair", R"((str.const "plain"))"},
    {"latin", "string", "pair", R"((str.const "caf\u{e9}"))"},
    {"empty", "string", "pair", R"((str.const ""))"},
    {"bytes", "(list u8)", "pair", "(list.const (u8.const 1) (u8.const 255))"},
    {"doubles", "(list f64)", "pair", "(list.const (f64.const 1.5) (f64.const nan))"},
    {"chars", "(list char)", "pair", R"((list.const (char.const "x") (char.const "\u{e9}")))"},
    {"texts", "(list string)", "pair", R"((list.const (str.const "a") (str.const "\u{2603}")))"},
    {"lists", "(list (list u16))", "pair",
     "(list.const (list.const (u16.const 1) (u16.const 65535)) (list.const))"},
    {"pairs", "(list (tuple u8 string))", "pair",
     R"((list.const (tuple.const (u8.const 1) (str.const "a")) (tuple.const (u8.const 2) (str.const "bc"))))"},
    {"map", "(map string u16)", "pair",
     R"((list.const (tuple.const (str.const "k") (u16.const 9))))"},
    {"maybe", "(option string)", "variant", R"((option.some (str.const "some")))"},
    {"nothing", "(option string)", "variant", "(option.none)"},
    {"ok", "(result string (error f32))", "variant", R"((result.ok (str.const "ok")))"},
    {"error", "(result string (error f32))", "variant", "(result.err (f32.const 1.5))"},
    {"fixed", "(list (tuple u8 string) 7)", "same",
     R"((list.const
       (tuple.const (u8.const 1) (str.const "a")) (tuple.const (u8.const 2) (str.const "b"))
       (tuple.const (u8.const 3) (str.const "c")) (tuple.const (u8.const 4) (str.const "d"))
       (tuple.const (u8.const 5) (str.const "e")) (tuple.const (u8.const 6) (str.const "f"))
       (tuple.const (u8.const 7) (str.const ""))))"},
    {"all",
     "(tuple bool s8 u16 string (list string) (option (tuple u8 string)) (result string (error "
     "f32)) "
     "char f64 (list (tuple u8 (option string))) u64 (list u32 2))",
     "same",
     R"((tuple.const (bool.const true) (s8.const -1) (u16.const 65535) (str.const "t\u{e9}xt")
       (list.const (str.const "x") (str.const "")) (option.some (tuple.const (u8.const 7)
       (str.const "inner"))) (result.err (f32.const -0.5)) (char.const "\u{2603}") (f64.const 0.1)
       (list.const (tuple.const (u8.const 1) (option.none)) (tuple.const (u8.const 2)
       (option.some (str.const "last")))) (u64.const 0xffffffffffffffff)
       (list.const (u32.const 1) (u32.const 2))))"},
};

// A component that gives back what it was given, and one that passes values on to it.
std::string echo_script() {
  std::string imports, lifts, lowers, withs, exports, args, outer;
  for (const EchoFunction& it : echo_functions) {
    std::string type = "(param \"x\" " + it.type + ") (result " + it.type + ")";
    std::string quoted = '"' + it.name + '"';
    std::string kind = it.kind;
    lifts += "(func (export " + quoted + ") " + type + " (canon lift (core func $i \"" + kind +
             "\") (memory (core memory $i \"m\")) (realloc (core func $i \"realloc\"))"
             " string-encoding=%E))\n";
    imports += "(import " + quoted + " (func $" + it.name + " " + type + "))\n";
    lowers += "(core func $" + it.name + " (canon lower (func $" + it.name +
              ") (memory $m) (realloc $realloc) string-encoding=@E))\n";
    withs += "(export " + quoted + " (func $" + it.name + "))";
    std::string params = kind == "same" ? "@P" : kind == "pair" ? "@P @P" : "i32 @P @P";
    std::string gets = kind == "same"   ? "(local.get 0)"
                       : kind == "pair" ? "(local.get 0) (local.get 1)"
                                        : "(local.get 0) (local.get 1) (local.get 2)";
    exports += "(func $" + it.name + " (import \"\" " + quoted + ") (param " + params + " @P))\n";
    args += "(func (export " + quoted + ") (param " + params + ") (result @P) (call $" + it.name +
            " " + gets + " (@P.const 1024)) (@P.const 1024))\n";
    outer += "(func (export " + quoted + ") " + type + " (canon lift (core func $user " + quoted +
             ") (memory $m) (realloc $realloc) string-encoding=@E))\n";
  }
  std::string names, both;
  for (const EchoFunction& it : echo_functions) {
    names += "(with \"" + it.name + "\" (func $callee \"" + it.name + "\"))";
    both += "(export \"direct-" + it.name + "\" (func $callee \"" + it.name + "\"))\n(export \"" +
            it.name + "\" (func $caller \"" + it.name + "\"))\n";
  }
  std::string script = R"((component
    (component $callee
      (core module $m  %A
        (func (export "same") (param %P) (result %P) (local.get 0))
        (func (export "pair") (param %P %P) (result %P)
          (%P.store (%P.const 16) (local.get 0))
          (%P.store offset=%p (%P.const 16) (local.get 1))
          (%P.const 16))
        (func (export "variant") (param i32 %P %P) (result %P)
          (i32.store8 (%P.const 16) (local.get 0))
          (%P.store offset=%p (%P.const 16) (local.get 1))
          (%P.store offset=%p (%P.add (%P.const 16) (%P.const %p)) (local.get 2))
          (%P.const 16)))
      (core instance $i (instantiate $m))
      )" + lifts + R"()
    (component $caller
      )" + imports + R"(
      (core module $libc  @A)
      (core instance $libc (instantiate $libc))
      (alias core export $libc "m" (core memory $m))
      (alias core export $libc "realloc" (core func $realloc))
      )" + lowers + R"(
      (core module $user
        )" + exports + args +
                       R"()
      (core instance $user (instantiate $user (with "" (instance )" +
                       withs + R"())))
      )" + outer + R"()
    (instance $callee (instantiate $callee))
    (instance $caller (instantiate $caller )" +
                       names + R"())
    )" + both + ")\n";
  for (const EchoFunction& it : echo_functions) {
    for (const char* by : {"direct-", ""}) {
      script +=
          "(assert_return (invoke \"" + (by + it.name) + "\" " + it.value + ") " + it.value + ")\n";
    }
  }
  return script;
}

// A feature of its own: without it no memory has another page size, or is shared.
void check_holds_with(wasm::Feature feature, std::string_view text) {
  RunnerOptions options;
  options.features = options.features.with(feature);
  test::check_holds(text, options);
}

TEST_CASE("memories with pages of one byte serve as any other") {
  for (int form = 0; form < 4; form++) {
    std::string script = written_for({(form & 1) != 0}, {(form & 2) != 0, "utf16"}, echo_script());
    for (std::string type : {"i32", "i64"}) {
      std::string memory = "(memory (export \"m\") " + type;
      for (size_t at = 0; (at = script.find(memory + " 2)", at)) != script.npos;)
        script.replace(at, memory.size() + 3, memory + " 131071 (pagesize 1))");
    }
    REQUIRE(script.find("pagesize") != script.npos);
    check_holds_with(wasm::Feature::custom_page_sizes, script);
  }
  check_holds_with(wasm::Feature::custom_page_sizes, written_for({}, {}, R"((component definition $C
      (core module $m (memory (export "m") %P 4097 (pagesize 1))
        (func (export "f") (param %P %P) (result %P)
          (%P.store (%P.const 16) (local.get 0))
          (%P.store offset=%p (%P.const 16) (local.get 1)) (%P.const 16)))
      (core instance $i (instantiate $m))
      (func (export "f") (param "p" u64) (param "n" u64) (result string)
        (canon lift (core func $i "f") (memory (core memory $i "m")))))
    (component instance $i $C)
    (assert_return (invoke $i "f" (u64.const 4096) (u64.const 1)) (str.const "\00"))
    (assert_trap (invoke $i "f" (u64.const 4097) (u64.const 1)) "string pointer/length out"))"));
}

TEST_CASE("a shared memory is no canonical option") {
  for (std::string_view type : {"1 1 shared", "i64 1 1 shared"}) {
    check_holds_with(wasm::Feature::threads, R"((assert_invalid (component
      (core module $m (memory (export "m") )" + std::string(type) +
                                                 R"())
      (core instance $i (instantiate $m))
      (core func (canon waitable-set.poll (memory (core memory $i "m")))))
      "canonical option `memory` is a shared memory"))");
  }
}

TEST_CASE("every type of value passes between memories of any two address types") {
  constexpr std::string_view encodings[] = {"utf8", "utf16", "latin1+utf16"};
  std::string script = echo_script();
  for (int form = 0; form < 4 * 9; form++) {
    CAPTURE(form);
    Side callee{(form & 1) != 0, encodings[form / 4 % 3]};
    Side caller{(form & 2) != 0, encodings[form / 12]};
    check_holds(written_for(callee, caller, script),
                form % 5 == 0 ? compiler::OptLevel::full : compiler::OptLevel::none);
  }
}

// A callee that returns any pointer and length that it is told, or takes its room from where it is
// told; and a caller that does the same, which passes on what it gets.
constexpr std::string_view liars = R"((component definition $C
    (component $callee
      (core module $m %A
        (func (export "pair") (param i64 i64) (result %P)
          (%P.store (%P.const 16) (%W (local.get 0)))
          (%P.store offset=%p (%P.const 16) (%W (local.get 1)))
          (%P.const 16))
        (func (export "result") (param i64) (result %P) (%W (local.get 0)))
        (func (export "take") (param %P %P))
        (func (export "names") (result %P) (%P.const 2048))
        (func (export "lie") (param i64) (global.set $lie (%W (local.get 0)))))
      (core instance $i (instantiate $m))
      (func (export "text") (param "p" u64) (param "n" u64) (result string)
        (canon lift (core func $i "pair") (memory (core memory $i "m"))))
      (func (export "list") (param "p" u64) (param "n" u64) (result (list u64))
        (canon lift (core func $i "pair") (memory (core memory $i "m"))))
      (func (export "pairs") (param "p" u64) (param "n" u64) (result (list (tuple u8 string)))
        (canon lift (core func $i "pair") (memory (core memory $i "m"))))
      (func (export "result") (param "p" u64) (result (tuple string string))
        (canon lift (core func $i "result") (memory (core memory $i "m"))))
      (func (export "names") (result (tuple string string))
        (canon lift (core func $i "names") (memory (core memory $i "m"))))
      (func (export "take") (param "x" string) (canon lift (core func $i "take")
        (memory (core memory $i "m")) (realloc (core func $i "realloc"))))
      (func (export "take-list") (param "x" (list u64)) (canon lift (core func $i "take")
        (memory (core memory $i "m")) (realloc (core func $i "realloc"))))
      (func (export "lie") (param "p" u64) (canon lift (core func $i "lie"))))
    (component $caller
      (import "text" (func $text (param "p" u64) (param "n" u64) (result string)))
      (import "list" (func $list (param "p" u64) (param "n" u64) (result (list u64))))
      (import "pairs" (func $pairs (param "p" u64) (param "n" u64)
        (result (list (tuple u8 string)))))
      (import "result" (func $result (param "p" u64) (result (tuple string string))))
      (import "names" (func $names (result (tuple string string))))
      (import "take" (func $take (param "x" string)))
      (import "take-list" (func $take-list (param "x" (list u64))))
      (core module $libc @A)
      (core instance $libc (instantiate $libc))
      (alias core export $libc "m" (core memory $m))
      (alias core export $libc "realloc" (core func $realloc))
      (core func $text (canon lower (func $text) (memory $m) (realloc $realloc)))
      (core func $list (canon lower (func $list) (memory $m) (realloc $realloc)))
      (core func $pairs (canon lower (func $pairs) (memory $m) (realloc $realloc)))
      (core func $result (canon lower (func $result) (memory $m) (realloc $realloc)))
      (core func $names (canon lower (func $names) (memory $m) (realloc $realloc)))
      (core func $take (canon lower (func $take) (memory $m)))
      (core func $take-list (canon lower (func $take-list) (memory $m)))
      (core module $user
        (func $text (import "" "text") (param i64 i64 @P))
        (func $list (import "" "list") (param i64 i64 @P))
        (func $pairs (import "" "pairs") (param i64 i64 @P))
        (func $result (import "" "result") (param i64 @P))
        (func $names (import "" "names") (param @P))
        (func $take (import "" "take") (param @P @P))
        (func $take-list (import "" "take-list") (param @P @P))
        (func (export "text") (param i64 i64) (result @P)
          (call $text (local.get 0) (local.get 1) (@P.const 1024)) (@P.const 1024))
        (func (export "list") (param i64 i64) (result @P)
          (call $list (local.get 0) (local.get 1) (@P.const 1024)) (@P.const 1024))
        (func (export "pairs") (param i64 i64) (result @P)
          (call $pairs (local.get 0) (local.get 1) (@P.const 1024)) (@P.const 1024))
        (func (export "result") (param i64) (result @P)
          (call $result (local.get 0) (@P.const 1024)) (@P.const 1024))
        (func (export "take") (param @P @P) (call $take (local.get 0) (local.get 1)))
        (func (export "take-list") (param @P @P) (call $take-list (local.get 0) (local.get 1)))
        (func (export "send") (param i64 i64)
          (call $take (@W (local.get 0)) (@W (local.get 1))))
        (func (export "send-list") (param i64 i64)
          (call $take-list (@W (local.get 0)) (@W (local.get 1))))
        (func (export "into") (param i64) (call $names (@W (local.get 0)))))
      (core instance $user (instantiate $user (with "" (instance
        (export "text" (func $text)) (export "list" (func $list)) (export "pairs" (func $pairs))
        (export "result" (func $result)) (export "names" (func $names))
        (export "take" (func $take)) (export "take-list" (func $take-list))))))
      (func (export "text") (param "p" u64) (param "n" u64) (result string)
        (canon lift (core func $user "text") (memory $m)))
      (func (export "list") (param "p" u64) (param "n" u64) (result (list u64))
        (canon lift (core func $user "list") (memory $m)))
      (func (export "pairs") (param "p" u64) (param "n" u64) (result (list (tuple u8 string)))
        (canon lift (core func $user "pairs") (memory $m)))
      (func (export "result") (param "p" u64) (result (tuple string string))
        (canon lift (core func $user "result") (memory $m)))
      (func (export "take") (param "x" string)
        (canon lift (core func $user "take") (memory $m) (realloc $realloc)))
      (func (export "take-list") (param "x" (list u64))
        (canon lift (core func $user "take-list") (memory $m) (realloc $realloc)))
      (func (export "send") (param "p" u64) (param "n" u64) (canon lift (core func $user "send")))
      (func (export "send-list") (param "p" u64) (param "n" u64)
        (canon lift (core func $user "send-list")))
      (func (export "into") (param "p" u64) (canon lift (core func $user "into"))))
    (instance $callee (instantiate $callee))
    (instance $caller (instantiate $caller
      (with "text" (func $callee "text")) (with "list" (func $callee "list"))
      (with "pairs" (func $callee "pairs")) (with "result" (func $callee "result"))
      (with "names" (func $callee "names")) (with "take" (func $callee "take"))
      (with "take-list" (func $callee "take-list"))))
    (export "direct" (instance $callee))
    (export "through" (instance $caller))
    (export "lie" (func $callee "lie")))
)";

struct Lie {
  std::string_view function;      // without the side
  std::vector<uint64_t> numbers;  // its arguments; what realloc returns while `take` is called
  std::string_view message;
};

std::string invocation(std::string_view function, std::string_view arguments) {
  return "(invoke $i \"" + std::string(function) + "\" " + std::string(arguments) + ")";
}

std::string u64_constants(const std::vector<uint64_t>& numbers) {
  std::string text;
  for (uint64_t number : numbers) text += "(u64.const " + std::to_string(number) + ")";
  return text;
}

void check_traps(std::string script, std::string_view which, std::span<const Lie> lies) {
  for (const Lie& lie : lies) {
    script += "(component instance $i $C)\n";
    std::string arguments = u64_constants(lie.numbers);
    if (lie.function.starts_with("take")) {
      script += "(assert_return " + invocation("lie", arguments) + ")\n";
      arguments = lie.function == "take" ? "(str.const \"a\")" : "(list.const (u64.const 1))";
    }
    script += "(assert_trap " +
              invocation(std::string(which) + "#" + std::string(lie.function), arguments) + " \"" +
              std::string(lie.message) + "\")\n";
  }
  check_holds(script);
}

constexpr uint64_t last = UINT64_MAX;
constexpr uint64_t last_8 = UINT64_MAX - 7;
constexpr uint64_t above_32 = uint64_t{1} << 32;

TEST_CASE("pointers and lengths of 64 bits are checked as such, by the host") {
  const Lie lies[] = {
      {"text", {last, 0}, "string pointer/length"},
      {"text", {last, 3}, "string pointer/length"},
      {"text", {above_32, 1}, "string pointer/length"},
      {"text", {131072, 1}, "string pointer/length"},
      {"text", {0, above_32}, "string too long"},
      {"text", {0, last}, "string too long"},
      {"list", {4, 1}, "unaligned pointer"},
      {"list", {last_8, 2}, "list pointer/length"},
      {"list", {0, 0x2000000000000000}, "list too long"},
      {"pairs", {0, 0x1000000000000001}, "list too long"},
      {"pairs", {0, above_32}, "list too long"},
      {"result", {4}, "unaligned pointer"},
      {"result", {last_8}, "pointer to results out of bounds"},
      {"result", {above_32}, "pointer to results out of bounds"},
      {"result", {131048}, "pointer to results out of bounds"},
      {"take", {last}, "realloc return: beyond end"},
      {"take", {above_32}, "realloc return: beyond end"},
      {"take-list", {4}, "realloc return: result not aligned"},
      {"take-list", {last_8}, "realloc return: beyond end"},
  };
  check_traps(written_for({}, {}, liars), "direct", lies);
}

TEST_CASE("pointers and lengths of 64 bits are checked as such, by adapters") {
  const Lie lies[] = {
      {"text", {last, 0}, "string content out-of-bounds"},
      {"text", {last, 3}, "string content out-of-bounds"},
      {"text", {above_32, 1}, "string content out-of-bounds"},
      {"text", {131072, 1}, "string content out-of-bounds"},
      {"text", {0, above_32}, "string byte length exceeds"},
      {"text", {0, last}, "string byte length exceeds"},
      {"list", {4, 1}, "unaligned pointer"},
      {"list", {last_8, 2}, "list content out-of-bounds"},
      {"list", {0, 0x2000000000000000}, "list byte length exceeds"},
      {"list", {0, 0x2000000}, "list byte length exceeds"},
      {"pairs", {0, 0x1000000000000001}, "list byte length exceeds"},
      {"pairs", {0, above_32}, "list byte length exceeds"},
      {"result", {4}, "unaligned pointer"},
      {"result", {last_8}, "pointer out of bounds of memory"},
      {"result", {above_32}, "pointer out of bounds of memory"},
      {"result", {131048}, "pointer out of bounds of memory"},
      {"take", {last}, "string content out-of-bounds"},
      {"take", {above_32}, "string content out-of-bounds"},
      {"take-list", {4}, "unaligned pointer"},
      {"take-list", {last_8}, "list content out-of-bounds"},
  };
  check_traps(written_for({}, {}, liars), "through", lies);
  check_traps(written_for({}, {.is_64 = false}, liars), "through", lies);
}

TEST_CASE("what a caller with a 64-bit memory passes is checked") {
  const Lie lies[] = {
      {"send", {last, 1}, "string content out-of-bounds"},
      {"send", {0, above_32}, "string byte length exceeds"},
      {"send-list", {12, 1}, "unaligned pointer"},
      {"send-list", {above_32, 1}, "list content out-of-bounds"},
      {"into", {4}, "unaligned pointer"},
      {"into", {last_8}, "pointer out of bounds of memory"},
      {"into", {above_32}, "pointer out of bounds of memory"},
  };
  check_traps(written_for({}, {}, liars), "through", lies);
  check_traps(written_for({.is_64 = false}, {}, liars), "through", lies);
}

TEST_CASE("an empty string may lie at the end of memory") {
  for (bool caller_is_64 : {false, true}) {
    check_holds(written_for({}, {caller_is_64}, liars) + R"(
      (component instance $i $C)
      (assert_return (invoke $i "direct#text" (u64.const 131072) (u64.const 0)) (str.const ""))
      (assert_return (invoke $i "through#text" (u64.const 131072) (u64.const 0)) (str.const ""))
      (assert_return (invoke $i "through#list" (u64.const 131064) (u64.const 1))
        (list.const (u64.const 0))))");
  }
}

// The callee writes strings to a stream and a future, from its memory; the caller reads them into
// its own. All results of copies have the width of an address.
constexpr std::string_view copies = R"((component definition $C
    (component $writer
      (core module $libc %A)
      (core instance $libc (instantiate $libc))
      (alias core export $libc "m" (core memory $m))
      (alias core export $libc "realloc" (core func $realloc))
      (type $stream (stream string))
      (type $future (future string))
      (core func $stream-new (canon stream.new $stream))
      (core func $stream-write (canon stream.write $stream async (memory $m)))
      (core func $stream-drop (canon stream.drop-writable $stream))
      (core func $future-new (canon future.new $future))
      (core func $future-write (canon future.write $future async (memory $m)))
      (core module $user
        (import "" "m" (memory %P 2))
        (func $stream-new (import "" "stream-new") (result i64))
        (func $stream-write (import "" "stream-write") (param i32 %P %P) (result %P))
        (func $stream-drop (import "" "stream-drop") (param i32))
        (func $future-new (import "" "future-new") (result i64))
        (func $future-write (import "" "future-write") (param i32 %P) (result i32))
        (global $writable (mut i32) (i32.const 0))
        (data (%P.const 512) "h\c3\a9llo\e2\98\83")
        (func $keep (param i64) (result i32)
          (global.set $writable (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))
          (i32.wrap_i64 (local.get 0)))
        (func (export "stream") (result i32) (call $keep (call $stream-new)))
        (func (export "future") (result i32) (call $keep (call $future-new)))
        ;; Two strings, or as many as the reader wants.
        (func (export "write") (param i64 i64) (result i64)
          (%P.store (%P.const 64) (%P.const 512))
          (%P.store offset=%p (%P.const 64) (%P.const 6))
          (%P.store (%P.add (%P.const 64) (%P.mul (%P.const 2) (%P.const %p))) (%P.const 518))
          (%P.store offset=%p (%P.add (%P.const 64) (%P.mul (%P.const 2) (%P.const %p)))
            (%P.const 3))
          (%V (call $stream-write (global.get $writable) (%W (local.get 0)) (%W (local.get 1)))))
        (func (export "write-one") (param i64) (result i32)
          (%P.store (%P.const 64) (%P.const 512))
          (%P.store offset=%p (%P.const 64) (%P.const 9))
          (call $future-write (global.get $writable) (%W (local.get 0)))))
      (core instance $user (instantiate $user (with "" (instance
        (export "m" (memory $m)) (export "stream-new" (func $stream-new))
        (export "stream-write" (func $stream-write)) (export "stream-drop" (func $stream-drop))
        (export "future-new" (func $future-new)) (export "future-write" (func $future-write))))))
      (func (export "stream") (result $stream) (canon lift (core func $user "stream")))
      (func (export "future") (result $future) (canon lift (core func $user "future")))
      (func (export "write") (param "p" u64) (param "n" u64) (result u64)
        (canon lift (core func $user "write")))
      (func (export "write-one") (param "p" u64) (result u32)
        (canon lift (core func $user "write-one"))))
    (component $reader
      (type $stream (stream string))
      (type $future (future string))
      (import "stream" (func $stream (result $stream)))
      (import "future" (func $future (result $future)))
      (import "write" (func $write (param "p" u64) (param "n" u64) (result u64)))
      (import "write-one" (func $write-one (param "p" u64) (result u32)))
      (core module $libc @A)
      (core instance $libc (instantiate $libc))
      (alias core export $libc "m" (core memory $m))
      (alias core export $libc "realloc" (core func $realloc))
      (core func $stream (canon lower (func $stream)))
      (core func $future (canon lower (func $future)))
      (core func $write (canon lower (func $write)))
      (core func $write-one (canon lower (func $write-one)))
      (core func $stream-read (canon stream.read $stream async (memory $m) (realloc $realloc)
        string-encoding=utf16))
      (core func $future-read (canon future.read $future async (memory $m) (realloc $realloc)))
      (core func $set-new (canon waitable-set.new))
      (core func $join (canon waitable.join))
      (core func $poll (canon waitable-set.poll (memory $m)))
      (core module $user
        (func $stream (import "" "stream") (result i32))
        (func $future (import "" "future") (result i32))
        (func $write (import "" "write") (param i64 i64) (result i64))
        (func $write-one (import "" "write-one") (param i64) (result i32))
        (func $stream-read (import "" "stream-read") (param i32 @P @P) (result @P))
        (func $future-read (import "" "future-read") (param i32 @P) (result i32))
        (func $set-new (import "" "set-new") (result i32))
        (func $join (import "" "join") (param i32 i32))
        (func $poll (import "" "poll") (param i32 @P) (result i32))
        (import "" "m" (memory @P 2))
        ;; Traps unless the two are equal.
        (func $same (param i64 i64) (if (i64.ne (local.get 0) (local.get 1)) (then unreachable)))
        (func (export "read") (param $at i64) (param $count i64) (result @P)
          (local $end i32) (local $set i32)
          (local.set $end (call $stream))
          (call $same (i64.const 0xffffffff)
            (@V (call $stream-read (local.get $end) (@W (local.get $at)) (@W (local.get $count)))))
          (call $same (i64.const 0x20) (call $write (i64.const 64) (i64.const 2)))
          (local.set $set (call $set-new))
          (call $join (local.get $end) (local.get $set))
          (call $same (i64.const 2) (i64.extend_i32_u (call $poll (local.get $set) (@P.const 96))))
          (call $same (i64.const 0x20) (i64.extend_i32_u (i32.load offset=4 (@P.const 96))))
          (@P.store (@P.const 1024) (@W (local.get $at)))
          (@P.store offset=@p (@P.const 1024) (@P.const 2))
          (@P.const 1024))
        (func (export "read-one") (param $at i64) (result @P) (local $end i32)
          (local.set $end (call $future))
          (call $same (i64.const 0xffffffff)
            (i64.extend_i32_u (call $future-read (local.get $end) (@W (local.get $at)))))
          (call $same (i64.const 0)
            (i64.extend_i32_u (call $write-one (i64.const 64))))
          (@W (local.get $at)))
        (func (export "poll") (param i64) (drop (call $poll (call $set-new) (@W (local.get 0)))))
        (func (export "write") (param i64 i64)
          (drop (call $stream)) (drop (call $write (local.get 0) (local.get 1))))
        (func (export "write-one") (param i64)
          (drop (call $future)) (drop (call $write-one (local.get 0)))))
      (core instance $user (instantiate $user (with "" (instance
        (export "stream" (func $stream)) (export "future" (func $future))
        (export "write" (func $write)) (export "write-one" (func $write-one))
        (export "stream-read" (func $stream-read)) (export "future-read" (func $future-read))
        (export "set-new" (func $set-new)) (export "join" (func $join))
        (export "poll" (func $poll)) (export "m" (memory $m))))))
      (func (export "read") (param "p" u64) (param "n" u64) (result (list string))
        (canon lift (core func $user "read") (memory $m) string-encoding=utf16))
      (func (export "read-one") (param "p" u64) (result string)
        (canon lift (core func $user "read-one") (memory $m)))
      (func (export "poll") (param "p" u64) (canon lift (core func $user "poll")))
      (func (export "write") (param "p" u64) (param "n" u64)
        (canon lift (core func $user "write")))
      (func (export "write-one") (param "p" u64) (canon lift (core func $user "write-one"))))
    (instance $writer (instantiate $writer))
    (instance $reader (instantiate $reader
      (with "stream" (func $writer "stream")) (with "future" (func $writer "future"))
      (with "write" (func $writer "write")) (with "write-one" (func $writer "write-one"))))
    (export "through" (instance $reader)))
)";

TEST_CASE("streams and futures carry values between memories of any two address types") {
  for (int form = 0; form < 4; form++) {
    CAPTURE(form);
    check_holds(written_for({(form & 1) != 0}, {(form & 2) != 0}, copies) + R"(
      (component instance $i $C)
      (assert_return (invoke $i "through#read" (u64.const 256) (u64.const 4))
        (list.const (str.const "h\u{e9}llo") (str.const "\u{2603}")))
      (assert_return (invoke $i "through#read-one" (u64.const 256))
        (str.const "h\u{e9}llo\u{2603}")))");
  }
}

TEST_CASE("the buffers of copies and events are checked with 64 bits") {
  const Lie lies[] = {
      {"read", {4, 1}, "unaligned pointer"},
      {"read", {last_8, 1}, "the buffer of a copy is out of bounds of memory"},
      {"read", {above_32, 1}, "the buffer of a copy is out of bounds of memory"},
      {"read", {0, above_32}, "the buffer of a copy is too long"},
      {"read", {0, last}, "the buffer of a copy is too long"},
      {"read-one", {last_8}, "the buffer of a copy is out of bounds of memory"},
      {"write", {4, 1}, "unaligned pointer"},
      {"write", {above_32, 1}, "the buffer of a copy is out of bounds of memory"},
      {"write", {0, above_32}, "the buffer of a copy is too long"},
      {"write-one", {above_32}, "the buffer of a copy is out of bounds of memory"},
      {"poll", {2}, "unaligned pointer"},
      {"poll", {above_32}, "the pointer to an event is out of bounds of memory"},
      {"poll", {last - 3}, "the pointer to an event is out of bounds of memory"},
      {"poll", {131068}, "the pointer to an event is out of bounds of memory"},
  };
  check_traps(written_for({}, {}, copies), "through", lies);
}

}  // namespace
}  // namespace tenon::wast
