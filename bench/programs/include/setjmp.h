// Stands in where the C library for WebAssembly has no setjmp. The programs here are built so that
// they end where they would have jumped.
#pragma once
typedef int jmp_buf[1];
