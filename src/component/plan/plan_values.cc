#include "component/plan/planner.h"

// Values and start functions.
namespace tenon::component {

// Nested instantiation multiplies values: each of their places counts.
Planner::Item Planner::define(const ValueDef& def) {
  auto index = static_cast<uint32_t>(frame_->spaces.size(Sort::value));
  const StaticItem* item = TRY(frame_->info->spaces.get(Sort::value, index));
  DefineValue made;
  made.type = TRY(convert(ValType(std::get<Entity>(*item).type)));
  made.bytes.assign(def.bytes.begin(), def.bytes.end());
  TypeOf type_of = [&](TypeId id) -> const Type& { return plan_.types[id]; };
  TRY_VOID(decode_value(def.bytes, def.bytes_offset, made.type, type_of, value_room_));
  made.value = add_value();
  ValueItem value{made.value};
  plan_.initializers.emplace_back(std::move(made));
  return PlanItem(value);
}

Planner::Item Planner::define(const StartDef& def) {
  const PlanItem* target = TRY(frame_->spaces.get(Sort::func, def.func));
  FunctionItem function = std::get<FunctionItem>(*target);
  CallStart call;
  call.function = TRY(export_function(function));
  for (uint32_t arg : def.args) {
    const PlanItem* value = TRY(frame_->spaces.get(Sort::value, arg));
    call.args.push_back(std::get<ValueItem>(*value).value);
  }
  PlanItem made = TypeItem();
  if (def.results > 0) {
    call.result = add_value();
    made = ValueItem{*call.result};
  }
  plan_.initializers.emplace_back(std::move(call));
  return made;
}

}  // namespace tenon::component
