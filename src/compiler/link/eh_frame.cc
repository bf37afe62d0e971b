#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "compiler/link/debug_sections.h"

namespace tenon::compiler {

namespace {

// Numbers of the DWARF standard and of the psABI for x86-64.
enum : uint8_t {
  cfa_advance_loc = 0x40,  // in the upper two bits, with an operand in the lower six
  cfa_offset = 0x80,
  cfa_restore = 0xc0,
  cfa_nop = 0x00,
  cfa_advance_loc1 = 0x02,
  cfa_advance_loc2 = 0x03,
  cfa_advance_loc4 = 0x04,
  cfa_offset_extended = 0x05,
  cfa_restore_extended = 0x06,
  cfa_undefined = 0x07,
  cfa_same_value = 0x08,
  cfa_remember_state = 0x0a,
  cfa_restore_state = 0x0b,
  cfa_def_cfa = 0x0c,
  cfa_def_cfa_register = 0x0d,
  cfa_def_cfa_offset = 0x0e,
  cfa_gnu_args_size = 0x2e,
};
constexpr uint64_t dwarf_rbx = 3;
constexpr uint64_t dwarf_r11 = 11;
constexpr uint64_t dwarf_r12 = 12;
constexpr uint64_t dwarf_r14 = 14;
constexpr uint64_t dwarf_r15 = 15;
constexpr uint64_t dwarf_return_address = 16;
constexpr uint8_t pcrel_sdata4 = 0x1b;           // DW_EH_PE_pcrel | DW_EH_PE_sdata4
constexpr uint8_t indirect_pcrel_sdata4 = 0x9b;  // DW_EH_PE_indirect as well

// By SavedRegister.
constexpr uint64_t dwarf_saved[saved_registers] = {dwarf_rbp, dwarf_rbx, dwarf_r12, dwarf_r14,
                                                   dwarf_r15};

constexpr size_t max_remembered = 64;

struct State {
  uint64_t cfa_register = dwarf_rsp;
  uint64_t cfa_offset = 0;
  std::array<uint64_t, saved_registers> saved_below{};
};

struct Cie {
  uint64_t code_alignment = 1;
  int64_t data_alignment = -8;
  bool has_augmentation = false;
  bool has_exception_tables = false;
  State initial;
};

// Runs the call frame instructions of one CIE or FDE.
class Program {
 public:
  Program(const Cie& cie, ObjectPlace start, std::vector<ObjectUnwindRow>* rows)
      : cie_(cie), state_(cie.initial), at_(start), rows_(rows) {}

  Result<State> run(ByteReader& in) {
    while (in.ok() && !in.at_end()) TRY_VOID(step(in));
    TRY_VOID(in.status());
    TRY_VOID(emit());
    return state_;
  }

 private:
  Result<void> step(ByteReader& in);
  Result<void> advance(uint64_t delta);
  Result<void> emit();
  Result<void> save(uint64_t reg, uint64_t factored);
  void restore(uint64_t reg) {
    for (size_t i = 0; i < saved_registers; ++i)
      if (reg == dwarf_saved[i]) state_.saved_below[i] = cie_.initial.saved_below[i];
  }
  void keep(uint64_t reg) {
    for (size_t i = 0; i < saved_registers; ++i)
      if (reg == dwarf_saved[i]) state_.saved_below[i] = 0;
  }

  const Cie& cie_;
  State state_;
  std::vector<State> remembered_;
  ObjectPlace at_;
  std::vector<ObjectUnwindRow>* rows_;  // null while the CIE runs
};

Result<void> Program::emit() {
  if (rows_ == nullptr) return {};
  if (state_.cfa_register == dwarf_r11) {
    // The loop that probes a very large frame: the only fault in it is that the stack is exhausted.
    rows_->push_back({at_, UnwindRule::unknown()});
    return {};
  }
  if (state_.cfa_register != dwarf_rsp && state_.cfa_register != dwarf_rbp) {
    return fail(ErrorCode::compile,
                fmt::format("frame address in register {}", state_.cfa_register));
  }
  if (state_.cfa_offset % 8 != 0 || state_.cfa_offset < 8 ||
      state_.cfa_offset > UnwindRule::max_cfa_offset) {
    return fail(ErrorCode::compile, fmt::format("frame of {} bytes", state_.cfa_offset));
  }
  UnwindRule rule;
  rule.from_rbp = state_.cfa_register == dwarf_rbp ? 1 : 0;
  rule.cfa_offset = static_cast<uint32_t>(state_.cfa_offset);
  for (size_t i = 0; i < saved_registers; ++i) {
    uint64_t below = state_.saved_below[i];
    if (below % 8 != 0 || below > UnwindRule::max_saved_below) {
      return fail(ErrorCode::compile,
                  fmt::format("register {} saved {} bytes below the frame", dwarf_saved[i], below));
    }
    rule.saved_below[i] = static_cast<uint16_t>(below);
  }
  rows_->push_back({at_, rule});
  return {};
}

Result<void> Program::advance(uint64_t delta) {
  if (delta == 0) return {};
  TRY_VOID(emit());
  uint64_t next = at_.offset + delta * cie_.code_alignment;
  if (delta > UINT32_MAX || next > UINT32_MAX)
    return fail(ErrorCode::compile, "frame row out of range");
  at_.offset = static_cast<uint32_t>(next);
  return {};
}

Result<void> Program::save(uint64_t reg, uint64_t factored) {
  int64_t offset = 0;  // from the CFA
  if (__builtin_mul_overflow(static_cast<int64_t>(factored), cie_.data_alignment, &offset)) {
    return fail(ErrorCode::compile, "register saved out of range");
  }
  if (reg == dwarf_return_address && offset != -8) {
    return fail(ErrorCode::compile,
                fmt::format("return address {} bytes off the frame address", offset));
  }
  for (size_t i = 0; i < saved_registers; ++i)
    if (reg == dwarf_saved[i]) state_.saved_below[i] = static_cast<uint64_t>(-offset);
  return {};
}

Result<void> Program::step(ByteReader& in) {
  uint8_t op = in.byte();
  uint8_t operand = op & 0x3f;
  switch (op & 0xc0) {
    case cfa_advance_loc: return advance(operand);
    case cfa_offset: return save(operand, in.u64());
    case cfa_restore: restore(operand); return {};
    default: break;
  }
  switch (op) {
    case cfa_nop: return {};
    case cfa_advance_loc1: return advance(in.byte());
    case cfa_advance_loc2: {
      uint32_t low = in.byte();
      return advance(low | uint32_t{in.byte()} << 8);
    }
    case cfa_advance_loc4: return advance(in.fixed_u32());
    case cfa_offset_extended: {
      uint64_t reg = in.u64();
      return save(reg, in.u64());
    }
    case cfa_restore_extended: restore(in.u64()); return {};
    case cfa_undefined:
    case cfa_same_value: keep(in.u64()); return {};
    case cfa_remember_state:
      if (remembered_.size() == max_remembered)
        return fail(ErrorCode::compile, "frame states nested too deep");
      remembered_.push_back(state_);
      return {};
    case cfa_restore_state:
      if (remembered_.empty()) return fail(ErrorCode::compile, "no frame state to restore");
      state_ = remembered_.back();
      remembered_.pop_back();
      return {};
    case cfa_def_cfa:
      state_.cfa_register = in.u64();
      state_.cfa_offset = in.u64();
      return {};
    case cfa_def_cfa_register: state_.cfa_register = in.u64(); return {};
    case cfa_def_cfa_offset: state_.cfa_offset = in.u64(); return {};
    case cfa_gnu_args_size:
      // Arguments on the stack, which landing pads would have to drop.
      if (in.u64() != 0) return fail(ErrorCode::compile, "arguments on the stack");
      return {};
    default: return fail(ErrorCode::compile, fmt::format("call frame instruction {:#x}", op));
  }
}

// Nothing but the encoding of addresses; or a personality and tables, which the tier gives to
// functions that catch exceptions. The personality itself is of no interest.
Result<void> read_augmentation(ByteReader& in, const std::string& augmentation, Cie& cie) {
  if (augmentation.empty()) return {};
  uint64_t size = in.u64();
  bool fits = false;
  if (augmentation == "zR") {
    fits = size == 1 && in.byte() == pcrel_sdata4;
  } else if (augmentation == "zPLR") {
    fits = size == 7 && in.byte() == indirect_pcrel_sdata4;
    in.fixed_u32();
    fits = fits && in.byte() == pcrel_sdata4 && in.byte() == pcrel_sdata4;
    cie.has_exception_tables = true;
  }
  if (!fits)
    return fail(ErrorCode::compile, fmt::format("augmentation `{}` of .eh_frame", augmentation));
  cie.has_augmentation = true;
  return {};
}

Result<Cie> read_cie(ByteReader& in) {
  Cie cie;
  uint8_t version = in.byte();
  if (version != 1 && version != 3) return fail(ErrorCode::compile, "version of .eh_frame");
  std::string augmentation;
  while (uint8_t c = in.byte()) augmentation += static_cast<char>(c);
  cie.code_alignment = in.u64();
  cie.data_alignment = in.s64();
  uint64_t return_register = version == 1 ? in.byte() : in.u64();
  TRY_VOID(read_augmentation(in, augmentation, cie));
  TRY_VOID(in.status());
  if (!cie.has_augmentation || return_register != dwarf_return_address || cie.code_alignment > 16) {
    return fail(ErrorCode::compile, "common information entry of .eh_frame");
  }
  cie.initial = TRY(Program(cie, {}, nullptr).run(in));
  return cie;
}

}  // namespace

const ObjectPlace* find_reference(std::span<const CodeReference> references, uint64_t offset) {
  auto it = std::ranges::lower_bound(references, offset, {}, &CodeReference::field);
  return it == references.end() || it->field != offset ? nullptr : &it->target;
}

Result<FrameInfo> read_eh_frame(std::span<const uint8_t> bytes,
                                std::span<const CodeReference> references,
                                std::span<const TableReference> tables) {
  FrameInfo info;
  std::vector<std::pair<uint64_t, Cie>> cies;  // by offset
  ByteReader section(bytes);
  while (section.ok() && !section.at_end()) {
    uint64_t start = section.offset();
    uint32_t length = section.fixed_u32();
    if (length == 0) break;
    ByteReader entry = section.slice(length);
    uint64_t id_offset = entry.offset();
    uint32_t id = entry.fixed_u32();
    if (!section.ok() || !entry.ok()) break;
    if (id == 0) {
      cies.emplace_back(start, TRY(read_cie(entry)));
      continue;
    }
    auto cie = std::ranges::find(cies, id_offset - id, &std::pair<uint64_t, Cie>::first);
    if (cie == cies.end())
      return fail(ErrorCode::compile, "entry of .eh_frame without common information");
    const ObjectPlace* target = find_reference(references, entry.offset());
    if (target == nullptr) return fail(ErrorCode::compile, "entry of .eh_frame without a function");
    entry.fixed_u32();  // the relocated address
    uint32_t size = entry.fixed_u32();
    ByteReader augmentation = entry.slice(entry.u64());
    TRY_VOID(entry.status());
    if (cie->second.has_exception_tables) {
      auto table =
          std::ranges::lower_bound(tables, augmentation.offset(), {}, &TableReference::field);
      bool found = table != tables.end() && table->field == augmentation.offset();
      if (!found) return fail(ErrorCode::compile, "entry of .eh_frame without its exception table");
      info.exception_tables.push_back({*target, size, table->offset});
    }
    (void)TRY(Program(cie->second, *target, &info.rows).run(entry));
  }
  TRY_VOID(section.status());
  // Entries come by their common information: those of functions with exception tables on their
  // own. No two entries are about the same code.
  std::ranges::sort(info.rows, {}, &ObjectUnwindRow::start);
  std::ranges::sort(info.exception_tables, {}, &ExceptionTable::function);
  return info;
}

}  // namespace tenon::compiler
