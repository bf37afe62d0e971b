#pragma once

// Which sanitizer this file is compiled for, under one name for every compiler.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define TENON_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TENON_ADDRESS_SANITIZER 1
#endif
#if defined(__SANITIZE_THREAD__)
#define TENON_THREAD_SANITIZER 1
#endif
#ifndef TENON_ADDRESS_SANITIZER
#define TENON_ADDRESS_SANITIZER 0
#endif
#ifndef TENON_THREAD_SANITIZER
#define TENON_THREAD_SANITIZER 0
#endif
