#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What can go wrong before guest code runs: decoding, validating, linking, instantiating, input and
// output. An Error says what was found, where (a path of contexts, outermost first, and an offset
// into the binary) and what to do about it. Failures of running guest code are a Trap (trap.h),
// never an Error.
namespace tenon {

enum class ErrorCode : uint8_t {
  malformed,    // bytes or text that do not follow the format
  invalid,      // well-formed, but refused by validation
  unsupported,  // valid, and not built here yet
  limit,        // a named limit was met
  link,         // imports and definitions do not fit
  not_found,    // a name that does not exist
  io,           // the operating system said no
  usage,        // the caller asked for something that makes no sense
  compile,      // the compiler gave up
  internal,     // a bug of ours
};

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message)
      : body_(std::make_unique<Body>(Body{code, {}, std::move(message), {}, {}, {}})) {}

  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;
  Error(const Error& other) : body_(std::make_unique<Body>(*other.body_)) {}
  Error& operator=(const Error& other) {
    if (this != &other) body_ = std::make_unique<Body>(*other.body_);
    return *this;
  }

  // Offset into the outermost binary; the first one given stays.
  Error&& at(uint64_t offset) && {
    if (!body_->offset) body_->offset = offset;
    return std::move(*this);
  }
  // Puts `context` (for instance "func 17 (`memcpy`)") before the contexts given so far.
  Error&& in(std::string_view context) && {
    body_->context = body_->context.empty() ? std::string(context)
                                            : std::string(context) + ": " + body_->context;
    return std::move(*this);
  }
  // One sentence that tells the reader what to do.
  Error&& hint(std::string hint) && {
    body_->hint = std::move(hint);
    return std::move(*this);
  }

  // Lines of a text input with a mark below the place, as people see it.
  Error&& snippet(std::string snippet) && {
    body_->snippet = std::move(snippet);
    return std::move(*this);
  }

  ErrorCode code() const { return body_->code; }
  std::optional<uint64_t> offset() const { return body_->offset; }
  const std::string& message() const { return body_->message; }
  const std::string& context() const { return body_->context; }
  const std::string& hint() const { return body_->hint; }
  const std::string& snippet() const { return body_->snippet; }

  // "CONTEXT: MESSAGE (at 0x1f3); HINT" in one line, then the lines of the snippet.
  std::string to_string() const;

 private:
  struct Body {
    ErrorCode code;
    std::optional<uint64_t> offset;
    std::string message;
    std::string context;
    std::string hint;
    std::string snippet;
  };
  std::unique_ptr<Body> body_;
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace tenon
