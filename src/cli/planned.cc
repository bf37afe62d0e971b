#include "cli/planned.h"

namespace tenon::cli::planned {

std::vector<std::string> options() {
  return {"-R, --record", "-g, --gdbstub", "--target", "--config", "--profile"};
}

std::vector<std::string> optimize_keys() {
  return {
      "regalloc-algorithm",
      "memory-may-move",
      "memory-reservation",
      "memory-reservation-for-growth",
      "memory-guard-size",
      "guard-before-linear-memory",
      "table-lazy-init",
      "memory-init-cow",
      "memory-guaranteed-dense-image-size",
      "pooling-allocator",
      "gc-heap-reservation",
      "gc-heap-initial-size",
  };
}

std::vector<std::string> codegen_keys() {
  return {"compiler", "collector", "cache-config", "inlining", "native-unwind-info"};
}

std::vector<std::string> debug_keys() {
  return {
      "debug-info",     "guest-debug",   "address-map", "logging",       "log-to-files",
      "coredump",       "debugger",      "arg",         "inherit-stdin", "inherit-stdout",
      "inherit-stderr", "max-backtrace", "symbols",
  };
}

std::vector<std::string> wasm_keys() {
  return {
      "fuel",
      "timeout",
      "epoch-interruption",
      "trap-on-grow-failure",
      "max-instances",
      "max-tables",
      "max-memories",
      "max-table-elements",
      "async-stack-size",
      "async-stack-zeroing",
      "nan-canonicalization",
      "unknown-exports-allow",
      "unknown-imports-default",
      "wmemcheck",
      "all-proposals",
      "shared-memory",
      "shared-everything-threads",
      "gc-support",
      "stack-switching",
      "branch-hinting",
      "concurrency-support",
      "component-model-async",
      "component-model-more-async-builtins",
      "component-model-async-stackful",
      "component-model-threading",
      "component-model-error-context",
      "component-model-gc",
      "component-model-map",
      "component-model-memory64",
      "component-model-fixed-length-lists",
      "component-model-implements",
  };
}

std::vector<std::string> wasi_keys() {
  return {
      "http",
      "tcp",
      "udp",
      "inherit-network",
      "allow-ip-name-lookup",
      "network-error-code",
      "config",
      "config-var",
      "keyvalue",
      "keyvalue-in-memory-data",
      "nn",
      "nn-graph",
      "tls",
      "p3",
      "threads",
      "preview0",
      "preview2",
      "listenfd",
      "tcplisten",
      "max-component-handles",
      "max-http-fields-size",
      "http-outgoing-body-buffer-chunks",
      "http-outgoing-body-chunk-size",
  };
}

}  // namespace tenon::cli::planned
