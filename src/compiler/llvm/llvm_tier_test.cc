#include "compiler/tier.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstring>
#include <memory>

#include "compiler/artifact/artifact.h"
#include "compiler/compile.h"
#include "compiler/llvm/test_module.h"
#include "os/guest_call.h"
#include "os/guest_stack.h"
#include "os/signal.h"
#include "tenon/trap.h"

extern "C" tenon::compiler::Tier* tenon_tier(uint32_t version);

namespace tenon::compiler::llvm_tier {
namespace {

using wasm::ValType;
using Types = ModuleWriter::Types;

TrapCode last_trap;

// As much of a runtime as these tests need: a trap instruction names its cause, any other fault is
// an access out of bounds, and what a built-in does for the guest is nothing.
bool on_fault(const os::Fault& fault) {
  last_trap = TrapCode::memory_out_of_bounds;
  if (fault.kind == os::FaultKind::illegal_instruction)
    last_trap = static_cast<TrapCode>(fault.pc[4]);
  if (fault.kind == os::FaultKind::stack_exhausted) last_trap = TrapCode::call_stack_exhausted;
  return true;
}

std::unique_ptr<Tier> make_tier() {
  return std::unique_ptr<Tier>(tenon_tier(tier_interface_version));
}

CompileOptions options_for(OptLevel level) {
  CompileOptions options;
  options.tier.opt_level = level;
  options.limits.threads = 1;
  return options;
}

class Guest {
 public:
  explicit Guest(const ModuleWriter& writer, OptLevel level = OptLevel::full)
      : Guest(writer.bytes(), options_for(level)) {}
  Guest(const Bytes& module, const CompileOptions& options) {
    REQUIRE(os::install_fault_function(on_fault));
    REQUIRE(os::prepare_thread());
    auto compiled = compile(module, *make_tier(), options);
    if (!compiled) FAIL(compiled.error().to_string());
    auto artifact = Artifact::open(*compiled);
    REQUIRE(artifact);
    artifact_ = *artifact;
    stack_ = *os::GuestStack::create(1 << 20);
    store_ = std::make_unique<StoreContext>();
    store_->call.stack_top = stack_.top();
    store_->call.stack_limit = stack_.limit();
    make_vmctx();
  }

  // Arguments and results as the contract places them. False: it trapped.
  bool call(uint32_t function) {
    const void* code = artifact_->code(0, function);
    REQUIRE(code != nullptr);
    return os::enter_guest(&store_->call, code, vmctx_, stack_.bounds()) == 0;
  }
  TrapCode trap_of(uint32_t function) {
    REQUIRE(!call(function));
    return last_trap;
  }
  uint64_t call(uint32_t function, std::initializer_list<uint64_t> arguments) {
    std::copy(arguments.begin(), arguments.end(), store_->call.gpr);
    REQUIRE(call(function));
    return store_->call.gpr[0];
  }
  TrapCode trap_of(uint32_t function, std::initializer_list<uint64_t> arguments) {
    std::copy(arguments.begin(), arguments.end(), store_->call.gpr);
    return trap_of(function);
  }
  StoreContext& store() { return *store_; }
  uint8_t* memory() { return vmctx_ + sizeof(VmHeader); }
  uint32_t global() {
    uint32_t value;
    memcpy(&value, vmctx_ + info().layout.globals, sizeof value);
    return value;
  }
  const ModuleInfo& info() const { return artifact_->modules()[0]; }

 private:
  void make_vmctx() {
    const VmLayout& layout = info().layout;
    size_t memory = info().memories.empty() ? 0 : info().memories[0].limits.min << 16;
    vmctx_block_.resize(layout.size + sizeof(VmHeader) + memory + vmctx_alignment);
    auto start = reinterpret_cast<uintptr_t>(vmctx_block_.data());
    start = (start + vmctx_alignment - 1) & ~uintptr_t{vmctx_alignment - 1};
    vmctx_ = reinterpret_cast<uint8_t*>(start + layout.size);
    for (uint32_t i = 0; i < info().types.size(); ++i) type_ids_.push_back(i + 1);
    for (uint32_t i = 0; i < static_cast<uint32_t>(Builtin::count); ++i)
      builtins_.push_back(os::builtin_stub(i));
    put(0, VmHeader{store_.get(), nullptr, builtins_.data(), type_ids_.data()});
    if (!info().memories.empty()) {
      memory_record_ = {memory, this->memory()};
      put(layout.memories, MemorySlot{this->memory(), &memory_record_, 0});
    }
    if (!info().tables.empty()) {
      for (uint32_t function : info().elems[0].functions)
        table_.push_back({artifact_->code(0, function), vmctx_,
                          type_ids_[info().functions[function]], 0, nullptr});
      table_record_ = {table_.size(), table_.data()};
      put(layout.tables, TableSlot{table_.data(), &table_record_});
    }
    for (size_t i = 0; i < info().globals.size(); ++i)
      put(layout.globals + static_cast<ptrdiff_t>(i * sizeof(Slot)),
          Slot{info().globals[i].init[0].bits, 0});
  }
  template <typename T>
  void put(ptrdiff_t offset, const T& value) {
    memcpy(vmctx_ + offset, &value, sizeof value);
  }

  std::shared_ptr<const Artifact> artifact_;
  os::GuestStack stack_;
  std::unique_ptr<StoreContext> store_;
  std::vector<uint8_t> vmctx_block_;
  uint8_t* vmctx_ = nullptr;
  std::vector<uint32_t> type_ids_;
  std::vector<const void*> builtins_;
  Bytes memory_;
  MemoryRecord memory_record_{};
  std::vector<FuncRef> table_;
  TableRecord table_record_{};
};

bool is_float_class(ValType type) {
  return type.is_float() || type.kind() == ValType::v128;
}

uint32_t size_of(ValType type) {
  switch (type.kind()) {
    case ValType::i32:
    case ValType::f32: return 4;
    case ValType::v128: return 16;
    default: return 8;
  }
}

// Whether the results are `first`, `first` + 1, ... repeated to their widths, where the contract
// has them.
bool results_count_up(StoreContext& store, const Types& types, uint32_t first) {
  uint32_t ints = 0, floats = 0, slots = 0;
  for (size_t i = 0; i < types.size(); ++i) {
    bool is_float = is_float_class(types[i]);
    const void* place = nullptr;
    if (is_float && floats < max_float_results)
      place = store.call.xmm[floats++];
    else if (!is_float && ints < max_int_results)
      place = &store.call.gpr[ints++];
    else
      place = &store.overflow[slots++];
    uint32_t words[4];
    memcpy(words, place, sizeof words);
    for (uint32_t w = 0; w < size_of(types[i]) / 4; ++w)
      if (words[w] != first + i) return false;
  }
  return true;
}

// `count` types: all alike, or of all kinds in turn.
Types types_of(uint32_t kind, uint32_t count) {
  constexpr ValType kinds[] = {ValType::i32, ValType::f32, ValType::i64, ValType::v128,
                               ValType::f64};
  Types types;
  for (uint32_t i = 0; i < count; ++i) types.push_back(kinds[kind < 5 ? kind : i % 5]);
  return types;
}

struct Relay {
  uint32_t entry;
  Types results;
};

// A function without parameters that calls one which passes `params` arguments on in a tail call,
// directly or through the table, to one that returns as many results as asked for: constants, or
// its last parameters.
Relay add_relay(ModuleWriter& module, uint32_t kind, uint32_t param_count, uint32_t result_count,
                bool indirect, std::vector<uint32_t>& table) {
  Types params = types_of(kind, param_count);
  Types results(params.end() - std::min(param_count, result_count), params.end());
  Types constants = types_of(kind, result_count - static_cast<uint32_t>(results.size()));
  results.insert(results.end(), constants.begin(), constants.end());

  // The callee's results count up from 100, as the caller's arguments do up to its last.
  uint32_t passed = std::min(param_count, result_count);
  Code callee;
  for (uint32_t i = 0; i < passed; ++i) callee.index(0x20, param_count - passed + i);
  for (uint32_t i = passed; i < result_count; ++i) callee.constant(results[i], 100 + i);
  uint32_t target = module.function(params, results, {}, callee);

  Code caller;
  for (uint32_t i = 0; i < param_count; ++i)
    caller.constant(params[i], 100 + i - (param_count - passed));
  if (indirect) {
    caller.i32(static_cast<int64_t>(table.size()));
    table.push_back(target);
    caller.index(0x13, module.type(params, results)).op({0});
  } else {
    caller.index(0x12, target);
  }
  uint32_t middle = module.function({}, results, {}, caller);
  uint32_t entry = module.function({}, results, {}, Code().index(0x10, middle));
  return {entry, results};
}

}  // namespace

TEST_CASE("tail calls pass 0 to 20 parameters and 0 to 10 results of every type") {
  for (OptLevel level : {OptLevel::none, OptLevel::full})
    for (bool indirect : {false, true}) {
      ModuleWriter module;
      std::vector<Relay> relays;
      std::vector<uint32_t> table;
      for (uint32_t kind = 0; kind < 6; ++kind)
        for (uint32_t params : {0u, 1u, 4u, 6u, 7u, 9u, 14u, 15u, 20u})
          for (uint32_t results : {0u, 1u, 2u, 4u, 5u, 8u, 10u})
            relays.push_back(add_relay(module, kind, params, results, indirect, table));
      if (indirect) module.table(table);
      Guest guest(module, level);
      for (const Relay& relay : relays) {
        memset(guest.store().call.gpr, 0xee, sizeof guest.store().call.gpr);
        memset(guest.store().call.xmm, 0xee, sizeof guest.store().call.xmm);
        memset(guest.store().overflow, 0xee, sizeof guest.store().overflow);
        REQUIRE(guest.call(relay.entry));
        CHECK(results_count_up(guest.store(), relay.results, 100));
      }
    }
}

TEST_CASE("tail calls of a million rounds need no stack, other calls exhaust it") {
  ModuleWriter module;
  // (n) -> n = 0 ? 7 : f(n - 1)
  Code loop =
      Code({0x20, 0, 0x45, 0x04, 0x7f, 0x41, 7, 0x05, 0x20, 0, 0x41, 1, 0x6b, 0x12, 0, 0x0b});
  uint32_t tail = module.function({ValType::i32}, {ValType::i32}, {}, loop);
  uint32_t deep = module.function({}, {}, {}, Code({0x10, 1}));
  for (OptLevel level : {OptLevel::none, OptLevel::light, OptLevel::full}) {
    Guest guest(module, level);
    CHECK(guest.call(tail, {1'000'000}) == 7);
    CHECK(guest.trap_of(deep) == TrapCode::memory_out_of_bounds);  // the guard of the stack
  }
}

TEST_CASE("every trap has its code") {
  ModuleWriter module;
  module.memory(1);
  Types i32{ValType::i32}, two{ValType::i32, ValType::i32}, f64{ValType::f64};
  uint32_t unreachable = module.function({}, {}, {}, Code({0x00}));
  uint32_t divide = module.function(two, i32, {}, Code({0x20, 0, 0x20, 1, 0x6d}));
  uint32_t remainder = module.function(two, i32, {}, Code({0x20, 0, 0x20, 1, 0x6f}));
  uint32_t convert = module.function(f64, i32, {}, Code({0x20, 0, 0xaa}));
  uint32_t fill = module.function(two, {}, {}, Code({0x20, 0, 0x41, 1, 0x20, 1, 0xfc, 0x0b, 0}));
  uint32_t far =
      module.function(i32, i32, {}, Code({0x20, 0, 0x28, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}));
  uint32_t indirect = module.function(i32, {}, {}, Code({0x20, 0, 0x11, 0, 0}));
  module.table({unreachable});
  for (OptLevel level : {OptLevel::none, OptLevel::light, OptLevel::full}) {
    Guest guest(module, level);
    CHECK(guest.trap_of(unreachable) == TrapCode::unreachable);
    CHECK(guest.trap_of(divide, {1, 0}) == TrapCode::integer_divide_by_zero);
    CHECK(guest.trap_of(divide, {0x80000000, 0xffffffff}) == TrapCode::integer_overflow);
    CHECK(guest.call(remainder, {0x80000000, 0xffffffff}) == 0);
    CHECK(guest.trap_of(remainder, {1, 0}) == TrapCode::integer_divide_by_zero);
    auto convert_of = [&](double value) {
      memcpy(guest.store().call.xmm[0], &value, sizeof value);
      return guest.trap_of(convert);
    };
    CHECK(convert_of(__builtin_nan("")) == TrapCode::invalid_conversion_to_integer);
    CHECK(convert_of(2147483648.0) == TrapCode::integer_overflow);
    CHECK(convert_of(-2147483649.0) == TrapCode::integer_overflow);
    CHECK(guest.trap_of(fill, {65535, 2}) == TrapCode::memory_out_of_bounds);
    CHECK(guest.trap_of(fill, {0xffffffff, 0xffffffff}) == TrapCode::memory_out_of_bounds);
    CHECK(guest.trap_of(far, {0}) == TrapCode::memory_out_of_bounds);
    CHECK(guest.trap_of(indirect, {0}) == TrapCode::unreachable);
    CHECK(guest.trap_of(indirect, {1}) == TrapCode::undefined_element);
  }
}

TEST_CASE("what was written before a trap stays") {
  ModuleWriter module;
  module.memory(1);
  module.global(1);
  // memory[0] = 5; global = 6; then divide by the argument; then both again
  Code code({0x41, 0,    0x41, 5,    0x36, 0,    0, 0x41, 6, 0x24, 0,    0x41, 1,    0x20,
             0,    0x6e, 0x1a, 0x41, 0,    0x41, 7, 0x36, 0, 0,    0x41, 8,    0x24, 0});
  uint32_t function = module.function({ValType::i32}, {}, {}, code);
  for (OptLevel level : {OptLevel::none, OptLevel::full})
    for (MemoryMode mode : {MemoryMode::guarded, MemoryMode::checked}) {
      CompileOptions options = options_for(level);
      options.tier.memory_mode = mode;
      Guest guest(module.bytes(), options);
      CHECK(guest.trap_of(function, {0}) == TrapCode::integer_divide_by_zero);
      CHECK(guest.memory()[0] == 5);
      CHECK(guest.global() == 6);
    }
}

TEST_CASE("checked memories refuse the last byte too many") {
  ModuleWriter module;
  module.memory(1);
  uint32_t load = module.function({ValType::i32}, {ValType::i32}, {}, Code({0x20, 0, 0x28, 0, 4}));
  CompileOptions options = options_for(OptLevel::full);
  options.tier.memory_mode = MemoryMode::checked;
  Guest guest(module.bytes(), options);
  CHECK(guest.call(load, {65528}) == 0);
  CHECK(guest.trap_of(load, {65529}) == TrapCode::memory_out_of_bounds);
  CHECK(guest.trap_of(load, {0xfffffffc}) == TrapCode::memory_out_of_bounds);
}

TEST_CASE("addresses are 32 bits whatever the register's upper half holds") {
  ModuleWriter module;
  module.memory(1);
  uint32_t load = module.function({ValType::i32}, {ValType::i32}, {}, Code({0x20, 0, 0x2d, 0, 0}));
  for (OptLevel level : {OptLevel::none, OptLevel::full}) {
    Guest guest(module, level);
    guest.memory()[9] = 42;
    CHECK(static_cast<uint32_t>(guest.call(load, {0xdeadbeef00000009})) == 42);
  }
}

TEST_CASE("arithmetic with neutral constants makes NaN quiet") {
  ModuleWriter module;
  constexpr uint32_t one = 0x3f800000, minus_one = 0xbf800000, minus_zero = 0x80000000;
  Types f32{ValType::f32};
  auto with = [&](uint32_t constant, int op) {
    return module.function(f32, f32, {}, Code({0x20, 0}).constant(ValType::f32, constant).op({op}));
  };
  std::vector<uint32_t> functions{
      with(one, 0x94),
      with(minus_one, 0x94),
      with(one, 0x95),
      with(minus_one, 0x95),
      with(minus_zero, 0x92),
      with(0, 0x93),
      with(one, 0x96),
      with(minus_zero, 0x97),
      module.function(f32, f32, {}, Code({0x20, 0, 0xbb, 0xb6})),
  };
  for (OptLevel level : {OptLevel::none, OptLevel::light, OptLevel::full}) {
    Guest guest(module, level);
    for (uint32_t function : functions) {
      guest.store().call.xmm[0][0] = 0x7fa00000;
      REQUIRE(guest.call(function));
      CHECK((guest.store().call.xmm[0][0] & 0x7fc00000) == 0x7fc00000);
    }
  }
}

TEST_CASE("the same chunk gives the same bytes") {
  ModuleWriter module;
  std::vector<uint32_t> table;
  for (uint32_t kind = 0; kind < 6; ++kind) add_relay(module, kind, 9, 6, false, table);
  auto first = compile(module.bytes(), *make_tier(), options_for(OptLevel::full));
  auto second = compile(module.bytes(), *make_tier(), options_for(OptLevel::full));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first == *second);
}

TEST_CASE("functions beyond the bounds compile in time, and right") {
  // One hundred thousand additions in a row.
  ModuleWriter straight;
  Code additions({0x20, 0});
  for (int i = 0; i < 100'000; ++i) additions.op({0x20, 0, 0x6a});
  uint32_t sum = straight.function({ValType::i32}, {ValType::i32}, {}, additions);
  // Locals that change before each of many branches out of one block: more values than SSA form may
  // carry.
  ModuleWriter branches;
  Types locals(1000, ValType::i32);
  Code code({0x02, 0x40});
  for (int i = 1; i <= 1000; ++i) code.i32(i).index(0x21, static_cast<uint64_t>(i));
  for (int i = 0; i < 2500; ++i)
    code.op({0x20, 0}).i32(i).op({0x46, 0x0d, 0}).op({0x20, 1, 0x41, 1, 0x6a, 0x21, 1});
  code.op({0x0b, 0x20, 1});
  uint32_t many = branches.function({ValType::i32}, {ValType::i32}, locals, code);

  auto start = std::chrono::steady_clock::now();
  CHECK(static_cast<uint32_t>(Guest(straight).call(sum, {3})) == 300'003);
  Guest guest(branches);
  CHECK(static_cast<uint32_t>(guest.call(many, {2000})) == 2001);
  CHECK(static_cast<uint32_t>(guest.call(many, {5000})) == 2501);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("processors are checked by name") {
  std::unique_ptr<Tier> tier = make_tier();
  TierOptions options;
  CHECK(tier->check_options(options));
  tier->host_cpu(options);
  CHECK(tier->check_options(options));
  options.cpu = "abacus";
  CHECK(!tier->check_options(options));
  options.cpu = "x86-64";
  options.cpu_features.clear();
  CHECK(!tier->check_options(options));
  CHECK(tenon_tier(tier_interface_version + 1) == nullptr);
}

}  // namespace tenon::compiler::llvm_tier
