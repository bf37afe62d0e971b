#include "compiler/cpu.h"

namespace tenon::compiler {

namespace {

// Name, and the level of the psABI that includes it (9: none). The order is the numbering.
// clang-format off
#define TENON_CPU_FEATURES(X)                                                               \
  X("sse3", 2) X("ssse3", 2) X("sse4.1", 2) X("sse4.2", 2) X("popcnt", 2)                   \
  X("avx", 3) X("avx2", 3) X("bmi", 3) X("bmi2", 3) X("fma", 3) X("f16c", 3) X("lzcnt", 3)  \
  X("movbe", 3)                                                                             \
  X("avx512f", 4) X("avx512bw", 4) X("avx512cd", 4) X("avx512dq", 4) X("avx512vl", 4)       \
  X("avx512vbmi", 9) X("avx512vbmi2", 9) X("avx512vnni", 9) X("avx512bitalg", 9)            \
  X("avx512vpopcntdq", 9) X("avx512ifma", 9) X("avx512fp16", 9) X("avxvnni", 9)             \
  X("aes", 9) X("pclmul", 9) X("gfni", 9) X("vaes", 9) X("vpclmulqdq", 9) X("adx", 9)       \
  X("sha", 9)
// clang-format on

struct CpuFeature {
  const char* name;
  int level;
};
constexpr CpuFeature features[] = {
#define X(name, level) {name, level},
    TENON_CPU_FEATURES(X)
#undef X
};
constexpr int no_level = 9;

CpuFeatures features_of_level(int level) {
  CpuFeatures bits = 0;
  for (size_t i = 0; i < std::size(features); i++) {
    if (features[i].level <= level && features[i].level != no_level) bits |= CpuFeatures{1} << i;
  }
  return bits;
}

}  // namespace

CpuFeatures host_cpu_features() {
  CpuFeatures bits = 0;
  int index = 0;
#define X(name, level) bits |= CpuFeatures{__builtin_cpu_supports(name) != 0} << index++;
  TENON_CPU_FEATURES(X)
#undef X
  return bits;
}

CpuFeatures needed_cpu_features(const std::string& cpu, const std::string& cpu_features) {
  if (cpu_features.empty()) {
    if (cpu == "x86-64") return 0;
    if (cpu == "x86-64-v2") return features_of_level(2);
    if (cpu == "x86-64-v3") return features_of_level(3);
    if (cpu == "x86-64-v4") return features_of_level(4);
  }
  return host_cpu_features();
}

std::string describe_cpu_features(CpuFeatures bits) {
  std::string text;
  for (size_t i = 0; i < std::size(features); i++) {
    if ((bits >> i & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += features[i].name;
  }
  return text;
}

}  // namespace tenon::compiler
