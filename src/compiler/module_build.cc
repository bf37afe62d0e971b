#include "compiler/module_build.h"

#include <algorithm>

#include "compiler/memory_image.h"
#include "wasm/binary/names.h"

namespace tenon::compiler {

namespace {

// The functions that a body or the host can turn into a reference.
std::vector<uint32_t> escaping_functions(const wasm::Module& module) {
  std::vector<uint32_t> list;
  for (uint32_t f = module.imported_functions; f < module.declared_functions.size(); f++) {
    if (module.declared_functions[f]) list.push_back(f);
  }
  return list;
}

VmLayout layout_of(const wasm::Module& module, uint32_t escaping) {
  return VmLayout::of({
      .memories = static_cast<uint32_t>(module.memories.size()),
      .tables = static_cast<uint32_t>(module.tables.size()),
      .imported_functions = module.imported_functions,
      .imported_globals = module.imported_globals,
      .defined_globals = static_cast<uint32_t>(module.globals.size()) - module.imported_globals,
      .escaping_functions = escaping,
      .tags = static_cast<uint32_t>(module.tags.size()),
  });
}

uint64_t append(std::vector<uint8_t>& data, std::span<const uint8_t> bytes) {
  uint64_t offset = data.size();
  data.insert(data.end(), bytes.begin(), bytes.end());
  return offset;
}

void add_names(const wasm::Module& module, ModuleInfo& info, std::vector<uint8_t>& data) {
  info.name = wasm::Names(module).module_name();
  auto custom = std::ranges::find(module.customs, "name", &wasm::CustomSection::name);
  if (custom == module.customs.end()) return;
  info.names_size = custom->bytes.size();
  info.names_offset = append(data, custom->bytes);
}

void add_elems(const wasm::Module& module, ModuleInfo& info) {
  for (const wasm::ElemSegment& segment : module.elems) {
    ElemInfo elem;
    elem.mode = segment.mode;
    elem.type = segment.type;
    elem.table = segment.table.index;
    elem.offset = segment.offset;
    elem.functions.reserve(segment.functions.size());
    for (wasm::FuncIndex f : segment.functions) elem.functions.push_back(f.index);
    elem.exprs = segment.exprs;
    info.elems.push_back(std::move(elem));
  }
}

void add_datas(const wasm::Module& module, ModuleInfo& info, ArtifactContents& contents) {
  MemoryImages images = build_memory_images(module);
  for (size_t i = 0; i < module.datas.size(); i++) {
    const wasm::DataSegment& segment = module.datas[wasm::DataIndex(i)];
    DataInfo data;
    data.mode = segment.mode;
    data.memory = segment.memory.index;
    data.offset = segment.offset;
    data.in_image = images.in_image[i];
    // Instantiation drops an active segment, so that nobody asks for bytes that an image holds.
    if (!data.in_image) {
      data.bytes_size = segment.bytes.size();
      data.bytes_offset = append(contents.data, segment.bytes);
    }
    info.datas.push_back(std::move(data));
  }
  uint64_t base = append(contents.images, images.bytes);
  for (MemoryImage& image : images.images) image.image_offset += base;
  info.images = std::move(images.images);
}

}  // namespace

VmLayout layout_of(const wasm::Module& module) {
  return layout_of(module, static_cast<uint32_t>(escaping_functions(module).size()));
}

bool needs_heap(const wasm::Module& module) {
  if (module.tags.size() != 0) return true;
  return std::ranges::any_of(module.types.items(), [](const wasm::SubType& type) {
    return type.kind != wasm::SubType::Kind::func;
  });
}

void add_module(const wasm::Module& module, uint32_t first_function, ArtifactContents& contents) {
  ModuleInfo info;
  info.types = module.types.items();
  info.rec_groups = module.rec_groups;
  for (const wasm::Import& i : module.imports) {
    info.imports.push_back({std::string(i.module), std::string(i.name), i.kind, i.index});
  }
  for (const wasm::Export& e : module.exports)
    info.exports.push_back({std::string(e.name), e.kind, e.index});
  info.functions.reserve(module.functions.size());
  for (wasm::TypeIndex type : module.functions) info.functions.push_back(type.index);
  info.tables = module.tables.items();
  info.memories = module.memories.items();
  info.globals = module.globals.items();
  info.needs_heap = needs_heap(module);
  for (const wasm::TagType& tag : module.tags) info.tags.push_back(tag.type.index);
  if (module.start) info.start = module.start->index;
  info.imported_functions = module.imported_functions;
  info.imported_tables = module.imported_tables;
  info.imported_memories = module.imported_memories;
  info.imported_globals = module.imported_globals;
  info.imported_tags = module.imported_tags;
  info.escaping = escaping_functions(module);
  info.layout = layout_of(module, static_cast<uint32_t>(info.escaping.size()));
  info.first_function = first_function;
  add_elems(module, info);
  add_datas(module, info, contents);
  add_names(module, info, contents.data);
  contents.metadata.modules.push_back(std::move(info));
}

}  // namespace tenon::compiler
