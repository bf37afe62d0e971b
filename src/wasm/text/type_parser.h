#pragma once

#include <string_view>
#include <vector>

#include "wasm/text/context.h"

// Types of the text format. What is malformed is kept by the cursor; what is returned then is of no
// use.
namespace tenon::wasm::text {

// Whether a value type follows.
bool at_val_type(Cursor& in);
ValType parse_val_type(Context& context);    // wasm: text-valtype
ValType parse_ref_type(Context& context);    // wasm: text-reftype
HeapType parse_heap_type(Context& context);  // wasm: text-heaptype
GlobalType parse_global_type(Context& context);
// wasm: text-limits, with the address type in front. `bits` of a number.
Limits parse_limits(Context& context);
bool parse_address_type(Cursor& in);  // whether it is i64
// The page size, when there is one. wasm: custom-page-sizes
std::optional<uint8_t> parse_page_size(Cursor& in);
MemoryText parse_memory_type(Context& context);

// wasm: text-subtype. `index` is the place that the type will have.
SubType parse_sub_type(Context& context, uint32_t index);
// Gives a place of the types its type, which stands in a group of its own.
void define_type(ModuleParts& parts, uint32_t index, SubType type);
// A `type` field, and a `rec` field: they add to the types.
void parse_type_field(Context& context);
void parse_rec_field(Context& context);

// Identifiers and names of parameters, by position; those without one are left out.
struct ParamNames {
  struct Identifier {
    uint32_t index;
    std::string_view name;
    Token token;
  };
  std::vector<Identifier> ids;
  NameList names;  // for the name section
};

// `(param ...)* (result ...)*`. With `names`, parameters may have identifiers, which go there.
FuncType parse_signature(Context& context, ParamNames* names);
std::vector<ValType> parse_results(Context& context);

// wasm: text-typeuse
struct TypeUse {
  TypeIndex type;
  bool has_index = false;      // `(type x)`
  bool has_signature = false;  // parameters or results
  FuncType signature;          // as written
};
// Without looking for the type that a use without `(type x)` stands for.
TypeUse parse_type_use_text(Context& context, ParamNames* names);
// The type of such a use: the first that is equal, or a new one behind all others.
TypeIndex implied_type(Context& context, const FuncType& type);
// Both. The result has its `type`.
TypeUse parse_type_use(Context& context, ParamNames* names);
// wasm: text-blocktype
void parse_block_type(Context& context, ByteWriter& out);

}  // namespace tenon::wasm::text
