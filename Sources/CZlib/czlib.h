// The system's zlib, as a module that Swift imports.
#include <zlib.h>
