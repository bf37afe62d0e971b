#pragma once

#include <cstdint>
#include <vector>

#include "compiler/module_info.h"
#include "wasm/module.h"

// Builds the images of a module's memories: what its active data segments leave in them, as ranges
// of whole pages that an instance maps copy-on-write.
namespace tenon::compiler {

struct MemoryImages {
  std::vector<MemoryImage> images;  // image_offset relative to where `bytes` go
  std::vector<uint8_t> bytes;       // whole pages
  std::vector<bool> in_image;       // for each data segment
};

// An image may be this large in any case, or twice the bytes of the segments in it.
constexpr uint64_t small_image_bytes = uint64_t{16} << 20;
// Each image costs an instance one mapping.
constexpr size_t max_images_per_memory = 8;

// Segments are folded in order, up to the first that has no constant offset or does not fit: from
// there on instantiation may fail, and what lies behind it must not be in memory then.
MemoryImages build_memory_images(const wasm::Module& module);

}  // namespace tenon::compiler
