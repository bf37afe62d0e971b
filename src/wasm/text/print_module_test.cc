#include "wasm/text/print_module.h"

#include "wasm/text/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

using testing::parsed;
using testing::printed;
using wasm::testing::Bytes;

// Parses, prints, and parses what was printed.
std::string round_trip(std::string_view text) {
  Bytes bytes = parsed(text);
  std::string again = printed(bytes);
  CHECK(parsed(again) == bytes);
  return again;
}

TEST_CASE("fields are printed in the order of the binary, with their indices") {
  CHECK(round_trip(R"((module $m
    (type $t (func (param i32 i32) (result i32)))
    (import "a" "b\0a" (func $i (param $x i32)))
    (table $tab 1 2 funcref) (memory i64 1) (global $g (mut i32) (i32.const -1))
    (tag $e (param i32)) (start $f) (func $f) (export "f" (func $f))
    (elem (i32.const 0) $f 0) (data (i64.const 0) "a\"\ff")))") ==
        R"((module $m
  (type $t (;0;) (func (param i32 i32) (result i32)))
  (type (;1;) (func (param i32)))
  (type (;2;) (func))
  (import "a" "b\u{a}" (func $i (;0;) (type 1) (param $x i32)))
  (table $tab (;0;) 1 2 funcref)
  (memory (;0;) i64 1)
  (tag $e (;0;) (type 1) (param i32))
  (global $g (;0;) (mut i32) i32.const -1)
  (export "f" (func $f))
  (start $f)
  (elem (;0;) (i32.const 0) func $f $i)
  (func $f (;1;) (type 2))
  (data (;0;) (i64.const 0) "a\22\ff")
))");
}

TEST_CASE("instructions have a line each, and blocks their labels") {
  CHECK(round_trip("(func (param $x i32) (local i32 i64) (local $y i32) block $l loop "
                   "br $l br 0 br 2 end end local.get $x if (result i32) i32.const 1 else "
                   "i32.const 2 end local.set $y f32.const 1.5 drop)") ==
        R"((module
  (type (;0;) (func (param i32)))
  (func (;0;) (type 0) (param $x i32)
    (local i32 i64) (local $y i32)
    block $l
      loop ;; label = @2
        br $l
        br 0 (;@2;)
        br 2
      end
    end
    local.get $x
    if (result i32) ;; label = @1
      i32.const 1
    else
      i32.const 2
    end
    local.set $y
    f32.const 0x1.8p+0 (;=1.5;)
    drop
  )
))");
}

TEST_CASE("names are made legal and unique") {
  CHECK(round_trip(
            R"((func $a) (func $"b c") (func (@name "a")) (func $"\u{e9}") (func (@name "")))") ==
        R"((module
  (type (;0;) (func))
  (func $a (;0;) (type 0))
  (func $"b c" (;1;) (type 0))
  (func $"#func2 a" (@name "a") (;2;) (type 0))
  (func $"\u{e9}" (;3;) (type 0))
  (func $"#func4 " (@name "") (;4;) (type 0))
))");
  round_trip("(func $a block $x block $x br 1 br 0 end end)");
}

TEST_CASE("types of all kinds come back") {
  round_trip(R"((rec (type $s (sub (struct (field $x i32) (field (mut i8)))))
      (type (sub final $s (struct (field $x i32) (field (mut i8)) (field (ref null $s))))))
    (rec (type (array (mut i16)))) (type $p (func (param $n i32) (param i64)))
    (table 1 (ref null $s)) (global (ref null i31) (ref.i31 (i32.const 1)))
    (memory 1 (pagesize 1)) (memory 1 1 shared) (table i64 1 externref)
    (func (param (ref $s)) (result i32) (struct.get $s $x (local.get 0)))
    (func (ref.test (ref $s) (unreachable)) drop (ref.cast anyref (unreachable)) drop
      try_table (catch_all 0) end block (br_on_cast 0 anyref (ref i31) (unreachable)) drop end))");
}

TEST_CASE("custom sections are annotations") {
  CHECK(round_trip(R"((@custom "a" (before first) "x") (func) (@custom "b" (after func) "\00")
      (@custom "c" "y") (@producers (language "C" "17") (sdk "s" "1")))") ==
        R"((module
  (@custom "a" (before first) "x")
  (type (;0;) (func))
  (@custom "b" (after func) "\00")
  (func (;0;) (type 0))
  (@custom "c" (after code) "y")
  (@producers
    (language "C" "17")
    (sdk "s" "1")
  )
))");
  round_trip("(func (param i32) (@metadata.code.branch_hint \"\\01\") (br_if 0 (local.get 0)))");
}

TEST_CASE("what shared libraries say of themselves") {
  CHECK(round_trip(R"((@dylink.0 (mem-info (memory 1 2)) (needed "a" "b") (export-info "x" 0x1 tls)
      (export-info "y") (import-info "m" "n" undefined 0x1000)) (@custom "c" (before first)))") ==
        R"((module
  (@dylink.0
    (mem-info (memory 1 2))
    (needed "a" "b")
    (export-info "x" binding-weak tls)
    (export-info "y")
    (import-info "m" "n" undefined 0x1000)
  )
  (@custom "c" (before first) "")
))");
  CHECK(testing::fault("(@dylink.0 (what))") == "@dylink.0 annotation: unexpected token");
}

TEST_CASE("options") {
  Bytes bytes = parsed("(func (nop)) (memory 1) (data (i32.const 0) \"x\")");
  CHECK(printed(bytes, {.offsets = true}) == R"((module
(;@b     ;)  (type (;0;) (func))
(;@15    ;)  (memory (;0;) 1)
(;@1b    ;)  (func (;0;) (type 0)
(;@1c    ;)    nop
(;@1d    ;)  )
(;@21    ;)  (data (;0;) (i32.const 0) "x")
(;@27    ;)))");
  // In custom sections, too, offsets are those of the whole binary, and contents are left out.
  Bytes custom = parsed("(@producers (sdk \"s\" \"1\")) (@custom \"c\" \"x\")");
  CHECK(printed(custom, {.offsets = true, .skeleton = true}) == R"((module
(;@a     ;)  (@producers
(;@1a    ;)    (sdk "s" "1")
             )
(;@20    ;)  (@custom "c" (before first) ...)
(;@23    ;)))");
  CHECK(printed(bytes, {.skeleton = true}) == R"((module
  (type (;0;) (func))
  (memory (;0;) 1)
  (func (;0;) (type 0) ...)
  (data (;0;) (i32.const 0) ...)
))");
}

TEST_CASE("folded instructions stand around their operands") {
  Bytes bytes = parsed(R"((func $f (param i32 i32) (result i32) (local.set 0 (i32.add (local.get 0)
      (i32.const 1))) (if (result i32) (i32.eqz (local.get 1)) (then (i32.const 1)) (else
      (block (result i32) (nop) (br_if 1 (call $f (local.get 0) (local.get 1)) (i32.const 7)))))))");
  CHECK(printed(bytes, {.folded = true}) == R"((module
  (type (;0;) (func (param i32 i32) (result i32)))
  (func $f (;0;) (type 0) (param i32 i32) (result i32)
    (local.set 0
      (i32.add
        (local.get 0)
        (i32.const 1)))
    (if (result i32) ;; label = @1
      (i32.eqz
        (local.get 1))
      (then
        (i32.const 1))
      (else
        (block (result i32) ;; label = @2
          (nop)
          (br_if 1 (;@1;)
            (call $f
              (local.get 0)
              (local.get 1))
            (i32.const 7)))))
  )
))");
  CHECK(parsed(printed(bytes, {.folded = true})) == bytes);
  // Operands that are not where they should be change nothing.
  for (std::string_view text :
       {"(func i32.const 1 nop drop)", "(func drop drop i32.add)", "(func block end if else end)",
        "(func (param i32) (@metadata.code.branch_hint \"\\00\") (if (local.get 0) (then)))",
        "(func unreachable block (param i32) drop end return i32.const 1)"}) {
    bytes = parsed(text);
    CHECK(parsed(printed(bytes, {.folded = true})) == bytes);
  }
  std::string deep = "(func ";
  for (int i = 0; i < 20'000; ++i) deep += "(block (loop ";
  deep.append(40'001, ')');
  bytes = parsed(deep);
  CHECK(parsed(printed(bytes, {.folded = true})) == bytes);
}

TEST_CASE("everything can be given a name") {
  Bytes bytes = parsed(R"((module (type (struct (field i32) (field $f i32)))
      (import "a" "b" (func (param i32))) (memory 1) (tag)
      (func (param i32) (param $x i32) (local i32) (local $#label0 i32)
        block block $#label0 block br 0 br 1 br 2 end end end (drop (local.get 2)))
      (elem func 0) (data "") (export "e" (func 1))))");
  std::string all = printed(bytes, {.names_all = true});
  CHECK(all == R"((module
  (type $#type0 (;0;) (struct (field $#field0 i32) (field $f i32)))
  (type $#type1 (;1;) (func (param i32)))
  (type $#type2 (;2;) (func))
  (type $#type3 (;3;) (func (param i32 i32)))
  (import "a" "b" (func $#func0 (;0;) (type $#type1) (param $#local0 i32)))
  (memory $#memory0 (;0;) 1)
  (tag $#tag0 (;0;) (type $#type2))
  (export "e" (func $#func1))
  (elem $#elem0 (;0;) func $#func0)
  (func $#func1 (;1;) (type $#type3) (param $#local0 i32) (param $x i32)
    (local $#local2 i32) (local $"#local3 #label0" (@name "#label0") i32)
    block $#label0
      block $#label0
        block $#label2
          br $#label2
          br $#label0
          br 2
        end
      end
    end
    local.get $#local2
    drop
  )
  (data $#data0 (;0;) "")
))");
  // What is made of it differs by the names alone.
  auto nameless = [](const Bytes& named) {
    auto binary = parse_module({"t.wat", printed(named)}, {.with_names = false});
    return binary ? *binary : Bytes();
  };
  CHECK(nameless(parsed(all)) == nameless(bytes));
}

TEST_CASE("operands behind each instruction") {
  Bytes bytes = parsed(R"_((type $"s;)" (struct)) (func (param i32) (result i32)
      i64.const 1 block (result i32) i32.const 1 if unreachable select else nop end
      (drop (struct.new $"s;)")) i32.const 2 end i32.add))_");
  CHECK(printed(bytes, {.operands = true}) == R"_((module
  (type $"s;)" (;0;) (struct))
  (type (;1;) (func (param i32) (result i32)))
  (func (;0;) (type 1) (param i32) (result i32)
    i64.const 1
    ;; [i64]
    block (result i32) ;; label = @1
      ;; []
      i32.const 1
      ;; [i32]
      if ;; label = @2
        ;; []
        unreachable
        ;; []
        select
        ;; [(unknown)]
      else
        ;; (invalid)
        nop
      end
      struct.new $"s;)"
      drop
      i32.const 2
    end
    i32.add
  )
))_");
  bytes = parsed(
      "(type $\"s;)\" (struct)) (func (drop (struct.new 0)) (if (i32.const 0) (then)) "
      "(block (result i32)))");
  CHECK(printed(bytes, {.offsets = true, .operands = true}).find(R"_(
(;@19    ;)    struct.new $"s;)"
               ;; [(ref $"s;)")]
)_") != std::string::npos);
  std::string folded = printed(bytes, {.folded = true, .operands = true});
  CHECK(folded == R"_((module
  (type $"s;)" (;0;) (struct))
  (type (;1;) (func))
  (func (;0;) (type 1)
    (drop (; [] ;)
      (struct.new $"s;)" (; [(ref $"s ; )")] ;)))
    (if (; [] ;) ;; label = @1
      (i32.const 0 (; [i32] ;))
      (then))
    (block (result i32) (; [] ;) ;; label = @1
     (; (invalid) ;))
  )
))_");
  CHECK(parsed(folded) == bytes);
  // A long stack makes no long text.
  std::string deep = "(func ";
  for (int i = 0; i < 1000; ++i) deep += "i32.const 1 ";
  std::string text = printed(parsed(deep + ")"), {.operands = true});
  CHECK(text.size() < 300'000);
  CHECK(text.find(";; [... 950 more ... i32 i32") != std::string::npos);
  CHECK(text.ends_with("\n    ;; (invalid)\n  )\n)"));
  // Nothing is known of bodies where declarations are not valid.
  CHECK(printed(parsed("(func nop) (export \"a\" (func 7))"), {.operands = true})
            .find("nop\n    ;; (invalid)\n") != std::string::npos);
}

TEST_CASE("features that are off are not printed") {
  Bytes bytes = parsed("(func (result v128) (v128.const i64x2 0 0))");
  CHECK(printed(bytes, {.features = Features::validated().without(Feature::simd)}).find("simd") !=
        std::string::npos);
}

TEST_CASE("a name section is hearsay") {
  Bytes bytes = parsed("(func)");
  for (const Bytes& names : {Bytes{1, 3, 1, 0, 9}, Bytes{1, 4, 1, 7, 1, 'f'}, Bytes{9, 0xff},
                             Bytes{1, 4, 1, 0, 1, 0xff}, Bytes{1, 7, 2, 0, 1, 'f', 0, 1, 'g'}}) {
    Bytes content = {4, 'n', 'a', 'm', 'e'};
    content.insert(content.end(), names.begin(), names.end());
    Bytes named = wasm::testing::join({bytes, wasm::testing::section(0, content)});
    CHECK(testing::fault(printed(named)) == "");
  }
}

TEST_CASE("bodies that do not decode are refused") {
  Bytes bytes = parsed("(func nop)");
  bytes[bytes.size() - 2] = 0xff;
  CHECK(printed(bytes).find("illegal opcode") != std::string::npos);
  bytes[bytes.size() - 2] = 0x0b;
  CHECK(printed(bytes).find("operators remaining after end of function") != std::string::npos);
  bytes = parsed("(func block end)");
  bytes[bytes.size() - 1] = 0x01;
  CHECK(printed(bytes).find("unexpected end") != std::string::npos);
}

}  // namespace
}  // namespace tenon::wasm::text
