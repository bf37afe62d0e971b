#pragma once

#include <cstdint>

#include "canon/table_object.h"

// canon: EventTuple
namespace tenon::canon {

enum class EventCode : uint32_t {
  none = 0,
  subtask = 1,
  stream_read = 2,
  stream_write = 3,
  future_read = 4,
  future_write = 5,
  task_cancelled = 6,
};

struct Event {
  EventCode code = EventCode::none;
  uint32_t index = 0;
  uint32_t payload = 0;
};

}  // namespace tenon::canon
