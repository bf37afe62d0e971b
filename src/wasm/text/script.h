#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/text/source.h"
#include "wasm/types.h"

// Test scripts (`.wast`) as plain data: a list of commands in order. In goes a text, out come the
// commands; modules stay text or bytes, so that a malformed one is the runner's to meet, and so
// that each is compiled when its turn comes. What can fail is the script itself. Components are
// known by their span alone. Views refer to the text, which the caller keeps alive.
namespace tenon::wasm::text {

struct ScriptModule {
  enum class Kind : uint8_t {
    text,    // [begin, end) of the script: the optional identifier, then fields
    binary,  // `bytes`
    quote,   // `bytes` are a text of their own
  };
  Kind kind = Kind::text;
  bool is_definition = false;  // `(module definition ...)`: not instantiated here
  bool is_component = false;
  std::string id;  // without its `$`; empty: none
  size_t begin = 0;
  size_t end = 0;
  std::string bytes;
};

// Which NaNs are expected instead of given bits.
enum class NanPattern : uint8_t { none, canonical, arithmetic };

// A value, or what a result should look like.
struct ScriptValue {
  enum class Kind : uint8_t {
    i32,
    i64,
    f32,
    f64,         // `bits`, or nans[0]
    v128,        // `bits`, `high`, and for float lanes `nans`
    ref_null,    // of `heap`, or of any type
    ref_extern,  // of the host, known by the number `bits`, or any
    ref_host,    // the same as a member of `any`
    ref,         // not null, of the abstract type `heap`
    either,      // one of `alternatives`
    component,   // a component value: `text`
  };
  Kind kind = Kind::i32;
  uint64_t bits = 0;
  uint64_t high = 0;
  uint8_t lane_bits = 0;                // v128: of a lane of the shape as written
  bool is_float_shape = false;          // v128
  std::array<NanPattern, 4> nans = {};  // by lane
  bool has_number = false;              // ref_extern, ref_host; of ref func an index
  std::optional<HeapType> heap;
  std::vector<ScriptValue> alternatives;
  std::string_view text;
};

struct ScriptAction {
  enum class Kind : uint8_t { invoke, get };
  Kind kind = Kind::invoke;
  std::string module_id;  // empty: the last instance
  std::string name;
  std::vector<ScriptValue> args;
};

struct ScriptCommand {
  enum class Kind : uint8_t {
    module,             // `module`
    instance,           // of the definition `of_id` (empty: the last) under the name `id`
    register_,          // the instance `id` (empty: the last) under `name`
    action,             // `action`
    assert_return,      // `action`, `results`
    assert_trap,        // `action`, or `module` when has_module; `message`
    assert_exhaustion,  // `action`, `message`
    assert_suspension,  // `action`, `message`: of a suspension that nothing handles
    assert_exception,   // `action`
    assert_invalid,     // the rest: `module`, `message`
    assert_malformed,
    assert_unlinkable,
    assert_invalid_custom,
    assert_malformed_custom,
    thread,  // `commands` run beside the rest as thread `id`, sharing the instances `shared`
    wait,    // for the thread `id`
  };
  Kind kind = Kind::module;
  size_t offset = 0;  // of its `(`
  bool has_module = false;
  bool is_component = false;  // instance: of a component
  ScriptModule module;
  std::string id;
  std::string of_id;
  std::string name;
  std::string message;
  ScriptAction action;
  std::vector<ScriptValue> results;
  std::vector<std::string> shared;
  std::vector<ScriptCommand> commands;
};

// A text that has fields of a module at its top level is one module.
Result<std::vector<ScriptCommand>> parse_script(const Source& source);

// The binary of a core module of the script `source`.
Result<std::vector<uint8_t>> module_binary(const Source& source, const ScriptModule& module);

}  // namespace tenon::wasm::text
