# One interface target, tenon_options, carries what every file of ours is compiled and linked with.
include(CheckPIESupported)
check_pie_supported()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(tenon_options INTERFACE)
target_compile_options(tenon_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-statement-expression>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-strict-overflow -fno-delete-null-pointer-checks>
  -fvisibility=hidden
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(tenon_options INTERFACE -Werror)
endif()
if(TENON_SANITIZE)
  # Generated code has no bytes before its entry for -fsanitize=function to read.
  set(sanitizers -fsanitize=${TENON_SANITIZE} -fno-sanitize=function)
  target_compile_options(tenon_options INTERFACE
    ${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tenon_options INTERFACE ${sanitizers})
else()
  target_compile_options(tenon_options INTERFACE
    -D_GLIBCXX_ASSERTIONS -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -ftrivial-auto-var-init=zero>)
endif()
target_link_options(tenon_options INTERFACE
  $<$<CXX_COMPILER_ID:Clang>:-fuse-ld=lld>
  -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
