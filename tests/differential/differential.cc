// differential OPT-LEVEL SUPPORT HASHER MODULE...
//
// Instantiates each module beside the support module, calls every exported function that takes and
// returns numbers alone, and prints what came of it, a line per call: name, arguments, results or
// trap, separated by tabs. Then hashes of what was logged and of the memory. compare.mjs makes the
// same calls elsewhere. Ends with status 1 where a module cannot be compiled or instantiated for
// another reason than a trap.
#include <bit>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/engine.h"
#include "tenon/module.h"
#include "tenon/store.h"

namespace tenon::differential {
namespace {

constexpr int rounds = 3;  // calls of a function that has parameters

std::string hex(uint64_t bits) {
  char buffer[20];
  auto [end, status] = std::to_chars(buffer, buffer + sizeof buffer, bits, 16);
  return {buffer, end};
}

// `i32:ffffffff`, `f64:nan`; numbers by their bits.
std::string show(const CoreValue& value) {
  if (const auto* i32 = std::get_if<int32_t>(&value))
    return "i32:" + hex(static_cast<uint32_t>(*i32));
  if (const auto* i64 = std::get_if<int64_t>(&value))
    return "i64:" + hex(static_cast<uint64_t>(*i64));
  if (const auto* f32 = std::get_if<float>(&value))
    return "f32:" + (*f32 == *f32 ? hex(std::bit_cast<uint32_t>(*f32)) : "nan");
  if (const auto* f64 = std::get_if<double>(&value))
    return "f64:" + (*f64 == *f64 ? hex(std::bit_cast<uint64_t>(*f64)) : "nan");
  return "other";
}

std::string show(const std::vector<CoreValue>& values) {
  std::string text;
  for (const CoreValue& value : values) text += (text.empty() ? "" : " ") + show(value);
  return text;
}

std::string show(const Trap& trap) {
  return "trap:" + std::string(trap_text(trap.code));
}

// Values near the borders of their types.
CoreValue argument(std::string_view type, size_t choice) {
  constexpr int32_t i32s[] = {0, 1, -1, INT32_MIN, INT32_MAX, 255, 65536, 7};
  constexpr int64_t i64s[] = {0, 1, -1, INT64_MIN, INT64_MAX, 0x100000000, 255, -77};
  constexpr float f32s[] = {0, -0.0F, 1.5F, -2147483648.0F, 3.4e38F, 1e-45F, 4294967296.0F, -1};
  constexpr double f64s[] = {0, -0.0, 0.1, -9223372036854775808.0, 1e308, 5e-324, 1e19, -1};
  size_t i = choice % 8;
  if (type == "i32") return i32s[i];
  if (type == "i64") return i64s[i];
  if (type == "f32") return f32s[i];
  return f64s[i];
}

bool are_numbers(const std::vector<std::string>& types) {
  for (const std::string& type : types) {
    if (type != "i32" && type != "i64" && type != "f32" && type != "f64") return false;
  }
  return true;
}

class Player {
 public:
  Player(const Engine& engine, const Module& support, const Module& hasher)
      : engine_(engine), support_(support), hasher_(hasher) {}

  // False, and a message, where something but a trap went wrong.
  bool play(const char* path) {
    std::printf("module\t%s\n", path);
    auto module = Module::from_file(engine_, path);
    if (!module) return refuse(path, module.error().to_string());
    Store store(engine_);
    ModuleLinker linker(engine_);
    auto support = linker.instantiate(store, support_);
    if (!support) return refuse("support", support.error().to_string());
    if (auto defined = linker.define("fuzzing-support", *support); !defined)
      return refuse("support", defined.error().to_string());
    auto instance = linker.instantiate(store, *module);
    if (!instance) {
      if (instance.error().trap() == nullptr) return refuse(path, instance.error().to_string());
      std::printf("instantiate\t%s\n", show(*instance.error().trap()).c_str());
      return true;
    }
    for (const Module::Export& item : module->exports()) {
      if (item.type.starts_with("(func") && !call_all(*instance, item.name)) return false;
    }
    ModuleLinker hashing(engine_);
    auto defined = hashing.define("generated", *instance);
    auto hasher = hashing.instantiate(store, hasher_);
    if (!defined || !hasher) return refuse("hasher", "does not fit");
    return hash(*support, "log") && hash(*hasher, "memory");
  }

 private:
  bool call_all(const ModuleInstance& instance, const std::string& name) {
    auto function = instance.get_func(name);
    if (!function) return refuse(name.c_str(), function.error().to_string());
    if (!are_numbers(function->params()) || !are_numbers(function->results())) return true;
    size_t count = function->params().empty() ? 1 : rounds;
    for (size_t round = 0; round < count; ++round) {
      refuel(instance);
      std::vector<CoreValue> arguments;
      for (const std::string& type : function->params())
        arguments.push_back(argument(type, calls_++));
      auto called = function->call(arguments);
      if (!called) return refuse(name.c_str(), called.error().to_string());
      std::string outcome = *called ? show(**called) : show(called->error());
      std::printf("call\t%s\t%s\t%s\n", name.c_str(), show(arguments).c_str(), outcome.c_str());
    }
    return true;
  }

  // Generated code counts its loops and calls down, and traps at zero.
  static void refuel(const ModuleInstance& instance) {
    if (auto refill = instance.get_func("hangLimitInitializer")) (void)refill->call({});
  }

  static bool hash(const ModuleInstance& instance, const char* what) {
    auto function = instance.get_func("hash");
    if (!function) return refuse(what, function.error().to_string());
    auto called = function->call({});
    if (!called || !*called) return refuse(what, "no hash");
    std::printf("hash\t%s\t%s\n", what, show(**called).c_str());
    return true;
  }

  static bool refuse(const char* what, const std::string& why) {
    std::fprintf(stderr, "%s: %s\n", what, why.c_str());
    return false;
  }

  const Engine& engine_;
  const Module& support_;
  const Module& hasher_;
  size_t calls_ = 0;
};

int run(int argc, char** argv) {
  EngineConfig config;
  config.opt_level = static_cast<uint8_t>(argv[1][0] - '0');
  config.compile_threads = 1;
  Engine engine(config);
  auto support = Module::from_file(engine, argv[2]);
  auto hasher = Module::from_file(engine, argv[3]);
  if (!support || !hasher) {
    const Error& error = support ? hasher.error() : support.error();
    std::fprintf(stderr, "%s\n", error.to_string().c_str());
    return 1;
  }
  Player player(engine, *support, *hasher);
  bool is_good = true;
  for (int i = 4; i < argc; ++i) is_good &= player.play(argv[i]);
  return is_good ? 0 : 1;
}

}  // namespace
}  // namespace tenon::differential

int main(int argc, char** argv) {
  if (argc < 4 || std::strlen(argv[1]) != 1) {
    std::fprintf(stderr, "usage: differential OPT-LEVEL SUPPORT HASHER MODULE...\n");
    return 2;
  }
  return tenon::differential::run(argc, argv);
}
