#include "runtime/component/live_handles.h"

#include <fmt/format.h>

#include <map>
#include <tuple>
#include <unordered_map>

#include "runtime/component/instantiated.h"

namespace tenon::runtime {
namespace {

const char* name_of(canon::ObjectKind kind) {
  switch (kind) {
    case canon::ObjectKind::readable_stream: return "stream (readable end)";
    case canon::ObjectKind::writable_stream: return "stream (writable end)";
    case canon::ObjectKind::readable_future: return "future (readable end)";
    case canon::ObjectKind::writable_future: return "future (writable end)";
    case canon::ObjectKind::subtask: return "subtask";
    case canon::ObjectKind::waitable_set: return "waitable-set";
    case canon::ObjectKind::error_context: return "error-context";
    case canon::ObjectKind::other: break;
  }
  return "object";
}

std::string place_of(const component::Plan& plan, component::InstanceId instance) {
  std::string text;
  for (const std::string& name : plan.path_of(instance))
    text += fmt::format("{}`{}`", text.empty() ? "component " : " > ", name);
  return text.empty() ? "the root" : text;
}

struct Kind {
  std::string type;
  std::string creator;
};

class Collector {
 public:
  // Guests may hand a resource from one component of the store to another: all types come first.
  void name_types(const InstantiatedComponent& component) {
    const component::Plan& plan = component.plan();
    for (const component::ImportedResource& import : plan.imported_resources)
      kinds_.try_emplace(component.resource(import.resource), path_text(import.path), "the host");
    for (uint32_t i = 0; i < plan.resources.size(); i++) {
      const component::Resource& resource = plan.resources[component::ResourceId(i)];
      if (!resource.instance) continue;
      std::string name = resource.name.empty() ? fmt::format("resource {}", i) : resource.name;
      if (!resource.interface.empty()) name = fmt::format("{}#{}", resource.interface, name);
      // What one component of the store gives another is the host's there, and stays its maker's.
      kinds_.insert_or_assign(component.resource(component::ResourceId(i)),
                              Kind{std::move(name), place_of(plan, *resource.instance)});
    }
  }

  void count(InstantiatedComponent& component) {
    const component::Plan& plan = component.plan();
    for (uint32_t i = 0; i < plan.instances.size(); i++) {
      component::InstanceId id(i);
      std::string holder;
      component.instance(id).handles.for_each([&](uint32_t, const canon::Handle& handle) {
        if (holder.empty()) holder = place_of(plan, id);
        Kind kind = handle.rt ? kinds_[handle.rt] : Kind{name_of(handle.object->kind), {}};
        bool is_borrowed = handle.rt && !handle.is_own();
        ++counts_[{kind.type, kind.creator, holder, is_borrowed}];
      });
    }
  }

  void count(const canon::HostCopies& copies) {
    copies.for_each(
        [&](const canon::CopyEnd& end) { ++counts_[{name_of(end.kind), {}, "the host", false}]; });
  }

  std::vector<LiveHandles> take() const {
    std::vector<LiveHandles> all;
    for (const auto& [key, count] : counts_) {
      const auto& [type, creator, holder, is_borrowed] = key;
      all.push_back({type, creator, holder, is_borrowed, count});
    }
    return all;
  }

 private:
  std::unordered_map<const abi::ResourceType*, Kind> kinds_;
  std::map<std::tuple<std::string, std::string, std::string, bool>, uint64_t> counts_;
};

}  // namespace

std::vector<LiveHandles> live_handles(ComponentStore& store) {
  Collector collector;
  for (const InstantiatedComponent* component : store.components())
    collector.name_types(*component);
  for (InstantiatedComponent* component : store.components()) collector.count(*component);
  collector.count(store.copies());
  return collector.take();
}

}  // namespace tenon::runtime
