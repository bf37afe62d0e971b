#pragma once

#include <array>
#include <cstdint>

#include "base/hash.h"
#include "compiler/artifact/code_tables.h"

// What an artifact file consists of, for its reader and writer. It is an ELF file (`readelf -S`
// lists the sections), mapped as it is: page 0 holds the ELF header, program headers, section
// headers, their names and ArtifactHeader; text and read-only data follow on pages of their own,
// then tables, metadata, segment bytes and, page-aligned, memory images.
namespace tenon::compiler {

// Bumped when sections or metadata change in any way. Part of every key.
constexpr uint32_t artifact_version = 8;

// Alignment of what is mapped on its own.
constexpr uint64_t artifact_page = 4096;

// In e_ident, where ELF leaves room.
constexpr std::array<uint8_t, 7> artifact_mark = {'t', 'e', 'n', 'o', 'n', 0, artifact_version};

enum class ArtifactKind : uint32_t { module, component };

// The order of the sections, and of their headers behind the null section.
enum class SectionId : uint32_t {
  text,             // code, mapped executable
  rodata,           // what code refers to, directly behind the text's pages
  functions,        // FunctionEntry[]
  entries,          // uint32_t[]: where functions start, by (module, function)
  unwind,           // UnwindRow[]
  unwind_rules,     // UnwindRule[]
  landing_pads,     // LandingPad[]
  safepoints,       // Safepoint[]
  roots,            // RootSlot[]
  position_blocks,  // PositionBlock[]
  position_stream,
  metadata,  // archive of ArtifactMetadata
  data,      // bytes of data segments and name sections
  images,    // memory images
  header,    // ArtifactHeader
  names,     // of the sections
  count,
};

// In page 0. The seal is what it does not cover itself.
struct ArtifactHeader {
  uint32_t contract_version;
  uint32_t kind;         // ArtifactKind
  uint32_t memory_mode;  // MemoryMode: what the code assumes of memories
  uint32_t reserved;
  uint64_t cpu_features;  // CpuFeatures that the code needs
  Digest key;             // of what it was made from, and how
};

// At the end of page 0. The digest is of the file without these bytes.
struct ArtifactSeal {
  Digest digest;
  Digest
      maker;  // MAC of the digest by the key of the user who compiled it; zero when there was none
};
constexpr uint64_t artifact_seal_offset = artifact_page - sizeof(ArtifactSeal);

// Where the text of an artifact may end: offsets are 32-bit, and code reaches its data relative to
// the PC.
constexpr uint64_t max_text_bytes = uint64_t{1} << 30;

// All of a file. One that claims to be larger is not mapped, copied or hashed.
constexpr uint64_t max_artifact_bytes = uint64_t{4} << 30;

}  // namespace tenon::compiler
