#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "compiler/llvm/test_module.h"
#include "wasm/text/parse_module.h"

// For tests: functions that a compiler could take very long for, or fail at, each in a module of
// its own. All are valid; none is meant to be run.
namespace tenon::compiler::llvm_tier {

struct HostileModule {
  std::string_view name;
  Bytes bytes;
};

// Writes the bodies. `times` says how much of each: 1 is what a suite has time for.
class HostileWriter {
 public:
  explicit HostileWriter(uint32_t times) : times_(times) {}

  std::vector<HostileModule> all() {
    add_flat();
    add_accesses();
    add_branches();
    add_loops();
    add_values();
    add_calls();
    add_exceptions();
    add_objects();
    add_live_references();
    add_tail_calls();
    add_vectors();
    return std::move(modules_);
  }

 private:
  using ValType = wasm::ValType;
  using Types = ModuleWriter::Types;
  static constexpr int get = 0x20, set = 0x21, add = 0x6a, end = 0x0b, empty = 0x40;

  // A function from i32 to i32, beside a memory, a table and a global.
  void finish(std::string_view name, const Code& code, uint32_t locals = 0,
              ValType type = ValType::i32) {
    ModuleWriter module;
    module.memory(1);
    module.table({0});
    module.global(0);
    module.function({ValType::i32}, {ValType::i32}, Types(locals, type), code);
    modules_.push_back({name, module.bytes()});
  }
  template <typename F>
  static Code repeat(uint32_t count, const F& one) {
    Code code;
    for (uint32_t i = 0; i < count; ++i) one(code, i);
    return code;
  }
  static void nested(Code& code, uint32_t depth, int opcode) {
    for (uint32_t i = 0; i < depth; ++i) {
      if (opcode == 0x04) code.op({get, 0});
      code.op({opcode, empty});
    }
  }
  static void increment(Code& code, uint32_t local) {
    code.index(get, local).op({0x41, 1, add}).index(set, local);
  }

  void add_flat() {
    finish("straight line", Code{get, 0}.add(repeat(
                                200'000 * times_, [](Code& c, uint32_t) { c.op({get, 0, add}); })));
    finish("rotations of one value",
           Code{get, 0}.add(repeat(50'000 * times_, [](Code& c, uint32_t i) {
             c.i32(i % 32).op({0x77, get, 0, 0x73});
           })));
    finish("vector constants",
           repeat(20'000 * times_,
                  [](Code& c, uint32_t i) {
                    c.index(get, 1).constant(ValType::v128, i).op({0xfd, 0x6e}).index(set, 1);
                  })
               .op({get, 0}),
           1, ValType::v128);
    finish("vector products",
           repeat(10'000 * times_,
                  [](Code& c, uint32_t) {
                    c.op({get, 1, get, 1, 0xfd, 0xd5, 0x01, get, 1, 0xfd, 0x0e, set, 1});
                  })
               .op({get, 0}),
           1, ValType::v128);
  }

  void add_accesses() {
    finish("loads", Code{get, 0}.add(
                        repeat(50'000 * times_, [](Code& c, uint32_t) { c.op({0x28, 2, 0}); })));
    finish("stores far out", repeat(20'000 * times_, [](Code& c, uint32_t) {
                               c.op({get, 0, get, 0, 0x36, 2, 0xff, 0xff, 0xff, 0xff, 0x0f});
                             }).op({get, 0}));
    finish("copies", repeat(3'000 * times_, [](Code& c, uint32_t) {
                       c.op({get, 0, get, 0}).i32(63).op({0xfc, 0x0a, 0, 0});
                     }).op({get, 0}));
    finish("globals", repeat(50'000 * times_, [](Code& c, uint32_t) {
                        c.op({0x23, 0, 0x24, 0});
                      }).op({get, 0}));
    finish("divisions", Code{get, 0}.add(repeat(10'000 * times_,
                                                [](Code& c, uint32_t) { c.op({get, 0, 0x6d}); })));
    finish("conversions", Code{get, 0}.add(repeat(10'000 * times_,
                                                  [](Code& c, uint32_t) { c.op({0xb7, 0xaa}); })));
  }

  void add_branches() {
    finish("blocks",
           repeat(40'000 * times_,
                  [](Code& c, uint32_t i) {
                    c.op({0x02, empty, get, 0}).i32(i).op({0x46, 0x0d, 0});
                    increment(c, 1);
                    c.op({end});
                  })
               .op({get, 1}),
           20);
    Code table;
    nested(table, 1000, 0x02);
    table.op({get, 0}).index(0x0e, 65'000);
    for (uint32_t i = 0; i <= 65'000; ++i) table.add(index_only(i % 1000));
    for (uint32_t i = 0; i < 1000; ++i) increment(table.op({end}), 0);
    finish("table of branches", table.op({get, 0}));
    for (int opcode : {0x02, 0x03, 0x04}) {
      Code deep;
      nested(deep, 20'000, opcode);
      increment(deep, 0);
      for (uint32_t i = 0; i < 20'000; ++i) deep.op({end});
      finish(opcode == 0x02   ? "deep blocks"
             : opcode == 0x03 ? "deep loops"
                              : "deep conditions",
             deep.op({get, 0}));
    }
    finish("conditions with values",
           Code{get, 0}.add(repeat(10'000 * times_, [](Code& c, uint32_t) {
             c.op({0x04, 0x7f, get, 0, 0x05, 0x41, 1, end});
           })));
  }

  // Each of many blocks goes to the next state with all locals; the last one ends.
  static Code state_machine(uint32_t states, uint32_t locals) {
    Code machine{0x03, empty};
    nested(machine, states, 0x02);
    machine.op({get, 0}).index(0x0e, states - 1);
    for (uint32_t i = 0; i < states; ++i) machine.add(index_only(i));
    for (uint32_t i = 0; i < states; ++i) {
      increment(machine.op({end}), 1 + i % locals);
      machine.i32(i).op({set, 0});
      if (i + 1 < states) machine.index(0x0c, states - 1 - i);
    }
    return machine.op({end});
  }

  void add_loops() {
    // Every local is live through, and assigned in, every loop.
    finish("loops in a row",
           repeat(100 * times_,
                  [](Code& c, uint32_t) {
                    c.op({0x03, empty});
                    for (uint32_t local = 0; local < 300; ++local) increment(c, local);
                    c.op({get, 0, 0x0d, 0, end});
                  })
               .op({get, 300}),
           300);
    Code nest;
    nested(nest, 300, 0x03);
    for (uint32_t i = 0; i < 300; ++i) {
      increment(nest, i);
      nest.op({get, 0, 0x0d, 0, end});
    }
    finish("nest of loops", nest.op({get, 300}), 300);
    finish("state machine", state_machine(500, 200).op({get, 0}), 200);
    finish(
        "state machines in a row",
        repeat(40 * times_, [](Code& c, uint32_t) { c.add(state_machine(60, 100)); }).op({get, 0}),
        100);
  }

  void add_values() {
    finish("locals", repeat(50'000, [](Code& c, uint32_t i) { increment(c, i); }).op({get, 7}),
           49'999);
    Code live = repeat(20'000 * times_, [](Code& c, uint32_t) { c.op({get, 0, 0x28, 2, 0}); });
    for (uint32_t i = 1; i < 20'000 * times_; ++i) live.op({add});
    finish("operands", live);
    finish("choices", Code{get, 0}.add(repeat(50'000 * times_, [](Code& c, uint32_t) {
      c.op({get, 0, get, 0, 0x1b});
    })));
  }

  void add_calls() {
    finish("calls",
           Code{get, 0}.add(repeat(20'000 * times_, [](Code& c, uint32_t) { c.op({0x10, 0}); })));
    finish("indirect calls", Code{get, 0}.add(repeat(5'000 * times_, [](Code& c, uint32_t) {
      c.op({get, 0, 0x11, 0, 0});
    })));
    ModuleWriter module;
    Types many(1000, ValType::i64);
    Code code = repeat(20, [](Code& c, uint32_t) {
      for (uint64_t i = 0; i < 1000; ++i) c.index(get, i);
      c.op({0x10, 0});
      for (uint64_t i = 0; i < 1000; ++i) c.index(set, i);
    });
    for (uint64_t i = 0; i < 1000; ++i) code.index(get, i);
    module.function(many, many, {}, code);
    modules_.push_back({"many parameters and results", module.bytes()});
  }

  // A function of type $f, from i32 to i32, in text form: the same instructions over and over, in a
  // loop or not.
  void text(std::string_view name, std::string_view definitions, std::string_view locals,
            std::string_view body, bool loops = true) {
    std::string module = fmt::format(
        "(module {} (func $f (param i32) (result i32) {} {} {} {} (local.get 0)))", definitions,
        locals, loops ? "(loop $top" : "", body, loops ? "(br_if $top (local.get 0)))" : "");
    auto bytes = wasm::text::parse_module({name, module});
    REQUIRE(bytes.has_value());
    modules_.push_back({name, std::move(*bytes)});
  }
  // `format` gets the number of the copy, two of 1 to 400, and one of 0 and 1.
  static std::string copies(uint32_t count, const char* format) {
    std::string all;
    for (uint32_t i = 0; i < count; ++i)
      all += fmt::format(fmt::runtime(format), i, 1 + i * 7 % 400, 1 + i % 400, i % 2);
    return all;
  }

  void add_exceptions() {
    constexpr const char* tags = "(tag $e) (tag $v (param i32 i64 f64))";
    text("handlers in a row", tags, "",
         copies(800 * times_,
                "(block (try_table (catch $e 0) (catch_all 0) (local.set 0 "
                "(call $f (local.get 0)))))"));
    text("nested handlers", tags, "",
         copies(2'000, "(block (try_table (catch $e 0) (catch_all 0) ") +
             "(drop (call $f (local.get 0)))" + copies(2'000, "))"),
         false);
    text("clauses for many calls", copies(400, "(tag $t{})"), "",
         "(block (try_table " + copies(400, "(catch $t{} 0)") +
             copies(2'000 * times_, "(drop (call $f (local.get 0)))") + "))");
    text("throws beneath many clauses", tags, "",
         copies(100, "(block (try_table (catch $e 0)") +
             copies(2'000 * times_,
                    "(block (br_if 0 (local.get 0)) (throw $v (i32.const 1) (i64.const 2) "
                    "(f64.const 3)))") +
             copies(100, "))"));
    text("exceptions thrown and caught", tags, "",
         copies(800 * times_,
                "(block $c (result i32 i64 f64) (try_table (catch $v $c) (throw $v (local.get 0) "
                "(i64.const 2) (f64.const 3))) (unreachable)) (drop) (drop) (local.set 0)"));
    text("exceptions as references", tags, "(local" + copies(400, " exnref") + ")",
         copies(500 * times_,
                "(block $c (result exnref) (try_table (catch_all_ref $c) (drop (call $f "
                "(local.get 0)))) (local.get {1})) (local.set {2})"));
  }

  static constexpr const char* object_types =
      "(type $t0 (sub (struct (field (mut i32)) (field (mut anyref)))))"
      "(type $t1 (sub $t0 (struct (field (mut i32)) (field (mut anyref)) (field f64))))"
      "(type $a (array (mut anyref)))";

  void add_objects() {
    constexpr const char* local = "(local (ref null $t0) anyref (ref null $a))";
    auto many = [&](std::string_view name, uint32_t count, const char* format) {
      text(name, object_types, local, copies(count * times_, format));
    };
    many("allocations", 2'300, "(local.set 1 (struct.new $t0 (local.get 0) (local.get 1)))");
    many("allocated arrays", 1'300, "(local.set 3 (array.new $a (local.get 1) (i32.const 8)))");
    many("casts", 2'000, "(local.set 2 (ref.cast (ref $t{3}) (local.get 2)))");
    many("stored references", 1'200, "(struct.set $t0 1 (local.get 1) (local.get 1))");
    many("copied elements", 490,
         "(array.copy $a $a (local.get 3) (local.get 0) (local.get 3) (i32.const 0) "
         "(i32.const 3))");
    std::string deep = "(type $d0 (sub (struct)))";
    for (int i = 1; i < 64; ++i) deep += fmt::format("(type $d{} (sub $d{} (struct)))", i, i - 1);
    text("casts to deep types", deep, "(local anyref)",
         copies(700 * times_,
                "(local.set 1 (block (result anyref) (br_on_cast 0 anyref (ref $d63) "
                "(local.get 1))))"));
    text("wide structs", "(type $s (struct" + copies(10'000, " (field (mut i64))") + "))",
         "(local (ref null $s) i64)",
         "(local.set 1 (struct.new $s" + copies(10'000, "(local.get 2)") + "))");
    text("arrays of many elements", "(type $s (array (mut i64)))", "(local (ref null $s) i64)",
         "(local.set 1 (array.new_fixed $s 10000" + copies(10'000, "(local.get 2)") + "))");
  }

  void add_live_references() {
    text("references live in a loop", object_types, "(local" + copies(900, " (ref null $t0)") + ")",
         copies(800, "(local.set {1} (struct.new $t0 (local.get 0) (local.get {2})))") +
             copies(400, "(local.set 0 (struct.get $t0 0 (local.get {2})))"));
    text("references as operands", object_types, "",
         copies(700, "(struct.new_default $t0)") + copies(700, "(drop)"));
  }

  void add_tail_calls() {
    constexpr const char* types = "(type $f (func (param i32) (result i32))) (table 1 funcref)";
    text("tail calls", types, "",
         copies(2'000 * times_, "(if (local.get 0) (then (return_call $f (i32.const {}))))"));
    text("indirect tail calls", types, "",
         copies(700 * times_,
                "(if (local.get 0) (then (return_call_indirect (type $f) "
                "(i32.const 3) (local.get 0))))"));
  }

  void add_vectors() {
    auto many = [&](std::string_view name, uint32_t count, const char* format) {
      std::string body;
      for (uint32_t i = 0; i < 10 * times_; ++i)
        body += copies(count / 10, format) + "(br_if $top (local.get 0))";
      text(name, "", "(local v128 v128)", body);
    };
    many("shifted bytes", 7'000, "(local.set 1 (i8x16.shr_s (local.get 1) (local.get 0)))");
    many("truncations", 4'800,
         "(local.set 1 (i32x4.trunc_sat_f64x2_u_zero (local.get 1)))"
         "(local.set 1 (i32x4.trunc_sat_f32x4_u (local.get 1)))");
    many("products of 64 bits", 3'600,
         "(local.set 1 (i64x2.mul (local.get 1) (local.get 2)))"
         "(local.set 2 (i64x2.extmul_low_i32x4_s (local.get 1) (local.get 2)))");
    many("shuffles", 4'000,
         "(local.set 1 (i8x16.shuffle 0 30 5 8 14 22 3 3 19 27 31 1 2 11 16 7 (local.get 1) "
         "(local.get 2)))");
  }

  static Code index_only(uint64_t index) {
    Code code;
    for (uint8_t byte : leb(index)) code.op({byte});
    return code;
  }

  uint32_t times_;
  std::vector<HostileModule> modules_;
};

}  // namespace tenon::compiler::llvm_tier
