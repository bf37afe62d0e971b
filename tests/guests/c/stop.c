// Ends in the way that its argument names: a number is an exit status, and there are abort,
// unreachable, null, divide, indirect (a call through a wrong function type).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero = 0;
static int add(int a, int b) {
  return a + b;
}
static int (*volatile function)(int, int) = add;

static void farewell(void) {
  printf("at exit\n");
}

int main(int argc, char** argv) {
  const char* how = argc > 1 ? argv[1] : "0";
  atexit(farewell);
  printf("ends with %s\n", how);
  fflush(stdout);
  if (!strcmp(how, "abort")) abort();
  if (!strcmp(how, "unreachable")) __builtin_trap();
  if (!strcmp(how, "null")) return *(volatile int*)0xfffffff0;
  if (!strcmp(how, "divide")) return (int)(100u / (unsigned)zero);
  if (!strcmp(how, "indirect")) return (int)((double (*)(double))(void*)function)(1.0);
  exit(atoi(how));
}
