// Imports a function: what it needs comes from `--preload env=library.wasm`.
__attribute__((import_module("env"), import_name("sum"))) int sum(int a, int b);

__attribute__((export_name("double_sum"))) int double_sum(int a, int b) {
  return 2 * sum(a, b);
}
