#pragma once

#include "base/hash.h"
#include "compiler/compile.h"

// The key of an artifact: everything that decides its bytes. Computed without loading a compiler.
namespace tenon::compiler {

// `input`: the digest of the module or component. The program itself and the compiler beside it
// count by the identity of their files, so that a new build never meets code of an old one.
Digest artifact_key(const Digest& input, const CompileOptions& options);

}  // namespace tenon::compiler
