#include "wasm/binary/decode_module.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "wasm/binary/sections.h"

namespace tenon::wasm {

namespace {

struct Section {
  const char* name;
  uint8_t order;  // sections other than custom ones occur at most once and by rising order
  void (*decode)(Reader&, Module&);
};

// By section id. wasm: binary-section
constexpr std::array<Section, 14> sections = {{
    {"custom section", 0, nullptr},
    {"type section", 1, decode_type_section},
    {"import section", 2, decode_import_section},
    {"function section", 3, decode_function_section},
    {"table section", 4, decode_table_section},
    {"memory section", 5, decode_memory_section},
    {"global section", 7, decode_global_section},
    {"export section", 8, decode_export_section},
    {"start section", 9, decode_start_section},
    {"element section", 10, decode_elem_section},
    {"code section", 12, decode_code_section},
    {"data section", 13, decode_data_section},
    {"data count section", 11, decode_data_count_section},
    {"tag section", 6, decode_tag_section},
}};

// wasm: binary-customsec
void decode_custom_section(Reader& in, Module& module) {
  CustomSection custom;
  custom.name = in.name();
  custom.offset = in.offset();
  custom.bytes = in.bytes(in.left());
  if (in.ok()) module.customs.push_back(custom);
}

Result<void> decode_sections(Reader& in, Module& module) {
  uint8_t last_order = 0;
  while (!in.at_end()) {
    uint64_t start = in.offset();
    uint8_t id = in.byte();
    if (id >= sections.size()) in.fail_at("malformed section id", start);
    uint32_t size = in.count();
    TRY_VOID(in.status());
    const Section& section = sections[id];
    if (id != 0 && section.order <= last_order) {
      return std::unexpected(
          Error(ErrorCode::malformed, "unexpected content after last section").at(start));
    }
    uint64_t content_start = in.offset();
    Reader content(in.bytes(size), content_start, in.features());
    if (id == 0) {
      decode_custom_section(content, module);
    } else {
      last_order = section.order;
      section.decode(content, module);
    }
    if (content.ok() && !content.at_end()) content.fail("section size mismatch");
    if (auto status = content.status(); !status) {
      return std::unexpected(std::move(status).error().in(section.name));
    }
  }
  return {};
}

// What one section says about another.
Result<void> check_lengths(const Module& module, uint64_t end) {
  if (module.functions.size() - module.imported_functions != module.bodies.size()) {
    return std::unexpected(
        Error(ErrorCode::malformed, "function and code section have inconsistent lengths").at(end));
  }
  if (module.data_count && *module.data_count != module.datas.size()) {
    return std::unexpected(
        Error(ErrorCode::malformed, "data count and data section have inconsistent lengths")
            .at(end));
  }
  return {};
}

// wasm: free-funcidx, but for bodies and the start
void note_declared_functions(Module& module) {
  module.declared_functions.assign(module.functions.size(), false);
  auto note = [&](uint64_t function) {
    if (function < module.declared_functions.size()) module.declared_functions[function] = true;
  };
  auto note_all = [&](const ConstExpr& expr) {
    for (const ConstOp& op : expr) {
      if (op.kind == ConstOp::Kind::ref_func) note(op.bits);
    }
  };
  for (const Export& item : module.exports) {
    if (item.kind == ExternKind::func) note(item.index);
  }
  for (const Global& global : module.globals) note_all(global.init);
  for (const Table& table : module.tables) note_all(table.init);
  for (const ElemSegment& segment : module.elems) {
    for (FuncIndex function : segment.functions) note(function.index);
    for (const ConstExpr& expr : segment.exprs) note_all(expr);
  }
}

constexpr std::array<uint8_t, 4> magic = {0x00, 0x61, 0x73, 0x6d};
constexpr std::array<uint8_t, 4> version = {0x01, 0x00, 0x00, 0x00};

}  // namespace

bool is_core_module(std::span<const uint8_t> bytes) {
  return bytes.size() >= 8 && std::equal(magic.begin(), magic.end(), bytes.begin()) &&
         std::equal(version.begin(), version.end(), bytes.begin() + 4);
}

// wasm: binary-module
Result<Module> decode_module(std::span<const uint8_t> bytes, uint64_t base_offset,
                             Features features) {
  if (bytes.size() > limits::max_module_bytes) {
    return fail(ErrorCode::limit, "the module is larger than 1 GiB");
  }
  Reader in(bytes, base_offset, features);
  auto preamble = [&](const std::array<uint8_t, 4>& expected, const char* message) {
    uint64_t start = in.offset();
    auto found = in.bytes(expected.size());
    if (in.ok() && !std::equal(expected.begin(), expected.end(), found.begin()))
      in.fail_at(message, start);
  };
  preamble(magic, "magic header not detected");
  preamble(version, "unknown binary version");
  TRY_VOID(in.status());

  Module module;
  module.offset = base_offset;
  module.size = bytes.size();
  TRY_VOID(decode_sections(in, module));
  TRY_VOID(check_lengths(module, in.offset()));
  note_declared_functions(module);
  return module;
}

}  // namespace tenon::wasm
