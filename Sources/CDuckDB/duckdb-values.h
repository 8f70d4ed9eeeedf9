// What DuckDB's C functions take and give by value, laid out as in duckdb.h (checked with 2.0). The functions
// themselves are looked up at run time; Swift alone cannot pass a struct to C by value.
#include <stdint.h>

typedef struct {
    uint64_t deprecated_column_count;
    uint64_t deprecated_row_count;
    uint64_t deprecated_rows_changed;
    void *deprecated_columns;
    char *deprecated_error_message;
    void *internal_data;
} duckdb_result;

// Up to 12 bytes lie in the struct itself, from `prefix` on; of longer texts `prefix` is the beginning.
typedef struct {
    uint32_t length;
    char prefix[4];
    char *data;
} duckdb_string_t;

typedef struct {
    uint64_t offset;
    uint64_t length;
} duckdb_list_entry;

typedef struct {
    uint64_t lower;
    int64_t upper;
} duckdb_hugeint;

typedef struct {
    int32_t months;
    int32_t days;
    int64_t micros;
} duckdb_interval;

typedef struct {
    int32_t days;
} duckdb_date;

typedef struct {
    int64_t micros;
} duckdb_timestamp;
