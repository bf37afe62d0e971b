#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wasm/text/context.h"
#include "wasm/text/expr_parser.h"
#include "wasm/text/type_parser.h"

// The fields of a module, one after the other, each to its section. Identifiers and types are known
// already.
namespace tenon::wasm::text {

class FieldParser {
 public:
  explicit FieldParser(Context& context)
      : context_(context), in_(context.in), parts_(context.parts), expr_(context) {}

  // The module's name, then all fields to the end of the text.
  void run();

 private:
  // How an element segment's items are written.
  struct ElemList {
    ValType type;
    bool are_functions = false;  // indices, not expressions
    uint32_t count = 0;
    ByteWriter items;
  };

  void marked_field();
  void field();
  void custom_annotations();
  uint32_t next(Space space) { return next_[static_cast<size_t>(space)]++; }
  void exports(uint8_t kind, uint32_t index);
  void add_export(std::string_view name, uint8_t kind, uint32_t index);
  // `(import "m" "n")` within a definition: whether there is one. It starts an entry.
  bool inline_import(uint8_t kind);
  void start_import(uint8_t kind);

  void import();
  void function();
  void add_body(const ByteWriter& body, size_t end);
  void function_body(uint32_t index, const TypeUse& use, ParamNames params);
  void declare_locals(ByteWriter& body, uint32_t params, NameList& names);
  void table();
  void table_rest(uint32_t index);
  void memory();
  void memory_rest(uint32_t index);
  void global();
  void tag();
  void tag_type(ByteWriter& out);
  void export_();
  void start();
  void elem();
  void data();

  void expression(ByteWriter& out);
  void folded_expression(ByteWriter& out);
  void offset(ByteWriter& out);
  void zero_offset(ByteWriter& out, bool is_64);
  ElemList elem_list(bool may_omit_func);
  void elem_items(ElemList& list);
  bool at_data_numbers();
  void data_string(ByteWriter& out);
  void data_numbers(ByteWriter& out);
  void write_elem(uint32_t flags, const ByteWriter& place, const ElemList& list);

  Context& context_;
  Cursor& in_;
  ModuleParts& parts_;
  ExprParser expr_;
  uint32_t next_[space_count] = {};
};

}  // namespace tenon::wasm::text
