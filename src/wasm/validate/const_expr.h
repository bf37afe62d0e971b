#pragma once

#include "base/result.h"
#include "wasm/module.h"

// Validation of constant expressions: initial values of globals and tables, offsets and elements of
// segments.
namespace tenon::wasm {

// wasm: valid-expr
// wasm: valid-constant
// `visible_globals` bounds the globals that the expression may read: in the globals section only
// earlier ones.
Result<void> validate_const_expr(const Module& module, const ConstExpr& expr, ValType expected,
                                 size_t visible_globals);

}  // namespace tenon::wasm
