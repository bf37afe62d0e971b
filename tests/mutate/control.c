// A seed for mutation: loops, branches, switches, calls and several results.
#define EXPORT(name) __attribute__((export_name(name)))
__attribute__((import_module("env"), import_name("log"))) void log_value(int value);

static int fib(int n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

EXPORT("run") int run(int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) {
    switch (i % 9) {
      case 0: total += fib(i & 7); break;
      case 1: total ^= i; break;
      case 2: total -= 3; break;
      case 4: log_value(total); break;
      case 5: total *= 5; break;
      case 7:
        if (total > 100) return total;
      default: ++total;
    }
  }
  return total;
}

EXPORT("trap") void trap(int n) {
  while (n > 0) {
    if (n == 13) __builtin_trap();
    n -= 2;
  }
}
