#include "tenon/value.h"

namespace tenon {

BoxedValue::BoxedValue(Value value) : value_(std::make_unique<Value>(std::move(value))) {}
BoxedValue::BoxedValue(const BoxedValue& other)
    : value_(other.value_ ? std::make_unique<Value>(*other.value_) : nullptr) {}
BoxedValue& BoxedValue::operator=(const BoxedValue& other) {
  if (this != &other) value_ = other.value_ ? std::make_unique<Value>(*other.value_) : nullptr;
  return *this;
}
BoxedValue::~BoxedValue() = default;

bool operator==(const BoxedValue& a, const BoxedValue& b) {
  if (!a.value_ || !b.value_) return !a.value_ && !b.value_;
  return *a.value_ == *b.value_;
}

bool operator==(const ListValue& a, const ListValue& b) {
  return a.items == b.items;
}
bool operator==(const TupleValue& a, const TupleValue& b) {
  return a.items == b.items;
}
bool operator==(const RecordValue& a, const RecordValue& b) {
  return a.fields == b.fields;
}

const char* Value::kind_name() const {
  static constexpr const char* names[] = {
      "bool",    "s8",   "u8",     "s16",    "u16",    "s32",      "u32",    "s64",
      "u64",     "f32",  "f64",    "char",   "string", "list",     "record", "tuple",
      "variant", "enum", "option", "result", "flags",  "resource", "stream", "future"};
  return names[data.index()];
}

namespace {
template <typename Float>
bool same(Float a, Float b) {
  return a == b || (a != a && b != b);
}
}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.data.index() != b.data.index()) return false;
  if (const auto* f = a.get_if<float>()) return same(*f, *b.get_if<float>());
  if (const auto* f = a.get_if<double>()) return same(*f, *b.get_if<double>());
  return a.data == b.data;
}

}  // namespace tenon
