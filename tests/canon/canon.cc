// Random types and values, lowered and lifted by the library and by the model, which must agree in
// every byte of memory, every core value, every call of realloc, and in what traps. The guest's
// memory has 32-bit or 64-bit addresses, its realloc is as hostile as the case's seed makes it, and
// what is lifted has been damaged. Prints one line: how many cases, how many of them trapped.
#include <charconv>
#include <cstdio>
#include <cstring>

#include "canon/fake_guest.h"
#include "canon/values.h"
#include "tests/canon/generate.h"

namespace {

using model::Guest;
using model::Random;
using model::Type;
using model::TypeRef;
namespace abi = tenon::abi;
namespace canon = tenon::canon;

constexpr uint32_t memory_bytes = 1 << 14;
constexpr uint64_t max_call_bytes = 1 << 22;

struct Call {
  uint64_t old = 0, old_size = 0, alignment = 0, new_size = 0;
  friend bool operator==(const Call&, const Call&) = default;
};

// A realloc that does the same whenever its seed is the same, on whichever copy of the memory. The
// first so many calls are honest.
class Realloc {
 public:
  Realloc(uint64_t seed, uint32_t honest, uint32_t pointer_size)
      : random_(seed), honest_(honest), pointer_size_(pointer_size) {}

  std::optional<uint64_t> operator()(std::vector<uint8_t>& memory, const Call& call) {
    calls.push_back(call);
    uint64_t pointer = bump(memory, call);
    if (pointer == 0) return std::nullopt;
    if (calls.size() <= honest_) return pointer;
    switch (random_.below(8)) {
      case 0: return pointer + 1 + random_.below(7);    // misaligned, perhaps
      case 1: return memory_bytes - random_.below(64);  // beyond the end, perhaps
      case 2: return anywhere();
      case 3: return last_;         // on top of an earlier one
      case 4: return std::nullopt;  // traps
      case 5:                       // writes where it should not
        for (uint32_t i = random_.below(64); i > 0; i--)
          memory[random_.below(memory_bytes)] = static_cast<uint8_t>(random_.bits());
        return pointer;
      default: return pointer;
    }
  }

  std::vector<Call> calls;

 private:
  uint64_t anywhere() {
    uint64_t bits = random_.bits();
    if (pointer_size_ == 4) return bits & 0xffffffff;
    // Near 2^64 and just above 2^32 too.
    return bits % 3 == 0 ? bits : bits % 3 == 1 ? bits | ~uint64_t{0xff} : bits & 0x100003fff;
  }
  // 0: memory is full.
  uint64_t bump(std::vector<uint8_t>& memory, const Call& call) {
    uint64_t start = (next_ + call.alignment - 1) / call.alignment * call.alignment;
    if (call.new_size > memory_bytes || start + call.new_size > memory_bytes) return 0;
    next_ = start + call.new_size;
    for (uint64_t i = 0; i < std::min(call.old_size, call.new_size); i++)
      memory[start + i] = memory[call.old + i];
    return last_ = start;
  }

  Random random_;
  uint32_t honest_;
  uint32_t pointer_size_;
  uint64_t next_ = 16;
  uint64_t last_ = 16;
};

const abi::ResourceType* no_resource(tenon::component::ResourceId) {
  return nullptr;
}

// The types and values of one case, for both sides.
struct Subject {
  explicit Subject(Random& random, uint32_t most) {
    for (uint32_t i = 1 + random.below(most); i > 0; i--) {
      model_types.push_back(random_type(random, 3));
      model_values.push_back(random_value(random, *model_types.back()));
      tenon::component::ValType type = add_type(types, *model_types.back());
      function.params.push_back({"p" + std::to_string(i), type});
      values.push_back(to_library(*model_types.back(), model_values.back()));
    }
    encoding = random.below(3);
    if (random.one_in(2)) pointer_size = 8;
  }
  canon::ValueTypes value_types() const { return {types, no_resource}; }
  Type tuple() const { return {model::Kind::record, model::Form::tuple, model_types, 0, {}}; }
  Guest guest(const std::vector<uint8_t>& memory) const {
    Guest guest;
    guest.memory = memory;
    guest.encoding = static_cast<model::Encoding>(encoding);
    guest.pointer_size = pointer_size;
    return guest;
  }
  void describe(abi::Options& options) const {
    if (pointer_size == 8) options.pointer = abi::CoreType::i64;
  }

  tenon::component::ComponentTypes types;
  tenon::component::FuncType function;
  std::vector<TypeRef> model_types;
  std::vector<model::Value> model_values;
  std::vector<tenon::Value> values;
  uint32_t encoding = 0;
  uint32_t pointer_size = 4;
};

std::vector<uint8_t> random_memory(Random& random) {
  std::vector<uint8_t> memory(memory_bytes);
  for (size_t i = 0; i < memory.size(); i += 8) {
    uint64_t bits = random.bits();
    std::memcpy(&memory[i], &bits, 8);
  }
  return memory;
}

struct Outcome {
  const char* difference = nullptr;
  std::optional<model::TrapIf> trapped;
};

// Parameters of a call of the host, lowered into the guest.
Outcome compare_lowering(Random& random) {
  Subject subject(random, 6);
  std::vector<uint8_t> memory = random_memory(random);
  uint64_t seed = random.bits();
  uint32_t honest = random.one_in(3) ? UINT32_MAX : random.below(6);

  canon::FakeGuest guest(memory_bytes, static_cast<abi::StringEncoding>(subject.encoding));
  std::memcpy(guest.bytes.data(), memory.data(), memory.size());
  subject.describe(guest.options);
  Realloc ours(seed, honest, subject.pointer_size), theirs = ours;
  guest.hook = [&](uint64_t old, uint64_t old_size, uint32_t alignment,
                   uint64_t new_size) -> tenon::CallResult<uint64_t> {
    auto result = ours(guest.bytes, {old, old_size, alignment, new_size});
    if (!result) return std::unexpected(tenon::Trap{tenon::TrapCode::unreachable, {}, 0, {}});
    return *result;
  };
  abi::Context cx(guest.options);
  uint64_t flat[abi::max_flat_params] = {};
  canon::lower_params(cx, subject.value_types(), subject.function, subject.values, flat);

  Guest expected = subject.guest(memory);
  expected.realloc = [&](uint64_t old, uint64_t old_size, uint64_t alignment, uint64_t new_size) {
    return theirs(expected.memory, {old, old_size, alignment, new_size});
  };
  std::vector<uint64_t> want =
      expected.lower_values(abi::max_flat_params, subject.model_types, subject.model_values);
  if (ours.calls != theirs.calls) return {"calls of realloc", {}};
  if (cx.failed() != expected.trapped.has_value()) return {"whether lowering traps", {}};
  if (expected.trapped) return {nullptr, expected.trapped};
  if (guest.bytes != expected.memory) return {"memory after lowering", {}};
  if (!std::equal(want.begin(), want.end(), flat)) return {"core values", {}};
  return {};
}

// A number that is no character, or any number.
uint64_t bad_bits(Random& random) {
  return random.one_in(4) ? 0xd800 + random.below(0x800) : random.bits();
}

void damage(Random& random, std::vector<uint8_t>& memory, uint32_t used) {
  for (uint32_t i = 1 + random.below(4); i > 0; i--) {
    if (random.one_in(3)) {
      uint64_t bits = bad_bits(random);
      size_t size = random.one_in(2) ? 4 : 8;
      std::memcpy(&memory[random.below(used / 8) * 8], &bits, size);
    } else {
      memory[random.below(used)] = static_cast<uint8_t>(random.bits());
    }
  }
}

// What a guest has lowered, in memory or in core values, lifted by the host.
Outcome compare_lifting(Random& random) {
  Subject subject(random, 1);
  std::vector<uint8_t> memory = random_memory(random);
  Guest made = subject.guest(memory);
  Realloc realloc(0, UINT32_MAX, subject.pointer_size);
  made.realloc = [&](uint64_t old, uint64_t old_size, uint64_t alignment, uint64_t new_size) {
    return realloc(made.memory, {old, old_size, alignment, new_size});
  };
  bool in_memory = random.one_in(2);
  size_t max_flat = in_memory ? abi::max_flat_results : abi::max_flat_params;
  std::vector<uint64_t> flat =
      made.lower_values(max_flat, subject.model_types, subject.model_values);
  if (made.trapped) return {};
  if (random.one_in(2)) damage(random, made.memory, random.one_in(2) ? 64 : 512);
  std::vector<model::Core> cores = made.flatten(subject.tuple());
  bool is_flat = cores.size() <= max_flat;
  for (size_t i = 0; i < flat.size(); i++) {
    if (random.one_in(16)) flat[i] = bad_bits(random);
    // Nobody looks at the upper half of a register that holds 32 bits.
    bool is_narrow = is_flat ? cores[i] == model::Core::i32 || cores[i] == model::Core::f32
                             : subject.pointer_size == 4;
    if (is_narrow && random.one_in(2)) flat[i] |= random.bits() << 32;
  }
  flat.resize(abi::max_flat_params);

  canon::FakeGuest guest(memory_bytes, static_cast<abi::StringEncoding>(subject.encoding));
  std::memcpy(guest.bytes.data(), made.memory.data(), memory.size());
  subject.describe(guest.options);
  guest.call_bytes = max_call_bytes;
  abi::Context cx(guest.options);
  tenon::component::ValType type = subject.function.params[0].type;
  tenon::Value lifted;
  if (max_flat == abi::max_flat_results) {
    lifted =
        canon::lift_result(cx, subject.value_types(), type, flat.data(), abi::max_flat_results);
  } else if (is_flat) {
    const uint64_t* next = flat.data();
    lifted = canon::lift_flat(cx, subject.value_types(), type, next);
    if (!cx.failed() && next != flat.data() + cores.size())
      return {"core values that were read", {}};
  } else {
    return {};
  }
  if (cx.failed()) {
    tenon::Trap trap = cx.take_trap();
    if (trap.message.starts_with("a call copies more")) return {};
    Guest expected = subject.guest(made.memory);
    expected.lift_values(max_flat, subject.model_types, flat);
    return {expected.trapped ? nullptr : "whether lifting traps", expected.trapped};
  }
  Guest expected = subject.guest(made.memory);
  std::vector<model::Value> want = expected.lift_values(max_flat, subject.model_types, flat);
  if (expected.trapped) return {"whether lifting traps", {}};
  if (lifted != to_library(*subject.model_types[0], want[0])) return {"values", {}};
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t from = 0, to = 0;
  auto number = [](const char* text, uint64_t& value) {
    const char* end = text + std::strlen(text);
    return std::from_chars(text, end, value).ptr == end;
  };
  if (argc != 3 || !number(argv[1], from) || !number(argv[2], to)) {
    std::fprintf(stderr, "usage: %s FROM TO\n", argv[0]);
    return 2;
  }
  uint64_t trapped = 0, differed = 0;
  uint64_t met[std::size(model::trap_names)] = {};
  for (uint64_t i = from; i < to; i++) {
    Random random(i);
    Outcome outcome = i % 2 ? compare_lifting(random) : compare_lowering(random);
    if (outcome.trapped) {
      trapped++;
      met[static_cast<size_t>(*outcome.trapped)]++;
    }
    if (!outcome.difference) continue;
    differed++;
    std::fprintf(stderr, "case %llu: %s differ\n", static_cast<unsigned long long>(i),
                 outcome.difference);
  }
  // UTF-8 has no alignment.
  constexpr auto impossible = static_cast<size_t>(model::TrapIf::string_copy_alignment);
  size_t conditions = 0;
  for (size_t i = 0; i < std::size(met); i++) {
    conditions += met[i] > 0;
    if (met[i] == 0 && i != impossible)
      std::fprintf(stderr, "no case traps by %s\n", model::trap_names[i]);
  }
  std::printf("%llu cases, %llu trapped by %zu of %zu conditions, %llu differed\n",
              static_cast<unsigned long long>(to - from), static_cast<unsigned long long>(trapped),
              conditions, std::size(met) - 1, static_cast<unsigned long long>(differed));
  return differed == 0 ? 0 : 1;
}
