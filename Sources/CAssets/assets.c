// The files of files/, embedded by the compiler. A test compares this table with the folder.

#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char columns_js[] = {
#embed "files/columns.js"
};

static const unsigned char curves_js[] = {
#embed "files/curves.js"
};

static const unsigned char dom_js[] = {
#embed "files/dom.js"
};

static const unsigned char filter_js[] = {
#embed "files/filter.js"
};

static const unsigned char live_js[] = {
#embed "files/live.js"
};

static const unsigned char martlet_css[] = {
#embed "files/martlet.css"
};

static const unsigned char martlet_js[] = {
#embed "files/martlet.js"
};

static const unsigned char martlet_svg[] = {
#embed "files/martlet.svg"
};

static const unsigned char morph_js[] = {
#embed "files/morph.js"
};

static const unsigned char palette_js[] = {
#embed "files/palette.js"
};

static const unsigned char parallel_js[] = {
#embed "files/parallel.js"
};

static const unsigned char rows_js[] = {
#embed "files/rows.js"
};

static const unsigned char runs_js[] = {
#embed "files/runs.js"
};

static const unsigned char saved_js[] = {
#embed "files/saved.js"
};

static const unsigned char selection_js[] = {
#embed "files/selection.js"
};

static const unsigned char session_js[] = {
#embed "files/session.js"
};

static const unsigned char shares_js[] = {
#embed "files/shares.js"
};

static const unsigned char times_js[] = {
#embed "files/times.js"
};

static const unsigned char view_js[] = {
#embed "files/view.js"
};

static const struct martlet_asset assets[] = {
    {"columns.js", columns_js, sizeof columns_js},
    {"curves.js", curves_js, sizeof curves_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"filter.js", filter_js, sizeof filter_js},
    {"live.js", live_js, sizeof live_js},
    {"martlet.css", martlet_css, sizeof martlet_css},
    {"martlet.js", martlet_js, sizeof martlet_js},
    {"martlet.svg", martlet_svg, sizeof martlet_svg},
    {"morph.js", morph_js, sizeof morph_js},
    {"palette.js", palette_js, sizeof palette_js},
    {"parallel.js", parallel_js, sizeof parallel_js},
    {"rows.js", rows_js, sizeof rows_js},
    {"runs.js", runs_js, sizeof runs_js},
    {"saved.js", saved_js, sizeof saved_js},
    {"selection.js", selection_js, sizeof selection_js},
    {"session.js", session_js, sizeof session_js},
    {"shares.js", shares_js, sizeof shares_js},
    {"times.js", times_js, sizeof times_js},
    {"view.js", view_js, sizeof view_js},
};

size_t martlet_asset_count(void) {
    return sizeof assets / sizeof assets[0];
}

struct martlet_asset martlet_asset_at(size_t index) {
    return assets[index];
}
