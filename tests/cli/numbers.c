// Functions of numbers, for calls by name.
#define EXPORT(name) __attribute__((export_name(#name))) name

int EXPORT(add)(int a, int b) {
  return a + b;
}

double EXPORT(half)(double a) {
  return a / 2;
}

float EXPORT(narrow)(float a) {
  return a;
}

void EXPORT(nothing)(void) {}

long long EXPORT(_start)(long long a) {
  return -a;
}
