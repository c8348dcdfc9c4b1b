#!/bin/sh
# The whole of a Monday: score, grade what has come true, report, tidy up.
# Every example beside this file runs it. Run again, it changes nothing; killed, it goes on where it stopped.
#   ORDERS  a file, a folder, or postgresql://host/shop?table=orders
#   STORE   a folder, s3://bucket/scores, or postgresql://host/scores
#   CONFIG  the settings, as TOML
#   REPORT  where the page goes
#   AS_OF   the week, YYYY-MM-DD; without it the last one, which is right on every Monday
set -eu

: "${ORDERS:?}" "${STORE:?}" "${CONFIG:?}" "${REPORT:?}"

mkdir -p "$(dirname "$REPORT")"

# Nothing is published unless this ends with 0; the codes are in docs/runbook.md.
stagecast --log-format json score "$ORDERS" --out "$STORE" --config "$CONFIG" --summary "$REPORT.json" \
    ${AS_OF:+--as-of "$AS_OF"}

# What follows does not touch the scores: one that fails is told, and the others are tried all the same.
failed=0
stagecast grade "$STORE" "$ORDERS" --config "$CONFIG" || failed=$?
stagecast report "$STORE" --out "$REPORT" --config "$CONFIG" ${AS_OF:+--as-of "$AS_OF"} || failed=$?
stagecast tidy "$STORE" || failed=$?
exit "$failed"
