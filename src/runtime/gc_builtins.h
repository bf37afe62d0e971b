#pragma once

#include <cstdint>

// The built-ins on objects of the garbage-collected heap (TENON_BUILTINS). Those that allocate may
// collect: what the guest holds is a root then, and what is in hand here is kept by a RootScope.
namespace tenon::runtime::gc_builtins {

uint32_t gc_alloc_struct(void* vmctx, uint32_t type_id);
uint32_t gc_alloc_array(void* vmctx, uint32_t type_id, uint32_t length);
void gc_write_barrier(void* vmctx, uint32_t overwritten);
void gc_write_barrier_array(void* vmctx, uint32_t array, uint32_t index, uint32_t count);
uint32_t array_new_data(void* vmctx, uint32_t type_id, uint32_t segment, uint32_t from,
                        uint32_t length);
uint32_t array_new_elem(void* vmctx, uint32_t type_id, uint32_t segment, uint32_t from,
                        uint32_t length);
void array_init_data(void* vmctx, uint32_t segment, uint32_t array, uint32_t to, uint32_t from,
                     uint32_t length);
void array_init_elem(void* vmctx, uint32_t segment, uint32_t array, uint32_t to, uint32_t from,
                     uint32_t length);
uint32_t is_subtype(void* vmctx, uint32_t type_id, uint32_t super);

// Without a vmctx (compiler::Builtin::fill_elements_).
void fill_elements(void* to, uint64_t count, uint32_t size, uint64_t low, uint64_t high);

}  // namespace tenon::runtime::gc_builtins
