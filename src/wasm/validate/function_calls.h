#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: calls.
namespace tenon::wasm {

template <Sink S>
auto BodyWalker<S>::callee(FuncIndex& function) -> const FuncType* {
  function = FuncIndex(in_.u32());
  if (module_.functions.contains(function)) return &module_.func_type(function);
  fail_unknown("function", function.index);
  return nullptr;
}

// The function type that an immediate names.
template <Sink S>
auto BodyWalker<S>::func_type(TypeIndex& type) -> const FuncType* {
  const SubType* known = composite(SubType::Kind::func, type);
  return known ? &known->func : nullptr;
}

template <Sink S>
auto BodyWalker<S>::indirect_callee(TypeIndex& type, TableIndex& table, Value& index)
    -> const FuncType* {
  const FuncType* callee = func_type(type);
  if (!callee) return nullptr;
  uint64_t start = in_.offset();
  if (!table_index(table)) return nullptr;
  if (in_.offset() - start > 1 &&
      !in_.require(Feature::call_indirect_overlong, "a table index in several bytes", start))
    return nullptr;
  ValType element = module_.tables[table].type.element;
  if (!val_matches(module_, element, ValType::funcref())) {
    fail_types(ValType::funcref(), element);
    return nullptr;
  }
  index = pop(address_type(table));
  return callee;
}

// Checks and replaces the operands of a call; `call` tells the sink.
template <Sink S>
template <typename Call>
void BodyWalker<S>::finish_call(const FuncType& type, Call call) {
  results_.assign(type.results.size(), Value{});
  if (consume(type.params, [&](auto args) { call(args, std::span<Value>(results_)); }))
    push_all(type.results, results_);
}

// The same for a tail call.
template <Sink S>
template <typename Call>
void BodyWalker<S>::finish_return_call(const FuncType& type, Call call) {
  if (!results_match(module_, type.results, frames_.front().type.results))
    return fail_text("type mismatch: a tail call must have the results of the calling function");
  if (consume(type.params, call)) become_unreachable();
}

// wasm: valid-call
template <Sink S>
void BodyWalker<S>::call() {
  FuncIndex function;
  const FuncType* type = callee(function);
  if (!type) return;
  finish_call(*type, [&](auto args, auto results) { sink_.call(function, *type, args, results); });
}

// wasm: valid-call_indirect
template <Sink S>
void BodyWalker<S>::call_indirect() {
  TypeIndex type_index;
  TableIndex table;
  Value index{};
  const FuncType* type = indirect_callee(type_index, table, index);
  if (!type) return;
  finish_call(*type, [&](auto args, auto results) {
    sink_.call_indirect(type_index, table, *type, index, args, results);
  });
}

// wasm: valid-call_ref
template <Sink S>
void BodyWalker<S>::call_ref() {
  TypeIndex type_index;
  const FuncType* type = func_type(type_index);
  if (!type) return;
  auto callee = pop_reference(reference_to(type_index));
  finish_call(*type, [&](auto args, auto results) {
    sink_.call_ref(type_index, *type, callee, args, results);
  });
}

// wasm: valid-return_call
template <Sink S>
void BodyWalker<S>::return_call() {
  FuncIndex function;
  const FuncType* type = callee(function);
  if (!type) return;
  finish_return_call(*type, [&](auto args) { sink_.return_call(function, *type, args); });
}

// wasm: valid-return_call_indirect
template <Sink S>
void BodyWalker<S>::return_call_indirect() {
  TypeIndex type_index;
  TableIndex table;
  Value index{};
  const FuncType* type = indirect_callee(type_index, table, index);
  if (!type) return;
  finish_return_call(
      *type, [&](auto args) { sink_.return_call_indirect(type_index, table, *type, index, args); });
}

// wasm: valid-return_call_ref
template <Sink S>
void BodyWalker<S>::return_call_ref() {
  TypeIndex type_index;
  const FuncType* type = func_type(type_index);
  if (!type) return;
  auto callee = pop_reference(reference_to(type_index));
  finish_return_call(*type,
                     [&](auto args) { sink_.return_call_ref(type_index, *type, callee, args); });
}

}  // namespace tenon::wasm
