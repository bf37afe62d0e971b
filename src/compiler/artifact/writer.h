#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "compiler/artifact/artifact.h"

// Lays an artifact out as a file. The same contents give the same bytes.
namespace tenon::compiler {

struct ArtifactContents {
  ArtifactHeader header{};
  std::vector<uint8_t> text;
  std::vector<uint8_t>
      rodata;  // belongs `rodata_distance(text.size())` behind the start of the text
  std::vector<FunctionEntry> functions;
  std::vector<uint32_t> entries;  // by (module, function)
  std::vector<UnwindRow> unwind;
  std::vector<UnwindRule> unwind_rules;
  std::vector<LandingPad> landing_pads;
  std::vector<Safepoint> safepoints;
  std::vector<RootSlot> roots;
  std::vector<PositionBlock> position_blocks;
  std::vector<uint8_t> position_stream;
  ArtifactMetadata metadata;
  std::vector<uint8_t> data;
  std::vector<uint8_t> images;
};

// Code refers to its read-only data relative to itself, so the distance is fixed before it is
// linked.
constexpr uint64_t rodata_distance(uint64_t text_size) {
  return (text_size + artifact_page - 1) & ~(artifact_page - 1);
}

// Sealed with the digest; the maker's MAC stays zero until `sign_artifact`.
Result<std::vector<uint8_t>> write_artifact(const ArtifactContents& contents);

// Puts the maker's MAC into an artifact made by write_artifact.
void sign_artifact(std::vector<uint8_t>& artifact, const MacKey& key);
// Whether the maker's MAC fits the digest. Says nothing of the file: check the digest too.
bool made_with(const ArtifactSeal& seal, const MacKey& key);

}  // namespace tenon::compiler
