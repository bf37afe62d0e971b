#include "runtime/instance.h"

#include "runtime/call.h"
#include "runtime/host_function.h"
#include "runtime/linker.h"
#include "runtime/store.h"
#include "runtime/test_artifact.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

// Machine code by hand, as the contract wants it: one memory, one table, two imported functions,
// one global. From the vmctx: imports at -128 and -96, memory 0 begins at 32.
asm(R"(
  .pushsection .rodata
  .p2align 4
  .globl guest_begin, guest_call_host, guest_call_host_in, guest_load, guest_outer, guest_outer_pushed
  .globl guest_outer_framed, guest_indirect, guest_indirect_in, guest_grow, guest_grow_in, guest_recurse
  .globl guest_recurse_in, guest_mix, guest_end
guest_begin:
guest_call_host:      # (i64) -> i64: import 0
  sub $8, %rsp
guest_call_host_in:
  mov -128(%r13), %rax
  mov -120(%r13), %r13
  call *%rax
  add $8, %rsp
  ret
  .p2align 4
guest_load:           # (i32) -> i32
  mov %edi, %edi
  mov 32(%r13,%rdi), %eax
  test %eax, %eax
  jne 1f
  .byte 0x67, 0x0f, 0xb9, 0x40, 2
1:
  ret
  .p2align 4
guest_outer:          # (i32) -> i32: load, from a frame with rbp
  push %rbp
guest_outer_pushed:
  mov %rsp, %rbp
guest_outer_framed:
  sub $40, %rsp
  and $-16, %rsp
  call guest_load
  mov %rbp, %rsp
  pop %rbp
  ret
  .p2align 4
guest_indirect:       # (i32 index) -> i32, of table 0: always by resolve_indirect
  push %rbx
guest_indirect_in:
  mov %r13, %rbx
  mov %edi, %edx
  mov %r13, %rdi
  mov 24(%r13), %rcx
  mov (%rcx), %ecx
  xor %esi, %esi
  mov 16(%r13), %rax
  call *112(%rax)     # Builtin::resolve_indirect is 14
  mov 8(%rax), %r13
  mov (%rax), %rax
  mov $7, %edi
  call *%rax
  pop %rbx
  ret
  .p2align 4
guest_grow:           # (i32 pages) -> i32
  sub $8, %rsp
guest_grow_in:
  mov %edi, %edx
  xor %esi, %esi
  mov %r13, %rdi
  mov 16(%r13), %rax
  call *8(%rax)
  add $8, %rsp
  ret
  .p2align 4
guest_recurse:        # (i64) -> i64, without end
  sub $8, %rsp
guest_recurse_in:
  call guest_recurse
  add $8, %rsp
  ret
  .p2align 4
guest_mix:            # (i32 f64 i64 f32) -> (f64 i32): import 1 with the same
  mov -96(%r13), %rax
  mov -88(%r13), %r13
  jmp *%rax
guest_end:
  .popsection
)");
extern "C" {
extern const char guest_begin[], guest_call_host[], guest_call_host_in[], guest_load[],
    guest_outer[], guest_outer_pushed[], guest_outer_framed[], guest_indirect[],
    guest_indirect_in[], guest_grow[], guest_grow_in[], guest_recurse[], guest_recurse_in[],
    guest_mix[], guest_end[];
}

namespace tenon::runtime {

namespace {

using wasm::ValType;
using Mixed = std::tuple<double, uint32_t>;

static_assert(static_cast<int>(compiler::Builtin::resolve_indirect) == 14);

wasm::ConstExpr i32_const(uint32_t value) {
  return {{wasm::ConstOp::Kind::i32_const, ValType::i32, value, 0}};
}

TestArtifact sample() {
  TestArtifact a(guest_begin, guest_end);
  uint32_t i32_to_i32 = a.add_type({ValType::i32}, {ValType::i32});
  uint32_t i64_to_i64 = a.add_type({ValType::i64}, {ValType::i64});
  uint32_t mixed = a.add_type({ValType::i32, ValType::f64, ValType::i64, ValType::f32},
                              {ValType::f64, ValType::i32});
  a.import_function("env", "twice", i64_to_i64);
  a.import_function("env", "mix", mixed);
  a.add_function("call_host", guest_call_host, i64_to_i64);
  a.unwind(guest_call_host_in, {16, 0, {}});
  uint32_t load = a.add_function("load", guest_load, i32_to_i32);
  a.add_function("outer", guest_outer, i32_to_i32);
  a.unwind(guest_outer_pushed, {16, 0, {16}});
  a.unwind(guest_outer_framed, {16, 1, {16}});
  a.add_function("indirect", guest_indirect, i32_to_i32);
  a.unwind(guest_indirect_in, {16, 0, {}});
  uint32_t grow = a.add_function("grow", guest_grow, i32_to_i32);
  a.unwind(guest_grow_in, {16, 0, {}});
  uint32_t recurse = a.add_function("recurse", guest_recurse, i64_to_i64);
  a.unwind(guest_recurse_in, {16, 0, {}});
  a.add_function("mix", guest_mix, mixed);

  a.info.name = "sample";
  wasm::MemoryType memory;
  memory.limits = {.min = 1, .max = 3, .has_max = true};
  a.info.memories.push_back(memory);
  a.info.exports.push_back({"memory", wasm::ExternKind::memory, 0});
  wasm::Table table;
  table.type.limits = {.min = 5};
  a.info.tables.push_back(table);
  a.info.exports.push_back({"table", wasm::ExternKind::table, 0});
  wasm::Global global;
  global.type = {ValType::i32, true};
  global.init = i32_const(42);
  a.info.globals.push_back(global);
  a.info.exports.push_back({"global", wasm::ExternKind::global, 0});
  compiler::ElemInfo elements;
  elements.mode = wasm::SegmentMode::active;
  elements.offset = i32_const(1);
  elements.functions = {grow, recurse, load};
  a.info.elems.push_back(elements);
  compiler::DataInfo data;
  data.mode = wasm::SegmentMode::active;
  data.offset = i32_const(7);
  data.bytes_size = 4;
  a.contents.data = {1, 2, 3, 4};
  a.info.datas.push_back(data);
  return a;
}

// One import of each kind.
TestArtifact importer() {
  TestArtifact a(guest_begin, guest_end);
  a.import_function("sample", "load", a.add_type({ValType::i32}, {ValType::i32}));
  wasm::MemoryType memory;
  memory.limits = {.min = 1};
  a.info.memories.push_back(memory);
  a.info.imported_memories = 1;
  a.info.imports.push_back({"sample", "memory", wasm::ExternKind::memory, 0});
  wasm::Table table;
  table.type.limits = {.min = 5};
  a.info.tables.push_back(table);
  a.info.imported_tables = 1;
  a.info.imports.push_back({"sample", "table", wasm::ExternKind::table, 0});
  wasm::Global global;
  global.type = {ValType::i32, true};
  a.info.globals.push_back(global);
  a.info.imported_globals = 1;
  a.info.imports.push_back({"sample", "global", wasm::ExternKind::global, 0});
  return a;
}

std::shared_ptr<const LoadedCode> load(const std::shared_ptr<Engine>& engine, TestArtifact test) {
  auto artifact = compiler::Artifact::open(test.write(engine->memory_mode()));
  REQUIRE(artifact);
  auto loaded = LoadedCode::load(engine, *artifact);
  REQUIRE(loaded);
  return *loaded;
}

void define_imports(Linker& linker, HostFunction twice) {
  REQUIRE(linker.define("env", "twice", std::move(twice)));
  REQUIRE(linker.define("env", "mix",
                        host_function([](Caller&, uint32_t a, double b, uint64_t c, float d) {
                          return Mixed(b + d, a + static_cast<uint32_t>(c));
                        })));
}

struct Sample {
  std::shared_ptr<Engine> engine;
  std::shared_ptr<const LoadedCode> code;
  std::unique_ptr<Store> store;
  Linker linker;
  Instance* instance = nullptr;

  explicit Sample(EngineConfig config = {}, TestArtifact artifact = sample()) {
    auto made = Engine::create(config);
    REQUIRE(made);
    engine = *made;
    code = load(engine, std::move(artifact));
    auto new_store = Store::create(engine);
    REQUIRE(new_store);
    store = std::move(*new_store);
  }

  void start(HostFunction twice) {
    define_imports(linker, std::move(twice));
    auto made = linker.link(*store, code->module(0));
    REQUIRE(made);
    instance = *made;
    REQUIRE(instance->initialize());
  }
  void start() {
    start(host_function([](Caller&, uint64_t a) { return 2 * a; }));
  }
  compiler::FuncRef* function(std::string_view name) {
    auto item = instance->find_export(name);
    REQUIRE(item);
    return std::get<compiler::FuncRef*>(*item);
  }
  template <typename Signature>
  TypedFunction<Signature> get(std::string_view name) {
    auto typed = TypedFunction<Signature>::of(*store, function(name));
    REQUIRE(typed);
    return *typed;
  }
};

}  // namespace

TEST_CASE("instances call and are called, with every class of value") {
  Sample s;
  s.start();
  CHECK(s.get<uint64_t(uint64_t)>("call_host")(21) == 42u);
  auto mixed = s.get<Mixed(uint32_t, double, uint64_t, float)>("mix")(1, 2.5, 3, 4.25f);
  REQUIRE(mixed);
  CHECK(*mixed == Mixed(6.75, 4));
  compiler::Slot arguments[4] = {
      {1, 0}, {std::bit_cast<uint64_t>(2.5), 0}, {3, 0}, {std::bit_cast<uint32_t>(4.25f), 0}};
  compiler::Slot results[2];
  REQUIRE(call_with_slots(*s.store, *s.function("mix"), arguments, results));
  CHECK(std::bit_cast<double>(results[0].low) == 6.75);
  CHECK(results[1].low == 4);
}

TEST_CASE("a call through the wrong type is an error that names both") {
  Sample s;
  s.start();
  auto typed = TypedFunction<void(float)>::of(*s.store, s.function("load"));
  REQUIRE_FALSE(typed);
  CHECK(typed.error().message() ==
        "expected a function of type (func (param f32)), found (func (param i32) (result i32))");
}

TEST_CASE("memory: segments, accesses, growth and traps at its end") {
  Sample s;
  s.start();
  auto load = s.get<uint32_t(uint32_t)>("load");
  CHECK(load(7) == 0x04030201u);
  auto grow = s.get<int32_t(uint32_t)>("grow");
  auto trapped = load(65536);
  REQUIRE_FALSE(trapped);
  CHECK(trapped.error().code == TrapCode::memory_out_of_bounds);
  CHECK(trapped.error().message ==
        "memory fault at wasm address 0x10000 in linear memory of size 0x10000");
  CHECK(grow(1) == 1);
  auto memory = s.instance->exported_memory();
  REQUIRE(memory);
  CHECK(memory->size() == 131072);
  REQUIRE(memory->store<uint32_t>(65536, 9));
  CHECK(load(65536) == 9u);
  CHECK_FALSE(memory->store<uint32_t>(131069, 9));
  CHECK_FALSE(memory->slice(~uint64_t{0}, 2));
  CHECK(memory->slice(131072, 0));
  CHECK_FALSE(memory->slice(131073, 0));
  CHECK(grow(2) == -1);
  CHECK(grow(1) == 2);
  CHECK(load(0xffffffff).error().code == TrapCode::memory_out_of_bounds);
}

TEST_CASE("backtraces pass frames of both kinds") {
  Sample s;
  s.start();
  auto trapped = s.get<uint32_t(uint32_t)>("outer")(100);
  REQUIRE_FALSE(trapped);
  CHECK(trapped.error().code == TrapCode::integer_divide_by_zero);
  REQUIRE(trapped.error().frames.size() == 2);
  CHECK(trapped.error().frames[0].function_index == 3);
  CHECK(trapped.error().frames[1].function_index == 4);
  CHECK(trapped.error().frames[1].module == "sample");
}

TEST_CASE("tables are filled from segments when elements are first used") {
  Sample s;
  s.start();
  auto indirect = s.get<uint32_t(uint32_t)>("indirect");
  CHECK(indirect(3) == 0x04030201u);
  CHECK(indirect(3) == 0x04030201u);
  CHECK(indirect(1) == 0xffffffffu);
  CHECK(indirect(0).error().code == TrapCode::uninitialized_element);
  CHECK(indirect(2).error().code == TrapCode::indirect_call_type_mismatch);
  CHECK(indirect(5).error().code == TrapCode::undefined_element);
  Table& table = *std::get<Table*>(*s.instance->find_export("table"));
  auto* load = s.function("load");
  CHECK(table.get(3) == reinterpret_cast<RefBits>(load));
  table.set(3, 0);
  CHECK(table.get(3) == 0);
  table.copy(0, table, 1, 4);
  CHECK(table.get(0) == reinterpret_cast<RefBits>(s.function("grow")));
  CHECK(table.get(2) == 0);
  CHECK(s.store->grow_table(table, 3, reinterpret_cast<RefBits>(load)) == 5);
  CHECK(indirect(7) == 0x04030201u);
  CHECK_FALSE(s.store->grow_table(table, limits::max_table_elements, 0));
}

TEST_CASE("endless recursion is a trap, again and again") {
  Sample s;
  s.start();
  for (int i = 0; i < 3; ++i) {
    auto trapped = s.get<uint64_t(uint64_t)>("recurse")(1);
    REQUIRE_FALSE(trapped);
    CHECK(trapped.error().code == TrapCode::call_stack_exhausted);
    CHECK(trapped.error().frames.size() == max_backtrace_frames);
  }
}

TEST_CASE("a host function's trap ends the call after its destructors ran") {
  Sample s;
  auto counter = std::make_shared<int>(0);
  s.start(host_function([counter](Caller&, uint64_t a) -> CallResult<uint64_t> {
    std::shared_ptr<int> held = counter;
    std::string text(1000, 'x');
    if (a == 0) return std::unexpected(Trap::host("zero " + text.substr(0, 1)));
    return a;
  }));
  long uses = counter.use_count();
  auto call = s.get<uint64_t(uint64_t)>("call_host");
  CHECK(call(5) == 5u);
  auto trapped = call(0);
  REQUIRE_FALSE(trapped);
  CHECK(trapped.error().code == TrapCode::host);
  CHECK(trapped.error().message == "zero x");
  REQUIRE(trapped.error().frames.size() == 1);
  CHECK(trapped.error().frames[0].function_index == 2);
  CHECK(counter.use_count() == uses);
}

TEST_CASE("traps of guests called by host functions come back as values") {
  Sample s;
  s.start(host_function([&s](Caller& caller, uint64_t a) -> CallResult<uint64_t> {
    CHECK(caller.instance() == s.instance);
    CHECK(caller.memory()->size() == 65536);
    auto inner = s.get<uint32_t(uint32_t)>("outer")(static_cast<uint32_t>(a));
    if (inner) return *inner;
    CHECK(inner.error().frames.size() == 3);
    if (a == 100) return uint64_t{1};
    return std::unexpected(std::move(inner).error());
  }));
  auto call = s.get<uint64_t(uint64_t)>("call_host");
  CHECK(call(7) == 0x04030201u);
  CHECK(call(100) == 1u);
  auto trapped = call(200);
  REQUIRE_FALSE(trapped);
  CHECK(trapped.error().code == TrapCode::integer_divide_by_zero);
  REQUIRE(trapped.error().frames.size() == 3);
  CHECK(trapped.error().frames[2].function_index == 2);
}

TEST_CASE("checked memories are smaller reservations") {
  Sample s({.memory_mode = compiler::MemoryMode::checked, .checked_reservation = 1 << 20});
  s.start();
  auto grow = s.get<int32_t(uint32_t)>("grow");
  CHECK(grow(2) == 1);
  CHECK(grow(1) == -1);
}

TEST_CASE("imports that do not fit are errors that name both sides") {
  Sample s;
  auto missing = s.linker.resolve(s.code->module(0));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message() ==
        "unknown import: `env::twice`, `env::mix` have not been defined");
  REQUIRE(s.linker.define("env", "twice", host_function([](Caller&, uint32_t) {})));
  CHECK_FALSE(s.linker.define("env", "twice", host_function([](Caller&, uint32_t) {})));
  REQUIRE(s.linker.define("env", "mix", host_function([](Caller&, uint32_t) {})));
  auto wrong = s.linker.link(*s.store, s.code->module(0));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code() == ErrorCode::link);
  CHECK(
      wrong.error().message() ==
      "incompatible import type for `env::twice`: expected (func (param i64) (result i64)), found "
      "(func (param i32))");
}

TEST_CASE("what belongs to another store or engine is refused") {
  Sample s;
  s.start();
  auto other = Store::create(s.engine);
  REQUIRE(other);
  auto code = load(s.engine, importer());
  const Module& module = code->module(0);
  std::vector<Import> imports;
  for (const compiler::ImportInfo& item : module.info().imports) {
    auto given = s.instance->find_export(item.name);
    REQUIRE(given);
    imports.push_back(std::visit([](auto it) { return Import(it); }, *given));
  }
  CHECK(Instance::create(*s.store, module, imports));

  Sample t({}, sample());
  t.start();
  for (size_t foreign = 0; foreign < imports.size(); ++foreign) {
    const std::string& name = module.info().imports[foreign].name;
    CAPTURE(name);
    std::vector<Import> mixed;
    for (size_t i = 0; i < imports.size(); ++i) {
      Sample& from = i == foreign ? t : s;
      auto given = from.instance->find_export(module.info().imports[i].name);
      mixed.push_back(std::visit([](auto it) { return Import(it); }, *given));
    }
    auto made = Instance::create(*s.store, module, mixed);
    REQUIRE_FALSE(made);
    CHECK(made.error().code() == ErrorCode::link);
    CHECK(made.error().message() ==
          "what is given for `sample::" + name + "` belongs to another store");
  }
  auto made = Instance::create(*t.store, module, imports);
  REQUIRE_FALSE(made);
  CHECK(made.error().message() == "the module was loaded into another engine than the store's");
  auto typed = TypedFunction<uint32_t(uint32_t)>::of(**other, s.function("load"));
  REQUIRE_FALSE(typed);
  CHECK(typed.error().message() == "the function belongs to another store");
}

TEST_CASE("tables that cannot grow far, and one that holds nothing") {
  Sample s;
  s.start();
  auto* load = s.function("load");
  wasm::TableType type;
  type.limits = {.min = 0, .max = 0, .has_max = true};
  auto empty = s.store->add_table(type);
  REQUIRE(empty);
  (*empty)->reset(0, 0);
  (*empty)->fill(0, 0, 0);
  (*empty)->copy(0, **empty, 0, 0);
  CHECK(s.store->grow_table(**empty, 0, 0) == 0);
  CHECK_FALSE(s.store->grow_table(**empty, 1, 0));

  type.limits = {.min = 2, .max = 4, .has_max = true};
  auto small = s.store->add_table(type);
  REQUIRE(small);
  CHECK((*small)->get(1) == 0);
  CHECK(s.store->grow_table(**small, 2, reinterpret_cast<RefBits>(load)) == 2);
  CHECK((*small)->get(3) == reinterpret_cast<RefBits>(load));
  CHECK((*small)->get(1) == 0);
  CHECK_FALSE(s.store->grow_table(**small, 1, 0));
  (*small)->reset(0, 4);
  CHECK((*small)->get(3) == 0);
}

TEST_CASE("a table may be filled by any number of segments") {
  TestArtifact a = sample();
  uint32_t load = a.info.elems[0].functions[2];
  a.info.tables[0].type.limits.min = 2000;
  for (uint32_t i = 0; i < 1000; ++i) {
    compiler::ElemInfo elements;
    elements.mode = wasm::SegmentMode::active;
    elements.offset = i32_const(i);
    elements.functions = {load, a.info.elems[0].functions[0]};
    a.info.elems.push_back(elements);
  }
  Sample s({}, std::move(a));
  s.start();
  Table& table = *std::get<Table*>(*s.instance->find_export("table"));
  for (uint32_t i = 0; i < 1000; ++i)
    CHECK(table.get(i) == reinterpret_cast<RefBits>(s.function("load")));
  CHECK(table.get(1000) == reinterpret_cast<RefBits>(s.function("grow")));
  CHECK(table.get(1001) == 0);
}

TEST_CASE("threads share an engine, code and a linker") {
  auto engine = Engine::create();
  REQUIRE(engine);
  auto shared = load(*engine, sample());
  Linker linker;
  define_imports(linker, host_function([](Caller&, uint64_t a) { return 2 * a; }));
  std::atomic<int> wrong = 0;
  auto work = [&] {
    for (int round = 0; round < 20; ++round) {
      for (const auto& code : {shared, load(*engine, sample())}) {
        auto store = Store::create(*engine);
        auto instance = linker.link(**store, code->module(0));
        if (!instance || !(*instance)->initialize()) return void(++wrong);
        auto item = (*instance)->find_export("outer");
        auto outer =
            TypedFunction<uint32_t(uint32_t)>::of(**store, std::get<compiler::FuncRef*>(*item));
        if (!outer || (*outer)(7) != 0x04030201u) ++wrong;
        auto trapped = (*outer)(100);
        if (trapped || trapped.error().frames.size() != 2) ++wrong;
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("engines that share an artifact forget their own code only") {
  Sample s;
  s.start();
  auto engine = Engine::create();
  REQUIRE(engine);
  std::shared_ptr<const compiler::Artifact> artifact(s.code, &s.code->artifact());
  auto twice = LoadedCode::load(*engine, artifact);
  REQUIRE(twice);
  twice->reset();
  std::vector<uint8_t> where_it_was(sizeof(LoadedCode), 0xff);
  auto trapped = s.get<uint32_t(uint32_t)>("outer")(100);
  REQUIRE_FALSE(trapped);
  CHECK(trapped.error().frames.size() == 2);
}

TEST_CASE("frames of adapters are not shown") {
  TestArtifact a = sample();
  a.contents.header.kind = static_cast<uint32_t>(compiler::ArtifactKind::component);
  component::Plan& plan = a.contents.metadata.plan.emplace();
  plan.modules.push_back({.bytes = {0}});
  Sample s({}, std::move(a));
  s.start();
  auto trapped = s.get<uint32_t(uint32_t)>("outer")(100);
  REQUIRE_FALSE(trapped);
  CHECK(trapped.error().frames.empty());
}

TEST_CASE("globals hold their initial values") {
  Sample s;
  s.start();
  CHECK(std::get<Global>(*s.instance->find_export("global")).slot->low == 42);
}

}  // namespace tenon::runtime
