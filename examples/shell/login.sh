#!/usr/bin/env bash
# Logs in by a page's form, reads a page of members, and leaves nothing behind.
# SITE is where, PASSWORD is that of the user alice.
set -euo pipefail

JARFETCH_SESSION=$(jarfetch session new)
export JARFETCH_SESSION
trap 'jarfetch session close' EXIT

jarfetch login "$SITE/login" --user alice --password-env PASSWORD > /dev/null
jarfetch query '#secret'
