#include "component/plan/scratch_module.h"

#include "wasm/binary/encode.h"

namespace tenon::component {
namespace {

using wasm::BodyBuilder;
using wasm::FuncIndex;
using wasm::Opcode;
using Core = wasm::ValType;

constexpr int32_t heap_start = 16;
constexpr int32_t page_bits = 16;
constexpr int32_t page_mask = 0xffff;

wasm::FuncType i32_type(size_t params, size_t results) {
  return {std::vector<Core>(params, Core::i32), std::vector<Core>(results, Core::i32)};
}

void trap_if(BodyBuilder& body) {
  body.if_();
  body.unreachable().end();
}

// The memory grows until the 64-bit `end` lies within it.
void grow(BodyBuilder& body, wasm::MemoryIndex memory, uint32_t end) {
  uint32_t missing = body.local(Core::i64);
  body.local_get(end).i64_const(page_mask).op(Opcode::i64_add);
  body.i64_const(page_bits).op(Opcode::i64_shr_u);
  body.memory_size(memory).op(Opcode::i64_extend_i32_u).op(Opcode::i64_sub).local_tee(missing);
  body.i64_const(0).op(Opcode::i64_gt_s).if_();
  body.local_get(missing).op(Opcode::i32_wrap_i64).memory_grow(memory);
  body.i32_const(-1).op(Opcode::i32_eq);
  trap_if(body);
  body.end();
}

// Blocks that shrink stay where they are; others get fresh room.
void write_realloc(BodyBuilder& body, wasm::MemoryIndex memory, wasm::GlobalIndex next) {
  constexpr uint32_t old = 0, old_size = 1, alignment = 2, size = 3;
  body.local_get(size).local_get(old_size).op(Opcode::i32_le_u);
  body.local_get(old_size).i32_const(0).op(Opcode::i32_ne).op(Opcode::i32_and).if_();
  body.local_get(old).return_().end();
  uint32_t start = body.local(Core::i32);
  uint32_t end = body.local(Core::i64);
  body.global_get(next).local_get(alignment).op(Opcode::i32_add).i32_const(1).op(Opcode::i32_sub);
  body.i32_const(0).local_get(alignment).op(Opcode::i32_sub).op(Opcode::i32_and).local_tee(start);
  body.op(Opcode::i64_extend_i32_u).local_get(size).op(Opcode::i64_extend_i32_u);
  body.op(Opcode::i64_add).local_set(end);
  body.local_get(start).global_get(next).op(Opcode::i32_lt_u);
  body.local_get(end).i64_const(UINT32_MAX).op(Opcode::i64_gt_u).op(Opcode::i32_or);
  trap_if(body);
  grow(body, memory, end);
  body.local_get(end).op(Opcode::i32_wrap_i64).global_set(next);
  body.local_get(start).local_get(old).local_get(old_size).memory_copy(memory, memory);
  body.local_get(start);
}

}  // namespace

std::vector<uint8_t> scratch_memory_module() {
  wasm::ModuleBuilder module;
  wasm::MemoryIndex memory = module.memory({{1, 0, false, false}});
  wasm::GlobalIndex next = module.global({Core::i32, true}, wasm::const_i32(heap_start));
  FuncIndex realloc = module.function(module.type(i32_type(4, 1)), "realloc");
  write_realloc(module.body(realloc), memory, next);
  FuncIndex reset = module.function(module.type({}, {}), "reset");
  module.body(reset).i32_const(heap_start).global_set(next);
  module.export_("memory", memory);
  module.export_("realloc", realloc);
  module.export_("reset", reset);
  module.module_name("re-exports");
  return module.finish();
}

uint32_t forward_index(const Forwarding& forwarding) {
  return 1 + (forwarding.has_memory ? 2 : 0) + (forwarding.has_borrows ? 1 : 0);
}

std::vector<uint8_t> forwarding_module(const Forwarding& forwarding) {
  wasm::ModuleBuilder module;
  uint32_t imports = 0;
  auto import = [&](const wasm::FuncType& type) {
    return module.import_function("", std::to_string(imports++), module.type(type));
  };
  FuncIndex lowered = import(to_wasm(forwarding.lowered));
  FuncIndex realloc, reset, drop_borrows;
  if (forwarding.has_memory) {
    realloc = import(i32_type(4, 1));
    reset = import({});
  }
  if (forwarding.has_borrows) drop_borrows = import({});

  wasm::FuncType lifted = to_wasm(forwarding.lifted);
  FuncIndex forward = module.function(module.type(lifted), "forward");
  BodyBuilder& body = module.body(forward);
  uint32_t result = forwarding.result ? body.local(Core::i32) : 0;
  if (forwarding.result) {
    body.i32_const(0).i32_const(0).i32_const(static_cast<int32_t>(forwarding.result->alignment));
    body.i32_const(static_cast<int32_t>(forwarding.result->size)).call(realloc).local_set(result);
  }
  for (uint32_t i = 0; i < lifted.params.size(); i++) body.local_get(i);
  if (forwarding.result) body.local_get(result);
  body.call(lowered);
  if (forwarding.has_borrows) body.call(drop_borrows);
  if (forwarding.result) body.local_get(result);
  module.export_("forward", forward);

  if (forwarding.has_memory) {
    FuncIndex post_return = module.function(module.type(lifted.results, {}), "post-return");
    module.body(post_return).call(reset);
    module.export_("post-return", post_return);
  }
  module.module_name("re-exports");
  return module.finish();
}

}  // namespace tenon::component
