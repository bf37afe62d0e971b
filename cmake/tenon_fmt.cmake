# fmt::fmt, as {fmt}'s own package names it, built from its headers (see fmt.cc) and without locales, whose
# initialisation would cost each start.
find_path(TENON_FMT_INCLUDE fmt/format-inl.h REQUIRED)
add_library(tenon_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt.cc)
target_include_directories(tenon_fmt SYSTEM PUBLIC ${TENON_FMT_INCLUDE})
target_compile_definitions(tenon_fmt PUBLIC FMT_STATIC_THOUSANDS_SEPARATOR=',' FMT_EXCEPTIONS=0)
target_compile_options(tenon_fmt PRIVATE -fno-exceptions -fvisibility=hidden)
set_property(GLOBAL APPEND PROPERTY TENON_LAYERS tenon_fmt)
add_library(fmt::fmt ALIAS tenon_fmt)
