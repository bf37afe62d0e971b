#include "component/plan/dump.h"

#include <fmt/format.h>

#include "component/visit.h"

namespace tenon::component {
namespace {

std::string text_of(const Path& path) {
  std::string text;
  for (const std::string& name : path)
    text += fmt::format("{}\"{}\"", text.empty() ? "" : " ", name);
  return text;
}

std::string text_of(const CoreSignature& signature) {
  static constexpr const char* names[] = {"i32", "i64", "f32", "f64"};
  auto list = [](const std::vector<FlatType>& types) {
    std::string text;
    for (FlatType type : types)
      text += fmt::format("{}{}", text.empty() ? "" : " ", names[static_cast<int>(type)]);
    return text;
  };
  return fmt::format("({}) -> ({})", list(signature.params), list(signature.results));
}

std::string text_of(const CoreExport& item) {
  static constexpr const char* kinds[] = {"func", "table", "memory", "global", "tag"};
  return fmt::format("core {} {} {}", item.instance.index, kinds[static_cast<int>(item.kind)],
                     item.index);
}

std::string text_of(const CoreDef& def) {
  return std::visit(Overloaded{
                        [](const CoreExport& item) { return text_of(item); },
                        [](TrampolineId id) { return fmt::format("trampoline {}", id.index); },
                        [](const InstanceFlag& flag) {
                          bool leave = flag.which == InstanceFlag::Which::may_leave;
                          return fmt::format("instance {} {}", flag.instance.index,
                                             leave ? "may-leave" : "may-enter");
                        },
                    },
                    def);
}

std::string text_of(const ModuleRef& module) {
  if (auto* id = std::get_if<ModuleId>(&module)) return fmt::format("module {}", id->index);
  return fmt::format("imported module {}", std::get<ImportedModuleId>(module).index);
}

std::string text_of(const Options& options) {
  std::string text =
      fmt::format("instance {} {}", options.instance.index, name_of(options.string_encoding));
  if (options.memory) text += fmt::format(" memory {}", options.memory->index);
  if (options.realloc) text += fmt::format(" realloc {}", options.realloc->index);
  if (options.post_return) text += fmt::format(" post-return {}", options.post_return->index);
  if (options.is_async) text += " async";
  if (options.callback) text += fmt::format(" callback {}", options.callback->index);
  return text;
}

class Dumper {
 public:
  explicit Dumper(const Plan& plan) : plan_(plan) {}

  std::string run() {
    instances();
    modules();
    imports();
    trampolines();
    initializers();
    exports();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  void instances() {
    for (size_t i = 0; i < plan_.instances.size(); i++) {
      const auto& parent = plan_.instances[InstanceId(i)].parent;
      line("instance {}{}{}", i, parent ? fmt::format(" in {}", parent->index) : "",
           plan_.instances[InstanceId(i)].tracks_tasks ? " tracks tasks" : "");
    }
    for (size_t i = 0; i < plan_.resources.size(); i++) {
      const Resource& resource = plan_.resources[ResourceId(i)];
      std::string text = resource.instance
                             ? fmt::format("defined by instance {}", resource.instance->index)
                             : "imported";
      if (resource.destructor) text += fmt::format(" destructor {}", resource.destructor->index);
      line("resource {} \"{}\" {}", i, resource.name, text);
    }
  }

  void modules() {
    for (size_t i = 0; i < plan_.modules.size(); i++) {
      const StaticModule& module = plan_.modules[ModuleId(i)];
      line("module {} {}", i,
           module.is_adapter() ? "adapters"
                               : fmt::format("at {:#x}, {} bytes", module.offset, module.size));
    }
  }

  void imports() {
    for (const ImportedInstance& item : plan_.imported_instances)
      line("import instance {}", text_of(item.path));
    for (const ImportedResource& item : plan_.imported_resources) {
      line("import resource {} = {}", text_of(item.path), item.resource.index);
    }
    for (const ImportedType& item : plan_.imported_types) {
      line("import type {} = {}", text_of(item.path), to_string(plan_.types, item.type));
    }
    for (size_t i = 0; i < plan_.imported_modules.size(); i++) {
      const ImportedModule& item = plan_.imported_modules[ImportedModuleId(i)];
      line("import module {} {}: {} imports, {} exports", i, text_of(item.path),
           item.imports.size(), item.exports.size());
    }
    for (const ImportedValue& item : plan_.imported_values) {
      line("import value {} {}: {}", item.value.index, text_of(item.path),
           to_string(plan_.types, item.type));
    }
    for (size_t i = 0; i < plan_.imports.size(); i++) {
      const ImportedFunction& item = plan_.imports[ImportId(i)];
      line("import {} {}: {}", i, text_of(item.path),
           to_string(plan_.types, plan_.types.func(item.type)));
    }
  }

  std::string text_of_function(const ExportedFunction& function) {
    return fmt::format("{} = {} {}: {}", to_string(plan_.types, plan_.types.func(function.type)),
                       text_of(function.callee), text_of(function.options),
                       text_of(function.signature));
  }
  std::string text_of_resource(const char* what, ResourceId resource, InstanceId instance) {
    return fmt::format("{} resource {} instance {}", what, resource.index, instance.index);
  }
  std::string text_of_transfer(const char* what, ResourceId resource, InstanceId from,
                               InstanceId to) {
    return fmt::format("{} resource {} from instance {} to {}", what, resource.index, from.index,
                       to.index);
  }

  void trampolines() {
    for (size_t i = 0; i < plan_.trampolines.size(); i++) {
      const Trampoline& trampoline = plan_.trampolines[TrampolineId(i)];
      std::string what = std::visit(
          Overloaded{
              [](const LowerImport& t) {
                return fmt::format("lower import {} {}", t.function.index, text_of(t.options));
              },
              [&](const ResourceNew& t) {
                return text_of_resource("resource.new", t.resource, t.instance);
              },
              [&](const ResourceRep& t) {
                return text_of_resource("resource.rep", t.resource, t.instance);
              },
              [&](const ResourceDrop& t) {
                return text_of_resource("resource.drop", t.resource, t.instance);
              },
              [&](const TransferOwn& t) {
                return text_of_transfer("transfer own", t.resource, t.from, t.to);
              },
              [&](const TransferBorrow& t) {
                return text_of_transfer(
                    t.enters_call ? "enter-call, transfer borrow" : "transfer borrow", t.resource,
                    t.from, t.to);
              },
              [](const EnterCall&) { return std::string("enter-call"); },
              [](const ExitCall&) { return std::string("exit-call"); },
              [](const DropBorrows& t) {
                return fmt::format("drop-borrows instance {}", t.instance.index);
              },
              [](const Transcode& t) {
                return fmt::format("transcode {} memory {} to {}", name_of(t.op), t.from.index,
                                   t.to.index);
              },
              [](const Trap&) { return std::string("trap"); },
              [](const StartAsync& t) {
                return fmt::format("start {}{} lift {} lower {}", t.start.index,
                                   t.finish ? fmt::format(" finish {}", t.finish->index) : "",
                                   text_of(t.lift), text_of(t.lower));
              },
              [&](const AsyncBuiltin& t) {
                return fmt::format("{}{}{} {}", info_of(t.builtin).name,
                                   t.payload ? " " + to_string(plan_.types, *t.payload) : "",
                                   t.is_cancellable ? " cancellable" : "", text_of(t.options));
              },
              [](const TransferAsync& t) {
                static constexpr const char* kinds[] = {"stream", "future", "error-context"};
                return fmt::format("transfer {} from instance {} to {}",
                                   kinds[static_cast<int>(t.kind)], t.from.index, t.to.index);
              },
              [](const EnterTask& t) {
                return fmt::format("enter-task instance {}", t.instance.index);
              },
              [](const ExitTask&) { return std::string("exit-task"); },
              [](const CheckBorrows&) { return std::string("check-borrows"); },
          },
          trampoline.kind);
      line("trampoline {} {}: {}", i, what, text_of(trampoline.signature));
    }
  }

  void initializers() {
    uint32_t instance = 0, memory = 0, function = 0;
    for (const Initializer& initializer : plan_.initializers) {
      std::visit(Overloaded{
                     [&](const InstantiateModule& it) {
                       std::string args;
                       for (const CoreDef& arg : it.args)
                         args += (args.empty() ? "" : ", ") + text_of(arg);
                       line("core {} = instance {} {} ({})", instance++, it.instance.index,
                            text_of(it.module), args);
                     },
                     [&](const ExtractMemory& it) {
                       line("memory {} = {}{}", memory++, text_of(it.from), it.is_64 ? " i64" : "");
                     },
                     [&](const ExtractFunction& it) {
                       line("function {} = {}", function++, text_of(it.from));
                     },
                     [&](const DefineValue& it) {
                       line("value {} = {}, {} bytes", it.value.index,
                            to_string(plan_.types, it.type), it.bytes.size());
                     },
                     [&](const CallStart& it) {
                       std::string args;
                       for (ValueId arg : it.args)
                         args += fmt::format("{}value {}", args.empty() ? "" : ", ", arg.index);
                       line("{}start {} ({})",
                            it.result ? fmt::format("value {} = ", it.result->index) : "",
                            text_of_function(it.function), args);
                     },
                 },
                 initializer);
    }
  }

  void exports() {
    for (const Export& item : plan_.exports) {
      std::string what = std::visit(
          Overloaded{
              [&](const ExportedFunction& e) { return text_of_function(e); },
              [](const ExportedResource& e) {
                return fmt::format("resource {}", e.resource.index);
              },
              [&](const ExportedType& e) { return "type " + to_string(plan_.types, e.type); },
              [](const ExportedInstance&) { return std::string("instance"); },
              [](const ExportedModule& e) { return text_of(e.module); },
              [](const ExportedComponent&) { return std::string("component"); },
              [&](const ExportedValue& e) {
                return fmt::format("value {}: {}", e.value.index, to_string(plan_.types, e.type));
              },
          },
          item.item);
      line("export {}: {}", text_of(item.path), what);
    }
  }

  const Plan& plan_;
  std::string text_;
};

}  // namespace

std::string dump(const Plan& plan) {
  return Dumper(plan).run();
}

}  // namespace tenon::component
