// The files of files/, embedded by the compiler. A test compares this table with the folder.

#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char martlet_css[] = {
#embed "files/martlet.css"
};

static const unsigned char martlet_js[] = {
#embed "files/martlet.js"
};

static const unsigned char martlet_svg[] = {
#embed "files/martlet.svg"
};

static const unsigned char palette_js[] = {
#embed "files/palette.js"
};

static const unsigned char times_js[] = {
#embed "files/times.js"
};

static const struct martlet_asset assets[] = {
    {"martlet.css", martlet_css, sizeof martlet_css},
    {"martlet.js", martlet_js, sizeof martlet_js},
    {"martlet.svg", martlet_svg, sizeof martlet_svg},
    {"palette.js", palette_js, sizeof palette_js},
    {"times.js", times_js, sizeof times_js},
};

size_t martlet_asset_count(void) {
    return sizeof assets / sizeof assets[0];
}

struct martlet_asset martlet_asset_at(size_t index) {
    return assets[index];
}
