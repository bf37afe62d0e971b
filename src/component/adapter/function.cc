#include <fmt/format.h>

#include "base/limits.h"
#include "component/adapter/values.h"
#include "component/flatten.h"

// The frame of an adapter: flags, call scope, arguments, the call, results, post-return.
namespace tenon::component {
namespace {

wasm::FuncType core_type(const CoreSignature& signature) {
  return to_wasm(signature);
}

class AdapterFunction {
 public:
  AdapterFunction(AdapterWriter& writer, const AdapterRequest& request, FuncIndex function)
      : writer_(writer),
        types_(writer.types()),
        request_(request),
        type_(types_.func(request.type)),
        lower_flat_(flat_signature(types_, type_, lower_options(request))),
        lift_flat_(flat_signature(types_, type_, lift_options(request))),
        lowered_(flatten_functype(types_, type_, lower_options(request))),
        lifted_(flatten_functype(types_, type_, lift_options(request))),
        code_(writer.code(function)) {
    for (const Field& param : type_.params) {
      params_.push_back(param.type);
      has_borrow_ |= types_.info(param.type).has_borrow;
    }
  }

  Result<void> write() {
    if (request_.cannot_enter) {
      trap_unless_may_leave();
      code_.trap(AdapterTrap::cannot_enter);
      return {};
    }
    if (type_.is_async) return write_start();
    enter();
    TRY_VOID(arguments());
    code_->call(writer_.function(request_.callee, core_type(lifted_)));
    core_results();
    if (has_borrow_) code_->call(writer_.trampoline({{}, ExitCall{}}));
    TRY_VOID(result());
    leave();
    for (const Slot& slot : out_) code_->local_get(slot.local);
    return {};
  }

  // StartAsync::finish. Parameters are those of task.return, then where the result goes.
  Result<void> write_finish(const CoreSignature& signature, const abi::FlatSignature& returned) {
    for (size_t i = 0; i < signature.params.size(); i++)
      in_.push_back({static_cast<uint32_t>(i), signature.params[i]});
    TRY_VOID(move_result(in_, returned.params_in_memory));
    for (const Slot& slot : out_) code_->local_get(slot.local);
    return {};
  }

  static FlattenOptions lower_options(const AdapterRequest& request) {
    return flatten_options(Direction::lower, request.lower);
  }
  static FlattenOptions lift_options(const AdapterRequest& request) {
    return flatten_options(Direction::lift, request.lift);
  }

 private:
  // StartAsync::start. The scheduler has entered the callee.
  Result<void> write_start() {
    TRY_VOID(arguments());
    code_->call(writer_.function(request_.callee, core_type(lifted_)));
    if (request_.lift.is_async) return {};
    core_results();
    code_->call(writer_.trampoline({{}, CheckBorrows{}}));
    TRY_VOID(result());
    leave();
    for (const Slot& slot : out_) code_->local_get(slot.local);
    return {};
  }

  std::vector<Slot> fresh_slots(const std::vector<FlatType>& types) {
    std::vector<Slot> slots;
    // Not scratch: flat values that no case of a variant sets must be zero.
    for (FlatType type : types) slots.push_back({code_->local(kind_of(type)), type});
    return slots;
  }
  void set(InstanceId instance, InstanceFlag::Which flag, int32_t value) {
    code_->i32_const(value).global_set(writer_.flag(instance, flag));
  }
  void trap_unless(InstanceId instance, InstanceFlag::Which flag, AdapterTrap trap) {
    code_->global_get(writer_.flag(instance, flag)).op(Opcode::i32_eqz);
    code_.trap_if(trap);
  }

  void trap_unless_may_leave() {
    trap_unless(request_.lower.instance, InstanceFlag::Which::may_leave, AdapterTrap::cannot_leave);
  }

  // canon: canon_lower up to on_start; ComponentInstance.may_enter_from, enter_from
  void enter() {
    trap_unless_may_leave();
    for (InstanceId instance : request_.entered) {
      trap_unless(instance, InstanceFlag::Which::may_enter, AdapterTrap::cannot_enter);
    }
    for (InstanceId instance : request_.entered) set(instance, InstanceFlag::Which::may_enter, 0);
    if (has_borrow_ && !first_enters_call()) code_->call(writer_.trampoline({{}, EnterCall{}}));
    InstanceId callee = request_.lift.instance;
    if (writer_.tracks_tasks(callee)) code_->call(writer_.trampoline({{}, EnterTask{callee}}));
  }

  // Whether the first parameter is a borrow, moved right after `enter`: so it is with most methods.
  bool first_enters_call() const {
    if (!has_borrow_ || type_.is_async || writer_.tracks_tasks(request_.lift.instance))
      return false;
    const Type* first = types_.defined(params_[0]);
    return first && std::holds_alternative<BorrowType>(*first);
  }

  // canon: post_return and ComponentInstance.leave_to
  void leave() {
    if (request_.lift.post_return) {
      InstanceId callee = request_.lift.instance;
      set(callee, InstanceFlag::Which::may_leave, 0);
      for (const Slot& slot : returned_) code_->local_get(slot.local);
      code_->call(writer_.function(*request_.lift.post_return, core_type({lifted_.results, {}})));
      set(callee, InstanceFlag::Which::may_leave, 1);
    }
    if (type_.is_async) return;
    if (writer_.tracks_tasks(request_.lift.instance))
      code_->call(writer_.trampoline({{}, ExitTask{}}));
    for (InstanceId instance : request_.entered) set(instance, InstanceFlag::Which::may_enter, 1);
  }

  // Traps unless `pointer` may hold a value of this layout.
  void check_pointer(const Options& side, uint32_t pointer, Layout layout) {
    code_->local_get(pointer)
        .i64_const(static_cast<int64_t>(layout.size))
        .i32_const(static_cast<int32_t>(layout.alignment - 1));
    code_.cause(AdapterTrap::pointer_out_of_bounds).call(writer_.range_check(side));
  }

  // Of the parameters, as a tuple.
  Layout params_layout(const Options& side) {
    Layout layout;
    for (ValType type : params_) layout.add_field(types_.layout(type, side.pointer));
    return layout.finished();
  }

  Layout result_layout(const Options& side) { return types_.layout(*type_.result, side.pointer); }

  // canon: lift_flat_values of the caller's arguments, lower_flat_values for the callee; leaves
  // what the callee takes on the stack.
  Result<void> arguments() {
    for (size_t i = 0; i < lowered_.params.size(); i++) {
      in_.push_back({static_cast<uint32_t>(i), lowered_.params[i]});
    }
    Translator translator(writer_, code_, request_.lower, request_.lift);
    if (first_enters_call()) translator.set_enters_call();
    Place source = Place::flat(in_);
    if (lower_flat_.params_in_memory) {
      check_pointer(request_.lower, in_[0].local, params_layout(request_.lower));
      source = Place::memory(in_[0].local);
    }
    if (lift_flat_.params_in_memory) {
      Layout layout = params_layout(request_.lift);
      uint32_t destination = code_->local(kind_of(request_.lift.pointer));
      code_.pointer_const(request_.lift.pointer, 0).i32_const(0);
      code_->i32_const(static_cast<int32_t>(layout.alignment));
      code_->i32_const(static_cast<int32_t>(layout.size));
      code_.cause(AdapterTrap::pointer_out_of_bounds)
          .call(writer_.realloc(request_.lift))
          .local_set(destination);
      translator.record(params_, source, Place::memory(destination));
      code_->local_get(destination);
    } else {
      std::vector<Slot> passed = fresh_slots(lifted_.params);
      translator.record(params_, source, Place::flat(passed));
      for (const Slot& slot : passed) code_->local_get(slot.local);
    }
    return check_size(translator);
  }

  void core_results() {
    returned_ = fresh_slots(lifted_.results);
    if (!returned_.empty()) code_->local_set(returned_[0].local);
  }

  Result<void> result() {
    if (!type_.result) return {};
    return move_result(returned_, lift_flat_.result_in_memory);
  }

  // canon: lift_flat_values of the callee's result, lower_flat_values for the caller. `from` holds
  // the value, or a pointer to it.
  Result<void> move_result(const std::vector<Slot>& from, bool is_in_memory) {
    Translator translator(writer_, code_, request_.lift, request_.lower);
    Place source = Place::flat(from);
    if (is_in_memory) {
      check_pointer(request_.lift, from[0].local, result_layout(request_.lift));
      source = Place::memory(from[0].local);
    }
    if (lower_flat_.result_in_memory) {
      uint32_t destination = in_.back().local;
      check_pointer(request_.lower, destination, result_layout(request_.lower));
      translator.value(*type_.result, source, Place::memory(destination));
    } else {
      out_ = fresh_slots(lowered_.results);
      translator.value(*type_.result, source, Place::flat(out_));
    }
    return check_size(translator);
  }

  Result<void> check_size(const Translator& translator) {
    if (!translator.is_too_large()) return {};
    return fail(ErrorCode::limit,
                fmt::format("a call between components moves more than {} values of distinct types",
                            limits::max_adapter_nodes));
  }

  AdapterWriter& writer_;
  const ComponentTypes& types_;
  const AdapterRequest& request_;
  const FuncType& type_;
  const abi::FlatSignature lower_flat_;
  const abi::FlatSignature lift_flat_;
  const CoreSignature lowered_;
  const CoreSignature lifted_;
  Code code_;
  std::vector<ValType> params_;
  bool has_borrow_ = false;
  std::vector<Slot> in_;        // the adapter's parameters
  std::vector<Slot> returned_;  // the callee's results
  std::vector<Slot> out_;       // the adapter's results
};

}  // namespace

namespace {

// canon: canon_task_return lifts its parameters as a function does that is lowered.
FuncType task_return_type(const FuncType& type) {
  FuncType result;
  result.params.push_back({"result", *type.result});
  return result;
}

Result<FuncIndex> write_finish(AdapterWriter& writer, const AdapterRequest& request,
                               const std::string& name) {
  const FuncType& type = writer.types().func(request.type);
  FuncType returned = task_return_type(type);
  FlattenOptions lower = AdapterFunction::lower_options(request);
  FlattenOptions as_params{.direction = Direction::lower, .pointer = request.lift.pointer};
  CoreSignature signature = flatten_functype(writer.types(), returned, as_params);
  bool to_memory = flat_signature(writer.types(), type, lower).result_in_memory;
  if (to_memory) {
    signature.params.push_back(request.lower.pointer);
  } else {
    signature.results = flatten_functype(writer.types(), type, lower).results;
  }
  FuncIndex function =
      writer.module().function(writer.module().type(core_type(signature)), name + " finish");
  AdapterFunction adapter(writer, request, function);
  TRY_VOID(adapter.write_finish(signature, flat_signature(writer.types(), returned, as_params)));
  return function;
}

}  // namespace

Result<AdapterFunctions> write_adapter(AdapterWriter& writer, const AdapterRequest& request,
                                       const std::string& name) {
  const FuncType& type = writer.types().func(request.type);
  CoreSignature signature =
      flatten_functype(writer.types(), type, AdapterFunction::lower_options(request));
  if (type.is_async && !request.cannot_enter) {
    if (request.lift.is_async) {
      signature.results =
          flatten_functype(writer.types(), type, AdapterFunction::lift_options(request)).results;
    } else if (request.lower.is_async) {
      signature.results.clear();
    }
  }
  FuncIndex function = writer.module().function(writer.module().type(core_type(signature)), name);
  TRY_VOID(AdapterFunction(writer, request, function).write());
  AdapterFunctions made{function, std::nullopt};
  if (type.is_async && !request.cannot_enter && request.lift.is_async && type.result)
    made.finish = TRY(write_finish(writer, request, name));
  return made;
}

}  // namespace tenon::component
