#include "compiler/llvm/locals.h"

#include <algorithm>

#include <llvm/IR/Constants.h>

namespace tenon::compiler::llvm_tier {

void Locals::start(std::span<llvm::Value* const> parameters, std::span<llvm::Type* const> types,
                   bool in_memory) {
  in_memory_ = in_memory;
  types_.assign(types.begin(), types.end());
  if (in_memory) {
    for (llvm::Type* type : types) slots_.push_back(builder_.CreateAlloca(type));
  } else {
    current_.resize(types.size());
    log_position_.assign(types.size(), -1);
    seen_.assign(types.size(), 0);
    join_of_.resize(types.size());
  }
  for (size_t i = 0; i < types.size(); ++i) {
    llvm::Value* value =
        i < parameters.size() ? parameters[i] : llvm::Constant::getNullValue(types[i]);
    if (in_memory)
      builder_.CreateStore(value, slots_[i]);
    else
      current_[i] = ref(value);
  }
}

llvm::Value* Locals::get(uint32_t local) {
  if (in_memory_) return builder_.CreateLoad(types_[local], slots_[local]);
  return resolve(current_[local]);
}

void Locals::set(uint32_t local, llvm::Value* value) {
  if (in_memory_)
    builder_.CreateStore(value, slots_[local]);
  else
    set_ref(local, ref(value));
}

void Locals::set_ref(uint32_t local, Ref value) {
  // One entry for each local is enough in the innermost frame: it holds the value at the frame's
  // start.
  int32_t position = log_position_[local];
  if (!frames_.empty() && position < static_cast<int32_t>(frames_.back())) {
    log_position_[local] = static_cast<int32_t>(log_.size());
    log_.push_back({local, position, current_[local]});
  }
  current_[local] = value;
}

void Locals::open_function(Label& label) {
  open(label);
  label.ignored_ = true;
}

void Locals::open(Label& label) {
  label.log_start_ = static_cast<uint32_t>(log_.size());
  frames_.push_back(label.log_start_);
}

uint32_t Locals::add_meeting(llvm::BasicBlock* block) {
  meetings_.push_back({block, {}, {}, false});
  return static_cast<uint32_t>(meetings_.size()) - 1;
}

void Locals::open_loop(Label& label, llvm::BasicBlock* entry, std::span<const uint32_t> assigned) {
  if (!in_memory_) {
    label.assigned_ = assigned;
    uint32_t meeting = add_meeting(builder_.GetInsertBlock());
    label.meeting_ = meeting + 1;
    meetings_[meeting].from.push_back(entry);
    label.first_join_ = static_cast<uint32_t>(joins_.size());
    for (uint32_t local : assigned) {
      // The values of the branches back follow in close_loop; until then the entry's stands alone.
      joins_.push_back({meeting, local, static_cast<uint32_t>(values_.size()), nullptr});
      values_.push_back(current_[local]);
      set_ref(local, ref_join(joins_.size() - 1));
    }
  }
  open(label);
}

void Locals::branch(Label& label, llvm::BasicBlock* from) {
  if (in_memory_ || label.ignored_ || gave_up()) return;
  ++epoch_;
  for (size_t i = label.log_start_; i < log_.size(); ++i) {
    uint32_t local = log_[i].local;
    if (seen_[local] == epoch_) continue;
    seen_[local] = epoch_;
    label.changes_.emplace_back(local, current_[local]);
    ++carried_;
  }
  label.from_.push_back(from);
  label.ends_.push_back(static_cast<uint32_t>(label.changes_.size()));
}

void Locals::undo_to(uint32_t log_start) {
  while (log_.size() > log_start) {
    const LogEntry& entry = log_.back();
    current_[entry.local] = entry.old_value;
    log_position_[entry.local] = entry.previous;
    log_.pop_back();
  }
}

void Locals::rewind(const Label& label) {
  if (!in_memory_) undo_to(label.log_start_);
}

void Locals::pop(Label&) {
  frames_.pop_back();
}

void Locals::keep(Label& label) {
  pop(label);
  if (in_memory_) return;
  // What the enclosing frame has logged already needs no second entry.
  int32_t outer_start = frames_.empty() ? INT32_MAX : static_cast<int32_t>(frames_.back());
  size_t kept = label.log_start_;
  for (size_t i = label.log_start_; i < log_.size(); ++i) {
    LogEntry entry = log_[i];
    bool known = frames_.empty() || entry.previous >= outer_start;
    log_position_[entry.local] = known ? entry.previous : static_cast<int32_t>(kept);
    if (!known) log_[kept++] = entry;
  }
  log_.resize(kept);
}

void Locals::merge(Label& label, llvm::BasicBlock* block) {
  if (!in_memory_) undo_to(label.log_start_);
  pop(label);
  if (in_memory_ || label.ignored_ || gave_up()) return;
  size_t branches = label.from_.size();
  if (branches == 1) {
    for (auto [local, value] : label.changes_) set_ref(local, value);
    return;
  }
  uint32_t meeting = add_meeting(block);
  size_t first_join = joins_.size();
  ++epoch_;
  // A local that some branch changed gets a row of values, at first all as they were when the frame
  // began.
  size_t change = 0;
  for (size_t b = 0; b < branches; ++b) {
    for (; change < label.ends_[b]; ++change) {
      auto [local, value] = label.changes_[change];
      if (seen_[local] != epoch_) {
        seen_[local] = epoch_;
        join_of_[local] = static_cast<uint32_t>(joins_.size());
        joins_.push_back({meeting, local, static_cast<uint32_t>(values_.size()), nullptr});
        values_.insert(values_.end(), branches, current_[local]);
        carried_ += branches;
        if (gave_up()) return;
      }
      values_[joins_[join_of_[local]].first_value + b] = value;
    }
  }
  for (size_t j = first_join; j < joins_.size(); ++j) {
    const Join& join = joins_[j];
    auto row = std::span(values_).subspan(join.first_value, branches);
    bool same = std::all_of(row.begin(), row.end(), [&](Ref value) { return value == row[0]; });
    set_ref(join.local, same ? row[0] : ref_join(j));
  }
  meetings_[meeting].from = std::move(label.from_);
  meetings_[meeting].closed = true;
}

void Locals::close_loop(Label& label) {
  if (in_memory_ || gave_up()) return;
  Meeting& meeting = meetings_[label.meeting_ - 1];
  size_t rows = label.assigned_.size();
  size_t width = 1 + label.from_.size();
  carried_ += rows * width;
  if (gave_up()) return;
  // A branch back that leaves a local as it was carries the join itself.
  size_t first = values_.size();
  values_.resize(first + rows * width);
  for (size_t r = 0; r < rows; ++r) {
    Join& join = joins_[label.first_join_ + r];
    join_of_[join.local] = label.first_join_ + static_cast<uint32_t>(r);
    values_[first + r * width] = values_[join.first_value];
    for (size_t b = 1; b < width; ++b)
      values_[first + r * width + b] = ref_join(label.first_join_ + r);
    join.first_value = static_cast<uint32_t>(first + r * width);
  }
  size_t change = 0;
  for (size_t b = 0; b + 1 < width; ++b)
    for (; change < label.ends_[b]; ++change) {
      auto [local, value] = label.changes_[change];
      values_[joins_[join_of_[local]].first_value + b + 1] = value;
    }
  meeting.from.insert(meeting.from.end(), label.from_.begin(), label.from_.end());
  meeting.closed = true;
  to_fill_.insert(to_fill_.end(), meeting.waiting.begin(), meeting.waiting.end());
  fill_phis();
}

llvm::Value* Locals::resolve(Ref value) {
  llvm::Value* result = value_or_phi(value);
  fill_phis();
  return result;
}

llvm::Value* Locals::value_or_phi(Ref value) {
  if ((value & 1) == 0) return reinterpret_cast<llvm::Value*>(value);
  auto join = static_cast<uint32_t>(value >> 1);
  if (joins_[join].phi == nullptr) make_phi(join);
  return joins_[join].phi;
}

void Locals::make_phi(uint32_t number) {
  Join& join = joins_[number];
  Meeting& meeting = meetings_[join.meeting];
  join.phi =
      llvm::PHINode::Create(types_[join.local], static_cast<unsigned>(meeting.from.size()), "");
  join.phi->insertBefore(*meeting.block, meeting.block->begin());
  if (meeting.closed)
    to_fill_.push_back(number);
  else
    meeting.waiting.push_back(number);
}

// Values of a phi may be joins that have none yet: theirs are made and filled in turn, without
// recursion.
void Locals::fill_phis() {
  while (!to_fill_.empty()) {
    uint32_t number = to_fill_.back();
    to_fill_.pop_back();
    const Join join = joins_[number];
    size_t count = meetings_[join.meeting].from.size();
    for (size_t i = 0; i < count; ++i)
      join.phi->addIncoming(value_or_phi(values_[join.first_value + i]),
                            meetings_[join.meeting].from[i]);
  }
}

}  // namespace tenon::compiler::llvm_tier
