# tenon_LLVM: LLVM 22 as one library to link, its headers exempt from our warnings. Only src/compiler/llvm uses it.
find_package(LLVM 22.1 REQUIRED CONFIG)
add_library(tenon_LLVM INTERFACE)
target_include_directories(tenon_LLVM SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
target_compile_definitions(tenon_LLVM INTERFACE ${definitions})
target_link_libraries(tenon_LLVM INTERFACE LLVM)
