#!/usr/bin/env bash
# A JSON API behind a login: writes a note and reads it back, by a session that is a file.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
export JARFETCH_SESSION=$folder/session.json
jarfetch session new "$JARFETCH_SESSION" --base-url "$SITE" > /dev/null

printf '{"user":"alice","password":"%s"}' "$PASSWORD" | jarfetch post /api/login -d @- > /dev/null
jarfetch post /api/notes text='buy tea' > /dev/null
jarfetch get /api/notes
