#!/bin/sh
# Starts a throwaway service, sends it the example files, and prints each command with its answer.
set -eu
cd "$(dirname "$0")/.."
PORT=${PORT:-8001}
export PORT
if curl --silent --output /dev/null "localhost:$PORT"; then
    echo "something else listens on port $PORT: PORT=8002 make demo takes another one" >&2
    exit 1
fi
folder=$(mktemp -d)
DATABASE_URL="sqlite:///$folder/demo.db" .venv/bin/gunicorn --log-level warning --access-logfile /dev/null &
service=$!
trap 'kill $service; wait $service; rm -r "$folder"' EXIT
until curl --silent --output /dev/null "localhost:$PORT/health"; do
    kill -0 $service 2>/dev/null || exit 1
    sleep 0.1
done
run() {
    echo "\$ $*"
    "$@"
    echo
}
for table in departments jobs hired_employees; do
    run curl -sF "file=@examples/$table.csv" "localhost:$PORT/upload/$table"
done
run curl -s "localhost:$PORT/stats/hires-per-quarter-2021"
run curl -s "localhost:$PORT/stats/top-departments-hired"
run curl -s "localhost:$PORT/stats/data-quality"
printf '2,Sales and Marketing\n' | run curl -sF file=@- "localhost:$PORT/upload/departments?on_conflict=update"
run curl -s "localhost:$PORT/tables/departments/2"
run curl -sX DELETE "localhost:$PORT/uploads/4"
run curl -s "localhost:$PORT/tables/departments/2"
