#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/binary/reader.h"
#include "wasm/module.h"
#include "wasm/text/print_module.h"
#include "wasm/text/print_numbers.h"
#include "wasm/text/printed_names.h"

// What the parts of the printer share: the text so far, lines, names and types. Used by
// print_module(), and where single items are listed.
namespace tenon::wasm::text {

class Printer {
 public:
  Printer(const Module& module, const PrintOptions& options, uint32_t depth = 0)
      : module_(module), options_(options), names_(module, options.names_all), depth_(depth) {}

  const Module& module() const { return module_; }
  const PrintOptions& options() const { return options_; }
  const PrintedNames& names() const { return names_; }
  std::string& out() { return out_; }

  void put(std::string_view text) { out_ += text; }
  template <std::integral T>
  void number(T value) {
    append_number(out_, value);
  }

  // Starts a line, for what stands at this offset of the binary.
  void line(uint64_t offset);
  void line_without_offset();
  void indent() { ++depth_; }
  void outdent() { --depth_; }
  uint32_t depth() const { return depth_; }

  // An index that something refers to: its identifier, or the number.
  void index(Space space, uint32_t index);
  // Where it is defined: ` $id (@name "...") (;N;)`, with the space in front.
  void definition(Space space, uint32_t index);
  void field_index(uint32_t type, uint32_t field);

  void val_type(ValType type);
  void heap_type(HeapType type);
  void storage_type(const FieldType& field);
  void global_type(const GlobalType& type);
  void limits(const Limits& limits);
  // With a space in front. `names_page_size`: also where it is the usual one.
  void table_type(const TableType& type);
  void memory_type(const MemoryType& type, bool names_page_size);
  const NameSpace& fields(uint32_t type);
  // ` (param ...) (result ...)`; parameters that `names` knows stand alone.
  void signature(const FuncType& type, const NameSpace& names);
  // `(sub $super (struct ...))`, or what stands in there; `index` is for the names of its parts.
  void sub_type(const SubType& type, uint32_t index);
  // ` (type N)`
  void type_reference(uint32_t type);

 private:
  void indentation();
  void composite(const SubType& type, uint32_t index);

  const Module& module_;
  const PrintOptions& options_;
  PrintedNames names_;
  std::string out_;
  uint32_t depth_;
  std::map<uint32_t, NameSpace> fields_;  // by type, made on first use
};

// A run of values of one kind in one pair of parentheses, as in `(param i32 i32)`; a named one has
// its own.
class ValueGroup {
 public:
  ValueGroup(Printer& to, std::string_view word) : to_(to), word_(word) {}
  // The separator before a new group, and the name if there is one.
  void begin(const PrintedName* name, std::string_view separator = " ");
  void end();

 private:
  Printer& to_;
  std::string_view word_;
  bool is_open_ = false;
  bool is_named_ = false;  // the group is closed to others
};

}  // namespace tenon::wasm::text
