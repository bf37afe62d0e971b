#include "component/type_key.h"

#include "component/visit.h"

namespace tenon::component {
namespace {

// Writes fields of fixed width and strings with their length in front, so that no two types share a
// key.
class KeyWriter {
 public:
  explicit KeyWriter(size_t kind) { key_.push_back(static_cast<char>(kind)); }

  void number(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) key_.push_back(static_cast<char>(value >> shift));
  }
  void text(const std::string& value) {
    number(static_cast<uint32_t>(value.size()));
    key_ += value;
  }
  void texts(const std::vector<std::string>& values) {
    number(static_cast<uint32_t>(values.size()));
    for (const std::string& value : values) text(value);
  }
  void type(ValType value) { number(value.bits()); }
  void optional_type(const std::optional<ValType>& value) {
    key_.push_back(value ? 1 : 0);
    if (value) type(*value);
  }
  std::string take() { return std::move(key_); }

 private:
  std::string key_;
};

}  // namespace

std::string structural_key(const Type& type) {
  KeyWriter key(type.index());
  std::visit(Overloaded{
                 [&](const PrimitiveType& t) { key.type(t.primitive); },
                 [&](const RecordType& t) {
                   key.number(static_cast<uint32_t>(t.fields.size()));
                   for (const Field& field : t.fields) {
                     key.text(field.name);
                     key.type(field.type);
                   }
                 },
                 [&](const VariantType& t) {
                   key.number(static_cast<uint32_t>(t.cases.size()));
                   for (const Case& c : t.cases) {
                     key.text(c.name);
                     key.optional_type(c.type);
                   }
                 },
                 [&](const ListType& t) { key.type(t.element); },
                 [&](const FixedListType& t) {
                   key.type(t.element);
                   key.number(t.length);
                 },
                 [&](const MapType& t) {
                   key.type(t.key);
                   key.type(t.value);
                 },
                 [&](const TupleType& t) {
                   key.number(static_cast<uint32_t>(t.types.size()));
                   for (ValType element : t.types) key.type(element);
                 },
                 [&](const FlagsType& t) { key.texts(t.names); },
                 [&](const EnumType& t) { key.texts(t.names); },
                 [&](const OptionType& t) { key.type(t.some); },
                 [&](const ResultType& t) {
                   key.optional_type(t.ok);
                   key.optional_type(t.error);
                 },
                 [&](const StreamType& t) { key.optional_type(t.payload); },
                 [&](const FutureType& t) { key.optional_type(t.payload); },
                 [&](const OwnType& t) { key.number(t.resource.index); },
                 [&](const BorrowType& t) { key.number(t.resource.index); },
                 [&](const FuncType& t) {
                   key.number(static_cast<uint32_t>(t.params.size()));
                   for (const Field& param : t.params) {
                     key.text(param.name);
                     key.type(param.type);
                   }
                   key.optional_type(t.result);
                   key.number(t.is_async ? 1 : 0);
                 },
                 [&](const ResourceType& t) { key.number(t.resource.index); },
                 // These are compared by subtyping, never by key.
                 [](const InstanceType&) {},
                 [](const ComponentType&) {},
                 [](const ModuleType&) {},
             },
             type);
  return key.take();
}

}  // namespace tenon::component
