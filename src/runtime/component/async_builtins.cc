#include "runtime/component/async_builtins.h"

#include <array>

#include "canon/async_handles.h"

namespace tenon::runtime {
namespace {

using component::Builtin;

BuiltinFunction find(Builtin builtin) {
  for (auto family :
       {task_builtin, waitable_builtin, copy_builtin, thread_builtin, error_context_builtin}) {
    if (BuiltinFunction function = family(builtin)) return function;
  }
  return nullptr;
}

// canon: which built-ins do not begin with trap_if(not inst.may_leave).
bool may_run_inside_realloc(Builtin builtin) {
  return builtin == Builtin::context_get || builtin == Builtin::context_set ||
         builtin == Builtin::backpressure_inc || builtin == Builtin::backpressure_dec;
}

template <Builtin builtin>
uint32_t entry(compiler::HostFunc* self, compiler::StoreContext* context) {
  static const BuiltinFunction function = find(builtin);
  BuiltinCall call(self, context);
  if (!may_run_inside_realloc(builtin) && *call.env().options.may_leave == 0)
    return call.fail(make_trap(TrapCode::cannot_leave_component));
  return function(call);
}

uint32_t transfer(compiler::HostFunc* self, compiler::StoreContext* context) {
  auto& env = *static_cast<TransferEnvironment*>(self->environment);
  auto handle = static_cast<uint32_t>(context->call.gpr[0]);
  using Kind = component::TransferAsync::Kind;
  auto moved =
      env.kind == Kind::error_context
          ? canon::copy_error_context(*env.from, handle, *env.to)
          : canon::move_copy_end(*env.from, handle, *env.to,
                                 env.kind == Kind::stream ? canon::ObjectKind::readable_stream
                                                          : canon::ObjectKind::readable_future,
                                 *env.types, env.payload);
  if (moved) {
    context->call.gpr[0] = *moved;
    return 0;
  }
  env.store->raise(Trap::host(std::move(moved).error()));
  return 1;
}

}  // namespace

TrampolineFunction function_of(const component::AsyncBuiltin& kind) {
  switch (kind.builtin) {
#define TENON_BUILTIN(opcode, id, name, immediates, signature) \
  case Builtin::id: return entry<Builtin::id>;
#include "component/builtins.def"
#undef TENON_BUILTIN
  }
  return nullptr;
}

TrampolineFunction function_of(const component::TransferAsync&) {
  return transfer;
}

}  // namespace tenon::runtime
