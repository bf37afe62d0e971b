// Any bytes as a component: decoded, validated, planned. What is accepted must give adapters that
// are valid modules and a plan that an archive gives back.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/archive.h"
#include "base/check.h"
#include "component/binary/decode.h"
#include "component/plan/build.h"
#include "component/plan/dump.h"
#include "component/validate/validate.h"
#include "wasm/binary/decode_module.h"
#include "wasm/validate/module.h"

namespace tenon::component {
namespace {

void check_adapters(const Plan& plan) {
  constexpr auto features = wasm::Features::adapters();
  for (const StaticModule& module : plan.modules) {
    if (!module.is_adapter()) continue;
    auto decoded = wasm::decode_module(module.bytes, 0, features);
    CHECK(decoded.has_value());
    CHECK(wasm::validate_module(*decoded, features).has_value());
  }
}

void check_archive(Plan plan) {
  ArchiveWriter writer;
  writer(plan);
  std::vector<uint8_t> bytes = std::move(writer).take();
  Plan copy;
  ArchiveReader reader(bytes);
  reader(copy);
  CHECK(reader.ok());
  CHECK(dump(copy) == dump(plan));
}

}  // namespace
}  // namespace tenon::component

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenon::component;
  constexpr auto features =
      tenon::wasm::Features::defaults().with(tenon::wasm::Feature::component_values);
  auto decoded = decode({data, size}, features);
  if (!decoded) return 0;
  auto validated = validate(*decoded, features);
  if (!validated) return 0;
  auto plan = build_plan(*decoded, *validated);
  if (!plan) {
    CHECK(plan.error().code() != tenon::ErrorCode::internal);
    return 0;
  }
  check_adapters(*plan);
  check_archive(std::move(*plan));
  return 0;
}
