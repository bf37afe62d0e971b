// Offers a function to other modules.
__attribute__((export_name("sum"))) int sum(int a, int b) {
  return a + b;
}
