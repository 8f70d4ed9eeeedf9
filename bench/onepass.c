// The least that profiling a table can cost: plain loops over columns that are in memory already, on one thread.
//
//     onepass ROWS NUMERIC CATEGORICAL
//
// Makes columns of so many rows, and prints the seconds that these take over all of them: count, NaN, least, greatest, sum
// and sum of squares of the numbers; a histogram of 256 equal bins; counts of the codes. The best of five.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double moments(const double *x, long n) {
    long missing = 0;
    double least = INFINITY, greatest = -INFINITY, sum = 0, squares = 0;
    for (long i = 0; i < n; i++) {
        double v = x[i];
        if (isnan(v)) { missing++; continue; }
        if (v < least) least = v;
        if (v > greatest) greatest = v;
        sum += v;
        squares += v * v;
    }
    return missing + least + greatest + sum + squares;
}

static double bins(const double *x, long n) {
    long counts[258] = {0};
    for (long i = 0; i < n; i++) {
        double place = x[i] * 256 + 1;
        counts[place < 0 ? 0 : place > 257 ? 257 : (int)place]++;
    }
    return counts[17];
}

static double codes(const int32_t *x, long n) {
    long counts[256] = {0};
    for (long i = 0; i < n; i++) counts[x[i] & 255]++;
    return counts[17];
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long rows = atol(argv[1]), numeric = atol(argv[2]), categorical = atol(argv[3]);
    double *numbers = malloc(rows * numeric * sizeof *numbers);
    int32_t *names = malloc(rows * categorical * sizeof *names);
    if (!numbers || !names) return 1;
    uint64_t state = 7;
    for (long i = 0; i < rows * numeric; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        numbers[i] = (state >> 11) * 0x1p-53;
    }
    for (long i = 0; i < rows * categorical; i++) names[i] = (int32_t)(i * 2654435761u >> 24);
    double best = INFINITY, kept = 0;
    for (int round = 0; round < 5; round++) {
        double start = now();
        for (long c = 0; c < numeric; c++) kept += moments(numbers + c * rows, rows) + bins(numbers + c * rows, rows);
        for (long c = 0; c < categorical; c++) kept += codes(names + c * rows, rows);
        double taken = now() - start;
        if (taken < best) best = taken;
    }
    printf("%.4f\n", best);
    return kept == 0.5;
}
