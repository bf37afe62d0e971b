#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "host/clock.h"
#include "host/directory.h"
#include "host/poll.h"
#include "host/random.h"
#include "host/stdio.h"
#include "tenon/error.h"
#include "tenon/wasi.h"
#include "wasi/common/random.h"

// The state behind all of WASI for one store, whichever version of it the guest uses: what the
// guest is granted, and the outside world that it sees. It belongs to the thread of its store and
// outlives every resource that it gave out.
namespace tenon::wasi {

// The outside world of one store.
struct World {
  struct Directory {
    std::shared_ptr<host::Directory> directory;
    std::string guest_path;
    bool read_only = false;
  };

  std::unique_ptr<host::Clock> clock;
  std::unique_ptr<host::Poller> poller;
  std::unique_ptr<host::Random> random;
  std::unique_ptr<host::Input> input;    // null: empty
  std::unique_ptr<host::Output> output;  // null: dropped
  std::unique_ptr<host::Output> error;   // null: dropped
  std::vector<Directory> directories;
};

// Held by a resource of the guest's as long as it lives.
class ResourceTicket {
 public:
  ResourceTicket() = default;
  explicit ResourceTicket(std::shared_ptr<uint32_t> live) : live_(std::move(live)) { ++*live_; }
  ResourceTicket(ResourceTicket&&) noexcept = default;
  ResourceTicket& operator=(ResourceTicket&& other) noexcept {
    live_.swap(other.live_);
    return *this;
  }
  ~ResourceTicket() {
    if (live_) --*live_;
  }

 private:
  std::shared_ptr<uint32_t> live_;
};

class Context {
 public:
  // Opens what `config` grants on this machine.
  static Result<std::unique_ptr<Context>> create(WasiConfig config);
  // With another world than this machine; the directories and streams of `config` are not looked
  // at.
  static Result<std::unique_ptr<Context>> create(WasiConfig config, World world);

  const WasiConfig& config() const { return config_; }
  World& world() { return world_; }
  InsecureRandom& insecure_random() { return insecure_random_; }
  // Secret, for hashes that the guest sees.
  const MacKey& hash_key() const { return hash_key_; }

  // Room for what is read before its size is known; what it held before is garbage.
  static constexpr size_t scratch_size = 1 << 20;
  std::span<uint8_t> scratch();

  // Nothing where the guest has as many resources as it may.
  std::optional<ResourceTicket> admit_resource();

 private:
  Context(WasiConfig config, World world, InsecureRandom random, const MacKey& key);

  WasiConfig config_;
  World world_;
  InsecureRandom insecure_random_;
  MacKey hash_key_;
  std::unique_ptr<uint8_t[]> scratch_;
  std::shared_ptr<uint32_t> live_resources_ = std::make_shared<uint32_t>(0);
};

}  // namespace tenon::wasi
