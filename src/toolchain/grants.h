#pragma once

#include <string>
#include <string_view>
#include <vector>

// Which rights a program may ask its host for, by what it imports, in the terms of `tenon run`. One
// table says it for WASI 0.2 and preview 1. An import is no proof of use: many toolchains import
// all of WASI for every program.
namespace tenon::toolchain {

struct Grant {
  enum class Kind : uint8_t {
    option,       // to be given with an option
    always,       // every program has it
    not_offered,  // of WASI, and not there in this version
    foreign,      // not of WASI: another module or component has to define it
  };
  Kind kind = Kind::option;
  std::string option;              // "--dir"; else empty
  std::string what;                // "files and directories"
  std::vector<std::string> names;  // the imports that ask for it
};

// An import of a component (an interface and a function, or a name at the root), or of a core
// module (its two names).
struct AskedFor {
  std::string_view interface;
  std::string_view function;  // empty: the interface as a whole
};
enum class ImportedBy : uint8_t { component, module };

// Grants in the order of `tenon run --help`, each once.
std::vector<Grant> grants_for(const std::vector<AskedFor>& imports, ImportedBy by);

// The options that grants_for may name.
std::vector<std::string_view> grant_options();

}  // namespace tenon::toolchain
