#include "runtime/call.h"

#include <fmt/format.h>

#include <cstring>

#include "base/check.h"
#include "runtime/type_text.h"

namespace tenon::runtime {

namespace {

size_t width(wasm::ValType type) {
  switch (type.kind()) {
    case wasm::ValType::i32:
    case wasm::ValType::f32: return 4;
    case wasm::ValType::v128: return 16;
    default: return 8;
  }
}

}  // namespace

const wasm::FuncType& function_type(Store& store, const compiler::FuncRef& function) {
  return store.engine().types().type(function.type_id).func;
}

Result<void> check_function_type(Store& store, const compiler::FuncRef* function,
                                 const wasm::FuncType& type) {
  if (function == nullptr) return fail(ErrorCode::link, "the function is null");
  if (&Store::of(*function) != &store)
    return fail(ErrorCode::link, "the function belongs to another store");
  const wasm::FuncType& found = function_type(store, *function);
  if (found == type) return {};
  return fail(ErrorCode::link, fmt::format("expected a function of type {}, found {}",
                                           text_of(type), text_of(found)));
}

CallResult<void> call_with_slots(Store& store, const compiler::FuncRef& function,
                                 std::span<const compiler::Slot> arguments,
                                 std::span<compiler::Slot> results) {
  const wasm::FuncType& type = function_type(store, function);
  CHECK(arguments.size() == type.params.size() && results.size() == type.results.size());
  compiler::StoreContext& context = store.context();
  PlaceCounter params = PlaceCounter::params();
  for (size_t i = 0; i < arguments.size(); ++i) {
    Place place = params.next(is_float_class(type.params[i]));
    std::memcpy(place_in(context, place), &arguments[i], width(type.params[i]));
  }
  if (!store.enter(function)) return std::unexpected(store.take_trap());
  PlaceCounter places = PlaceCounter::results();
  for (size_t i = 0; i < results.size(); ++i) {
    Place place = places.next(is_float_class(type.results[i]));
    results[i] = {};
    std::memcpy(&results[i], place_in(context, place), width(type.results[i]));
  }
  return {};
}

}  // namespace tenon::runtime
