#include "tests/canon/adapter_component.h"

namespace model {
namespace {

constexpr size_t max_flat_params = 16, max_flat_results = 1;

const char* name_of(Core core) {
  static constexpr const char* names[] = {"i32", "i64", "f32", "f64"};
  return names[static_cast<size_t>(core)];
}

std::string number(uint64_t value) {
  return std::to_string(value);
}

// The types of one component as text. Those that need a name have one outside of it.
class TypeText {
 public:
  explicit TypeText(bool imports) : imports_(imports) {}

  std::string use(const Type& type) {
    static constexpr const char* primitives[] = {"bool", "s8",   "u8",    "s16", "u16",
                                                 "s32",  "u32",  "s64",   "u64", "f32",
                                                 "f64",  "char", "string"};
    if (type.kind <= Kind::string) return primitives[static_cast<size_t>(type.kind)];
    std::string text = definition(type);
    std::string id = number(names_++);
    bool is_nominal =
        type.kind == Kind::flags || ((type.kind == Kind::record || type.kind == Kind::variant) &&
                                     (type.form == Form::plain || type.form == Form::enum_));
    definitions += "(type $d" + id + " " + text + ")\n";
    if (!is_nominal) return "$d" + id;
    if (imports_) {
      definitions += "(import \"t" + id + "\" (type $t" + id + " (eq $d" + id + ")))\n";
      arguments += "(with \"t" + id + "\" (type $callee \"t" + id + "\"))\n";
    } else {
      definitions += "(export $t" + id + " \"t" + id + "\" (type $d" + id + "))\n";
    }
    return "$t" + id;
  }

  std::string definitions;
  std::string arguments;

 private:
  std::string optional(const TypeRef& type) { return type ? " " + use(*type) : ""; }

  std::string definition(const Type& type) {
    switch (type.form) {
      case Form::option: return "(option " + use(*type.parts[1]) + ")";
      case Form::result: {
        std::string text = "(result" + optional(type.parts[0]);
        if (type.parts[1]) text += " (error " + use(*type.parts[1]) + ")";
        return text + ")";
      }
      case Form::map: {
        std::string key = use(*type.parts[0]->parts[0]);
        return "(map " + key + " " + use(*type.parts[0]->parts[1]) + ")";
      }
      case Form::tuple: {
        std::string text = "(tuple";
        for (const TypeRef& part : type.parts) text += " " + use(*part);
        return text + ")";
      }
      case Form::enum_: return labels("enum", type.parts.size());
      case Form::plain: break;
    }
    if (type.kind == Kind::flags) return labels("flags", type.labels);
    if (type.kind == Kind::list) {
      std::string length = type.length ? " " + number(*type.length) : "";
      return "(list " + use(*type.parts[0]) + length + ")";
    }
    bool is_record = type.kind == Kind::record;
    std::string text = is_record ? "(record" : "(variant";
    for (size_t i = 0; i < type.parts.size(); i++) {
      text += is_record ? " (field" : " (case";
      text += " \"n" + number(i) + "\"" + optional(type.parts[i]) + ")";
    }
    return text + ")";
  }

  static std::string labels(const char* word, size_t count) {
    std::string text = std::string("(") + word;
    for (size_t i = 0; i < count; i++) text += " \"n" + number(i) + "\"";
    return text + ")";
  }

  bool imports_;
  uint32_t names_ = 0;
};

std::string func_type(const FunctionShape& shape, TypeText& types) {
  std::string text;
  for (size_t i = 0; i < shape.params.size(); i++)
    text += " (param \"p" + number(i) + "\" " + types.use(*shape.params[i]) + ")";
  if (shape.result) text += " (result " + types.use(*shape.result) + ")";
  return text;
}

std::string core_signature(const std::vector<Core>& params, const std::vector<Core>& results) {
  std::string text;
  for (Core core : params) text += std::string(" (param ") + name_of(core) + ")";
  for (Core core : results) text += std::string(" (result ") + name_of(core) + ")";
  return text;
}

// What the two components have in common.
const char* const memories = R"((core module $libc
  (memory $mem (export "mem") 1)
  (memory $log (export "log") 1)
  (global $calls (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 0x8000))
  (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
      (result i32) (local $at i32) (local $start i32) (local $action i32) (local $number i32)
    (if (i32.ge_u (global.get $calls) (i32.const 1000)) (then unreachable))
    (local.set $at (i32.add (i32.const 0x4000) (i32.mul (global.get $calls) (i32.const 16))))
    (i32.store $log (local.get $at) (local.get $old))
    (i32.store $log offset=4 (local.get $at) (local.get $old_size))
    (i32.store $log offset=8 (local.get $at) (local.get $align))
    (i32.store $log offset=12 (local.get $at) (local.get $size))
    (local.set $at (i32.mul (global.get $calls) (i32.const 8)))
    (local.set $action (i32.load $log (local.get $at)))
    (local.set $number (i32.load $log offset=4 (local.get $at)))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eq (local.get $action) (i32.const 3)) (then unreachable))
    (local.set $start (i32.and (i32.sub (i32.add (global.get $next) (local.get $align)) (i32.const 1))
                               (i32.sub (i32.const 0) (local.get $align))))
    (if (i32.gt_u (local.get $size) (i32.const 0x10000)) (then unreachable))
    (global.set $next (i32.add (local.get $start) (local.get $size)))
    (if (i32.gt_u (global.get $next) (i32.const 0x10000)) (then unreachable))
    (memory.copy $mem $mem (local.get $start) (local.get $old)
      (select (local.get $size) (local.get $old_size)
              (i32.lt_u (local.get $size) (local.get $old_size))))
    (if (i32.eq (local.get $action) (i32.const 4))
      (then (i32.store8 $mem (i32.and (local.get $number) (i32.const 0xffff)) (local.get $number))))
    (if (i32.eq (local.get $action) (i32.const 2)) (then (return (local.get $number))))
    (if (i32.eq (local.get $action) (i32.const 1))
      (then (return (i32.add (local.get $start) (local.get $number)))))
    (local.get $start))
  (func (export "poke") (param $which i32) (param $at i32) (param $value i64)
    (if (local.get $which)
      (then (i64.store $log (local.get $at) (local.get $value)))
      (else (i64.store $mem (local.get $at) (local.get $value)))))
  (func (export "hash") (param $which i32) (result i64) (local $at i32) (local $hash i64)
    (loop $words
      (local.set $hash (i64.mul (i64.const 0x100000001b3)
        (i64.xor (local.get $hash)
          (if (result i64) (local.get $which)
            (then (i64.load $log (local.get $at)))
            (else (i64.load $mem (local.get $at)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $words (i32.lt_u (local.get $at) (i32.const 0x10000))))
    (local.get $hash)))
(core instance $libc (instantiate $libc))
(func (export "poke") (param "w" u32) (param "a" u32) (param "v" u64)
  (canon lift (core func $libc "poke")))
(func (export "hash") (param "w" u32) (result u64) (canon lift (core func $libc "hash")))
)";

std::string options(Encoding encoding) {
  static constexpr const char* names[] = {"utf8", "utf16", "latin1+utf16"};
  return std::string(" string-encoding=") + names[static_cast<size_t>(encoding)] +
         " (memory (core memory $libc \"mem\")) (realloc (core func $libc \"realloc\"))";
}

std::string log_access(const char* access, Core core, uint32_t at, const std::string& operand) {
  return std::string("(") + name_of(core) + "." + access + " $log (i32.const " + number(at) + ")" +
         operand + ")\n";
}

// `f` notes what it is given, and returns what the log says.
std::string callee(const FunctionShape& shape, const Guest& guest) {
  std::vector<Core> params = shape.flat_params(guest), results = shape.flat_result(guest);
  if (shape.has_result_pointer(guest)) results = {Core::i32};
  TypeText types(false);
  std::string type = func_type(shape, types);
  std::string text =
      "(component $callee\n" + types.definitions + memories +
      "(core module $main (import \"libc\" \"log\" (memory $log 1))\n(func (export \"f\")" +
      core_signature(params, results) + "\n";
  for (uint32_t i = 0; i < params.size(); i++)
    text += log_access("store", params[i], log_values + 8 * i, " (local.get " + number(i) + ")");
  if (!results.empty()) text += log_access("load", results[0], log_result, "");
  return text + "))\n(core instance $main (instantiate $main (with \"libc\" (instance $libc))))\n" +
         "(func (export \"f\")" + type + " (canon lift (core func $main \"f\")" +
         options(shape.callee) + ")))\n";
}

// `run` passes what the log says, and notes the result. `arguments`: the types it is given.
std::string caller(const FunctionShape& shape, const Guest& guest, std::string& arguments) {
  std::vector<Core> params = shape.flat_params(guest), results = shape.flat_result(guest);
  if (shape.has_result_pointer(guest)) {
    params.push_back(Core::i32);
    results.clear();
  }
  TypeText types(true);
  std::string type = func_type(shape, types);
  arguments = types.arguments;
  std::string call = "(call $f";
  for (uint32_t i = 0; i < params.size(); i++)
    call += " " + log_access("load", params[i], log_values + 8 * i, "");
  call += ")";
  if (!results.empty()) call = log_access("store", results[0], log_result, call);
  return "(component $caller\n" + types.definitions + "(import \"f\" (func $f" + type + "))\n" +
         memories + "(core func $low (canon lower (func $f)" + options(shape.caller) + "))\n" +
         "(core module $main (import \"libc\" \"log\" (memory $log 1)) (import \"\" \"f\" (func "
         "$f" +
         core_signature(params, results) + "))\n(func (export \"run\") " + call +
         "))\n(core instance $main (instantiate $main (with \"libc\" (instance $libc))" +
         " (with \"\" (instance (export \"f\" (func $low))))))\n" +
         "(func (export \"run\") (canon lift (core func $main \"run\"))))\n";
}

}  // namespace

std::vector<Core> FunctionShape::flat_params(const Guest& guest) const {
  std::vector<Core> flat = guest.flatten(params_type());
  if (flat.size() > max_flat_params) flat = {Core::i32};
  return flat;
}

std::vector<Core> FunctionShape::flat_result(const Guest& guest) const {
  return result ? guest.flatten(*result) : std::vector<Core>();
}

bool FunctionShape::has_result_pointer(const Guest& guest) const {
  return flat_result(guest).size() > max_flat_results;
}

std::string adapter_component(const FunctionShape& shape) {
  Guest guest;
  std::string arguments;
  std::string text = "(component\n" + callee(shape, guest) + caller(shape, guest, arguments) +
                     "(instance $callee (instantiate $callee))\n" +
                     "(instance $caller (instantiate $caller " + arguments +
                     "(with \"f\" (func $callee \"f\"))))\n";
  for (std::string side : {"caller", "callee"}) {
    for (std::string name : {"poke", "hash"})
      text += "(export \"" + side + "-" + name + "\" (func $" + side + " \"" + name + "\"))\n";
  }
  return text + "(export \"run\" (func $caller \"run\")))\n";
}

}  // namespace model
