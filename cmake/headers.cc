// Takes part in a build for the headers that are precompiled with it (tenon_headers.cmake).
