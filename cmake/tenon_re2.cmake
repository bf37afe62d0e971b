# tenon_re2: RE2, the regular expressions of the command line. They meet names that an input chooses, so matching has
# to take linear time; and a pattern that is wrong has to be a value, since nothing here can throw. (std::regex recurses
# on the length of what it matches, and throws.) Linked statically: the program needs no shared library but libc.
find_path(TENON_RE2_INCLUDE re2/re2.h REQUIRED)
find_library(TENON_RE2_LIBRARY libre2.a REQUIRED)
find_package(Threads REQUIRED)
add_library(tenon_re2 INTERFACE)
target_include_directories(tenon_re2 SYSTEM INTERFACE ${TENON_RE2_INCLUDE})
target_link_libraries(tenon_re2 INTERFACE ${TENON_RE2_LIBRARY} Threads::Threads)
