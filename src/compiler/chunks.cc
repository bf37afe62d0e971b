#include "compiler/chunks.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace tenon::compiler {

namespace {

using Clock = std::chrono::steady_clock;

// What this process holds in memory; 0 when it cannot be told.
uint64_t resident_bytes() {
  uint64_t total = 0;
  uint64_t resident = 0;
  FILE* file = fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  int fields = fscanf(file, "%lu %lu", &total, &resident);
  fclose(file);
  return fields == 2 ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

class Workers {
 public:
  Workers(const std::vector<ModuleJob>& jobs, const std::vector<Chunk>& chunks, Tier& tier,
          const TierOptions& options, const CompileLimits& limits)
      : jobs_(jobs),
        chunks_(chunks),
        tier_(tier),
        options_(options),
        limits_(limits),
        results_(chunks.size()) {
    // Lone functions take longest: they go first, so that no thread is left alone with one at the
    // end.
    order_.resize(chunks.size());
    std::iota(order_.begin(), order_.end(), size_t{0});
    auto rank = [&chunks](size_t i) {
      const Chunk& chunk = chunks[i];
      bool lone = chunk.bytes > lone_function_bytes && chunk.last - chunk.first == 1;
      return std::pair(lone ? UINT64_MAX - chunk.bytes : UINT64_MAX, i);
    };
    std::ranges::sort(order_, {}, rank);
    for (const Chunk& chunk : chunks) all_bytes_ += chunk.bytes;
  }
  ~Workers() {
    stop();
    for (pthread_t thread : threads_) pthread_join(thread, nullptr);
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  Result<void> start();
  // The code of a chunk, when it is there.
  Result<ObjectCode> take(size_t chunk, const ProgressFunction& progress);

 private:
  static void* run(void* self) {
    static_cast<Workers*>(self)->work();
    return nullptr;
  }
  void work();
  Result<ObjectCode> compile(const Chunk& chunk);
  Result<void> check_limits() const;
  void stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }

  const std::vector<ModuleJob>& jobs_;
  const std::vector<Chunk>& chunks_;
  Tier& tier_;
  const TierOptions& options_;
  const CompileLimits& limits_;
  const Clock::time_point started_ = Clock::now();
  uint64_t all_bytes_ = 0;
  std::vector<size_t> order_;
  std::vector<pthread_t> threads_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  size_t next_ = 0;  // in order_
  uint64_t done_bytes_ = 0;
  bool stopped_ = false;
  std::vector<std::optional<Result<ObjectCode>>> results_;
};

Result<void> Workers::start() {
  size_t count =
      limits_.threads != 0 ? limits_.threads : std::max(1u, std::thread::hardware_concurrency());
  count = std::min(count, chunks_.size());
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, compile_stack_bytes);
  int failure = 0;
  for (size_t i = 0; i < count && failure == 0; i++) {
    pthread_t thread;
    failure = pthread_create(&thread, &attributes, run, this);
    if (failure == 0) threads_.push_back(thread);
  }
  pthread_attr_destroy(&attributes);
  // Fewer threads give the same code.
  if (threads_.empty() && count != 0) {
    return fail(ErrorCode::compile, fmt::format("cannot start a thread with {} MiB of stack",
                                                compile_stack_bytes >> 20));
  }
  return {};
}

Result<void> Workers::check_limits() const {
  if (limits_.seconds != 0 && Clock::now() - started_ > std::chrono::seconds(limits_.seconds)) {
    return fail(ErrorCode::limit,
                fmt::format("compiling took longer than {} seconds", limits_.seconds));
  }
  if (limits_.memory_bytes != 0 && resident_bytes() > limits_.memory_bytes) {
    return fail(ErrorCode::limit, fmt::format("compiling took more than {} MiB of memory",
                                              limits_.memory_bytes >> 20));
  }
  return {};
}

Result<ObjectCode> Workers::compile(const Chunk& chunk) {
  TRY_VOID(check_limits());
  const ModuleJob& job = jobs_[chunk.module];
  std::vector<uint8_t> object =
      TRY(tier_.compile_chunk({*job.module, job.features, chunk.module, chunk.first, chunk.last,
                               job.layout, options_, job.inlined, job.calls}));
  return read_object(object);
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_ && next_ < order_.size()) {
    size_t chunk = order_[next_++];
    lock.unlock();
    Result<ObjectCode> result = compile(chunks_[chunk]);
    lock.lock();
    if (!result) stopped_ = true;  // the others finish what they have begun
    done_bytes_ += chunks_[chunk].bytes;
    results_[chunk] = std::move(result);
    changed_.notify_all();
  }
  changed_.notify_all();
}

Result<ObjectCode> Workers::take(size_t chunk, const ProgressFunction& progress) {
  std::unique_lock lock(mutex_);
  while (!results_[chunk] && !stopped_) {
    changed_.wait(lock);
    if (progress) progress(done_bytes_, all_bytes_);
  }
  if (!stopped_) {
    Result<ObjectCode> result = std::move(*results_[chunk]);
    results_[chunk].reset();
    return result;
  }
  lock.unlock();
  for (pthread_t thread : threads_) pthread_join(thread, nullptr);
  threads_.clear();
  for (auto& result : results_) {
    if (result && !*result) return std::unexpected(std::move(*result).error());
  }
  return fail(ErrorCode::internal, "compiling stopped without an error");
}

}  // namespace

std::vector<Chunk> cut_into_chunks(const std::vector<ModuleJob>& jobs) {
  std::vector<Chunk> chunks;
  for (uint32_t m = 0; m < jobs.size(); m++) {
    const wasm::Module& module = *jobs[m].module;
    bool open = false;
    for (uint32_t i = 0; i < module.bodies.size(); i++) {
      uint32_t function = module.imported_functions + i;
      uint64_t size = module.bodies[i].bytes.size();
      bool alone = size > lone_function_bytes;
      if (open && !alone && chunks.back().bytes + size <= chunk_bytes) {
        chunks.back().last = function + 1;
        chunks.back().bytes += size;
        continue;
      }
      chunks.push_back({m, function, function + 1, size});
      open = !alone;
    }
  }
  return chunks;
}

Result<void> compile_chunks(const std::vector<ModuleJob>& jobs, const std::vector<Chunk>& chunks,
                            Tier& tier, const TierOptions& options, const CompileLimits& limits,
                            const ProgressFunction& progress,
                            const std::function<Result<void>(ObjectCode)>& consume) {
  Workers workers(jobs, chunks, tier, options, limits);
  TRY_VOID(workers.start());
  for (size_t i = 0; i < chunks.size(); i++) {
    ObjectCode code = TRY(workers.take(i, progress));
    TRY_VOID(consume(std::move(code)));
  }
  return {};
}

}  // namespace tenon::compiler
