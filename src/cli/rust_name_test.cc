#include "cli/rust_name.h"

#include <doctest/doctest.h>

using tenon::cli::readable_rust_name;

TEST_CASE("names of Rust as the programmer wrote them") {
  constexpr struct {
    const char* mangled;
    const char* readable;
  } names[] = {
      {"_RNvC5hello4main", "hello::main"},
      {"_RNvCs31So05AlU8Y_17path_open_preopen17path_open_preopen",
       "path_open_preopen::path_open_preopen"},
      {"_RNvNtNtNtCs6TxCtTcuIIP_3std3sys3pal4wasi14abort_internal",
       "std::sys::pal::wasi::abort_internal"},
      {"_RNCINvNtCs6TxCtTcuIIP_3std2rt10lang_startuE0Cs31So05AlU8Y_17path_open_preopen",
       "std::rt::lang_start::<()>::{closure#0}"},
      {"_RNvYFEuINtNtNtCsltDuuzhejvA_4core3ops8function6FnOnceuE9call_onceCs31So05AlU8Y_3abc",
       "<fn() as core::ops::function::FnOnce<()>>::call_once"},
      {"_RNvMNtCsltDuuzhejvA_4core6optionINtB2_6OptionNtNtCslsdzlK7SLx2_6wasip113lib_"
       "generated5ErrnoE"
       "6expectCs31So05AlU8Y_17path_open_preopen",
       "<core::option::Option<wasip1::lib_generated::Errno>>::expect"},
      {"_RNvXs_C1aRShNtB4_5Trait3run", "<&[u8] as a::Trait>::run"},
      {"_RINvC1a1fTlmEAhj4_Kja_QOxDNtB2_1TEL_E",
       "a::f::<(i32, u32), [u8; 0x4], 0xa, &mut *mut i64, dyn a::T>"},
      {"_RINvC1a1fDINtB2_1FuEp1OaEL_E", "a::f::<dyn a::F<(), O = i8>>"},
      {"_RINvC1a1fTaEFUKCPeEbE", "a::f::<(i8,), unsafe extern \"C\" fn(*const str) -> bool>"},
  };
  for (const auto& name : names) {
    CAPTURE(name.mangled);
    CHECK(readable_rust_name(name.mangled).value_or("nothing") == name.readable);
  }
}

TEST_CASE("what is no such name stays what it is, and costs little") {
  for (const char* text : {"", "_R", "main", "_RN", "_RNv", "_RNvC", "_RNvC99a", "_R1C1a", "_RB_",
                           "_RNvB_1a", "_RNvC18446744073709551617a1b", "_RIC1aKl", "_RIC1aKlff",
                           "_RNvC1azzzzzzzzzzzzzzzzzzzzzz_1a", "_RIC1aDE", "_RIC1a"}) {
    CAPTURE(text);
    CHECK_FALSE(readable_rust_name(text));
  }
  CHECK_FALSE(readable_rust_name("_RIC1a" + std::string(100'000, 'R')));
  // Each tuple holds the one before it twice.
  std::string twice = "_RIC1a";
  std::string inner = "uu";
  for (int i = 0; i < 30; ++i) {
    size_t place = twice.size() - 2;  // behind `_R`; one less is how it is written
    twice += "T" + inner + "E";
    constexpr const char* digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string number;
    for (size_t rest = place - 1; number.empty() || rest > 0; rest /= 62) {
      number.insert(number.begin(), digits[rest % 62]);
    }
    inner = "B" + number + "_B" + number + "_";
  }
  twice += "E";
  CHECK_FALSE(readable_rust_name(twice));
}
