// wasmtime LIBRARY CALLS.wasm ASYNC.wasm: what calls.cc measures, by Wasmtime through its C API,
// whose calls carry values. The library is opened when this runs; the declarations are those of
// Wasmtime 48.
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint8_t kind;
  union {
    uint32_t u32;
    uint64_t words[3];
  } of;
} Value;
enum { kind_u32 = 6 };
typedef struct {
  uint64_t store;
  uint32_t private_part;
} Instance;
typedef struct {
  uint64_t store;
  uint32_t private_part, other_private_part;
} Function;
typedef struct {
  size_t size;
  char* data;
} Bytes;
typedef void Handle;
typedef Handle* (*Callback)(void*, Handle* context, const Handle* type, Value* args, size_t,
                            Value* results, size_t);

// Every function that is used: result, name, parameters.
#define FUNCTIONS(X)                                                                        \
  X(Handle*, wasm_config_new, (void))                                                       \
  X(void, wasmtime_config_wasm_component_model_async_set, (Handle*, bool))                  \
  X(void, wasmtime_config_wasm_component_model_more_async_builtins_set, (Handle*, bool))    \
  X(void, wasmtime_config_wasm_component_model_async_stackful_set, (Handle*, bool))         \
  X(Handle*, wasm_engine_new_with_config, (Handle*))                                        \
  X(Handle*, wasmtime_store_new, (Handle*, void*, void*))                                   \
  X(Handle*, wasmtime_store_context, (Handle*))                                             \
  X(Handle*, wasmtime_component_new, (Handle*, const uint8_t*, size_t, Handle**))           \
  X(Handle*, wasmtime_component_linker_new, (Handle*))                                      \
  X(Handle*, wasmtime_component_linker_root, (Handle*))                                     \
  X(void, wasmtime_component_linker_instance_delete, (Handle*))                             \
  X(Handle*, wasmtime_component_linker_instance_add_func,                                   \
    (Handle*, const char*, size_t, Callback, void*, void*))                                 \
  X(Handle*, wasmtime_component_linker_instantiate, (Handle*, Handle*, Handle*, Instance*)) \
  X(Handle*, wasmtime_component_linker_instantiate_async,                                   \
    (Handle*, Handle*, Handle*, Instance*, Handle**))                                       \
  X(Handle*, wasmtime_component_instance_get_export_index,                                  \
    (const Instance*, Handle*, const Handle*, const char*, size_t))                         \
  X(bool, wasmtime_component_instance_get_func,                                             \
    (const Instance*, Handle*, const Handle*, Function*))                                   \
  X(Handle*, wasmtime_component_func_call,                                                  \
    (const Function*, Handle*, const Value*, size_t, Value*, size_t))                       \
  X(Handle*, wasmtime_component_func_call_async,                                            \
    (const Function*, Handle*, const Value*, size_t, Value*, size_t, Handle**))             \
  X(bool, wasmtime_call_future_poll, (Handle*))                                             \
  X(void, wasmtime_call_future_delete, (Handle*))                                           \
  X(void, wasmtime_error_message, (const Handle*, Bytes*))

#define X(result, name, params) static result(*name) params;
FUNCTIONS(X)
#undef X

static void check(Handle* error, const char* what) {
  if (!error) return;
  Bytes message;
  wasmtime_error_message(error, &message);
  fprintf(stderr, "%s: %.*s\n", what, (int)message.size, message.data);
  exit(1);
}

static void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
#define X(result, name, params)                                 \
  *(void**)&name = dlsym(library, #name);                       \
  if (!name) {                                                  \
    fprintf(stderr, "the library has no function " #name "\n"); \
    exit(1);                                                    \
  }
  FUNCTIONS(X)
#undef X
}

static Handle* engine;
static Handle* context;
static Instance instance;

static Handle* host_add(void* data, Handle* store, const Handle* type, Value* args, size_t num_args,
                        Value* results, size_t num_results) {
  (void)data, (void)store, (void)type, (void)num_args, (void)num_results;
  results[0].kind = kind_u32;
  results[0].of.u32 = args[0].of.u32 + args[1].of.u32;
  return NULL;
}

static void finish(Handle* future, Handle** error, const char* what) {
  while (!wasmtime_call_future_poll(future)) {
  }
  wasmtime_call_future_delete(future);
  check(*error, what);
}

static void instantiate(Handle* config, bool is_async, const char* path) {
  engine = wasm_engine_new_with_config(config);
  FILE* file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  static uint8_t bytes[1 << 16];
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  Handle* component = NULL;
  check(wasmtime_component_new(engine, bytes, size, &component), path);
  Handle* linker = wasmtime_component_linker_new(engine);
  Handle* root = wasmtime_component_linker_root(linker);
  check(wasmtime_component_linker_instance_add_func(root, "host-add", 8, host_add, NULL, NULL),
        "host-add");
  wasmtime_component_linker_instance_delete(root);
  context = wasmtime_store_context(wasmtime_store_new(engine, NULL, NULL));
  if (!is_async) {
    check(wasmtime_component_linker_instantiate(linker, context, component, &instance), path);
    return;
  }
  Handle* error = NULL;
  finish(wasmtime_component_linker_instantiate_async(linker, context, component, &instance, &error),
         &error, path);
}

static Function find(const char* name) {
  Handle* index =
      wasmtime_component_instance_get_export_index(&instance, context, NULL, name, strlen(name));
  Function function;
  if (!index || !wasmtime_component_instance_get_func(&instance, context, index, &function)) {
    fprintf(stderr, "no export %s\n", name);
    exit(1);
  }
  return function;
}

static uint32_t call(const Function* function, bool is_async, const Value* args, size_t count) {
  Value result = {0};
  if (is_async) {
    Handle* error = NULL;
    finish(wasmtime_component_func_call_async(function, context, args, count, &result, 1, &error),
           &error, "a call");
  } else {
    check(wasmtime_component_func_call(function, context, args, count, &result, 1), "a call");
  }
  return result.of.u32;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

// `n` calls of a function of two numbers, or one that does something `n` times.
static double time_of(const Function* function, bool is_async, bool is_loop, uint32_t n) {
  double start = now();
  if (is_loop) {
    Value arg = {.kind = kind_u32, .of.u32 = n};
    call(function, is_async, &arg, 1);
  } else {
    Value args[2] = {{.kind = kind_u32}, {.kind = kind_u32}};
    for (uint32_t i = 0; i < n; i++) {
      args[1].of.u32 = i;
      args[0].of.u32 = call(function, is_async, args, 2);
    }
  }
  return now() - start;
}

static void measure(const char* name, const char* export, bool is_async, bool is_loop) {
  Function function = find(export);
  uint32_t n = 1;
  for (double once = 0; (once = time_of(&function, is_async, is_loop, n)) < 1e7;)
    n *= once < 3e5 ? 8 : 2;
  double best = 0;
  for (int i = 0; i < 7; i++) {
    double each = time_of(&function, is_async, is_loop, n) / n;
    if (i == 0 || each < best) best = each;
  }
  printf("%s %.4f\n", name, best);
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s LIBRARY CALLS.wasm ASYNC.wasm\n", argv[0]);
    return 2;
  }
  load(argv[1]);
  instantiate(wasm_config_new(), false, argv[2]);
  measure("host-to-guest", "add", false, false);
  measure("guest-to-host", "n-host-add", false, true);
  measure("guest-to-guest", "n-count", false, true);
  measure("small-callee", "n-add", false, true);
  measure("copy", "n-copy", false, true);
  measure("list", "n-list", false, true);
  measure("text", "n-text", false, true);
  measure("text16", "n-text16", false, true);
  measure("own", "n-own", false, true);
  measure("borrow", "n-see", false, true);
  measure("borrow-handle", "n-look", false, true);
  measure("new-drop", "n-make", false, true);
  Handle* config = wasm_config_new();
  wasmtime_config_wasm_component_model_async_set(config, true);
  wasmtime_config_wasm_component_model_more_async_builtins_set(config, true);
  wasmtime_config_wasm_component_model_async_stackful_set(config, true);
  instantiate(config, true, argv[3]);
  measure("async-host-to-guest", "add", true, false);
  measure("stream", "n-stream", true, true);
  return 0;
}
