// Objects and virtual calls: the Richards benchmark, a simulated kernel with six tasks that send
// each other packets.
#include "kernel.h"

namespace {

enum Id { idle, worker, handler_a, handler_b, device_a, device_b, task_count };
enum Kind { device_packet, work_packet };

struct Packet {
  Packet* next;
  int id;
  Kind kind;
  int first;
  int data[4];
};

Packet* append(Packet* packet, Packet* queue) {
  packet->next = nullptr;
  if (!queue) return packet;
  Packet* last = queue;
  while (last->next) last = last->next;
  last->next = packet;
  return queue;
}

class Scheduler;

class Task {
 public:
  Task(Scheduler& scheduler, Id id, int priority, Packet* queue)
      : scheduler_(scheduler),
        queue_(queue),
        id_(id),
        priority_(priority),
        waiting_(queue != nullptr) {}
  virtual ~Task() = default;
  virtual Task* run(Packet* packet) = 0;

  bool is_held_or_waits() const { return held || (waiting_ && !queue_); }
  Task* step() {
    Packet* packet = nullptr;
    if (waiting_ && queue_) {
      packet = queue_;
      queue_ = packet->next;
      waiting_ = false;
    }
    return run(packet);
  }
  Task* wait() {
    waiting_ = true;
    return this;
  }
  // Of this task and one that sent it a packet, the more urgent.
  Task* receive(Packet* packet, Task* sender) {
    bool was_empty = !queue_;
    queue_ = append(packet, queue_);
    return was_empty && priority_ > sender->priority_ ? this : sender;
  }
  int id() const { return id_; }
  int priority() const { return priority_; }

  Task* next = nullptr;
  bool held = false;

 protected:
  Scheduler& scheduler_;

 private:
  Packet* queue_;
  Id id_;
  int priority_;
  bool waiting_;
};

class Scheduler {
 public:
  void add(Task* task) {
    task->next = first_;
    first_ = tasks_[task->id()] = task;
  }
  void run() {
    for (current_ = first_; current_;)
      current_ = current_->is_held_or_waits() ? current_->next : current_->step();
  }
  Task* release(int id) {
    Task* task = tasks_[id];
    task->held = false;
    return task->priority() > current_->priority() ? task : current_;
  }
  Task* hold() {
    ++holds;
    current_->held = true;
    return current_->next;
  }
  Task* wait() { return current_->wait(); }
  Task* send(Packet* packet) {
    Task* to = tasks_[packet->id];
    ++sent;
    packet->next = nullptr;
    packet->id = current_->id();
    return to->receive(packet, current_);
  }

  uint64_t holds = 0;
  uint64_t sent = 0;

 private:
  Task* first_ = nullptr;
  Task* current_ = nullptr;
  Task* tasks_[task_count] = {};
};

class Idle : public Task {
 public:
  Idle(Scheduler& scheduler, int rounds) : Task(scheduler, idle, 0, nullptr), rounds_(rounds) {}
  Task* run(Packet*) override {
    if (--rounds_ == 0) return scheduler_.hold();
    bool low = state_ & 1;
    state_ >>= 1;
    if (!low) return scheduler_.release(device_a);
    state_ ^= 0xd008;
    return scheduler_.release(device_b);
  }

 private:
  int rounds_;
  int state_ = 1;
};

class Device : public Task {
 public:
  Device(Scheduler& scheduler, Id id, int priority) : Task(scheduler, id, priority, nullptr) {
    wait();
  }
  Task* run(Packet* packet) override {
    if (packet) {
      pending_ = packet;
      return scheduler_.hold();
    }
    if (!pending_) return scheduler_.wait();
    packet = pending_;
    pending_ = nullptr;
    return scheduler_.send(packet);
  }

 private:
  Packet* pending_ = nullptr;
};

class Worker : public Task {
 public:
  Worker(Scheduler& scheduler, Packet* queue) : Task(scheduler, worker, 1000, queue) {}
  Task* run(Packet* packet) override {
    if (!packet) return scheduler_.wait();
    to_ = to_ == handler_a ? handler_b : handler_a;
    packet->id = to_;
    packet->first = 0;
    for (int& item : packet->data) {
      if (++letter_ > 26) letter_ = 1;
      item = letter_;
    }
    return scheduler_.send(packet);
  }

 private:
  Id to_ = handler_a;
  int letter_ = 0;
};

class Handler : public Task {
 public:
  Handler(Scheduler& scheduler, Id id, int priority, Packet* queue)
      : Task(scheduler, id, priority, queue) {}
  Task* run(Packet* packet) override {
    if (packet) {
      Packet*& queue = packet->kind == work_packet ? work_ : devices_;
      queue = append(packet, queue);
    }
    if (!work_) return scheduler_.wait();
    Packet* work = work_;
    if (work->first >= 4) {
      work_ = work->next;
      return scheduler_.send(work);
    }
    if (!devices_) return scheduler_.wait();
    Packet* device = devices_;
    devices_ = device->next;
    device->first = work->data[work->first++];
    return scheduler_.send(device);
  }

 private:
  Packet* work_ = nullptr;
  Packet* devices_ = nullptr;
};

Packet* packets(Packet* storage, int count, int id, Kind kind) {
  Packet* queue = nullptr;
  for (int i = 0; i < count; ++i) {
    storage[i] = {queue, id, kind, 0, {}};
    queue = &storage[i];
  }
  return queue;
}

}  // namespace

static uint64_t kernel() {
  uint64_t sum = 0;
  for (int i = 0; i < 40; ++i) {
    static Packet storage[8];
    Scheduler scheduler;
    Idle idle_task(scheduler, 10000);
    Worker worker_task(scheduler, packets(storage, 2, worker, work_packet));
    Handler a(scheduler, handler_a, 2000, packets(storage + 2, 3, device_a, device_packet));
    Handler b(scheduler, handler_b, 3000, packets(storage + 5, 3, device_b, device_packet));
    Device c(scheduler, device_a, 4000);
    Device d(scheduler, device_b, 5000);
    Task* tasks[] = {&idle_task, &worker_task, &a, &b, &c, &d};
    for (Task* task : tasks) scheduler.add(task);
    scheduler.run();
    sum = sum * 31 + scheduler.sent * 7 + scheduler.holds;
  }
  return sum;
}
