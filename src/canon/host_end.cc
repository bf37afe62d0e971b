#include "tenon/abi/host_end.h"

#include "canon/async_handles.h"
#include "canon/host_copies.h"

namespace tenon::abi {
namespace {

bool is_future(CopyKind kind) {
  return kind == CopyKind::future;
}

}  // namespace

bool HostEnd::is_wanted() const {
  return end_ && !end_->shared->is_dropped;
}

bool HostEnd::start(std::unique_ptr<CopyBuffer> buffer, uint64_t length) {
  if (!end_ || buffer_ || length > UINT32_MAX) return false;
  if (is_over_ && end_->shared->is_future) return false;
  buffer_ = std::move(buffer);
  end_->begin(static_cast<uint32_t>(length));
  copies_.start(*end_);
  return true;
}

std::unique_ptr<Trap> HostEnd::wait() {
  if (!end_ || !buffer_) return nullptr;
  std::shared_ptr<HostEnd> self = shared_from_this();
  if (end_->has_pending_event()) {
    finish();
    return nullptr;
  }
  auto is_done = [](const void* it) { return !static_cast<const HostEnd*>(it)->is_busy(); };
  auto trap = copies_.store().run_until(is_done, this);
  if (trap && end_ && buffer_) {
    cancel();
    finish();
  }
  return trap;
}

void HostEnd::cancel() {
  if (end_ && buffer_ && !end_->has_pending_event()) end_->cancel();
}

// The buffer may hold what owns this.
void HostEnd::drop() {
  std::unique_ptr<CopyBuffer> unused = std::move(buffer_);
  if (canon::CopyEnd* end = std::exchange(end_, nullptr)) copies_.drop(*end);
}

void HostEnd::detach() {
  std::unique_ptr<CopyBuffer> unused = std::move(buffer_);
  end_ = nullptr;
}

void HostEnd::finish() {
  std::shared_ptr<HostEnd> self = shared_from_this();
  copies_.remove_ready(*end_);
  CopyResult result = end_->result();
  uint32_t count = end_->progress;
  (void)end_->take_event();
  is_over_ = end_->state == canon::CopyEnd::State::done;
  std::unique_ptr<CopyBuffer> buffer = std::move(buffer_);
  buffer->finish(result, count);
}

std::shared_ptr<HostEnd> lift_end(Context& cx, uint32_t handle, CopyKind kind,
                                  const TypeDesc* item) {
  if (cx.failed()) return nullptr;
  auto end = canon::take_copy_end(
      *cx.options().instance, handle,
      is_future(kind) ? canon::ObjectKind::readable_future : canon::ObjectKind::readable_stream,
      canon::Payload::of_host(item));
  if (end) return cx.options().embedder->copies().adopt(**end);
  cx.fail(end.error());
  return nullptr;
}

uint32_t lower_end(Context& cx, HostEnd* end, CopyKind kind, const TypeDesc* item) {
  if (cx.failed()) return 0;
  canon::Payload payload = canon::Payload::of_host(item);
  const char* problem = canon::problem_of(end, is_future(kind), payload, cx.options().embedder);
  if (problem) {
    cx.fail(problem);
    return 0;
  }
  auto handle = canon::lower_copy_end(*cx.options().instance, *end, payload);
  if (handle) return *handle;
  cx.fail(handle.error());
  return 0;
}

const char* problem_of(const HostEnd* end, CopyKind kind, const TypeDesc* item) {
  return canon::problem_of(end, is_future(kind), canon::Payload::of_host(item), nullptr);
}

}  // namespace tenon::abi
