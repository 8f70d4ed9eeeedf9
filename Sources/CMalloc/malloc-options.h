// The options of glibc's allocator, which Swift's own module of glibc leaves out.
#if defined(__GLIBC__) || defined(__linux__)
#include <malloc.h>
#endif
