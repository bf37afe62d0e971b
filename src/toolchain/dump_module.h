#pragma once

#include <span>
#include <string>
#include <vector>

#include "toolchain/listing.h"
#include "toolchain/sections.h"
#include "wasm/binary/reader.h"
#include "wasm/text/body_printer.h"
#include "wasm/text/printer.h"

// Lists the sections of a core module; see dump.h. The listing stands at the section's content.
namespace tenon::toolchain {

class ModuleDump {
 public:
  explicit ModuleDump(Listing& to) : to_(to), print_(module_, options_), body_(print_) {}

  // "type section"
  static const char* section_name(uint8_t id);
  Result<void> section(const Section& section);

 private:
  using Reader = wasm::Reader;

  void contents(uint8_t id, Reader& in);
  template <typename ReadItem>
  void list(Reader& in, ReadItem read_item);
  // What the printer has written since the last call.
  std::string printed();
  std::string definition(wasm::ExternKind kind);

  void types(Reader& in);
  void sub_type(Reader& in);
  void import(Reader& in);
  void function(Reader& in);
  void table(Reader& in);
  void memory(Reader& in);
  void global(Reader& in);
  void tag(Reader& in);
  void export_(Reader& in);
  void elem(Reader& in, uint32_t index);
  void data(Reader& in, uint32_t index);
  void body(Reader& in);
  // A line each, up to and with the last `end`.
  void instructions(Reader& in);

  Listing& to_;
  wasm::Module module_;  // its types, as far as they have been read
  wasm::text::PrintOptions options_;
  wasm::text::Printer print_;
  wasm::text::BodyPrinter body_;
  uint32_t next_[5] = {};  // by kind of extern
  uint32_t imported_functions_ = 0;
  uint32_t next_body_ = 0;
};

}  // namespace tenon::toolchain
