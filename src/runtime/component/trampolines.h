#pragma once

#include <cstdint>

#include "canon/component_instance.h"
#include "component/plan/plan.h"
#include "runtime/component/component_store.h"

// The core functions that a component's plan asks of the host: built-ins for resources, and what
// compiled adapters call. Each is a core host function whose environment is one of the structs
// below.
namespace tenon::runtime {

using TrampolineFunction = uint32_t (*)(compiler::HostFunc* self, compiler::StoreContext* context);

// canon: ResourceType of a resource that a component defines. One per instantiation.
struct GuestResource : abi::ResourceType {
  // Points to where the plan's function is put once it is there; null when there is no destructor.
  compiler::FuncRef* const* destructor = nullptr;
};

// Environment of the built-ins for handles and call scopes, as far as each needs it.
struct HandleBuiltin {
  ComponentStore* store = nullptr;
  const abi::ResourceType* type = nullptr;
  canon::ComponentInstance* from = nullptr;  // the current instance
  canon::ComponentInstance* to = nullptr;
  const GuestResource* guest_type = nullptr;  // when a component defines the resource
  bool to_definer = false;  // `to` is that component: what it borrows are representations
};

// Environment of string transcoders.
struct TranscodeBuiltin {
  ComponentStore* store = nullptr;
  struct Side {
    const abi::Memory* memory = nullptr;
    uint64_t pointer_mask = UINT32_MAX;  // the bits of an argument that are its address
  };
  Side from;
  Side to;
};

TrampolineFunction function_of(const component::ResourceNew&);
TrampolineFunction function_of(const component::ResourceRep&);
TrampolineFunction function_of(const component::ResourceDrop&);
TrampolineFunction function_of(const component::TransferOwn&);
TrampolineFunction function_of(const component::TransferBorrow&);
TrampolineFunction function_of(const component::EnterCall&);
TrampolineFunction function_of(const component::ExitCall&);
TrampolineFunction function_of(const component::DropBorrows&);
TrampolineFunction function_of(const component::Trap&);
TrampolineFunction function_of(const component::Transcode& kind);

// canon: canon_resource_drop, from the destructor on: the owned resource goes. `guest_type` is
// null for resources of the host, `caller` when it is the host.
std::unique_ptr<Trap> destroy_resource(ComponentStore& store, const GuestResource* guest_type,
                                       uint32_t rep, const canon::ComponentInstance* caller);

}  // namespace tenon::runtime
