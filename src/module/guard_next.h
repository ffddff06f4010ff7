/* guard_next.h - how the files of guard.so stand before libre's functions. */
#pragma once
#include <dlfcn.h>

#define SEEN __attribute__((visibility("default")))
#define NEXT(name) static __typeof__(&name) next; if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name)
