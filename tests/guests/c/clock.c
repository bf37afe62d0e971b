// Checks that time passes, that the date is after 2020 and that random bytes differ.
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  usleep(20000);
  clock_gettime(CLOCK_MONOTONIC, &end);
  long passed = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
  printf("slept: %s\n", passed >= 20 && passed < 2000 ? "yes" : "no");
  printf("after 2020: %s\n", time(NULL) > 1577836800 ? "yes" : "no");
  unsigned char a[32], b[32];
  printf("random: %s\n",
         getentropy(a, sizeof a) == 0 && getentropy(b, sizeof b) == 0 && memcmp(a, b, 32) ? "yes"
                                                                                          : "no");
  return 0;
}
