// Random functions between two components, called with random values: what the compiled adapters
// do, compared with the model in every byte of both memories, every core value, every call of
// realloc, and whether it traps. Each side has a string encoding of its own, a realloc as hostile
// as the seed makes it, and memory that has been damaged. Prints one line.
#include <charconv>
#include <cstdio>
#include <cstring>

#include "component/text/parse_component.h"
#include "tenon/component.h"
#include "tenon/engine.h"
#include "tenon/linker.h"
#include "tests/canon/adapter_component.h"

namespace {

using namespace model;

constexpr uint32_t calls_per_function = 16;
constexpr size_t max_flat_params = 16, max_flat_results = 1;

// One of the two guests, as the model has it: its memory, its log, and what its realloc will do.
class Side {
 public:
  Side(Random& random, Encoding encoding) {
    guest.encoding = encoding;
    guest.keeps_nan_bits = true;
    guest.memory.resize(guest_memory_bytes);
    log.resize(guest_memory_bytes);
    for (uint32_t i = 0; i < 1024; i++) guest.memory[i] = static_cast<uint8_t>(random.bits());
    uint32_t honest = random.one_in(3) ? max_calls : random.below(8);
    for (uint32_t i = honest; i < max_calls && i < honest + 32; i++) {
      bool is_hostile = random.one_in(3);
      put(i * 8, static_cast<uint32_t>(is_hostile ? random.below(5) : 0));
      put(i * 8 + 4, static_cast<uint32_t>(random.one_in(2) ? random.below(8) : random.bits()));
    }
  }

  // Puts values where the guest could have put them itself. False: there are too many.
  bool prepare(size_t max_flat, const std::vector<TypeRef>& types, const std::vector<Value>& values,
               std::vector<uint64_t>& flat) {
    uint64_t next = 16;
    guest.realloc = [&](uint64_t old, uint64_t old_size, uint64_t alignment,
                        uint64_t new_size) -> std::optional<uint64_t> {
      uint64_t start = (next + alignment - 1) / alignment * alignment;
      if (new_size > first_free / 2 || start + new_size > first_free / 2) return std::nullopt;
      next = start + new_size;
      std::memmove(&guest.memory[start], &guest.memory[old], std::min(old_size, new_size));
      return start;
    };
    flat = guest.lower_values(max_flat, types, values);
    if (guest.trapped) return false;
    guest.realloc = [this](uint64_t old, uint64_t old_size, uint64_t alignment, uint64_t new_size) {
      return reallocate(old, old_size, alignment, new_size);
    };
    return true;
  }

  void damage(Random& random) {
    for (uint32_t i = 1 + random.below(4); i > 0; i--) {
      uint32_t used = random.one_in(2) ? 64 : 512;
      auto bits =
          static_cast<uint32_t>(random.one_in(4) ? 0xd800 + random.below(0x800) : random.bits());
      uint32_t size = random.one_in(3) ? 4 : 1;
      std::memcpy(&guest.memory[random.below(used / 4) * 4], &bits, size);
    }
  }

  void put_value(uint32_t at, Core core, uint64_t bits) {
    bool is_wide = core == Core::i64 || core == Core::f64;
    std::memcpy(&log[at], &bits, is_wide ? 8 : 4);
  }

  static uint64_t hash(const std::vector<uint8_t>& bytes) {
    uint64_t hash = 0;
    for (size_t i = 0; i < bytes.size(); i += 8) {
      uint64_t word = 0;
      std::memcpy(&word, &bytes[i], 8);
      hash = (hash ^ word) * 0x100000001b3;
    }
    return hash;
  }

  Guest guest;
  std::vector<uint8_t> log;

 private:
  void put(uint32_t at, uint32_t value) { std::memcpy(&log[at], &value, 4); }
  uint32_t get(uint32_t at) const {
    uint32_t value = 0;
    std::memcpy(&value, &log[at], 4);
    return value;
  }

  std::optional<uint64_t> reallocate(uint64_t old, uint64_t old_size, uint64_t alignment,
                                     uint64_t new_size) {
    if (calls_ == max_calls) return std::nullopt;
    uint32_t at = log_calls + calls_ * 16;
    for (uint64_t value : {old, old_size, alignment, new_size}) {
      put(at, static_cast<uint32_t>(value));
      at += 4;
    }
    auto action = static_cast<Action>(get(calls_ * 8));
    uint32_t number = get(calls_ * 8 + 4);
    calls_++;
    if (action == Action::trap) return std::nullopt;
    uint64_t start = (next_ + alignment - 1) / alignment * alignment;
    if (new_size > guest_memory_bytes || start + new_size > guest_memory_bytes) return std::nullopt;
    next_ = start + new_size;
    std::memmove(guest.memory.data() + start, guest.memory.data() + old,
                 std::min(old_size, new_size));
    if (action == Action::write) guest.memory[number & 0xffff] = static_cast<uint8_t>(number);
    if (action == Action::absolute) return number;
    if (action == Action::add) return (start + number) & 0xffffffff;
    return start;
  }

  uint32_t calls_ = 0;
  uint64_t next_ = first_free;
};

// One call, as the model does it.
struct Call {
  Call(Random& random, const FunctionShape& shape)
      : caller(random, shape.caller), callee(random, shape.callee) {
    std::vector<Value> values;
    for (const TypeRef& type : shape.params) values.push_back(random_value(random, *type));
    is_possible = caller.prepare(max_flat_params, shape.params, values, params);
    if (shape.result) {
      Value value = random_value(random, *shape.result);
      is_possible &= callee.prepare(max_flat_results, {shape.result}, {value}, result);
    } else {
      std::vector<uint64_t> none;
      callee.prepare(max_flat_results, {}, {}, none);
    }
    if (!is_possible) return;
    if (random.one_in(3)) caller.damage(random);
    if (random.one_in(3)) callee.damage(random);
    for (std::vector<uint64_t>* flat : {&params, &result}) {
      for (uint64_t& value : *flat) {
        if (random.one_in(24)) value = random.bits();
      }
    }
    cores = shape.flat_params(caller.guest);
    for (uint32_t i = 0; i < cores.size(); i++)
      caller.put_value(log_values + 8 * i, cores[i], params[i]);
    if (shape.has_result_pointer(caller.guest)) {
      place = 0x4000 + 8 * random.below(1000);
      if (random.one_in(8)) place += random.below(8);
      if (random.one_in(8)) place = guest_memory_bytes - random.below(64);
      caller.put_value(log_values + 8 * static_cast<uint32_t>(cores.size()), Core::i32, place);
      callee.put_value(log_result, Core::i32, result[0]);
    } else if (shape.result) {
      callee.put_value(log_result, shape.flat_result(callee.guest)[0], result[0]);
    }
  }

  // Whether it does not trap.
  bool run(const FunctionShape& shape) {
    for (uint32_t i = 0; i < cores.size(); i++) {
      if (cores[i] == Core::i32 || cores[i] == Core::f32) params[i] &= 0xffffffff;
    }
    std::vector<Value> values = caller.guest.lift_values(max_flat_params, shape.params, params);
    if (caller.guest.trapped) return false;
    std::vector<uint64_t> lowered =
        callee.guest.lower_values(max_flat_params, shape.params, values);
    if (callee.guest.trapped) return false;
    for (uint32_t i = 0; i < cores.size(); i++)
      callee.put_value(log_values + 8 * i, cores[i], lowered[i]);
    if (!shape.result) return true;
    std::vector<Value> lifted = callee.guest.lift_values(max_flat_results, {shape.result}, result);
    if (callee.guest.trapped) return false;
    return lower_result(shape, lifted[0]);
  }

  Side caller, callee;
  bool is_possible = false;

 private:
  bool lower_result(const FunctionShape& shape, const Value& value) {
    if (!shape.has_result_pointer(caller.guest)) {
      uint64_t flat = caller.guest.lower_flat(*shape.result, value)[0];
      caller.put_value(log_result, shape.flat_result(caller.guest)[0], flat);
      return !caller.guest.trapped;
    }
    uint64_t size = caller.guest.elem_size(*shape.result);
    bool fits = place % caller.guest.alignment(*shape.result) == 0 && place <= guest_memory_bytes &&
                size <= guest_memory_bytes - place;
    if (!fits) return false;
    caller.guest.store(*shape.result, value, place);
    return !caller.guest.trapped;
  }

  std::vector<Core> cores;
  std::vector<uint64_t> params, result;
  uint64_t place = 0;
};

// The same call of the components.
class Machine {
 public:
  Machine(const tenon::Engine& engine, const tenon::Component& component) : store_(engine) {
    tenon::Linker linker(engine);
    auto made = linker.instantiate(store_, component);
    if (made) {
      instance_.emplace(std::move(*made));
    } else {
      error = made.error().to_string();
    }
  }

  void fill(const std::string& side, const Side& from) {
    auto poke = instance_->get_func<void(uint32_t, uint32_t, uint64_t)>(side + "-poke");
    for (uint32_t which = 0; which < 2; which++) {
      const std::vector<uint8_t>& bytes = which == 0 ? from.guest.memory : from.log;
      for (uint32_t at = 0; at < bytes.size(); at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, &bytes[at], 8);
        if (word != 0 && !(*poke)(which, at, word)) error = "poke traps";
      }
    }
  }

  // Whether it does not trap.
  bool run() {
    auto run = instance_->get_func<void()>("run");
    auto done = (*run)();
    if (!done) trap = done.error().message;
    return done.has_value();
  }

  const char* difference(const std::string& side, const Side& from) {
    auto hash = instance_->get_func<uint64_t(uint32_t)>(side + "-hash");
    auto memory = (*hash)(0);
    auto log = (*hash)(1);
    bool is_caller = side == "caller";
    if (*log != Side::hash(from.log))
      return is_caller ? "the caller's result or its calls of realloc"
                       : "the callee's arguments or its calls of realloc";
    if (*memory != Side::hash(from.guest.memory))
      return is_caller ? "the caller's memory" : "the callee's memory";
    return nullptr;
  }

  std::string error;
  std::string trap;

 private:
  tenon::Store store_;
  std::optional<tenon::Instance> instance_;
};

struct Tally {
  uint64_t calls = 0, trapped = 0, differed = 0;
};

void report(Tally& tally, uint64_t seed, uint32_t call, const std::string& what) {
  tally.differed++;
  std::fprintf(stderr, "function %llu, call %u: %s\n", static_cast<unsigned long long>(seed), call,
               what.c_str());
}

void compare(const tenon::Engine& engine, uint64_t seed, bool prints, Tally& tally) {
  Random random(seed);
  FunctionShape shape;
  for (uint32_t i = random.below(5); i > 0; i--) shape.params.push_back(random_type(random, 2));
  if (!random.one_in(4)) shape.result = random_type(random, 3);
  shape.caller = static_cast<Encoding>(random.below(3));
  shape.callee = static_cast<Encoding>(random.below(3));
  std::string text = adapter_component(shape);
  if (prints) std::puts(text.c_str());
  auto bytes = tenon::component::text::parse_component({"adapter.wat", text});
  if (!bytes) return report(tally, seed, 0, bytes.error().to_string());
  auto component = tenon::Component::from_bytes(engine, *bytes);
  if (!component) return report(tally, seed, 0, component.error().to_string());
  for (uint32_t i = 0; i < calls_per_function; i++) {
    Call call(random, shape);
    if (!call.is_possible) continue;
    Machine machine(engine, *component);
    if (!machine.error.empty()) return report(tally, seed, i, machine.error);
    machine.fill("caller", call.caller);
    machine.fill("callee", call.callee);
    bool want = call.run(shape);
    bool have = machine.run();
    tally.calls++;
    tally.trapped += !want;
    if (want != have) {
      report(tally, seed, i, have ? "does not trap" : "traps: " + machine.trap);
    } else if (want) {
      const char* differs = machine.difference("callee", call.callee);
      if (!differs) differs = machine.difference("caller", call.caller);
      if (differs) report(tally, seed, i, std::string(differs) + " differ");
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t from = 0, to = 0;
  auto number = [](const char* text, uint64_t& value) {
    const char* end = text + std::strlen(text);
    return std::from_chars(text, end, value).ptr == end;
  };
  if (argc < 3 || argc > 4 || !number(argv[1], from) || !number(argv[2], to)) {
    std::fprintf(stderr, "usage: %s FROM TO [print]\n", argv[0]);
    return 2;
  }
  tenon::EngineConfig config;
  config.opt_level = 0;
  config.compile_threads = 1;
  tenon::Engine engine(config);
  Tally tally;
  for (uint64_t seed = from; seed < to; seed++) compare(engine, seed, argc == 4, tally);
  std::printf("%llu functions, %llu calls, %llu trapped, %llu differed\n",
              static_cast<unsigned long long>(to - from),
              static_cast<unsigned long long>(tally.calls),
              static_cast<unsigned long long>(tally.trapped),
              static_cast<unsigned long long>(tally.differed));
  return tally.differed == 0 ? 0 : 1;
}
