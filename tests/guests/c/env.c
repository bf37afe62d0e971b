// Prints the variables that are named on the command line, or how many there are.
#include <stdio.h>
#include <stdlib.h>

extern char** environ;

int main(int argc, char** argv) {
  if (argc == 1) {
    int count = 0;
    while (environ && environ[count]) ++count;
    printf("%d variables\n", count);
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    const char* value = getenv(argv[i]);
    printf("%s=%s\n", argv[i], value ? value : "(not set)");
  }
  return 0;
}
