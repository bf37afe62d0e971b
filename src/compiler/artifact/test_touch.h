#pragma once

#include "compiler/artifact/artifact.h"

// For tests: uses everything that an artifact gives out, so that a sanitizer sees what leads out of
// it.
namespace tenon::compiler::test {

inline void touch(const Artifact& artifact) {
  volatile uint8_t sink = 0;
  auto read = [&sink](std::span<const uint8_t> bytes) {
    if (!bytes.empty()) sink = bytes.front() ^ bytes.back();
  };
  read(artifact.text());
  read(artifact.bytes());
  for (uint32_t m = 0; m < artifact.modules().size(); m++) {
    const ModuleInfo& module = artifact.modules()[m];
    for (const DataInfo& data : module.datas) read(artifact.segment(data));
    for (const MemoryImage& image : module.images) read(artifact.image(image));
    read(artifact.name_section(module));
    for (uint32_t f = 0; f <= module.functions.size(); f++) {
      const void* entry = artifact.code(m, f);
      if (entry != nullptr) read({static_cast<const uint8_t*>(entry), 1});
    }
  }
  for (uint32_t offset : {0u, 4u, 100u, 0xffffffffu}) {
    (void)artifact.tables().find_function(offset);
    (void)artifact.tables().find_unwind(offset);
    (void)artifact.tables().find_landing_pad(offset);
    (void)artifact.tables().find_position(offset);
  }
}

}  // namespace tenon::compiler::test
