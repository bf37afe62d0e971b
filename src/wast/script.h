#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "runtime/component/component_store.h"
#include "runtime/component/instantiated.h"
#include "runtime/instance.h"
#include "runtime/linker.h"
#include "runtime/module.h"
#include "runtime/store.h"
#include "wasm/text/script.h"
#include "wast/host_instance.h"
#include "wast/runner.h"

// One script while it runs: its store, and what its commands have named so far.
namespace tenon::wast {

class Script {
 public:
  Script(const wasm::text::Source& source, std::shared_ptr<runtime::Engine> engine,
         compiler::Tier& tier, const RunnerOptions& options);

  Result<void> start();
  // `command` outlives the script.
  void run(const wasm::text::ScriptCommand& command);
  // Waits for threads that are still running.
  Report take_report();

 private:
  using Bytes = std::vector<uint8_t>;
  using Command = wasm::text::ScriptCommand;

  // Why a command cannot be judged.
  struct Skip {
    std::string reason;
  };
  // Why there is no value: an error, a trap, or a reason to skip.
  using Failure = std::variant<Error, Trap, Skip>;
  template <typename T>
  using Outcome = std::expected<T, Failure>;

  // What an action gave: core values, or component values.
  struct CoreValues {
    std::vector<wasm::ValType> types;
    std::vector<compiler::Slot> slots;
  };
  using ComponentValues = std::vector<Value>;
  using Values = std::variant<CoreValues, ComponentValues>;
  using SharedMemories =
      std::map<std::string, std::shared_ptr<runtime::Memory>, std::less<>>;  // by export
  // Under a name of a script: an instance of a module or of a component; neither, and why, when it
  // could not be used. Of an instance of another thread there is what it exports of shared
  // memories.
  struct Named {
    runtime::Instance* instance = nullptr;
    runtime::InstantiatedComponent* component = nullptr;
    std::string skip_reason = {};
    std::optional<SharedMemories> of_other_thread = {};
  };
  struct Thread {
    Report report;  // once `runner` is done
    std::jthread runner;
  };
  using Code = std::shared_ptr<const runtime::LoadedCode>;

  // What became of a command: nothing when it held, else what was wrong.
  using Verdict = std::optional<Failure>;
  Verdict judge(const Command& command);
  Verdict judge_modules(const Command& command);
  Verdict define_or_instantiate(const Command& command);
  Verdict instantiate_definition(const Command& command);
  Verdict register_instance(const Command& command);
  Verdict assert_return(const Command& command);
  Verdict compare(const CoreValues& found, const Command& command) const;
  bool is_function(const wasm::text::ScriptValue& expected, compiler::Slot found,
                   const wasm::text::ScriptAction& action) const;
  Verdict assert_trap(const Command& command);
  Verdict assert_exception(const Command& command);
  Verdict assert_rejected(const Command& command);
  Verdict assert_unlinkable(const Command& command);

  // threads.cc
  Verdict start_thread(const Command& command);
  Verdict wait_for_thread(const Command& command);
  SharedMemories shared_memories(runtime::Instance& instance) const;
  std::optional<runtime::Import> find_export(const Named& named, std::string_view name);

  wasm::Features compiled_features() const {
    return {options_.features.bits & wasm::Features::compiled().bits};
  }
  Outcome<Bytes> binary(const wasm::text::ScriptModule& module) const;
  Outcome<void> validate(const wasm::text::ScriptModule& module,
                         std::span<const uint8_t> bytes) const;
  Outcome<Code> compile(const wasm::text::ScriptModule& module);
  Outcome<Code> compile(std::span<const uint8_t> binary);
  Outcome<runtime::Instance*> link(const Code& code);
  // What modules import from under this name; null when the script has not made it.
  const Named* find_provider(std::string_view module) const;
  Outcome<Named> instantiate(const Code& code);
  Outcome<Values> act(const wasm::text::ScriptAction& action);
  Outcome<Values> invoke(compiler::FuncRef& function, const wasm::text::ScriptAction& action);
  Outcome<const Named*> find(const std::string& id) const;
  void name(const std::string& id, Named named);
  Verdict name(const std::string& id, const Outcome<Named>& outcome);

  // components.cc
  Result<Bytes> component_binary(const wasm::text::ScriptModule& component) const;
  Outcome<void> validate_component(std::span<const uint8_t> bytes) const;
  Outcome<runtime::InstantiatedComponent*> instantiate_component(const Code& code);
  // What components of the script can import: `host`, and the core modules of instances that the
  // script has named or registered.
  Outcome<runtime::ComponentLinker> component_linker(const component::Plan& plan);
  static void define_modules(runtime::ComponentLinker& linker, const std::string& name,
                             const Named& instance);
  Outcome<Values> invoke(runtime::InstantiatedComponent& component,
                         const wasm::text::ScriptAction& action);
  Outcome<Values> value_of(const runtime::InstantiatedComponent& component,
                           const wasm::text::ScriptAction& action);
  Verdict compare(const ComponentValues& found, const Command& command) const;

  const wasm::text::Source& source_;
  const std::shared_ptr<runtime::Engine> engine_;
  compiler::Tier& tier_;
  const RunnerOptions options_;
  std::vector<Code> code_;  // outlives the store
  std::unique_ptr<runtime::Store> store_;
  std::optional<runtime::ComponentStore> components_;
  runtime::Linker spectest_;
  HostInstance host_;
  Code host_module_;  // null until first used
  std::map<std::string, Named, std::less<>> registered_;
  std::map<std::string, Named, std::less<>> instances_;
  std::map<std::string, std::expected<Code, std::string>, std::less<>> definitions_;
  Report report_;
  std::map<std::string, std::unique_ptr<Thread>, std::less<>> threads_;  // first to be destroyed
};

// The values of an action in one line, for messages.
std::string list(const std::vector<std::string>& texts);

}  // namespace tenon::wast
