#!/usr/bin/env bash
# Logs in to MediaWiki, edits a page, reads it back and logs out.
# SITE, NAME, PASSWORD, PAGE and TEXT are in the environment.
set -euo pipefail

JARFETCH_SESSION=$(jarfetch session new --browser firefox --base-url "$SITE")
export JARFETCH_SESSION
trap 'jarfetch session close' EXIT

jarfetch login '/index.php?title=Special:UserLogin' --user "$NAME" --password-env PASSWORD > /dev/null
jarfetch open "/index.php?title=$PAGE&action=edit" > /dev/null
jarfetch submit 'form[name=editform]' wpTextbox1="$TEXT" wpSummary='from a shell' --click name=wpSave > /dev/null
jarfetch get "/index.php?title=$PAGE&action=raw"
echo
jarfetch follow '#pt-logout a' > /dev/null
jarfetch submit 'form[action*=UserLogout]' > /dev/null
jarfetch text | grep -o 'You are now logged out'
