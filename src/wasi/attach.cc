#include "base/result.h"
#include "tenon/store.h"
#include "tenon/wasi.h"
#include "wasi/p1/process.h"
#include "wasi/p2/link.h"

namespace tenon::wasi {

Result<void> attach(Store& store, WasiConfig config) {
  Context& context = store.attach<Context>(TRY(Context::create(std::move(config))));
  store.attach(std::make_unique<p1::Process>(context));
  p2::attach(store, context);
  return {};
}

}  // namespace tenon::wasi
