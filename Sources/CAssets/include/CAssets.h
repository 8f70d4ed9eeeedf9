#pragma once

#include <stddef.h>

/// One embedded file.
struct martlet_asset {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/// How many files are embedded.
size_t martlet_asset_count(void);

/// The file at `index`, which must be below the count.
struct martlet_asset martlet_asset_at(size_t index);
