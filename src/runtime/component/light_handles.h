#pragma once

#include "runtime/component/trampolines.h"

// The short ways (compiler::LightFunc) of built-ins for handles and call scopes, where there is
// one. What has to be told of every handle, or of every call, goes without them.
namespace tenon::runtime {

os::LightFunction light(const component::ResourceNew&);
os::LightFunction light(const component::ResourceRep&);
os::LightFunction light(const component::ResourceDrop&);
os::LightFunction light(const component::TransferOwn&);
os::LightFunction light(const component::TransferBorrow&);
os::LightFunction light(const component::EnterCall&);
os::LightFunction light(const component::ExitCall&);

}  // namespace tenon::runtime
