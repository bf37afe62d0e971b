#include "compiler/llvm/object_check.h"

#include <fmt/format.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Object/ELFObjectFile.h>

namespace tenon::compiler::llvm_tier {

namespace {

using ElfFile = llvm::object::ELF64LEObjectFile;

template <typename T>
Result<T> take(llvm::Expected<T> value) {
  if (value) return std::move(*value);
  return fail(ErrorCode::internal, "compiled object: " + llvm::toString(value.takeError()));
}

// Of a function, or of a closed table.
bool is_known_name(llvm::StringRef name) {
  if (!name.consume_front("w") && !name.consume_front("t")) return false;
  auto [module, item] = name.split('_');
  auto is_number = [](llvm::StringRef text) {
    return !text.empty() && llvm::all_of(text, llvm::isDigit);
  };
  return is_number(module) && is_number(item);
}

Result<void> check_symbols(const ElfFile& file) {
  for (const llvm::object::ELFSymbolRef symbol : file.symbols()) {
    uint32_t flags = TRY(take(symbol.getFlags()));
    if ((flags & llvm::object::SymbolRef::SF_Undefined) == 0) continue;
    llvm::StringRef name = TRY(take(symbol.getName()));
    if (!name.empty() && !is_known_name(name))
      return fail(ErrorCode::internal,
                  fmt::format("compiled code needs the symbol `{}`", name.str()));
  }
  return {};
}

Result<void> check_relocations(const ElfFile& file) {
  for (const llvm::object::ELFSectionRef section : file.sections()) {
    llvm::object::section_iterator target = TRY(take(section.getRelocatedSection()));
    if (target == file.section_end()) continue;
    llvm::StringRef name = TRY(take(target->getName()));
    if ((llvm::object::ELFSectionRef(*target).getFlags() & llvm::ELF::SHF_ALLOC) == 0) continue;
    if (name == ".llvm_stackmaps") continue;          // the linker makes a table of it
    if (name.starts_with(".data.DW.ref.")) continue;  // the personality, which the linker drops
    for (const llvm::object::RelocationRef relocation : section.relocations()) {
      uint64_t type = relocation.getType();
      if (type != llvm::ELF::R_X86_64_PC32 && type != llvm::ELF::R_X86_64_PLT32)
        return fail(
            ErrorCode::internal,
            fmt::format("compiled code has a relocation of type {} in `{}`", type, name.str()));
    }
  }
  return {};
}

}  // namespace

Result<void> check_object(std::span<const uint8_t> object) {
  llvm::StringRef bytes(reinterpret_cast<const char*>(object.data()), object.size());
  auto file = TRY(take(ElfFile::create(llvm::MemoryBufferRef(bytes, "chunk"))));
  TRY_VOID(check_symbols(file));
  return check_relocations(file);
}

}  // namespace tenon::compiler::llvm_tier
