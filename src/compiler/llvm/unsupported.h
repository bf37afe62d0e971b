#pragma once

#include <llvm/IR/Value.h>

#include "base/check.h"

// What the sink of this tier does not translate yet. None of these is ever called: their features
// are not in Features::compiled(), so that the walker refuses the instructions by name. Each goes
// when FunctionSink gets a function of the same name.
namespace tenon::compiler::llvm_tier {

struct UnsupportedInstructions {
  using Value = llvm::Value*;

  // threads
  Value atomic(const auto&...) { return never(); }
  void atomic_store(const auto&...) { never(); }
  void atomic_fence() { never(); }

  // exceptions
  void try_table(const auto&...) { never(); }
  void throw_(const auto&...) { never(); }
  void throw_ref(const auto&...) { never(); }

  // function-references
  Value ref_as_non_null(const auto&...) { return never(); }
  Value br_on_null(const auto&...) { return never(); }
  void br_on_non_null(const auto&...) { never(); }
  void call_ref(const auto&...) { never(); }
  void return_call_ref(const auto&...) { never(); }

  // gc
  Value ref_eq(const auto&...) { return never(); }
  Value ref_test(const auto&...) { return never(); }
  Value ref_cast(const auto&...) { return never(); }
  Value br_on_cast(const auto&...) { return never(); }
  Value br_on_cast_fail(const auto&...) { return never(); }
  Value any_convert_extern(const auto&...) { return never(); }
  Value extern_convert_any(const auto&...) { return never(); }
  Value ref_i31(const auto&...) { return never(); }
  Value i31_get(const auto&...) { return never(); }
  Value struct_new(const auto&...) { return never(); }
  Value struct_new_default(const auto&...) { return never(); }
  Value struct_get(const auto&...) { return never(); }
  void struct_set(const auto&...) { never(); }
  Value array_new(const auto&...) { return never(); }
  Value array_new_default(const auto&...) { return never(); }
  Value array_new_fixed(const auto&...) { return never(); }
  Value array_new_data(const auto&...) { return never(); }
  Value array_new_elem(const auto&...) { return never(); }
  Value array_get(const auto&...) { return never(); }
  void array_set(const auto&...) { never(); }
  Value array_len(const auto&...) { return never(); }
  void array_fill(const auto&...) { never(); }
  void array_copy(const auto&...) { never(); }
  void array_init_data(const auto&...) { never(); }
  void array_init_elem(const auto&...) { never(); }

 private:
  [[noreturn]] static Value never() { check_failed(__FILE__, __LINE__, "a feature not compiled"); }
};

}  // namespace tenon::compiler::llvm_tier
