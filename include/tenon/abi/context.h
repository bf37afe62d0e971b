#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/abi/layout.h"
#include "tenon/trap.h"

// What lifting and lowering work with: the options of a canonical definition and the guest behind
// them, and the Context of one call. Nothing here knows how guests are run: that is behind
// Embedder.
namespace tenon {

class Store;

namespace abi {
class CompletionState;
}

namespace canon {
class ComponentInstance;
class HostCopies;
class ResourceTable;
struct CallScope;
}  // namespace canon

namespace abi {

enum class StringEncoding : uint8_t { utf8, utf16, latin1_utf16 };

// A linear memory. It never moves; it may grow whenever guest code runs.
struct Memory {
  uint64_t byte_length = 0;
  uint8_t* base = nullptr;
};

struct Options;
struct ResourceType;
class Context;

// The store that a call belongs to, as lifting and lowering need it.
class Embedder {
 public:
  // Calls the guest's realloc; what it returns is not checked here. The guest can do anything
  // meanwhile.
  virtual CallResult<uint64_t> realloc(const Options& options, uint64_t old_pointer,
                                       uint64_t old_size, uint32_t alignment,
                                       uint64_t new_size) = 0;
  // Keeps the trap of a host function until its thunk has returned 1.
  virtual void raise(Trap trap) = 0;
  virtual Store& store() = 0;
  virtual canon::ResourceTable& resources() = 0;
  // canon: canon_resource_drop by the host, of a resource that it owns. Null when all went well.
  virtual std::unique_ptr<Trap> drop_resource(const ResourceType& type, uint32_t rep) = 0;
  // A host function completes later: the store keeps what the call lends, too, until then. The trap
  // when it cannot.
  virtual std::unique_ptr<Trap> defer(Context& cx, std::shared_ptr<CompletionState> state,
                                      uint64_t out_param) = 0;
  virtual canon::HostCopies& copies() = 0;
  // Runs what is ready in the store, and waits for what the host completes, until `is_done(of)`.
  // The trap of whoever traps meanwhile, or that nothing is left to wait for.
  virtual std::unique_ptr<Trap> run_until(bool (*is_done)(const void* of), const void* of) = 0;
  // Expires with the store.
  virtual std::weak_ptr<const void> life() const = 0;
  // Of the innermost call that has one: those with a borrow among their parameters.
  virtual canon::CallScope* call_scope() = 0;
  // How many bytes one call may copy out of a guest.
  virtual uint64_t max_call_bytes() const = 0;

 protected:
  ~Embedder() = default;
};

// canon: LiftLowerOptions, and the instance and store that they belong to.
struct Options {
  Embedder* embedder = nullptr;
  canon::ComponentInstance* instance = nullptr;
  uint32_t* may_leave = nullptr;     // of the instance; 0 while realloc and post-return run
  const Memory* memory = nullptr;    // null: none
  CoreType pointer = CoreType::i32;  // canon: ptr_type. Of the memory: i32 or i64
  const void* realloc = nullptr;     // of the embedder; null: none
  StringEncoding string_encoding = StringEncoding::utf8;
};

// canon: LiftLowerContext
//
// Lives for one call, on its thread. The first failure is kept; from then on lists and strings are
// lifted empty, nothing is allocated and handles are null, so that callers check `failed()` once,
// at the end.
class Context {
 public:
  explicit Context(const Options& options) : options_(options) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (kept_) free_kept();
    if (!lenders_.empty()) return_lent();
  }

  const Options& options() const { return options_; }
  CoreType pointer_type() const { return options_.pointer; }

  bool failed() const { return trap_ != nullptr; }
  void fail(std::string_view message);
  void fail(Trap trap);
  // After a failure, once: hands the trap out, or to the store for a thunk that returns this 1.
  Trap take_trap() { return std::move(*trap_); }
  uint32_t raise();

  // canon: trap_if(ptr != align_to(ptr, alignment)), trap_if(ptr + size > len(memory)). `message`
  // is for the second.
  bool check_range(uint64_t pointer, uint64_t size, uint32_t alignment, const char* message);

  // canon: load_int, store_int. Of a range that has been checked.
  template <typename T>
  T load(uint64_t pointer) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, options_.memory->base + pointer, sizeof(T));
    return value;
  }
  template <typename T>
  void store(uint64_t pointer, T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(options_.memory->base + pointer, &value, sizeof(T));
  }
  uint8_t* at(uint64_t pointer) const { return options_.memory->base + pointer; }

  // Pointers and lengths, which are as wide as the memory's addresses.
  uint64_t load_pointer(uint64_t pointer) const {
    return pointer_type() == CoreType::i64 ? load<uint64_t>(pointer) : load<uint32_t>(pointer);
  }
  void store_pointer(uint64_t pointer, uint64_t value) {
    if (pointer_type() == CoreType::i64) return store(pointer, value);
    store(pointer, static_cast<uint32_t>(value));
  }
  uint64_t lift_pointer(uint64_t value) const {
    return pointer_type() == CoreType::i64 ? value : static_cast<uint32_t>(value);
  }

  // canon: allocate, reallocate. Calls the guest's realloc and checks what it returns; 0 after a
  // failure.
  uint64_t allocate(uint32_t alignment, uint64_t size) { return reallocate(0, 0, alignment, size); }
  uint64_t reallocate(uint64_t old_pointer, uint64_t old_size, uint32_t alignment,
                      uint64_t new_size);

  // Counts bytes that are about to be copied out of the guest, and makes sure that they can be
  // allocated.
  bool charge(uint64_t bytes);

  // Keeps `items` until the call ends, for parameters that are views.
  template <typename T>
  std::span<const T> keep(std::vector<T> items) {
    auto node = std::make_unique<KeptItems<T>>(std::move(items));
    std::span<const T> view(node->items);
    keep_node(std::move(node));
    return view;
  }
  std::string_view keep(std::string text);

  // canon: Subtask.add_lender. The handle is given back when the call ends.
  void add_lender(uint32_t handle);
  // For a call that outlives this: who takes the handles gives them back.
  std::vector<uint32_t> take_lenders() { return std::exchange(lenders_, {}); }

 private:
  struct Kept {
    virtual ~Kept() = default;
    std::unique_ptr<Kept> next;
  };
  template <typename T>
  struct KeptItems : Kept {
    explicit KeptItems(std::vector<T> v) : items(std::move(v)) {}
    std::vector<T> items;
  };
  struct KeptText : Kept {
    std::string text;
  };
  void keep_node(std::unique_ptr<Kept> node) {
    node->next = std::move(kept_);
    kept_ = std::move(node);
  }
  void free_kept();
  void return_lent();

  const Options& options_;
  std::unique_ptr<Trap> trap_;
  uint64_t charged_ = 0;
  std::unique_ptr<Kept> kept_;
  std::vector<uint32_t> lenders_;
};

// canon: load_string_from_range. The text as UTF-8, checked.
std::string load_string_from_range(Context& cx, uint64_t pointer, uint64_t tagged_code_units);
// The same without a copy where the guest's strings are UTF-8: a view into its memory, valid until
// the call ends.
std::string_view view_string_from_range(Context& cx, uint64_t pointer, uint64_t tagged_code_units);

struct PointerPair {
  uint64_t pointer = 0;
  uint64_t length = 0;  // elements, or tagged code units
};
// canon: store_string_into_range. `text` is UTF-8; if it is not well-formed, this fails.
PointerPair store_string_into_range(Context& cx, std::string_view text);

// canon: load_list_from_range, as far as the elements: checks length, alignment and bounds.
bool check_list(Context& cx, uint64_t pointer, uint64_t length, Layout element);
// canon: store_list_into_range, as far as the elements. Returns a pointer to room for them, or
// fails.
uint64_t allocate_list(Context& cx, uint64_t length, Layout element);

// canon: convert_i32_to_char
char32_t convert_i32_to_char(Context& cx, uint32_t bits);

}  // namespace abi
}  // namespace tenon
