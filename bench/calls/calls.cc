// calls CALLS.wasm ASYNC.wasm: what calls into, out of and between components cost, through the
// public API. Prints a line for each figure, a name and nanoseconds for one of what is done: the
// fastest of several times.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "tenon/linker.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int repetitions = 7;
constexpr double wanted_nanoseconds = 2e7;  // of one repetition

template <typename F>
double nanoseconds_of(F&& f) {
  auto start = Clock::now();
  f();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

// `f(n)` does something n times. The first turns are for finding n, and for warming up.
template <typename F>
void measure(const char* name, F&& f) {
  uint32_t n = 1;
  double once = 0;
  while ((once = nanoseconds_of([&] { f(n); })) < wanted_nanoseconds / 2) {
    n = once < wanted_nanoseconds / 64 ? n * 8 : n * 2;
  }
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repetitions; i++) {
    double each = nanoseconds_of([&] { f(n); }) / n;
    if (each < best) best = each;
  }
  std::printf("%s %.4f\n", name, best);
}

template <typename T, typename E>
T& value_of(std::expected<T, E>& result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().to_string().c_str());
    std::exit(1);
  }
  return *result;
}

void nothing() {
  asm volatile("");
}

void measure_empty_call() {
  void (*volatile target)() = nothing;
  measure("empty", [&](uint32_t n) {
    for (uint32_t i = 0; i < n; i++) target();
  });
}

class Calls {
 public:
  explicit Calls(const char* path) : component_(tenon::Component::from_file(engine_, path)) {
    tenon::Linker linker(engine_);
    linker.func("host-add", [](uint32_t x, uint32_t y) { return x + y; });
    instance_ = linker.instantiate(store_, value_of(component_, path));
    value_of(instance_, path);
  }

  // One call by the host for each.
  void host_calls(const char* name, const char* function) {
    auto add = find<uint32_t(uint32_t, uint32_t)>(function);
    measure(name, [&](uint32_t n) {
      uint32_t sum = 0;
      for (uint32_t i = 0; i < n; i++) {
        auto result = add(sum, i);
        sum = value_of(result, function);
      }
    });
  }
  // A call of a guest that does it `n` times.
  void guest_loop(const char* name, const char* function) {
    auto loop = find<uint32_t(uint32_t)>(function);
    measure(name, [&](uint32_t n) {
      auto result = loop(n);
      value_of(result, function);
    });
  }

 private:
  template <typename Signature>
  tenon::TypedFunc<Signature> find(const char* name) {
    auto function = instance_->get_func<Signature>(name);
    return value_of(function, name);
  }

  tenon::Engine engine_;
  tenon::Store store_{engine_};
  tenon::Result<tenon::Component> component_;
  std::expected<tenon::Instance, tenon::InstantiationError> instance_{
      std::unexpect, tenon::Error(tenon::ErrorCode::usage, "")};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s CALLS.wasm ASYNC.wasm\n", argv[0]);
    return 2;
  }
  measure_empty_call();
  Calls calls(argv[1]);
  calls.host_calls("host-to-guest", "add");
  calls.guest_loop("guest-to-host", "n-host-add");
  calls.guest_loop("guest-to-guest", "n-count");
  calls.guest_loop("small-callee", "n-add");
  calls.guest_loop("copy", "n-copy");
  calls.guest_loop("list", "n-list");
  calls.guest_loop("text", "n-text");
  calls.guest_loop("text16", "n-text16");
  calls.guest_loop("own", "n-own");
  calls.guest_loop("borrow", "n-see");
  calls.guest_loop("borrow-handle", "n-look");
  calls.guest_loop("new-drop", "n-make");
  Calls async(argv[2]);
  async.host_calls("async-host-to-guest", "add");
  async.guest_loop("stream", "n-stream");
}
