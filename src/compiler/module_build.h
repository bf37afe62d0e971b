#pragma once

#include "compiler/artifact/writer.h"
#include "compiler/module_info.h"
#include "wasm/module.h"

// Makes the ModuleInfo of a validated module, and appends its segments, names and memory images to
// an artifact.
namespace tenon::compiler {

VmLayout layout_of(const wasm::Module& module);

// Whether the module can make objects or exceptions, or name their types, so that its store has a
// heap before its code runs.
bool needs_heap(const wasm::Module& module);

// `first_function`: how many functions the artifact's table holds before this module's.
void add_module(const wasm::Module& module, uint32_t first_function, ArtifactContents& contents);

}  // namespace tenon::compiler
