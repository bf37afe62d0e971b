# tenon_layer(NAME [DEPS layer...] [LIBS library...] [HEADERS header...])
#
# Makes the folder at hand a layer: a static library `tenon_NAME` of all its .cc and .S files (in sub-folders
# too, unless a sub-folder has a CMakeLists.txt of its own), and, where tests are built, a program
# `NAME_test` of its *_test.cc files. Sources are globbed, so that a new file needs no edit here. A main.cc is left
# to tenon_program. HEADERS are precompiled in place of the common ones (tenon_headers.cmake).
function(tenon_layer NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;HEADERS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cc *.S)
  file(GLOB_RECURSE inner CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CMakeLists.txt)
  foreach(list IN LISTS inner)
    get_filename_component(folder ${list} DIRECTORY)
    if(folder)
      list(FILTER sources EXCLUDE REGEX "^${folder}/")
    endif()
  endforeach()
  list(FILTER sources EXCLUDE REGEX "^main\\.cc$")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ARG_DEPS PREPEND "tenon_")
  if(sources)
    add_library(tenon_${NAME} STATIC ${sources})
    set(scope PUBLIC)
    if(ARG_HEADERS)
      tenon_precompile(tenon_${NAME} ${ARG_HEADERS})
    else()
      tenon_reuse_headers(tenon_${NAME} tenon_headers)
    endif()
    set_property(GLOBAL APPEND PROPERTY TENON_LAYERS tenon_${NAME})
  else()
    add_library(tenon_${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(tenon_${NAME} ${scope} tenon_options ${ARG_DEPS} ${ARG_LIBS})
  target_include_directories(tenon_${NAME} ${scope} ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  if(TENON_TESTS AND tests)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE tenon_${NAME} tenon_test_main)
    target_include_directories(${NAME}_test PRIVATE ${PROJECT_SOURCE_DIR})
    tenon_reuse_headers(${NAME}_test tenon_test_headers)
    # For tests that load a plugin.
    set_target_properties(${NAME}_test PROPERTIES BUILD_RPATH ${PROJECT_BINARY_DIR})
    add_test(NAME unit.${NAME} COMMAND ${NAME}_test)
  endif()
endfunction()

# tenon_program(NAME SOURCE [LIBS library...]): a program at the top of the build directory that needs no shared
# library but libc.
function(tenon_program NAME SOURCE)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  add_executable(${NAME} ${SOURCE})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} tenon_options)
  target_link_options(${NAME} PRIVATE -static-libstdc++ -static-libgcc)
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

# tenon_plugin(NAME [DEPS layer...] [LIBS library...] [HEADERS header...])
#
# A layer that is loaded on first use, too: next to the static library `tenon_NAME` (for its tests) it makes the
# shared object `libtenon_NAME.so` at the top of the build directory, where the program looks for it; `cmake
# --install` puts it into lib/tenon. It offers only what is declared with default visibility.
function(tenon_plugin NAME)
  tenon_layer(${NAME} ${ARGN})
  get_property(layers GLOBAL PROPERTY TENON_LAYERS)
  list(REMOVE_ITEM layers tenon_${NAME})
  set_property(GLOBAL PROPERTY TENON_LAYERS ${layers})
  add_library(tenon_${NAME}_plugin MODULE $<TARGET_OBJECTS:tenon_${NAME}>)
  target_link_libraries(tenon_${NAME}_plugin PRIVATE tenon_${NAME})
  target_link_options(tenon_${NAME}_plugin PRIVATE -Wl,--exclude-libs,libtenon_fmt.a)
  set_target_properties(tenon_${NAME}_plugin PROPERTIES
    OUTPUT_NAME tenon_${NAME} LINKER_LANGUAGE CXX LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  set_property(GLOBAL APPEND PROPERTY TENON_PLUGINS tenon_${NAME}_plugin)
endfunction()
