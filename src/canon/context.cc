#include "tenon/abi/context.h"

#include <fmt/format.h>

#include <new>

#include "base/limits.h"
#include "base/utf8.h"
#include "canon/handles.h"

namespace tenon::abi {
namespace {

// Allocations below this are small bookkeeping: they may end the program when memory is short.
constexpr uint64_t small_allocation = uint64_t{1} << 20;

// canon: trap_if(length * elem_size(elem_type) > MAX_LIST_BYTE_LENGTH)
bool list_size(Context& cx, uint64_t length, Layout element, uint64_t& size) {
  if (!__builtin_mul_overflow(length, element.size, &size) && size <= limits::max_list_bytes)
    return true;
  cx.fail("list too long");
  return false;
}

}  // namespace

void Context::fail(std::string_view message) {
  if (!trap_) trap_ = std::make_unique<Trap>(Trap::host(std::string(message)));
}

void Context::fail(Trap trap) {
  if (!trap_) trap_ = std::make_unique<Trap>(std::move(trap));
}

uint32_t Context::raise() {
  options_.embedder->raise(take_trap());
  return 1;
}

bool Context::check_range(uint64_t pointer, uint64_t size, uint32_t alignment,
                          const char* message) {
  if (failed()) return false;
  if ((pointer & (alignment - 1)) != 0) {
    fail("unaligned pointer");
  } else if (!options_.memory || size > options_.memory->byte_length ||
             pointer > options_.memory->byte_length - size) {
    fail(message);
  }
  return !failed();
}

// canon: LiftLowerContext.reallocate, and the checks that follow each of its calls
uint64_t Context::reallocate(uint64_t old_pointer, uint64_t old_size, uint32_t alignment,
                             uint64_t new_size) {
  if (failed()) return 0;
  if (!options_.realloc) {
    fail("the function has no realloc to make room for its result");
    return 0;
  }
  if (pointer_type() == CoreType::i32 && (old_size > UINT32_MAX || new_size > UINT32_MAX)) {
    fail(fmt::format("a value of {} bytes is too large for a 32-bit memory", new_size));
    return 0;
  }
  *options_.may_leave = 0;
  auto pointer = options_.embedder->realloc(options_, old_pointer, old_size, alignment, new_size);
  if (!pointer) {
    fail(std::move(pointer).error());
    return 0;
  }
  *options_.may_leave = 1;
  if ((*pointer & (alignment - 1)) != 0) {
    fail("realloc return: result not aligned");
  } else if (!check_range(*pointer, new_size, 1, "realloc return: beyond end of memory")) {
    return 0;
  }
  return failed() ? 0 : *pointer;
}

bool Context::charge(uint64_t bytes) {
  if (failed()) return false;
  uint64_t limit = options_.embedder->max_call_bytes();
  if (bytes > limit || charged_ > limit - bytes) {
    fail(fmt::format("a call copies more than {} bytes out of the guest", limit));
    return false;
  }
  charged_ += bytes;
  if (bytes >= small_allocation) {
    void* probe = ::operator new(bytes, std::nothrow);
    if (!probe) fail(fmt::format("out of memory: {} bytes", bytes));
    ::operator delete(probe);
  }
  return !failed();
}

std::string_view Context::keep(std::string text) {
  auto node = std::make_unique<KeptText>();
  node->text = std::move(text);
  std::string_view view = node->text;
  keep_node(std::move(node));
  return view;
}

void Context::free_kept() {
  // One by one: the chain can be longer than the stack is deep.
  while (kept_) kept_ = std::move(kept_->next);
}

void Context::add_lender(uint32_t handle) {
  canon::lend(*options_.instance, handle);
  lenders_.push_back(handle);
}

void Context::return_lent() {
  for (uint32_t handle : lenders_) canon::take_back(*options_.instance, handle);
}

bool check_list(Context& cx, uint64_t pointer, uint64_t length, Layout element) {
  uint64_t size = 0;
  if (cx.failed() || !list_size(cx, length, element, size)) return false;
  return cx.check_range(pointer, size, element.alignment,
                        "list pointer/length out of bounds of memory");
}

uint64_t allocate_list(Context& cx, uint64_t length, Layout element) {
  uint64_t size = 0;
  if (!list_size(cx, length, element, size)) return 0;
  return cx.allocate(element.alignment, size);
}

char32_t convert_i32_to_char(Context& cx, uint32_t bits) {
  if (is_unicode_scalar(bits)) return static_cast<char32_t>(bits);
  cx.fail("invalid `char` bit pattern");
  return U'\ufffd';
}

}  // namespace tenon::abi
