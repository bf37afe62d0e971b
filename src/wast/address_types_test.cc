#include "wast/test_script.h"

// Components whose memories have 64-bit addresses, alone and with others that have 32-bit ones.
// Where scripts are written for any pair of memories, %P and %p stand for the address type and the
// bytes of a pointer of the component that is called, %Q and %q for those of its caller, %E and %F
// for their string encodings.
namespace tenon::wast {
namespace {

constexpr std::string_view encodings[] = {"utf8", "utf16", "latin1+utf16"};

struct Pair {
  bool callee_is_64 = true;
  bool caller_is_64 = true;
  std::string_view callee_encoding = "utf8";
  std::string_view caller_encoding = "utf8";
};

std::string written_for(const Pair& pair, std::string_view script) {
  std::string text;
  for (size_t i = 0; i < script.size(); i++) {
    if (script[i] != '%') {
      text += script[i];
      continue;
    }
    switch (script[++i]) {
      case 'P': text += pair.callee_is_64 ? "i64" : "i32"; break;
      case 'p': text += pair.callee_is_64 ? "8" : "4"; break;
      case 'Q': text += pair.caller_is_64 ? "i64" : "i32"; break;
      case 'q': text += pair.caller_is_64 ? "8" : "4"; break;
      case 'E': text += pair.callee_encoding; break;
      case 'F': text += pair.caller_encoding; break;
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

// A memory and a realloc that takes fresh space.
constexpr std::string_view allocator = R"(
      (memory (export "m") %P 2)
      (global $next (mut %P) (%P.const 4096))
      (func $realloc (export "realloc") (param %P %P %P %P) (result %P) (local $at %P)
        (local.set $at (%P.and (%P.add (global.get $next) (%P.sub (local.get 2) (%P.const 1)))
          (%P.sub (%P.const 0) (local.get 2))))
        (global.set $next (%P.add (local.get $at) (local.get 3)))
        (memory.copy (local.get $at) (local.get 0) (select (local.get 1) (local.get 3)
          (%P.lt_u (local.get 1) (local.get 3))))
        (local.get $at)))";

// The same, with the marks of the caller.
std::string caller_allocator() {
  std::string text(allocator);
  for (size_t at = 0; (at = text.find("%P", at)) != text.npos;) text[at + 1] = 'Q';
  return text;
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
              ") (memory $m) (realloc $realloc) string-encoding=%F))\n";
    withs += "(export " + quoted + " (func $" + it.name + "))";
    std::string params = kind == "same" ? "%Q" : kind == "pair" ? "%Q %Q" : "i32 %Q %Q";
    std::string gets = kind == "same"   ? "(local.get 0)"
                       : kind == "pair" ? "(local.get 0) (local.get 1)"
                                        : "(local.get 0) (local.get 1) (local.get 2)";
    exports += "(func $" + it.name + " (import \"\" " + quoted + ") (param " + params + " %Q))\n";
    args += "(func (export " + quoted + ") (param " + params + ") (result %Q) (call $" + it.name +
            " " + gets + " (%Q.const 1024)) (%Q.const 1024))\n";
    outer += "(func (export " + quoted + ") " + type + " (canon lift (core func $user " + quoted +
             ") (memory $m) (realloc $realloc) string-encoding=%F))\n";
  }
  std::string names, both;
  for (const EchoFunction& it : echo_functions) {
    names += "(with \"" + it.name + "\" (func $callee \"" + it.name + "\"))";
    both += "(export \"direct-" + it.name + "\" (func $callee \"" + it.name + "\"))\n(export \"" +
            it.name + "\" (func $caller \"" + it.name + "\"))\n";
  }
  std::string script = R"((component
    (component $callee
      (core module $m )" +
                       std::string(allocator) + R"(
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
      (core module $libc )" +
                       caller_allocator() + R"()
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

TEST_CASE("every type of value passes between memories of any two address types") {
  for (int form = 0; form < 4 * 9; form++) {
    Pair pair;
    pair.callee_is_64 = form & 1;
    pair.caller_is_64 = form & 2;
    pair.callee_encoding = encodings[form / 4 % 3];
    pair.caller_encoding = encodings[form / 12];
    CAPTURE(form);
    check_holds(written_for(pair, echo_script()),
                form % 5 == 0 ? compiler::OptLevel::full : compiler::OptLevel::none);
  }
}

}  // namespace
}  // namespace tenon::wast
