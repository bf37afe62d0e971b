// A WASI 0.2 command: greets its arguments on standard output. It speaks the canonical ABI by hand,
// so that nothing but a compiler for wasm32 is needed to build it: imports are functions whose
// flattened signature is declared here, exports are functions with the name of the WIT function
// that they implement.
#include <cstddef>
#include <cstdint>
#include <string_view>

#define IMPORT(interface, function) \
  extern "C" __attribute__((import_module(interface), import_name(function)))
#define EXPORT(function) extern "C" __attribute__((export_name(function)))

namespace {

// A string or list as it lies in linear memory.
template <class T>
struct View {
  T* data;
  size_t size;
};

struct StreamResult {
  uint8_t is_error;
  uint8_t stream_error;  // the case of variant stream-error
  int32_t error;         // an owned handle, for case 0 (last-operation-failed)
};

}  // namespace

IMPORT("wasi:cli/environment@0.2.0", "get-arguments") void get_arguments(View<View<char>>* result);
IMPORT("wasi:cli/stdout@0.2.0", "get-stdout") int32_t get_stdout();
IMPORT("wasi:io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t self, const char* data, size_t size, StreamResult* result);
IMPORT("wasi:io/streams@0.2.0", "[resource-drop]output-stream")
void drop_output_stream(int32_t self);

namespace {

bool write(int32_t stream, std::string_view text) {
  StreamResult result;
  write_and_flush(stream, text.data(), text.size(), &result);
  return !result.is_error;
}

alignas(16) char heap[65536];
size_t heap_used = 0;

}  // namespace

// Where the host puts what it returns: space is taken and never given back, which suits a program
// that ends soon.
EXPORT("cabi_realloc")
void* cabi_realloc(void* old, size_t old_size, size_t alignment, size_t size) {
  size_t start = (heap_used + alignment - 1) & ~(alignment - 1);
  if (start + size > sizeof heap) __builtin_trap();
  heap_used = start + size;
  if (old) __builtin_memcpy(heap + start, old, old_size < size ? old_size : size);
  return heap + start;
}

// wasi:cli/run.run: the result is 0 for ok, 1 for an error.
EXPORT("wasi:cli/run@0.2.0#run") int32_t run() {
  View<View<char>> arguments;
  get_arguments(&arguments);
  int32_t out = get_stdout();
  bool ok = write(out, "Hello from a component");
  for (size_t i = 1; i < arguments.size; ++i) {
    ok = ok && write(out, i == 1 ? ", " : " and ");
    ok = ok && write(out, {arguments.data[i].data, arguments.data[i].size});
  }
  ok = ok && write(out, "!\n");
  drop_output_stream(out);
  return ok ? 0 : 1;
}
