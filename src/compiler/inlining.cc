#include "compiler/inlining.h"

#include <map>
#include <optional>

#include "compiler/trap_free.h"
#include "wasm/validate/function.h"
#include "wasm/validate/null_sink.h"

namespace tenon::compiler {

namespace {

using wasm::FuncIndex;
using wasm::Opcode;

// What an imported function is known to be.
struct Target {
  enum class Kind : uint8_t { unknown, function, trap };
  Kind kind = Kind::unknown;
  component::ModuleId module;
  FuncIndex function;
  friend bool operator==(const Target&, const Target&) = default;
};

// The targets of each module's imported functions, from all its instances.
class Targets {
 public:
  Targets(const component::Plan& plan, const std::vector<ModuleJob>& jobs)
      : plan_(plan), jobs_(jobs), of_module_(jobs.size()) {
    for (const component::Initializer& initializer : plan.initializers) {
      const auto* made = std::get_if<component::InstantiateModule>(&initializer);
      if (made == nullptr) continue;
      const auto* module = std::get_if<component::ModuleId>(&made->module);
      if (module != nullptr) add_instance(*module, made->args);
      modules_.push_back(module != nullptr ? std::optional(*module) : std::nullopt);
    }
    // Whoever gets an exported module binds its imports to anything.
    for (const component::Export& item : plan.exports) {
      const auto* exported = std::get_if<component::ExportedModule>(&item.item);
      const auto* module =
          exported != nullptr ? std::get_if<component::ModuleId>(&exported->module) : nullptr;
      if (module != nullptr) of_module_[module->index].clear();
    }
  }

  Target find(uint32_t module, FuncIndex function) const {
    const std::vector<Target>& targets = of_module_[module];
    return function.index < targets.size() ? targets[function.index] : Target{};
  }

 private:
  void add_instance(component::ModuleId id, const std::vector<component::CoreDef>& args) {
    const wasm::Module& module = *jobs_[id.index].module;
    CHECK(args.size() == module.imports.size());
    std::vector<Target>& targets = of_module_[id.index];
    bool is_first = targets.empty();
    if (is_first) targets.resize(module.imported_functions);
    for (size_t i = 0; i < args.size(); i++) {
      if (module.imports[i].kind != wasm::ExternKind::func) continue;
      Target& target = targets[module.imports[i].index];
      Target found = target_of(args[i]);
      if (is_first) target = found;
      if (target != found) target = {};
    }
  }

  Target target_of(const component::CoreDef& def) const {
    if (const auto* item = std::get_if<component::CoreExport>(&def)) {
      CHECK(item->instance.index < modules_.size());
      std::optional<component::ModuleId> module = modules_[item->instance.index];
      // What an instance exports may be what it imports.
      if (!module || jobs_[module->index].module->is_imported(FuncIndex(item->index))) return {};
      return {Target::Kind::function, *module, FuncIndex(item->index)};
    }
    if (const auto* id = std::get_if<component::TrampolineId>(&def)) {
      if (std::holds_alternative<component::Trap>(plan_.trampolines[*id].kind))
        return {Target::Kind::trap, {}, {}};
    }
    return {};
  }

  const component::Plan& plan_;
  const std::vector<ModuleJob>& jobs_;
  std::vector<std::optional<component::ModuleId>> modules_;  // by core instance
  std::vector<std::vector<Target>> of_module_;
};

class Finder {
 public:
  Finder(const component::Plan& plan, std::vector<ModuleJob>& jobs)
      : plan_(plan), jobs_(jobs), targets_(plan, jobs) {}

  // The body to inline for a call, by code of `module`.
  InlineBody body_for(uint32_t module, FuncIndex callee, bool may_trap);
  bool is_trap(uint32_t module, FuncIndex callee) const {
    return targets_.find(module, callee).kind == Target::Kind::trap;
  }
  bool is_generated(uint32_t module) const {
    return plan_.modules[component::ModuleId(module)].is_adapter();
  }
  const wasm::Module& module(uint32_t number) const { return *jobs_[number].module; }

 private:
  struct Known {
    InlineBody body;
    bool can_trap = false;
  };
  Known evaluate(uint32_t module, FuncIndex function);

  const component::Plan& plan_;
  std::vector<ModuleJob>& jobs_;
  Targets targets_;
  // One that is looked at is not inlinable meanwhile.
  std::map<std::pair<uint32_t, uint32_t>, Known> known_;
  uint32_t depth_ = 0;
};

// Looks for what an inlined body may not contain: an instruction of which no function here takes
// note is refused. Values are known where they are constants.
struct MaybeConstant {
  bool is_constant = false;
  uint64_t bits = 0;
};
class BodyCheck : public wasm::NullSinkOf<MaybeConstant> {
 public:
  using BlockType = wasm::BlockType;

  BodyCheck(Finder& finder, uint32_t module)
      : finder_(finder),
        number_(module),
        module_(finder.module(module)),
        is_generated_(finder.is_generated(module)) {}

  bool is_inlinable() const {
    return is_good_ && !is_open_ && instructions_ <= max_inlined_body_instructions;
  }
  bool can_trap() const { return can_trap_; }
  uint32_t instructions() const { return instructions_; }
  uint32_t blocks() const { return blocks_; }

  void begin_function(FuncIndex, const wasm::FuncType& type, Control&,
                      std::span<const wasm::ValType> locals) {
    for (wasm::ValType local : locals) is_good_ &= !local.is_ref();
    for (wasm::ValType result : type.results) is_good_ &= !result.is_ref();
  }
  void set_position(uint64_t) {
    is_good_ &= !is_open_;
    is_open_ = true;
    ++instructions_;
  }

  Value i32_const(int32_t value) { return constant(static_cast<uint32_t>(value)); }
  Value i64_const(int64_t value) { return constant(static_cast<uint64_t>(value)); }
  Value f32_const(uint32_t) { return any(); }
  Value f64_const(uint64_t) { return any(); }
  Value v128_const(const wasm::V128&) { return any(); }
  Value simple(Opcode op, Values, const wasm::Lanes&) {
    is_good_ &= !compiler::can_trap(op);
    return any();
  }
  void wide(Opcode, Values, Results results) { fill(results); }
  void drop(Value) { accept(); }
  Value select(wasm::ValType type, Value, Value, Value) {
    is_good_ &= !type.is_ref();
    return any();
  }
  Value local_get(uint32_t) { return any(); }
  void local_set(uint32_t, Value) { accept(); }
  Value local_tee(uint32_t, Value) { return any(); }
  Value global_get(wasm::GlobalIndex global) { return use(global); }
  void global_set(wasm::GlobalIndex global, Value) { use(global); }
  Value memory_size(wasm::MemoryIndex) { return any(); }
  Value load(Opcode op, const wasm::MemArg& memarg, Value address) {
    access(op, memarg, address);
    return any();
  }
  void store(Opcode op, const wasm::MemArg& memarg, Value address, Value) {
    access(op, memarg, address);
  }

  void block(Control&, const BlockType&) { open_block(); }
  void if_(Control&, const BlockType&, Value) { open_block(); }
  void else_(Control&, const BlockType&, Values, bool) { accept(); }
  void end(Control&, wasm::FrameKind, const BlockType&, wasm::FrameEnd, Results results) {
    fill(results);
  }
  void br(Control&, Values) { accept(); }
  void br_if(Control&, Value, Values) { open_block(); }
  void br_table(Value, std::span<Control* const> targets, Values) {
    accept();
    blocks_ += static_cast<uint32_t>(targets.size());
  }
  void return_(Values) { accept(); }
  // In an adapter it stands behind a call that does not return.
  void unreachable() {
    if (is_generated_) accept();
  }
  void call(FuncIndex callee, const wasm::FuncType&, Values, Results results) {
    fill(results);
    if (is_generated_ && finder_.is_trap(number_, callee)) {
      can_trap_ = true;
      return;
    }
    InlineBody body = finder_.body_for(number_, callee, is_generated_);
    is_good_ &= body.callee != nullptr;
    can_trap_ |= is_generated_;
    instructions_ += body.instructions;
    blocks_ += body.blocks;
  }

 private:
  Value any() {
    accept();
    return {};
  }
  void accept() { is_open_ = false; }
  Value constant(uint64_t bits) {
    accept();
    return {true, bits};
  }
  void fill(Results results) {
    accept();
    for (Value& result : results) result = {};
  }
  void open_block() {
    accept();
    blocks_ += 2;
  }
  Value use(wasm::GlobalIndex global) {
    is_good_ &= !module_.globals[global].type.type.is_ref();
    return any();
  }
  // Adapters check their accesses themselves.
  void access(Opcode op, const wasm::MemArg& memarg, Value address) {
    accept();
    if (is_generated_) return;
    is_good_ &= address.is_constant && is_in_minimum(module_.memories[memarg.memory], address.bits,
                                                     memarg.offset, wasm::info(op).size);
  }

  Finder& finder_;
  uint32_t number_;
  const wasm::Module& module_;
  bool is_generated_;
  bool is_good_ = true;
  bool is_open_ = false;  // nothing has accepted the instruction at hand
  bool can_trap_ = false;
  uint32_t instructions_ = 0;
  uint32_t blocks_ = 2;
};
static_assert(wasm::Sink<BodyCheck>);

InlineBody Finder::body_for(uint32_t module, FuncIndex callee, bool may_trap) {
  uint32_t owner = module;
  if (jobs_[module].module->is_imported(callee)) {
    Target target = targets_.find(module, callee);
    if (target.kind != Target::Kind::function) return {};
    owner = target.module.index;
    callee = target.function;
  } else if (!is_generated(module)) {
    return {};  // a guest's compiler has inlined what it wanted
  }
  Known known = evaluate(owner, callee);
  return known.can_trap && !may_trap ? InlineBody{} : known.body;
}

Finder::Known Finder::evaluate(uint32_t number, FuncIndex function) {
  auto [entry, is_new] = known_.try_emplace({number, function.index});
  if (!is_new) return entry->second;
  const ModuleJob& job = jobs_[number];
  if (job.module->body(function).bytes.size() > max_inlined_bytes || depth_ == max_inline_depth)
    return {};
  BodyCheck check(*this, number);
  depth_++;
  // What is invalid is an error where the function itself is compiled.
  bool is_valid = wasm::walk_function(*job.module, job.features, function, check).has_value();
  depth_--;
  if (!is_valid || !check.is_inlinable()) return {};
  Known& known = known_[{number, function.index}];
  known.body = {&job, number, function, check.instructions(), check.blocks()};
  known.can_trap = check.can_trap();
  return known;
}

}  // namespace

void find_inlined(const component::Plan& plan, std::vector<ModuleJob>& jobs) {
  Finder finder(plan, jobs);
  for (uint32_t m = 0; m < jobs.size(); m++) {
    const wasm::Module& module = *jobs[m].module;
    // Of a guest's module only imports; those that end here.
    size_t count = finder.is_generated(m) ? module.functions.size() : module.imported_functions;
    for (uint32_t f = 0; f < count; f++) {
      InlineBody body = finder.body_for(m, FuncIndex(f), /*may_trap=*/true);
      if (body.callee == nullptr) continue;
      jobs[m].inlined.resize(f + 1);
      jobs[m].inlined[f] = body;
    }
  }
}

}  // namespace tenon::compiler
