#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "compiler/artifact/code_tables.h"
#include "compiler/artifact/format.h"
#include "compiler/module_info.h"
#include "compiler/tier.h"
#include "component/plan/plan.h"
#include "os/file.h"
#include "os/memory_map.h"

// A compiled module or component, mapped: code ready to run, and what the runtime needs to know
// about it. Immutable, shared between threads.
//
// Opening checks the structure: a damaged file is an error, and no range that this class gives out
// leads out of the file. Whether to trust the code is another question, and not answered here:
// `compute_digest` finds damage, and compiler/cache.h knows what this user compiled.
namespace tenon::compiler {

// What the metadata section holds.
struct ArtifactMetadata {
  std::vector<ModuleInfo> modules;      // a module: one; a component: by component::ModuleId
  std::optional<component::Plan> plan;  // of a component
};

class Artifact {
 public:
  // `map`: nobody changes the file while it is mapped. `copy` reads it into memory of our own
  // first.
  enum class Source : uint8_t { map, copy };

  // Takes the file.
  static Result<std::shared_ptr<const Artifact>> open(os::FileDescriptor file,
                                                      Source source = Source::map);
  static Result<std::shared_ptr<const Artifact>> open(std::span<const uint8_t> bytes);

  // Whether the first 16 bytes of a file are those of an artifact, of this or another version.
  static bool is_artifact(std::span<const uint8_t> bytes);

  ArtifactKind kind() const { return static_cast<ArtifactKind>(header_.kind); }
  MemoryMode memory_mode() const { return static_cast<MemoryMode>(header_.memory_mode); }
  // What the processor must have to run the code (compiler/cpu.h).
  uint64_t cpu_features() const { return header_.cpu_features; }
  const Digest& key() const { return header_.key; }
  const ArtifactSeal& seal() const { return seal_; }
  // What seal().digest has to be when the file is whole. Reads all of it.
  Digest compute_digest() const;

  // Mapped executable. Offsets in tables are relative to its start.
  std::span<const uint8_t> text() const { return text_; }
  const CodeTables& tables() const { return tables_; }
  // The entry of a defined function; `function` counts imports. Null when there is no such
  // function.
  const void* code(uint32_t module, uint32_t function) const;

  std::span<const ModuleInfo> modules() const { return metadata_.modules; }
  // Null for a module.
  const component::Plan* plan() const { return metadata_.plan ? &*metadata_.plan : nullptr; }

  std::span<const uint8_t> segment(const DataInfo& segment) const;
  // The contents of the name section; empty when there is none.
  std::span<const uint8_t> name_section(const ModuleInfo& module) const;
  // Mapped read-only.
  std::span<const uint8_t> image(const MemoryImage& image) const;
  // To map an image copy-on-write: where it lies in the file.
  int file() const { return file_.get(); }
  uint64_t image_file_offset(const MemoryImage& image) const {
    return images_offset_ + image.image_offset;
  }

  // The whole file, mapped.
  std::span<const uint8_t> bytes() const { return {map_.data(), size_}; }

 private:
  friend class ArtifactReader;
  Artifact() = default;

  os::FileDescriptor file_;
  os::MemoryMap map_;
  uint64_t size_ = 0;
  ArtifactHeader header_{};
  ArtifactSeal seal_{};
  std::span<const uint8_t> text_;
  std::span<const uint8_t> data_;
  std::span<const uint8_t> images_;
  uint64_t images_offset_ = 0;
  CodeTables tables_;
  std::span<const uint32_t> entries_;
  ArtifactMetadata metadata_;
};

// The digest of an artifact's bytes, to compare with its seal.
Digest artifact_digest(std::span<const uint8_t> bytes);

}  // namespace tenon::compiler
