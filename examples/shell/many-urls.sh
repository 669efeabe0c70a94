#!/usr/bin/env bash
# Asks for many URLs in one session and prints the status of each.
set -euo pipefail

printf '%s\n' "$SITE/" "$SITE/echo" "$SITE/nowhere" |
  jarfetch get - --ndjson --no-check-status |
  node -e '
    const lines = require("node:fs").readFileSync(0, "utf8").trimEnd().split("\n");
    for (const line of lines) {
      const { request, response } = JSON.parse(line);
      console.log(response.status, new URL(request.url).pathname);
    }'
