// Real modules through compiler, artifact and runtime.

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "os/sanitize.h"
#include "runtime/test_guest.h"

#include <doctest/doctest.h>

namespace tenon::runtime {

namespace {

using wasm::FuncIndex;
using wasm::MemoryIndex;
using wasm::ModuleBuilder;
using wasm::Opcode;
using wasm::TableIndex;
using wasm::ValType;

constexpr MemoryIndex memory0{uint32_t{0}};
constexpr TableIndex table0{uint32_t{0}};

wasm::MemoryType pages(uint64_t min, std::optional<uint64_t> max = {}) {
  wasm::MemoryType type;
  type.limits = {.min = min, .max = max.value_or(0), .has_max = max.has_value()};
  return type;
}
wasm::TableType functions(uint64_t min) {
  wasm::TableType type;
  type.limits.min = min;
  return type;
}

// An engine, a store and instances that are linked by name.
struct World {
  std::shared_ptr<Engine> engine;
  std::unique_ptr<Store> store;
  Linker linker;

  explicit World(const EngineConfig& config = {}, const StoreLimits& limits = {}) {
    auto made = Engine::create(config);
    REQUIRE(made);
    engine = *made;
    auto new_store = Store::create(engine, limits);
    REQUIRE(new_store);
    store = std::move(*new_store);
  }
  Instance* link(const ModuleBuilder& module, compiler::OptLevel level = compiler::OptLevel::full) {
    auto code = load_guest(engine, module, level);
    if (!code) MESSAGE(code.error().to_string());
    REQUIRE(code);
    auto instance = linker.link(*store, (*code)->module(0));
    if (!instance) MESSAGE(instance.error().to_string());
    REQUIRE(instance);
    return *instance;
  }
  Instance* add(const ModuleBuilder& module, compiler::OptLevel level = compiler::OptLevel::full) {
    Instance* instance = link(module, level);
    REQUIRE(instance->initialize());
    return instance;
  }
  template <typename Signature>
  TypedFunction<Signature> get(Instance* instance, std::string_view name) {
    auto item = instance->find_export(name);
    REQUIRE(item);
    auto typed = TypedFunction<Signature>::of(*store, std::get<compiler::FuncRef*>(*item));
    REQUIRE(typed);
    return *typed;
  }
};

// A function of no parameters and results with a body that traps.
struct TrapSample {
  TrapCode code;
  std::function<void(ModuleBuilder&, wasm::BodyBuilder&)> write;
};

std::vector<TrapSample> trap_samples() {
  using B = wasm::BodyBuilder;
  using M = ModuleBuilder;
  return {
      {TrapCode::unreachable, [](M&, B& b) { b.unreachable(); }},
      {TrapCode::integer_divide_by_zero,
       [](M&, B& b) { b.i32_const(1).i32_const(0).op(Opcode::i32_div_s).drop(); }},
      {TrapCode::integer_divide_by_zero,
       [](M&, B& b) { b.i64_const(1).i64_const(0).op(Opcode::i64_rem_u).drop(); }},
      {TrapCode::integer_overflow,
       [](M&, B& b) { b.i32_const(INT32_MIN).i32_const(-1).op(Opcode::i32_div_s).drop(); }},
      {TrapCode::integer_overflow,
       [](M&, B& b) { b.f64_const(1e300).op(Opcode::i32_trunc_f64_s).drop(); }},
      {TrapCode::invalid_conversion_to_integer,
       [](M&, B& b) { b.f32_const(__builtin_nanf("")).op(Opcode::i64_trunc_f32_u).drop(); }},
      {TrapCode::memory_out_of_bounds,
       [](M&, B& b) { b.i32_const(65536).access(Opcode::i32_load, memory0, 0).drop(); }},
      {TrapCode::memory_out_of_bounds,
       [](M&, B& b) { b.i32_const(65533).i32_const(1).access(Opcode::i32_store, memory0, 0); }},
      {TrapCode::memory_out_of_bounds,
       [](M&, B& b) { b.i32_const(-1).access(Opcode::i64_load, memory0, 0xffffffff).drop(); }},
      {TrapCode::memory_out_of_bounds,
       [](M&, B& b) { b.i32_const(65530).i32_const(0).i32_const(7).memory_fill(memory0); }},
      {TrapCode::table_out_of_bounds, [](M&, B& b) { b.i32_const(10).table_get(table0).drop(); }},
      {TrapCode::undefined_element,
       [](M& m, B& b) { b.i32_const(10).call_indirect(m.type({}, {}), table0); }},
      {TrapCode::uninitialized_element,
       [](M& m, B& b) { b.i32_const(9).call_indirect(m.type({}, {}), table0); }},
      {TrapCode::indirect_call_type_mismatch,
       [](M& m, B& b) { b.i32_const(0).call_indirect(m.type({}, {ValType::i64}), table0).drop(); }},
  };
}

size_t lines_of(const char* path) {
  std::ifstream file(path);
  size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

size_t resident_pages() {
  size_t size = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident;
}

size_t open_files() {
  size_t count = 0;
  for (auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    (void)entry;
    ++count;
  }
  return count;
}

// (i32) -> i32, recursive.
ModuleBuilder fibonacci() {
  ModuleBuilder m;
  FuncIndex fib = m.function(m.type({ValType::i32}, {ValType::i32}), "fib");
  wasm::BodyBuilder& b = m.body(fib);
  b.local_get(0).i32_const(2).op(Opcode::i32_lt_s);
  b.if_(ValType::i32);
  b.local_get(0).else_();
  b.local_get(0).i32_const(1).op(Opcode::i32_sub).call(fib);
  b.local_get(0).i32_const(2).op(Opcode::i32_sub).call(fib);
  b.op(Opcode::i32_add).end();
  m.export_("fib", fib);
  m.memory(pages(1));
  return m;
}

// Runs `body` in a child; its exit status, or minus the signal that ended it.
int in_child(const std::function<int()>& body) {
  pid_t child = fork();
  if (child == 0) {
    // Reports of the address sanitizer are expected here.
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, STDERR_FILENO);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

#define NEEDS_COMPILER()                            \
  if (test_tier() == nullptr) {                     \
    MESSAGE("skipped: this build has no compiler"); \
    return;                                         \
  }

TEST_CASE("guest: every kind of trap, at both ends of optimization") {
  NEEDS_COMPILER();
  for (compiler::OptLevel level : {compiler::OptLevel::none, compiler::OptLevel::full}) {
    World world;
    for (const TrapSample& sample : trap_samples()) {
      ModuleBuilder m;
      m.module_name("sample");
      m.memory(pages(1));
      m.table(functions(10));
      FuncIndex inner = m.function(m.type({}, {}), "inner");
      sample.write(m, m.body(inner));
      FuncIndex outer = m.function(m.type({}, {}), "outer");
      m.body(outer).call(inner);
      FuncIndex first[] = {outer};
      m.active_elem(table0, wasm::const_i32(0), first);
      m.export_("run", outer);
      auto run = world.get<void()>(world.add(m, level), "run");
      auto trapped = run();
      CAPTURE(trap_text(sample.code));
      CAPTURE(static_cast<int>(level));
      REQUIRE_FALSE(trapped);
      CHECK(trap_text(trapped.error().code) == trap_text(sample.code));
      const std::vector<Frame>& frames = trapped.error().frames;
      REQUIRE(!frames.empty());
      CHECK(frames.back().module == "sample");
      CHECK(frames.back().function == "outer");
      if (level == compiler::OptLevel::none) {
        REQUIRE(frames.size() == 2);
        CHECK(frames[0].function == "inner");
        REQUIRE(frames[0].offset);
        REQUIRE(frames[1].offset);
        CHECK(*frames[0].offset < *frames[1].offset);
      }
    }
  }
}

TEST_CASE("guest: memory grows, and what it gains is zero") {
  NEEDS_COMPILER();
  World world({}, {.max_memory_bytes = 5 << 16});
  ModuleBuilder m;
  m.memory(pages(1, 4));
  FuncIndex grow = m.function(m.type({ValType::i32}, {ValType::i32}));
  m.body(grow).local_get(0).memory_grow(memory0);
  FuncIndex load = m.function(m.type({ValType::i32}, {ValType::i64}));
  m.body(load).local_get(0).access(Opcode::i64_load, memory0, 0);
  m.export_("grow", grow);
  m.export_("load", load);
  Instance* one = world.add(m);
  auto grow_one = world.get<int32_t(int32_t)>(one, "grow");
  auto load_one = world.get<uint64_t(uint32_t)>(one, "load");
  CHECK(load_one(131072 - 8).error().code == TrapCode::memory_out_of_bounds);
  CHECK(grow_one(1) == 1);
  CHECK(load_one(131072 - 8) == 0u);
  CHECK(grow_one(0) == 2);
  CHECK(grow_one(3) == -1);
  CHECK(grow_one(-1) == -1);
  CHECK(grow_one(2) == 2);
  // The store has one page left.
  CHECK(world.get<int32_t(int32_t)>(world.add(m), "grow")(1) == -1);
}

TEST_CASE("guest: tables shared by instances, filled lazily, changed and grown") {
  NEEDS_COMPILER();
  World world;
  ModuleBuilder library;
  auto to_i32 = library.type({}, {ValType::i32});
  TableIndex table = library.table(functions(10));
  std::vector<FuncIndex> numbers;
  for (int i = 0; i < 3; ++i) {
    numbers.push_back(library.function(to_i32));
    library.body(numbers.back()).i32_const(100 + i);
  }
  library.active_elem(table, wasm::const_i32(2), numbers);
  library.export_("table", table);
  library.export_("first", numbers[0]);
  REQUIRE(world.linker.define_instance("library", *world.add(library)));

  ModuleBuilder m;
  auto call_type = m.type({ValType::i32}, {ValType::i32});
  to_i32 = m.type({}, {ValType::i32});
  FuncIndex first = m.import_function("library", "first", to_i32);
  m.import_table("library", "table", functions(1));
  FuncIndex own = m.function(to_i32);
  m.body(own).i32_const(7);
  FuncIndex own_list[] = {own, first};
  m.active_elem(table0, wasm::const_i32(3), own_list);
  auto passive = m.passive_elem(own_list);
  FuncIndex call = m.function(call_type);
  m.body(call).local_get(0).call_indirect(to_i32, table0);
  FuncIndex init = m.function(m.type({ValType::i32, ValType::i32, ValType::i32}, {}));
  m.body(init).local_get(0).local_get(1).local_get(2).table_init(table0, passive);
  FuncIndex drop = m.function(m.type({}, {}));
  m.body(drop).elem_drop(passive);
  FuncIndex grow = m.function(m.type({ValType::i32}, {ValType::i32}));
  m.body(grow).ref_func(own).local_get(0).table_grow(table0);
  FuncIndex copy = m.function(m.type({ValType::i32, ValType::i32, ValType::i32}, {}));
  m.body(copy).local_get(0).local_get(1).local_get(2).table_copy(table0, table0);
  for (auto [name, function] :
       {std::pair("call", call), {"init", init}, {"drop", drop}, {"grow", grow}, {"copy", copy}})
    m.export_(name, function);
  Instance* user = world.add(m);

  auto call_at = world.get<int32_t(int32_t)>(user, "call");
  CHECK(call_at(2) == 100);
  CHECK(call_at(3) == 7);
  CHECK(call_at(4) == 100);
  CHECK(call_at(5).error().code == TrapCode::uninitialized_element);
  auto init_at = world.get<void(int32_t, int32_t, int32_t)>(user, "init");
  CHECK(init_at(8, 0, 2));
  CHECK(call_at(9) == 100);
  CHECK(init_at(9, 0, 2).error().code == TrapCode::table_out_of_bounds);
  CHECK(world.get<void()>(user, "drop")());
  CHECK(init_at(8, 0, 1).error().code == TrapCode::table_out_of_bounds);
  CHECK(init_at(8, 0, 0));
  CHECK(world.get<int32_t(int32_t)>(user, "grow")(2) == 10);
  CHECK(call_at(11) == 7);
  auto copy_at = world.get<void(int32_t, int32_t, int32_t)>(user, "copy");
  CHECK(copy_at(0, 2, 4));
  CHECK(call_at(0) == 100);
  CHECK(call_at(1) == 7);
  CHECK(call_at(3).error().code == TrapCode::uninitialized_element);
}

TEST_CASE("guest: segments, globals and the start function") {
  NEEDS_COMPILER();
  World world;
  wasm::GlobalType i32_global{ValType::i32, false};
  REQUIRE(world.linker.define("env", "base", world.store->add_global(i32_global, {1000, 0})));
  ModuleBuilder m;
  auto base = m.import_global("env", "base", i32_global);
  m.memory(pages(1));
  auto counter = m.global({ValType::i32, true}, wasm::const_global(base));
  uint8_t bytes[] = {1, 2, 3, 4};
  m.active_data(memory0, wasm::const_global(base), bytes);
  m.active_data(memory0, wasm::const_i32(8), bytes);
  FuncIndex start = m.function(m.type({}, {}));
  m.body(start).global_get(counter).i32_const(1).op(Opcode::i32_add).global_set(counter);
  m.start(start);
  FuncIndex get = m.function(m.type({}, {ValType::i32}));
  m.body(get).global_get(counter);
  FuncIndex load = m.function(m.type({ValType::i32}, {ValType::i32}));
  m.body(load).local_get(0).access(Opcode::i32_load, memory0, 0);
  m.export_("get", get);
  m.export_("load", load);
  m.export_("counter", counter);
  Instance* instance = world.add(m);
  CHECK(world.get<int32_t()>(instance, "get")() == 1001);
  CHECK(std::get<Global>(*instance->find_export("counter")).slot->low == 1001);
  auto load_at = world.get<uint32_t(uint32_t)>(instance, "load");
  CHECK(load_at(1000) == 0x04030201u);
  CHECK(load_at(8) == 0x04030201u);
  CHECK(load_at(16) == 0u);
}

TEST_CASE("guest: a segment out of bounds traps, and what came before it stays") {
  NEEDS_COMPILER();
  World world;
  auto memory = world.store->add_memory(pages(1));
  REQUIRE(memory);
  REQUIRE(world.linker.define("env", "memory", *memory));
  ModuleBuilder m;
  m.import_memory("env", "memory", pages(1));
  uint8_t bytes[] = {9, 9};
  m.active_data(memory0, wasm::const_i32(0), bytes);
  m.active_data(memory0, wasm::const_i32(65535), bytes);
  Instance* instance = world.link(m);
  auto done = instance->initialize();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == TrapCode::memory_out_of_bounds);
  CHECK((*memory)->base()[0] == 9);
  CHECK((*memory)->base()[65535] == 0);
}

TEST_CASE("guest: many parameters and results, with and without the overflow block") {
  NEEDS_COMPILER();
  World world;
  using Results = std::tuple<uint64_t, double, uint32_t, float, uint64_t, uint64_t, uint64_t>;
  REQUIRE(world.linker.define(
      "env", "shuffle",
      host_function([](Caller&, uint64_t a, double b, uint32_t c, float d, uint64_t e, uint64_t f,
                       uint64_t g, uint64_t h,
                       uint64_t i) { return Results(i, b, c, d, h, g, a + e + f); })));
  ModuleBuilder m;
  std::vector<ValType> params = {ValType::i64, ValType::f64, ValType::i32,
                                 ValType::f32, ValType::i64, ValType::i64,
                                 ValType::i64, ValType::i64, ValType::i64};
  auto type = m.type(params, {ValType::i64, ValType::f64, ValType::i32, ValType::f32, ValType::i64,
                              ValType::i64, ValType::i64});
  FuncIndex shuffle = m.import_function("env", "shuffle", type);
  FuncIndex pass = m.function(type);
  for (uint32_t i = 0; i < params.size(); ++i) m.body(pass).local_get(i);
  m.body(pass).call(shuffle);
  FuncIndex tail = m.function(type);
  for (uint32_t i = 0; i < params.size(); ++i) m.body(tail).local_get(i);
  m.body(tail).return_call(pass);
  m.export_("pass", pass);
  m.export_("tail", tail);
  Instance* instance = world.add(m);
  for (const char* name : {"pass", "tail"}) {
    auto function = world.get<Results(uint64_t, double, uint32_t, float, uint64_t, uint64_t,
                                      uint64_t, uint64_t, uint64_t)>(instance, name);
    CHECK(*function(1, 2.5, 3, 4.5f, 5, 6, 7, 8, 9) == Results(9, 2.5, 3, 4.5f, 8, 7, 12));
  }
}

TEST_CASE("guest: deep recursion is a trap, with host calls on the way down too") {
  NEEDS_COMPILER();
  EngineConfig config;
  config.stack_size = 256 << 10;
  World world(config);
  uint64_t calls = 0;
  REQUIRE(world.linker.define("env", "host", host_function([&calls](Caller&, uint32_t a) {
                                ++calls;
                                return a;
                              })));
  ModuleBuilder m;
  auto type = m.type({ValType::i32}, {ValType::i32});
  FuncIndex host = m.import_function("env", "host", type);
  FuncIndex deep = m.function(type, "deep");
  m.body(deep)
      .local_get(0)
      .i32_const(1)
      .op(Opcode::i32_add)
      .call(deep)
      .i32_const(1)
      .op(Opcode::i32_xor);
  FuncIndex with_host = m.function(type, "with_host");
  m.body(with_host).local_get(0).call(host).call(with_host).i32_const(1).op(Opcode::i32_xor);
  m.export_("deep", deep);
  m.export_("with_host", with_host);
  Instance* instance = world.add(m);
  for (const char* name : {"deep", "with_host", "deep"}) {
    auto trapped = world.get<uint32_t(uint32_t)>(instance, name)(0);
    REQUIRE_FALSE(trapped);
    CHECK(trapped.error().code == TrapCode::call_stack_exhausted);
    CHECK(trapped.error().frames.size() == max_backtrace_frames);
    CHECK(trapped.error().frames[3].function == name);
  }
  CHECK(calls > 1000);
}

TEST_CASE("guest: a store runs on one thread after another, and many at once") {
  NEEDS_COMPILER();
  World world;
  auto code = load_guest(world.engine, fibonacci());
  REQUIRE(code);
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        auto store = Store::create(world.engine);
        auto instance = Linker().link(**store, (*code)->module(0));
        auto item = (*instance)->find_export("fib");
        auto fib =
            TypedFunction<int32_t(int32_t)>::of(**store, std::get<compiler::FuncRef*>(*item));
        if ((*fib)(15) == 610) ++good;
        auto deep = (*fib)(1 << 30);
        if (!deep && deep.error().code == TrapCode::call_stack_exhausted) ++good;
      }
    });
  }
  threads.clear();
  CHECK(good == 160);
  auto fib = world.get<int32_t(int32_t)>(world.add(fibonacci()), "fib");
  std::jthread([&] { CHECK(fib(10) == 55); }).join();
  CHECK(fib(11) == 89);
}

TEST_CASE("guest: ten thousand instances leave nothing behind") {
  NEEDS_COMPILER();
  World world;
  ModuleBuilder m = fibonacci();
  uint8_t bytes[] = {1};
  m.active_data(memory0, wasm::const_i32(10), bytes);
  auto code = load_guest(world.engine, m);
  REQUIRE(code);
  auto once = [&] {
    auto store = Store::create(world.engine);
    auto instance = Linker().link(**store, (*code)->module(0));
    REQUIRE(instance);
    REQUIRE((*instance)->initialize());
    (*instance)->memory(0).base()[10] = 77;
    auto item = (*instance)->find_export("fib");
    auto fib = TypedFunction<int32_t(int32_t)>::of(**store, std::get<compiler::FuncRef*>(*item));
    REQUIRE((*fib)(3) == 2);
  };
  constexpr bool is_slow = TENON_ADDRESS_SANITIZER || TENON_THREAD_SANITIZER;
  for (int i = 0; i < 100; ++i) once();
  size_t maps = lines_of("/proc/self/maps");
  size_t files = open_files();
  size_t resident = resident_pages();
  for (int i = 0; i < (is_slow ? 300 : 10'000); ++i) once();
  CHECK(lines_of("/proc/self/maps") <= maps + 2);
  CHECK(open_files() == files);
  if (!is_slow) CHECK(resident_pages() <= resident + 64);
}

TEST_CASE("guest: no mapping is writable and executable") {
  NEEDS_COMPILER();
  World world;
  world.get<int32_t(int32_t)>(world.add(fibonacci()), "fib")(5);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) CHECK(line.find(" rwx") == std::string::npos);
}

TEST_CASE("guest: a forked child runs on") {
  NEEDS_COMPILER();
  World world;
  Instance* instance = world.add(fibonacci());
  auto fib = world.get<int32_t(int32_t)>(instance, "fib");
  REQUIRE(fib(10) == 55);
  int status = in_child([&] {
    bool works = fib(10) == 55 && fib(1 << 30).error().code == TrapCode::call_stack_exhausted;
    return works ? 42 : 1;
  });
  CHECK(status == 42);
}

TEST_CASE("guest: faults of C++ are not taken for traps") {
  NEEDS_COMPILER();
  World world;
  REQUIRE(world.linker.define("env", "crash", host_function([](Caller& caller) {
                                // In the guest's own reservation, but the host's doing.
                                auto memory = caller.memory();
                                volatile uint8_t* end = memory->slice(memory->size(), 0)->data();
                                end[4096] = 1;
                              })));
  ModuleBuilder m;
  FuncIndex crash = m.import_function("env", "crash", m.type({}, {}));
  FuncIndex run = m.function(m.type({}, {}));
  m.body(run).call(crash);
  m.export_("run", run);
  m.export_("memory", m.memory(pages(1)));
  auto call = world.get<void()>(world.add(m), "run");
  int status = in_child([&] { return call() ? 2 : 3; });
  if (!TENON_ADDRESS_SANITIZER) CHECK(status == -SIGSEGV);
  CHECK(status != 2);
  CHECK(status != 3);
}

TEST_CASE("guest: handlers that stand before and after ours get what is theirs") {
  NEEDS_COMPILER();
  World world;
  auto run = world.get<int32_t(int32_t)>(world.add(fibonacci()), "fib");
  int status = in_child([&] {
    // Comes first from now on, and passes on what is not at its address.
    static struct sigaction before;
    static int seen;
    struct sigaction mine = {};
    mine.sa_flags = SA_SIGINFO | SA_ONSTACK;
    mine.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
      ++seen;
      if (info->si_addr == reinterpret_cast<void*>(0x10)) _exit(42);
      before.sa_sigaction(signal, info, context);
    };
    sigaction(SIGSEGV, &mine, &before);
    auto trapped = run(1 << 30);
    if (trapped || trapped.error().code != TrapCode::call_stack_exhausted || seen != 1) return 1;
    *reinterpret_cast<volatile int*>(0x10) = 1;
    return 2;
  });
  CHECK(status == 42);
}

TEST_CASE("guest: memories are checked where address space is short") {
  NEEDS_COMPILER();
  if (TENON_ADDRESS_SANITIZER || TENON_THREAD_SANITIZER) return;
  test_tier();
  int status = in_child([] {
    rlimit limit{uint64_t{3} << 30, uint64_t{3} << 30};
    setrlimit(RLIMIT_AS, &limit);
    auto engine = Engine::create();
    if (!engine || (*engine)->memory_mode() != compiler::MemoryMode::checked) return 1;
    auto store = Store::create(*engine);
    auto memory = (*store)->add_memory(pages(1));
    auto second = (*store)->add_memory(pages(1));
    if (!memory || !second) return 2;
    if ((*store)->grow_memory(**memory, 100) != 1) return 3;
    (*memory)->base()[100 << 16] = 1;
    if ((*store)->grow_memory(**memory, 65000)) return 4;
    if ((*store)->add_memory(pages(65536))) return 5;
    return 42;
  });
  CHECK(status == 42);
}

TEST_CASE("guest: code for checked memories finds their end") {
  NEEDS_COMPILER();
  World world({.memory_mode = compiler::MemoryMode::checked, .checked_reservation = 1 << 20});
  ModuleBuilder m;
  m.memory(pages(1));
  FuncIndex load = m.function(m.type({ValType::i32}, {ValType::i32}));
  m.body(load).local_get(0).access(Opcode::i32_load, memory0, 4);
  m.export_("load", load);
  auto load_at = world.get<uint32_t(uint32_t)>(world.add(m), "load");
  CHECK(load_at(65528) == 0u);
  CHECK(load_at(65529).error().code == TrapCode::memory_out_of_bounds);
  CHECK(load_at(0xffffffff).error().code == TrapCode::memory_out_of_bounds);
}

TEST_CASE("guest: code of the other memory mode is refused") {
  NEEDS_COMPILER();
  World checked({.memory_mode = compiler::MemoryMode::checked});
  World guarded({.memory_mode = compiler::MemoryMode::guarded});
  auto code = load_guest(checked.engine, fibonacci());
  REQUIRE(code);
  auto artifact = compiler::Artifact::open((*code)->artifact().bytes());
  REQUIRE(artifact);
  auto refused = LoadedCode::load(guarded.engine, *artifact);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::unsupported);
}

}  // namespace tenon::runtime
