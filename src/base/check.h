#pragma once

// CHECK(condition) stops the program with the place and text of the condition: for bugs of ours,
// never for anything that an input decides. DCHECK is CHECK in debug builds.
namespace tenon {

[[noreturn]] void check_failed(const char* file, int line, const char* condition);

}  // namespace tenon

#define CHECK(condition)                             \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? (void)0                                     \
       : ::tenon::check_failed(__FILE__, __LINE__, #condition))
#ifdef NDEBUG
#define DCHECK(condition) ((void)sizeof(static_cast<bool>(condition)))
#else
#define DCHECK(condition) CHECK(condition)
#endif
