#!/usr/bin/env bash
# Logs in to DokuWiki, edits a page, reads it back and logs out.
# SITE, NAME, PASSWORD, PAGE and TEXT are in the environment.
set -euo pipefail

JARFETCH_SESSION=$(jarfetch session new --browser firefox --base-url "$SITE")
export JARFETCH_SESSION
trap 'jarfetch session close' EXIT

jarfetch login '/doku.php?id=start&do=login' --user "$NAME" --password-env PASSWORD > /dev/null
jarfetch open "/doku.php?id=$PAGE&do=edit" > /dev/null
jarfetch submit '#dw__editform' wikitext="$TEXT" --click text=Save > /dev/null
jarfetch get "/doku.php?id=$PAGE&do=export_raw"
echo
jarfetch follow 'text=Log Out' --nth 0 > /dev/null
jarfetch open "/doku.php?id=$PAGE" > /dev/null
jarfetch text | grep -o 'Permission Denied'
