#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "compiler/link/object.h"

// For tests: an ELF object as a tier makes it, from machine code given as bytes.
namespace tenon::compiler::test {

using Bytes = std::vector<uint8_t>;

template <typename T>
void append(Bytes& to, const T& value) {
  auto* from = reinterpret_cast<const uint8_t*>(&value);
  to.insert(to.end(), from, from + sizeof value);
}

// A 32-bit field of the code: PC-relative to a function, or to the start of the read-only data.
struct Reference {
  uint32_t offset = 0;
  bool to_function = true;
  FunctionName function;
  int64_t addend = -4;
};

struct Function {
  FunctionName name;
  Bytes code;
  std::vector<Reference> references;
  Bytes frame = {};                      // call frame instructions
  std::vector<uint32_t> positions = {};  // a row for each byte from the start; 0: none
};

// A common information entry as LLVM writes it: rsp+8, return address at CFA-8.
inline Bytes eh_frame_cie() {
  Bytes cie;
  append(cie, uint32_t{20});
  append(cie, uint32_t{0});
  const uint8_t rest[] = {1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0};
  cie.insert(cie.end(), std::begin(rest), std::end(rest));
  return cie;
}

// The entry of a function of `size` bytes; its address field is at offset 8 and needs a relocation.
inline Bytes eh_frame_fde(uint32_t at, uint32_t size, const Bytes& instructions) {
  Bytes body;
  append(body, at + 4);  // distance back to the common information at 0
  append(body, uint32_t{0});
  append(body, size);
  body.push_back(0);
  body.insert(body.end(), instructions.begin(), instructions.end());
  while (body.size() % 8 != 4) body.push_back(0);
  Bytes fde;
  append(fde, static_cast<uint32_t>(body.size()));
  fde.insert(fde.end(), body.begin(), body.end());
  return fde;
}

// A version 5 unit around a line program: line_base -5, line_range 14, opcode_base 13.
inline Bytes debug_line_unit(const Bytes& program) {
  Bytes header = {1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0};
  Bytes body;
  append(body, uint16_t{5});
  body.push_back(8);
  body.push_back(0);
  append(body, static_cast<uint32_t>(header.size()));
  body.insert(body.end(), header.begin(), header.end());
  body.insert(body.end(), program.begin(), program.end());
  Bytes unit;
  append(unit, static_cast<uint32_t>(body.size()));
  unit.insert(unit.end(), body.begin(), body.end());
  return unit;
}
// Where the first byte of the program lies in such a unit.
constexpr uint32_t debug_line_program_offset = 4 + 2 + 2 + 4 + 22;

class ObjectBuilder {
 public:
  // The name must be one that the linker expects; `undefined` names are made as needed.
  void add(const Function& function) {
    while (text_.size() % 16 != 0) text_.push_back(0x90);
    auto start = static_cast<uint32_t>(text_.size());
    text_.insert(text_.end(), function.code.begin(), function.code.end());
    define(function.name, start);
    for (const Reference& r : function.references) {
      uint32_t symbol = r.to_function ? symbol_of(r.function) : rodata_symbol;
      relocate(text_relocations_, start + r.offset, symbol,
               r.to_function ? R_X86_64_PLT32 : R_X86_64_PC32, r.addend);
    }
    if (eh_frame_.empty()) eh_frame_ = eh_frame_cie();
    auto at = static_cast<uint32_t>(eh_frame_.size());
    Bytes fde = eh_frame_fde(at, static_cast<uint32_t>(function.code.size()), function.frame);
    eh_frame_.insert(eh_frame_.end(), fde.begin(), fde.end());
    relocate(eh_frame_relocations_, at + 8, text_symbol, R_X86_64_PC32, start);
    add_lines(function, start);
  }
  Bytes rodata;
  bool writable_data = false;  // an object that must be refused

  Bytes finish() const;

 private:
  static constexpr uint32_t text_symbol = 1;
  static constexpr uint32_t rodata_symbol = 2;
  struct Symbol {
    FunctionName name;
    bool defined;
    uint32_t value;
  };

  static void relocate(std::vector<Elf64_Rela>& to, uint64_t offset, uint32_t symbol, uint32_t type,
                       int64_t addend) {
    to.push_back({offset, ELF64_R_INFO(uint64_t{symbol}, type), addend});
  }
  uint32_t symbol_of(const FunctionName& name) {
    for (uint32_t i = 0; i < symbols_.size(); i++) {
      if (symbols_[i].name == name) return i + 3;
    }
    symbols_.push_back({name, false, 0});
    return static_cast<uint32_t>(symbols_.size()) + 2;
  }
  void define(const FunctionName& name, uint32_t value) {
    Symbol& symbol = symbols_[symbol_of(name) - 3];
    symbol.defined = true;
    symbol.value = value;
  }
  void add_lines(const Function& function, uint32_t start) {
    if (function.positions.empty()) return;
    lines_.insert(lines_.end(), {0, 9, 2});  // set_address
    relocate(line_relocations_, debug_line_program_offset + lines_.size(), text_symbol, R_X86_64_64,
             start);
    lines_.insert(lines_.end(), 8, 0);
    int64_t line = 1;
    for (uint32_t position : function.positions) {
      lines_.push_back(3);  // advance_line, signed LEB128 of five bytes
      int64_t by = position - line;
      for (int i = 0; i < 5; i++, by >>= 7)
        lines_.push_back(static_cast<uint8_t>((by & 0x7f) | (i < 4 ? 0x80 : 0)));
      lines_.insert(lines_.end(), {1, 2, 1});  // copy, advance_pc 1
      line = position;
    }
    lines_.insert(lines_.end(), {0, 1, 1});  // end_sequence
  }

  Bytes text_;
  Bytes eh_frame_;
  Bytes lines_;
  std::vector<Symbol> symbols_;
  std::vector<Elf64_Rela> text_relocations_;
  std::vector<Elf64_Rela> eh_frame_relocations_;
  std::vector<Elf64_Rela> line_relocations_;
};

inline Bytes ObjectBuilder::finish() const {
  Bytes file(sizeof(Elf64_Ehdr));
  std::vector<Elf64_Shdr> headers(1);
  std::string names(1, '\0');
  auto add_section = [&](const char* name, uint32_t type, uint64_t flags, const void* data,
                         size_t size, uint64_t entry = 0, uint32_t link = 0, uint32_t info = 0) {
    Elf64_Shdr h{};
    h.sh_name = static_cast<uint32_t>(names.size());
    names += name;
    names += '\0';
    h.sh_type = type;
    h.sh_flags = flags;
    h.sh_offset = file.size();
    h.sh_size = size;
    h.sh_entsize = entry;
    h.sh_link = link;
    h.sh_info = info;
    h.sh_addralign = 16;
    headers.push_back(h);
    auto* from = static_cast<const uint8_t*>(data);
    file.insert(file.end(), from, from + size);
  };
  const Bytes lines = lines_.empty() ? Bytes() : debug_line_unit(lines_);
  constexpr uint32_t symtab = 5;
  add_section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text_.data(), text_.size());  // 1
  add_section(".rodata", SHT_PROGBITS, SHF_ALLOC | (writable_data ? uint64_t{SHF_WRITE} : 0),
              rodata.data(),
              rodata.size());                                                                  // 2
  add_section(".eh_frame", SHT_X86_64_UNWIND, SHF_ALLOC, eh_frame_.data(), eh_frame_.size());  // 3
  add_section(".debug_line", SHT_PROGBITS, 0, lines.data(), lines.size());                     // 4

  std::string strings(1, '\0');
  std::vector<Elf64_Sym> symbols(3);
  symbols[1].st_info = symbols[2].st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION);
  symbols[1].st_shndx = 1;
  symbols[2].st_shndx = 2;
  for (const Symbol& symbol : symbols_) {
    Elf64_Sym s{};
    s.st_name = static_cast<uint32_t>(strings.size());
    strings += 'w' + std::to_string(symbol.name.module) + '_' +
               std::to_string(symbol.name.function) + '\0';
    s.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    s.st_shndx = symbol.defined ? 1 : SHN_UNDEF;
    s.st_value = symbol.value;
    symbols.push_back(s);
  }
  add_section(".symtab", SHT_SYMTAB, 0, symbols.data(), symbols.size() * sizeof(Elf64_Sym),
              sizeof(Elf64_Sym), 6, 3);
  add_section(".strtab", SHT_STRTAB, 0, strings.data(), strings.size());
  auto add_relocations = [&](const char* name, const std::vector<Elf64_Rela>& list, uint32_t of) {
    add_section(name, SHT_RELA, SHF_INFO_LINK, list.data(), list.size() * sizeof(Elf64_Rela),
                sizeof(Elf64_Rela), symtab, of);
  };
  add_relocations(".rela.text", text_relocations_, 1);
  add_relocations(".rela.eh_frame", eh_frame_relocations_, 3);
  add_relocations(".rela.debug_line", line_relocations_, 4);
  std::string all_names = names + ".shstrtab" + '\0';
  add_section(".shstrtab", SHT_STRTAB, 0, all_names.data(), all_names.size());

  Elf64_Ehdr elf{};
  std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
  elf.e_ident[EI_CLASS] = ELFCLASS64;
  elf.e_ident[EI_DATA] = ELFDATA2LSB;
  elf.e_type = ET_REL;
  elf.e_machine = EM_X86_64;
  elf.e_shoff = file.size();
  elf.e_shentsize = sizeof(Elf64_Shdr);
  elf.e_shnum = static_cast<uint16_t>(headers.size());
  elf.e_shstrndx = static_cast<uint16_t>(headers.size() - 1);
  std::memcpy(file.data(), &elf, sizeof elf);
  auto* from = reinterpret_cast<const uint8_t*>(headers.data());
  file.insert(file.end(), from, from + headers.size() * sizeof(Elf64_Shdr));
  return file;
}

}  // namespace tenon::compiler::test
