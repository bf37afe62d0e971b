# What `cmake --install` lays out: the program, one static library of all layers, the public headers, the tiers that
# are loaded on first use, and descriptions of the library for CMake (find_package(tenon)) and pkg-config.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# The library that users link: the objects of every layer but the command line. The layers themselves stay as they
# are, so that each part of the build links only what it may use.
get_property(layers GLOBAL PROPERTY TENON_LAYERS)
list(REMOVE_ITEM layers tenon_cli)
add_library(tenon_library STATIC)
foreach(layer IN LISTS layers)
  target_sources(tenon_library PRIVATE $<TARGET_OBJECTS:${layer}>)
endforeach()
set_target_properties(tenon_library PROPERTIES
  OUTPUT_NAME tenon EXPORT_NAME tenon LINKER_LANGUAGE CXX ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
target_compile_features(tenon_library INTERFACE cxx_std_23)
target_include_directories(tenon_library INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
find_package(Threads REQUIRED)
target_link_libraries(tenon_library INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
# A program that links the library finds the tiers along its run path.
target_link_options(tenon_library INTERFACE
  $<INSTALL_INTERFACE:LINKER:-rpath,$<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/tenon>)
add_library(tenon::tenon ALIAS tenon_library)

if(TARGET tenon)
  install(TARGETS tenon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
get_property(plugins GLOBAL PROPERTY TENON_PLUGINS)
if(plugins)
  install(TARGETS ${plugins} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/tenon)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tenon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS tenon_library EXPORT tenon_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tenon)
install(EXPORT tenon_targets NAMESPACE tenon:: DESTINATION ${package_folder} FILE tenonTargets.cmake)

configure_package_config_file(cmake/tenonConfig.cmake.in ${PROJECT_BINARY_DIR}/tenonConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tenonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tenonConfig.cmake ${PROJECT_BINARY_DIR}/tenonConfigVersion.cmake
        DESTINATION ${package_folder})
file(RELATIVE_PATH include_from_pc
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/tenon.pc.in ${PROJECT_BINARY_DIR}/tenon.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tenon.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
