#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "canon/component_instance.h"

// Handles of resources as they enter and leave the table of an instance. Shared by typed host
// functions, values and the built-ins that compiled adapters call. What goes wrong is a sentence
// for the trap.
namespace tenon::canon {

template <typename T>
using HandleResult = std::expected<T, std::string>;

// canon: lift_own. Removes the handle; the representation.
HandleResult<uint32_t> lift_own(ComponentInstance& instance, uint32_t handle,
                                const abi::ResourceType& type);
// canon: lift_borrow, without the lend. The representation of an own or borrow handle.
HandleResult<uint32_t> lift_borrow(ComponentInstance& instance, uint32_t handle,
                                   const abi::ResourceType& type);

// canon: lower_own
HandleResult<uint32_t> lower_own(ComponentInstance& instance, uint32_t rep,
                                 const abi::ResourceType& type);
// canon: lower_borrow, for an instance that does not define the resource.
HandleResult<uint32_t> lower_borrow(ComponentInstance& instance, uint32_t rep,
                                    const abi::ResourceType& type, CallScope& scope);

// canon: canon_resource_drop, up to the destructor. A borrow is counted off its scope.
HandleResult<Handle> remove_handle(ComponentInstance& instance, uint32_t handle,
                                   const abi::ResourceType& type);

// Drops all borrow handles that were lowered for the call of `scope`.
void drop_borrows(ComponentInstance& instance, CallScope& scope);

// Why the instance's table takes no other handle.
std::string no_room(const ComponentInstance& instance);
// "unknown handle index 5"
std::string unknown_handle(uint32_t handle);
// "a waitable set"
const char* name_of(ObjectKind kind);
// "handle index 5 is a waitable set, expected a resource"
std::string wrong_kind(uint32_t handle, const char* wanted, const Handle& found);

}  // namespace tenon::canon
