#pragma once

#include <optional>

#include "wasm/text/body_printer.h"
#include "wasm/text/printer.h"

// The sections of a binary as fields of a module, in the order of the binary. The binary has been
// decoded before; what the printer alone looks into, bodies above all, may still be malformed,
// which stays in the section's reader.
namespace tenon::wasm::text {

class SectionPrinter {
 public:
  explicit SectionPrinter(Printer& to);

  // `opening` in place of `(module` and the name, unless it is empty.
  void begin(std::string_view opening);
  void section(uint8_t id, Reader& in);
  void end(uint64_t offset);

 private:
  void types(Reader& in);
  void sub_type(Reader& in);
  void imports(Reader& in);
  void tables(Reader& in);
  void memories(Reader& in);
  void globals(Reader& in);
  void tags(Reader& in);
  void exports(Reader& in);
  void start(Reader& in);
  void elems(Reader& in);
  void elem(Reader& in, uint32_t index);
  void elem_items(Reader& in, bool are_expressions);
  void code(Reader& in);
  void function(Reader& in, uint32_t index);
  void locals(Reader& in, NameSpace& names, uint32_t params);
  void datas(Reader& in);
  void custom(Reader& in);
  bool branch_hints(std::span<const uint8_t> bytes);

  void extern_type(Reader& in, uint8_t kind);
  void function_type(uint32_t type, const NameSpace& params);
  void memory_type(Reader& in);
  size_t param_count(uint32_t type) const;
  NameSpace local_names(uint32_t function, size_t params, size_t count) const;
  // `(i32.const 0)`, or `(WORD ...)` when there are several instructions side by side.
  void offset(Reader& in, std::string_view word);
  void initializer(Reader& in);

  Printer& to_;
  const Module& module_;
  BodyPrinter body_;
  std::optional<OperandTypes> operands_;  // where they are asked for
  uint8_t last_section_ = 0;
  uint32_t next_type_ = 0;
  uint32_t next_[5] = {};                         // by kind of extern: imports come first
  std::map<uint32_t, BodyPrinter::Hints> hints_;  // by function
};

// `(@producers ...)`. False, and nothing printed, where the bytes do not follow the format.
bool print_producers(Printer& to, std::span<const uint8_t> bytes, uint64_t origin);

}  // namespace tenon::wasm::text
