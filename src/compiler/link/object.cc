#include "compiler/link/object.h"

#include <elf.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "compiler/artifact/format.h"
#include "compiler/link/debug_sections.h"

namespace tenon::compiler {

namespace {

std::unexpected<Error> wrong(std::string message) {
  return std::unexpected(Error(ErrorCode::compile, std::move(message)).in("object of a tier"));
}

constexpr uint32_t no_section = 0xffffffff;

// What a function's personality is reached through. Nothing of it is used: the runtime walks frames
// by its own tables.
bool is_personality(std::string_view section) {
  return section.starts_with(".data.DW.ref.");
}

// The prefix, and two numbers with a `_` between them.
template <typename Name>
std::optional<Name> parse_name(char prefix, std::string_view text) {
  uint32_t module_number = 0;
  uint32_t index = 0;
  if (!text.starts_with(prefix)) return std::nullopt;
  const char* end = text.data() + text.size();
  auto module = std::from_chars(text.data() + 1, end, module_number);
  if (module.ec != std::errc() || module.ptr == end || *module.ptr != '_') return std::nullopt;
  auto item = std::from_chars(module.ptr + 1, end, index);
  if (item.ec != std::errc() || item.ptr != end) return std::nullopt;
  return Name{module_number, index};
}

std::optional<FunctionName> function_name(std::string_view text) {
  return parse_name<FunctionName>('w', text);
}

class ObjectReader {
 public:
  explicit ObjectReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  Result<ObjectCode> read() {
    TRY_VOID(read_headers());
    for (uint32_t i = 0; i < headers_.size(); i++) TRY_VOID(read_section(i));
    TRY_VOID(read_symbols());
    for (const Elf64_Shdr& header : headers_) {
      if (header.sh_type == SHT_RELA) TRY_VOID(read_relocations(header));
    }
    TRY_VOID(read_debug());
    return std::move(code_);
  }

 private:
  Result<void> read_headers();
  Result<void> read_section(uint32_t index);
  Result<void> read_symbols();
  Result<void> read_relocations(const Elf64_Shdr& header);
  Result<void> read_code_relocations(uint32_t section, std::span<const Elf64_Rela> relocations);
  Result<std::vector<CodeReference>> read_references(std::span<const Elf64_Rela> relocations,
                                                     uint32_t wanted);
  Result<void> read_frame_references(std::span<const Elf64_Rela> relocations);
  Result<void> read_debug();

  bool has(uint64_t offset, uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  std::span<const uint8_t> contents(const Elf64_Shdr& header) const {
    return header.sh_type == SHT_NOBITS ? std::span<const uint8_t>()
                                        : bytes_.subspan(header.sh_offset, header.sh_size);
  }
  // A copy, because nothing in the file need be aligned.
  template <typename T>
  Result<std::vector<T>> table(const Elf64_Shdr& header) const {
    auto raw = contents(header);
    if (header.sh_entsize != sizeof(T) || raw.size() % sizeof(T) != 0)
      return wrong("a table of odd size");
    std::vector<T> items(raw.size() / sizeof(T));
    if (!raw.empty()) std::memcpy(items.data(), raw.data(), raw.size());
    return items;
  }
  Result<std::string_view> string_at(uint32_t section, uint32_t offset) const {
    if (section >= headers_.size()) return wrong("no string table");
    auto raw = contents(headers_[section]);
    std::string_view text(reinterpret_cast<const char*>(raw.data()), raw.size());
    size_t end = text.find('\0', offset);
    if (offset >= text.size() || end == text.npos) return wrong("a name outside of its table");
    return text.substr(offset, end - offset);
  }

  std::span<const uint8_t> bytes_;
  std::vector<Elf64_Shdr> headers_;
  std::vector<uint32_t> section_of_;  // ELF section to index in code_.sections, or no_section
  std::vector<Elf64_Sym> symbols_;
  uint32_t symbol_names_ = 0;  // section
  std::span<const uint8_t> eh_frame_;
  std::span<const uint8_t> exception_tables_;
  std::span<const uint8_t> stack_maps_;
  std::span<const uint8_t> debug_line_;
  uint32_t eh_frame_index_ = no_section;
  uint32_t exception_tables_index_ = no_section;
  uint32_t personality_index_ = no_section;
  uint32_t stack_maps_index_ = no_section;
  uint32_t debug_line_index_ = no_section;
  std::vector<CodeReference> eh_frame_references_;
  std::vector<TableReference> exception_table_references_;
  std::vector<CodeReference> stack_map_references_;
  std::vector<CodeReference> debug_line_references_;
  ObjectCode code_;
};

Result<void> ObjectReader::read_headers() {
  Elf64_Ehdr elf;
  if (!has(0, sizeof elf)) return wrong("too short");
  std::memcpy(&elf, bytes_.data(), sizeof elf);
  if (std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
      elf.e_type != ET_REL || elf.e_machine != EM_X86_64 || elf.e_shentsize != sizeof(Elf64_Shdr)) {
    return wrong("not an ELF object for x86-64");
  }
  // Above 65,279 sections the count is in the first header.
  uint64_t count = elf.e_shnum;
  if (count == 0 && has(elf.e_shoff, sizeof(Elf64_Shdr))) {
    Elf64_Shdr first;
    std::memcpy(&first, bytes_.data() + elf.e_shoff, sizeof first);
    count = first.sh_size;
  }
  if (count > bytes_.size() || !has(elf.e_shoff, count * sizeof(Elf64_Shdr)))
    return wrong("no section headers");
  headers_.resize(count);
  std::memcpy(headers_.data(), bytes_.data() + elf.e_shoff, count * sizeof(Elf64_Shdr));
  for (const Elf64_Shdr& header : headers_) {
    if (header.sh_type != SHT_NOBITS && !has(header.sh_offset, header.sh_size))
      return wrong("a section out of bounds");
  }
  section_of_.assign(headers_.size(), no_section);
  return {};
}

Result<void> ObjectReader::read_section(uint32_t index) {
  const Elf64_Shdr& header = headers_[index];
  if (header.sh_type == SHT_SYMTAB) {
    symbols_ = TRY(table<Elf64_Sym>(header));
    symbol_names_ = header.sh_link;
    return {};
  }
  if (header.sh_type == SHT_GROUP) return {};  // of the personality
  if (header.sh_type == SHT_SYMTAB_SHNDX || header.sh_type == SHT_REL) {
    return wrong(fmt::format("a section of type {}", header.sh_type));
  }
  if ((header.sh_flags & SHF_ALLOC) == 0) {
    if (header.sh_type != SHT_PROGBITS) return {};
    Elf64_Ehdr elf;
    std::memcpy(&elf, bytes_.data(), sizeof elf);
    if (TRY(string_at(elf.e_shstrndx, header.sh_name)) != ".debug_line") return {};
    debug_line_ = contents(header);
    debug_line_index_ = index;
    return {};
  }
  Elf64_Ehdr elf;
  std::memcpy(&elf, bytes_.data(), sizeof elf);
  std::string_view name = TRY(string_at(elf.e_shstrndx, header.sh_name));
  if (name == ".eh_frame") {
    eh_frame_ = contents(header);
    eh_frame_index_ = index;
    return {};
  }
  if (name == ".gcc_except_table") {
    exception_tables_ = contents(header);
    exception_tables_index_ = index;
    return {};
  }
  if (name == ".llvm_stackmaps") {
    stack_maps_ = contents(header);
    stack_maps_index_ = index;
    return {};
  }
  if (is_personality(name)) {
    if (personality_index_ != no_section) return wrong("more than one personality");
    personality_index_ = index;
    return {};
  }
  if (header.sh_size == 0) return {};
  if (header.sh_type != SHT_PROGBITS || (header.sh_flags & (SHF_WRITE | SHF_TLS)) != 0) {
    return wrong(fmt::format("a section `{}`, which is neither code nor constant", name));
  }
  if (header.sh_size > max_text_bytes || header.sh_addralign > artifact_page) {
    return wrong(fmt::format("a section `{}` of {} bytes", name, header.sh_size));
  }
  ObjectSection section;
  section.is_text = (header.sh_flags & SHF_EXECINSTR) != 0;
  section.alignment = static_cast<uint32_t>(std::max<uint64_t>(header.sh_addralign, 1));
  if ((section.alignment & (section.alignment - 1)) != 0)
    return wrong("an alignment that is no power of two");
  auto raw = contents(header);
  section.bytes.assign(raw.begin(), raw.end());
  section_of_[index] = static_cast<uint32_t>(code_.sections.size());
  code_.sections.push_back(std::move(section));
  return {};
}

Result<void> ObjectReader::read_symbols() {
  for (const Elf64_Sym& symbol : symbols_) {
    if (ELF64_ST_BIND(symbol.st_info) == STB_LOCAL || symbol.st_shndx == SHN_UNDEF ||
        symbol.st_shndx == personality_index_)
      continue;
    std::string_view text = TRY(string_at(symbol_names_, symbol.st_name));
    auto name = function_name(text);
    uint32_t section =
        symbol.st_shndx < section_of_.size() ? section_of_[symbol.st_shndx] : no_section;
    if (!name || section == no_section || !code_.sections[section].is_text ||
        symbol.st_value >= code_.sections[section].bytes.size()) {
      return wrong(fmt::format("it defines `{}`, which is not a function of the guest", text));
    }
    code_.functions.push_back({*name, {section, static_cast<uint32_t>(symbol.st_value)}});
  }
  std::ranges::sort(code_.functions, {}, &ObjectFunction::place);
  return {};
}

Result<void> ObjectReader::read_relocations(const Elf64_Shdr& header) {
  if (header.sh_info >= headers_.size()) return wrong("relocations of no section");
  bool is_eh_frame = header.sh_info == eh_frame_index_;
  bool is_debug_line = header.sh_info == debug_line_index_;
  bool is_stack_maps = header.sh_info == stack_maps_index_;
  uint32_t section = section_of_[header.sh_info];
  if (!is_eh_frame && !is_debug_line && !is_stack_maps && section == no_section)
    return {};  // of debug sections that are not used
  auto relocations = TRY(table<Elf64_Rela>(header));
  if (is_eh_frame) return read_frame_references(relocations);
  if (is_debug_line) {
    debug_line_references_ = TRY(read_references(relocations, R_X86_64_64));
    return {};
  }
  if (is_stack_maps) {
    stack_map_references_ = TRY(read_references(relocations, R_X86_64_64));
    return {};
  }
  return read_code_relocations(section, relocations);
}

Result<void> ObjectReader::read_code_relocations(uint32_t section,
                                                 std::span<const Elf64_Rela> relocations) {
  for (const Elf64_Rela& relocation : relocations) {
    uint64_t type = ELF64_R_TYPE(relocation.r_info);
    uint64_t index = ELF64_R_SYM(relocation.r_info);
    if (type != R_X86_64_PC32 && type != R_X86_64_PLT32)
      return wrong(fmt::format("a relocation of type {}", type));
    if (index >= symbols_.size() || code_.sections[section].bytes.size() < 4 ||
        relocation.r_addend != static_cast<int32_t>(relocation.r_addend) ||
        relocation.r_offset > code_.sections[section].bytes.size() - 4) {
      return wrong("a relocation out of bounds");
    }
    const Elf64_Sym& symbol = symbols_[index];
    ObjectRelocation result;
    result.place = {section, static_cast<uint32_t>(relocation.r_offset)};
    result.addend = relocation.r_addend;
    if (ELF64_ST_BIND(symbol.st_info) != STB_LOCAL) {
      std::string_view text = TRY(string_at(symbol_names_, symbol.st_name));
      if (auto function = function_name(text)) {
        result.target = *function;
      } else if (auto table = parse_name<ClosedTableName>('t', text)) {
        result.target = *table;
      } else {
        return wrong(fmt::format("it refers to `{}`, which is not of the guest", text));
      }
    } else {
      uint32_t target =
          symbol.st_shndx < section_of_.size() ? section_of_[symbol.st_shndx] : no_section;
      if (target == no_section)
        return wrong("a relocation to a section that is not code or constant");
      result.target = target;
      result.addend += static_cast<int64_t>(symbol.st_value);
    }
    code_.relocations.push_back(result);
  }
  return {};
}

// The fields that point to code, by relocations of type `wanted`. .debug_line also points to names
// of files.
Result<std::vector<CodeReference>> ObjectReader::read_references(
    std::span<const Elf64_Rela> relocations, uint32_t wanted) {
  std::vector<CodeReference> references;
  for (const Elf64_Rela& relocation : relocations) {
    uint64_t type = ELF64_R_TYPE(relocation.r_info);
    uint64_t index = ELF64_R_SYM(relocation.r_info);
    if (wanted == R_X86_64_64 && type == R_X86_64_32) continue;
    if (type != wanted) return wrong(fmt::format("a relocation of type {}", type));
    if (index >= symbols_.size()) return wrong("a relocation out of bounds");
    const Elf64_Sym& symbol = symbols_[index];
    uint32_t section =
        symbol.st_shndx < section_of_.size() ? section_of_[symbol.st_shndx] : no_section;
    uint64_t offset = symbol.st_value + static_cast<uint64_t>(relocation.r_addend);
    if (section == no_section || !code_.sections[section].is_text ||
        offset > code_.sections[section].bytes.size()) {
      return wrong("debug information about something that is not code");
    }
    references.push_back({relocation.r_offset, {section, static_cast<uint32_t>(offset)}});
  }
  std::ranges::sort(references, {}, &CodeReference::field);
  return references;
}

// Of .eh_frame: to code, to exception tables, and to the personality.
Result<void> ObjectReader::read_frame_references(std::span<const Elf64_Rela> relocations) {
  std::vector<Elf64_Rela> to_code;
  for (const Elf64_Rela& relocation : relocations) {
    uint64_t index = ELF64_R_SYM(relocation.r_info);
    if (index >= symbols_.size()) return wrong("a relocation out of bounds");
    const Elf64_Sym& symbol = symbols_[index];
    if (symbol.st_shndx == exception_tables_index_) {
      exception_table_references_.push_back(
          {relocation.r_offset, symbol.st_value + static_cast<uint64_t>(relocation.r_addend)});
    } else if (symbol.st_shndx != personality_index_) {
      to_code.push_back(relocation);
    }
  }
  std::ranges::sort(exception_table_references_, {}, &TableReference::field);
  eh_frame_references_ = TRY(read_references(to_code, R_X86_64_PC32));
  return {};
}

Result<void> ObjectReader::read_debug() {
  FrameInfo frames =
      TRY(read_eh_frame(eh_frame_, eh_frame_references_, exception_table_references_));
  for (const ExceptionTable& table : frames.exception_tables) {
    uint64_t end = uint64_t{table.function.offset} + table.size;
    if (end > code_.sections[table.function.section].bytes.size())
      return wrong("a function out of bounds");
  }
  code_.unwind = std::move(frames.rows);
  code_.landing_pads = TRY(read_exception_tables(exception_tables_, frames.exception_tables));
  if (!stack_maps_.empty()) {
    StackMaps maps = TRY(read_stack_maps(stack_maps_, stack_map_references_));
    code_.safepoints = std::move(maps.safepoints);
    code_.roots = std::move(maps.roots);
  }
  code_.positions = TRY(read_debug_line(debug_line_, debug_line_references_));
  for (const ObjectFunction& function : code_.functions) {
    if (!std::ranges::binary_search(code_.unwind, function.place, {}, &ObjectUnwindRow::start)) {
      return wrong(fmt::format("function w{}_{} has no unwind information", function.name.module,
                               function.name.function));
    }
  }
  return {};
}

}  // namespace

Result<ObjectCode> read_object(std::span<const uint8_t> bytes) {
  return ObjectReader(bytes).read();
}

}  // namespace tenon::compiler
