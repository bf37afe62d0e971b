#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/artifact/writer.h"
#include "compiler/link/object.h"
#include "compiler/tier.h"

// Joins the objects of an artifact's chunks: one text, one block of read-only data, and the tables
// of docs/contract.md, section 7. The result depends on the objects and their order alone.
namespace tenon::compiler {

class Linker {
 public:
  // `jobs` are the artifact's modules, whose closed tables objects may refer to; they outlive it.
  explicit Linker(std::span<const ModuleJob> jobs = {}) : jobs_(jobs) {}

  // In the order of chunks.
  Result<void> add(const ObjectCode& object);

  uint32_t function_count() const { return static_cast<uint32_t>(functions_.size()); }

  // Fills in the code and the tables. A call to a function that no object defines is an error.
  Result<void> finish(ArtifactContents& contents);

 private:
  // The 32 bits at `place` in text or rodata become target + addend - place.
  struct Pending {
    bool in_text = true;
    uint32_t place = 0;
    enum class Target : uint8_t { text, rodata, function, closed_table } target = Target::text;
    FunctionName function = {};
    ClosedTableName table = {};
    int64_t addend = 0;
  };
  struct Placed {
    std::vector<uint32_t> bases;  // of each section of the object
  };

  Result<Placed> place(const ObjectCode& object);
  Result<void> add_functions(const ObjectCode& object, const Placed& placed);
  Result<void> add_tables(const ObjectCode& object, const Placed& placed);
  Result<void> add_unwind(uint32_t start, const UnwindRule& rule);
  Result<void> add_safepoints(const ObjectCode& object, const Placed& placed);
  void add_position(uint32_t start, uint32_t position);
  // Where it lies in the read-only data, to which it is added when it is first asked for.
  Result<uint32_t> closed_table_start(ClosedTableName name);
  Result<void> place_closed_tables();
  Result<void> sort_names();
  Result<uint32_t> function_start(const FunctionName& name) const;

  std::span<const ModuleJob> jobs_;
  std::map<ClosedTableName, uint32_t> closed_tables_;
  std::vector<uint8_t> text_;
  std::vector<uint8_t> rodata_;
  std::vector<FunctionEntry> functions_;  // by start
  std::vector<FunctionEntry> by_name_;    // made by finish
  std::vector<UnwindRow> unwind_;
  std::vector<UnwindRule> unwind_rules_;
  std::map<UnwindRule, uint32_t> rule_numbers_;
  std::vector<LandingPad> landing_pads_;
  std::vector<Safepoint> safepoints_;
  std::vector<RootSlot> roots_;
  std::vector<Pending> pending_;
  std::vector<PositionBlock> position_blocks_;
  std::vector<uint8_t> position_stream_;
  uint32_t block_rows_ = 0;
  PositionBlock last_position_{0, 0, 0};
};

}  // namespace tenon::compiler
