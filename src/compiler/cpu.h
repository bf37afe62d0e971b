#pragma once

#include <cstdint>
#include <string>

// The features of processors that compiled code can depend on, as bits of our own numbering: part
// of an artifact's key, and checked before an artifact runs.
namespace tenon::compiler {

using CpuFeatures = uint64_t;

// Of this machine, as far as the operating system supports them.
CpuFeatures host_cpu_features();

// What code needs that was compiled for a named processor: exact for "x86-64", "x86-64-v2", "-v3"
// and "-v4" without further features, else all that this machine has.
CpuFeatures needed_cpu_features(const std::string& cpu, const std::string& cpu_features);

// "avx2, bmi2"
std::string describe_cpu_features(CpuFeatures features);

}  // namespace tenon::compiler
