// Branches: an interpreter for a small stack machine runs a loop that counts Collatz steps.
#include "kernel.h"

enum Op { push, add, multiply, halve, odd, load, store, jump, jump_if, less, stop };

static int64_t run(const int32_t* code, int64_t* variables) {
  int64_t stack[32];
  int top = 0;
  for (int at = 0;;) {
    switch ((enum Op)code[at++]) {
      case push: stack[top++] = code[at++]; break;
      case add:
        --top;
        stack[top - 1] += stack[top];
        break;
      case multiply:
        --top;
        stack[top - 1] *= stack[top];
        break;
      case halve: stack[top - 1] /= 2; break;
      case odd: stack[top - 1] &= 1; break;
      case load: stack[top++] = variables[code[at++]]; break;
      case store: variables[code[at++]] = stack[--top]; break;
      case jump: at = code[at]; break;
      case jump_if: at = stack[--top] ? code[at] : at + 1; break;
      case less:
        --top;
        stack[top - 1] = stack[top - 1] < stack[top];
        break;
      case stop: return variables[2];
    }
  }
}

// Variables: 0 = start, 1 = n, 2 = steps in all.
// clang-format off
static const int32_t program[] = {
    /*  0 */ push, 1, store, 0, push, 0, store, 2,
    /*  8 */ load, 0, store, 1,
    /* 12 */ push, 1, load, 1, less, jump_if, 21, jump, 52,
    /* 21 */ load, 2, push, 1, add, store, 2, load, 1, odd, jump_if, 40,
    /* 33 */ load, 1, halve, store, 1, jump, 12,
    /* 40 */ load, 1, push, 3, multiply, push, 1, add, store, 1, jump, 12,
    /* 52 */ load, 0, push, 1, add, store, 0, load, 0, push, 30000, less, jump_if, 8,
    /* 66 */ stop,
};
// clang-format on

static uint64_t kernel(void) {
  int64_t variables[3] = {0};
  return (uint64_t)run(program, variables);
}
