// A seed for mutation: tables, indirect calls and tail calls.
#define EXPORT(name) __attribute__((export_name(name)))
typedef int (*Operation)(int, int);

static int add(int a, int b) {
  return a + b;
}
static int subtract(int a, int b) {
  return a - b;
}
static int multiply(int a, int b) {
  return a * b;
}
static Operation volatile operations[] = {add, subtract, multiply};

EXPORT("apply") int apply(unsigned which, int a, int b) {
  return operations[which % 3](a, b);
}

EXPORT("odd") int odd(unsigned n);
EXPORT("even") int even(unsigned n) {
  if (n == 0) return 1;
  __attribute__((musttail)) return odd(n - 1);
}
int odd(unsigned n) {
  if (n == 0) return 0;
  __attribute__((musttail)) return even(n - 1);
}
