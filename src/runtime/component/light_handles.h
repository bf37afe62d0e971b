#pragma once

#include "runtime/component/trampolines.h"

// The short ways (compiler::LightFunc) of built-ins for handles and call scopes, where there is
// one. What has to be told of every handle, or of every call, goes without them.
namespace tenon::runtime {

using LightFunction = os::LightResult (*)(compiler::HostFunc* self, uint64_t argument);

LightFunction light(const component::ResourceNew&);
LightFunction light(const component::ResourceRep&);
LightFunction light(const component::ResourceDrop&);
LightFunction light(const component::TransferOwn&);
LightFunction light(const component::TransferBorrow&);
LightFunction light(const component::EnterCall&);
LightFunction light(const component::ExitCall&);

}  // namespace tenon::runtime
