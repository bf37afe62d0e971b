// Random components, which must be valid, and the same with one flaw, which must not be. Valid ones
// are planned, too, which may find what is not supported, and nothing else. Prints one line.
#include <charconv>
#include <cstdio>
#include <cstring>

#include "component/binary/decode.h"
#include "component/plan/build.h"
#include "component/validate/validate.h"
#include "tests/components/generate.h"

namespace {

using tenon::ErrorCode;
using tenon::Result;
namespace component = tenon::component;

constexpr auto features =
    tenon::wasm::Features::validated().without(tenon::wasm::Feature::component_legacy);

// What is wrong with a component, if anything.
Result<void> check(const std::vector<uint8_t>& bytes, bool plans) {
  auto decoded = component::decode(bytes, features);
  if (!decoded) return std::unexpected(std::move(decoded).error());
  auto validated = component::validate(*decoded, features);
  if (!validated) return std::unexpected(std::move(validated).error());
  if (!plans) return {};
  auto plan = component::build_plan(*decoded, *validated, {});
  if (plan || plan.error().code() == ErrorCode::unsupported) return {};
  return std::unexpected(std::move(plan).error());
}

void save(const char* path, const std::vector<uint8_t>& bytes) {
  std::FILE* file = std::fopen(path, "wb");
  if (!file) return;
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t from = 0, to = 0;
  auto number = [](const char* text, uint64_t& value) {
    const char* end = text + std::strlen(text);
    return std::from_chars(text, end, value).ptr == end;
  };
  if (argc < 3 || argc > 4 || !number(argv[1], from) || !number(argv[2], to)) {
    std::fprintf(stderr, "usage: %s FROM TO [FILE for the last component]\n", argv[0]);
    return 2;
  }
  uint64_t failures = 0, refused = 0;
  uint64_t met[components::flaw_count] = {};
  for (uint64_t seed = from; seed < to; seed++) {
    auto valid = components::make(seed, std::nullopt);
    Result<void> checked = check(*valid, true);
    if (!checked) {
      failures++;
      std::fprintf(stderr, "component %llu: %s\n", static_cast<unsigned long long>(seed),
                   checked.error().to_string().c_str());
    }
    if (argc == 4) save(argv[3], *valid);
    for (size_t i = 0; i < components::flaw_count; i++) {
      auto flawed = components::make(seed, static_cast<components::Flaw>(i));
      if (!flawed) continue;
      met[i]++;
      Result<void> found = check(*flawed, false);
      bool is_refused = !found && (found.error().code() == ErrorCode::invalid ||
                                   found.error().code() == ErrorCode::malformed);
      refused += is_refused;
      if (is_refused) continue;
      failures++;
      std::fprintf(stderr, "component %llu with a flaw (%s): %s\n",
                   static_cast<unsigned long long>(seed), components::flaw_names[i],
                   found ? "is accepted" : found.error().to_string().c_str());
    }
  }
  size_t kinds = 0;
  for (uint64_t count : met) kinds += count > 0;
  std::printf("%llu valid, %llu refused for %zu of %zu flaws, %llu failures\n",
              static_cast<unsigned long long>(to - from), static_cast<unsigned long long>(refused),
              kinds, components::flaw_count, static_cast<unsigned long long>(failures));
  return failures == 0 ? 0 : 1;
}
