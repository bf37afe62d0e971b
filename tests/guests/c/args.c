// Prints each argument on a line of its own, in brackets, so that empty ones and spaces show.
#include <stdio.h>

int main(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) printf("%d [%s]\n", i, argv[i]);
  return argc > 10;
}
