#!/usr/bin/env bash
# Runs chromedriver for as long as somebody holds the other end of standard input, then lets it end its browsers, which
# outlive it otherwise, and removes what they wrote. The first line of standard input is the port that chromedriver prints.
#
#     chromedriver.sh FOLDER
trap '' INT TERM HUP
folder=$1
mkdir -p "$folder"
TMPDIR=$folder chromedriver --port=0 &
driver=$!
if read -r port; then
    while read -r _; do :; done
    if exec 3<>"/dev/tcp/127.0.0.1/$port"; then
        printf 'GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
        timeout 10 cat <&3 >/dev/null
    fi
fi
kill "$driver" 2>/dev/null
wait "$driver"
# The last of its processes may still be writing.
for _ in 1 2 3 4 5; do rm -rf "$folder" 2>/dev/null && break; done
