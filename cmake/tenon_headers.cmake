# Headers that most files include are read once, which saves a clean build a quarter of its time. Every file still
# includes what it uses: a build with a compiler launcher (ccache knows the files better than precompiled headers) goes
# without them.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(precompile ON)
endif()
option(TENON_PRECOMPILED_HEADERS "Read common headers once" ${precompile})

function(tenon_precompile TARGET)
  if(TENON_PRECOMPILED_HEADERS)
    target_precompile_headers(${TARGET} PRIVATE ${ARGN})
  endif()
endfunction()

function(tenon_reuse_headers TARGET FROM)
  if(TENON_PRECOMPILED_HEADERS)
    target_precompile_headers(${TARGET} REUSE_FROM ${FROM})
  endif()
endfunction()

if(TENON_TESTS)
  # What unit tests are linked with. A REQUIRE that fails ends the program: without exceptions it cannot end one case.
  # Signals are ours.
  add_library(tenon_test_main STATIC ${PROJECT_SOURCE_DIR}/tests/support/test_main.cc)
  target_link_libraries(tenon_test_main PUBLIC tenon_options)
  target_compile_definitions(tenon_test_main PUBLIC
    DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS DOCTEST_CONFIG_NO_POSIX_SIGNALS)
endif()

if(TENON_PRECOMPILED_HEADERS)
  set(headers <algorithm> <array> <cstdint> <cstring> <expected> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)
  add_library(tenon_headers OBJECT ${PROJECT_SOURCE_DIR}/cmake/headers.cc)
  target_link_libraries(tenon_headers PRIVATE tenon_options fmt::fmt)
  tenon_precompile(tenon_headers ${headers})
  if(TENON_TESTS)
    add_library(tenon_test_headers OBJECT ${PROJECT_SOURCE_DIR}/cmake/headers.cc)
    target_link_libraries(tenon_test_headers PRIVATE tenon_test_main fmt::fmt)
    # As programs are compiled, not libraries.
    set_target_properties(tenon_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(tenon_test_headers PRIVATE -fPIE)
    tenon_precompile(tenon_test_headers ${headers})
  endif()
endif()
