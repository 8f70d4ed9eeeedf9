// Requests at fixed times, whether or not earlier ones were answered: what a client sees of a server under a given load. A
// latency runs from the moment at which a request was due, so that waiting for a free connection counts.
//
//     openloop PORT FILE CONNECTIONS RATE SECONDS
//
// FILE holds one whole HTTP request. Prints answers, p50, p99 and the longest in microseconds, and how many were not 200.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

// `length` is of the answer under way, 0 before its head is there; `due` is when its request should have been sent.
typedef struct { int socket; size_t received, length; long due; } Connection;

static char buffer[1 << 16];

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int earlier(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

// The length of an answer whose beginning is in `text`; 0 while its head has not ended.
static size_t answer_length(const char *text) {
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\ncontent-length:");
    if (!end || !length || length > end) return 0;
    return (size_t)(end - text) + 4 + strtoul(length + 17, NULL, 10);
}

int main(int count, char **arguments) {
    if (count != 6) return fprintf(stderr, "usage: openloop PORT FILE CONNECTIONS RATE SECONDS\n"), 1;
    int connections = atoi(arguments[3]);
    double rate = atof(arguments[4]), seconds = atof(arguments[5]);
    static char request[1 << 16];
    FILE *file = fopen(arguments[2], "rb");
    if (!file) fail(arguments[2]);
    size_t request_length = fread(request, 1, sizeof request, file);
    fclose(file);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Connection *all = calloc(connections, sizeof *all), **idle = calloc(connections, sizeof *idle);
    int idle_count = 0, epoll = epoll_create1(0);
    for (int index = 0; index < connections; index++) {
        int descriptor = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
        if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) fail("connect");
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[index]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
        all[index] = (Connection){.socket = descriptor};
        idle[idle_count++] = &all[index];
    }

    long total = (long)(rate * seconds), sent = 0, answered = 0, failed = 0;
    long *latencies = calloc(total, sizeof *latencies), start = now();
    while (answered < total) {
        long next = start + (long)(sent * 1e9 / rate), moment = now();
        while (sent < total && idle_count > 0 && next <= moment) {
            Connection *connection = idle[--idle_count];
            connection->due = next;
            connection->received = 0;
            if (write(connection->socket, request, request_length) != (ssize_t)request_length) fail("write");
            next = start + (long)(++sent * 1e9 / rate);
        }
        // Waits for answers, and no longer than until the next request is due.
        long pause = sent == total || idle_count == 0 ? 1000000000L : next - now();
        struct timespec timeout = {pause > 0 ? pause / 1000000000L : 0, pause > 0 ? pause % 1000000000L : 0};
        struct epoll_event events[64];
        int ready = epoll_pwait2(epoll, events, 64, &timeout, NULL);
        if (ready < 0 && errno != EINTR) fail("epoll_pwait2");
        for (int index = 0; index < ready; index++) {
            Connection *connection = events[index].data.ptr;
            // An answer of these benchmarks comes in one piece, or its first piece holds the head.
            ssize_t size = read(connection->socket, buffer, sizeof buffer - 1);
            if (size <= 0) fail("the server closed a connection");
            buffer[size] = 0;
            if (connection->received == 0) {
                connection->length = answer_length(buffer);
                if (connection->length == 0) return fprintf(stderr, "the head of an answer did not come in one piece\n"), 1;
                if (strncmp(buffer, "HTTP/1.1 200", 12)) failed++;
            }
            connection->received += size;
            if (connection->received < connection->length) continue;
            latencies[answered++] = now() - connection->due;
            idle[idle_count++] = connection;
        }
    }
    double elapsed = (now() - start) / 1e9;
    qsort(latencies, total, sizeof *latencies, earlier);
    printf("{\"rate\": %.0f, \"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f, \"failed\": %ld}\n", total / elapsed,
        latencies[total / 2] / 1e3, latencies[total * 99 / 100] / 1e3, latencies[total - 1] / 1e3, failed);
}
