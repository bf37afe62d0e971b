#include "tenon/instance.h"

#include "api/component_impl.h"
#include "component/wave/reader.h"
#include "component/wave/writer.h"
#include "runtime/component/exported_func.h"
#include "runtime/component/type_check.h"

namespace tenon {

Result<abi::GuestFunc*> Instance::find_typed(std::string_view name,
                                             const abi::FuncDesc& type) const {
  runtime::InstantiatedComponent& instance = impl_->instantiated;
  runtime::ExportedFunc* function = TRY(instance.find_function(name));
  Result<void> checked =
      runtime::check_function_type(function->types(), function->type(), type,
                                   [&](component::ResourceId id) { return instance.resource(id); });
  if (!checked)
    return std::unexpected(std::move(checked).error().in("export `" + std::string(name) + "`"));
  return function;
}

Result<Func> Instance::get_func(std::string_view name) const {
  runtime::ExportedFunc* function = TRY(impl_->instantiated.find_function(name));
  return Func(std::make_shared<Func::Impl>(*function));
}

Result<Value> Instance::get_value(std::string_view name) const {
  return impl_->instantiated.find_value(name);
}

std::vector<Func::Param> Func::params() const {
  std::vector<Param> params;
  for (const component::Field& param : impl_->function.type().params) {
    params.push_back({param.name, to_string(impl_->function.types(), param.type)});
  }
  return params;
}

std::string Func::result() const {
  const auto& result = impl_->function.type().result;
  return result ? to_string(impl_->function.types(), *result) : std::string();
}

Result<CallResult<std::vector<Value>>> Func::call(std::span<const Value> args) const {
  TRY_VOID(impl_->function.check(args));
  return impl_->function.call(args);
}

Result<CallResult<std::string>> Instance::call_wave(std::string_view text) const {
  component::WaveCall call = TRY(component::parse_wave_call(text));
  runtime::InstantiatedComponent& instance = impl_->instantiated;
  runtime::ExportedFunc* function =
      call.interface.empty() ? TRY(instance.find_unique_function(call.function))
                             : TRY(instance.find_function(call.interface + "#" + call.function));
  std::vector<Value> args =
      TRY(component::parse_wave_arguments(function->types(), function->type(), call, text));
  CallResult<std::vector<Value>> results = function->call(args);
  if (!results) return CallResult<std::string>(std::unexpected(std::move(results).error()));
  if (results->empty()) return CallResult<std::string>("()");
  return CallResult<std::string>(TRY(component::to_wave(results->front())));
}

}  // namespace tenon
