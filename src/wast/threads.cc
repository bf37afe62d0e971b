#include <fmt/format.h>

#include "wast/script.h"

// Threads of scripts: each runs its commands in a store of its own, and has of the instances that
// it is given the shared memories.
namespace tenon::wast {

namespace {

constexpr size_t max_threads = 64;  // of one script at a time

}  // namespace

Report Script::take_report() {
  for (auto& [id, thread] : threads_) {
    thread->runner.join();
    report_.add(thread->report);
  }
  threads_.clear();
  return std::move(report_);
}

Script::SharedMemories Script::shared_memories(runtime::Instance& instance) const {
  SharedMemories memories;
  for (const compiler::ExportInfo& item : instance.module().info().exports) {
    if (item.kind != wasm::ExternKind::memory) continue;
    if (auto memory = store_->share(instance.memory(item.index))) memories[item.name] = memory;
  }
  return memories;
}

// What a module finds under a name that was registered; none also when it is of another thread and
// not a shared memory.
std::optional<runtime::Import> Script::find_export(const Named& named, std::string_view name) {
  if (named.of_other_thread) {
    auto memory = named.of_other_thread->find(name);
    if (memory == named.of_other_thread->end()) return std::nullopt;
    auto joined = store_->join(memory->second);
    if (!joined) return std::nullopt;
    return *joined;
  }
  if (named.instance == nullptr) return std::nullopt;
  auto item = named.instance->find_export(name);
  if (!item) return std::nullopt;
  return std::visit([](auto& value) -> runtime::Import { return value; }, *item);
}

Script::Verdict Script::start_thread(const Command& command) {
  if (threads_.contains(command.id))
    return Error(ErrorCode::invalid, fmt::format("thread `${}` is running already", command.id));
  if (threads_.size() == max_threads)
    return Error(ErrorCode::limit, fmt::format("more than {} threads in one script", max_threads));
  auto script = std::make_unique<Script>(source_, engine_, tier_, options_);
  if (auto started = script->start(); !started) return std::move(started).error();
  for (const std::string& id : command.shared) {
    auto named = find(id);
    if (!named) return std::move(named).error();
    if ((*named)->instance == nullptr)
      return Error(ErrorCode::invalid, fmt::format("`${}` is no instance of a module", id));
    script->name(id, {.of_other_thread = shared_memories(*(*named)->instance)});
  }
  auto thread = std::make_unique<Thread>();
  thread->runner = std::jthread(
      [script = std::move(script), &commands = command.commands, &report = thread->report] {
        for (const Command& inner : commands) script->run(inner);
        report = script->take_report();
      });
  threads_.emplace(command.id, std::move(thread));
  return std::nullopt;
}

Script::Verdict Script::wait_for_thread(const Command& command) {
  auto thread = threads_.find(command.id);
  if (thread == threads_.end())
    return Error(ErrorCode::invalid, fmt::format("there is no thread `${}`", command.id));
  thread->second->runner.join();
  report_.add(thread->second->report);
  threads_.erase(thread);
  return std::nullopt;
}

}  // namespace tenon::wast
