#!/usr/bin/env bash
# scripts/demo on the city of Debian's sumo-tools, with the program that was built: every step works and leaves its files.
set -euo pipefail
root=${ARTERIAL_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
if [ ! -d /usr/share/sumo/tools/sumolib/scenario/scenarios/RealWorld/acosta ]; then
  echo "skipped: sumo-tools is not installed"
  exit 77
fi
if [ -z "${ARTERIAL:-}" ] || [ ! -x "$ARTERIAL" ]; then
  echo "skipped: no program in \$ARTERIAL"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$root/scripts/demo" --no-setup --no-build --seeds 2 --out "$folder/demo" >"$folder/log" 2>&1 || {
  tail -40 "$folder/log"
  echo "scripts/demo failed"
  exit 1
}
for file in bologna.city.h5 calibrated.demand.h5 fit.csv webster.signals.yaml prior.h5 speed.png batch/manifest.csv \
  batch/bologna_base/seed_2.h5 batch/bologna_retimed/seed_1.h5 comparison/kpi.csv comparison/links.csv \
  comparison/movements.csv comparison/links.geojson comparison/map.png comparison/kpi.png; do
  [ -s "$folder/demo/$file" ] || { echo "scripts/demo left no $file"; exit 1; }
done
grep -q '^total_delay_h' "$folder/log" || { echo "scripts/demo printed no table"; exit 1; }
# a folder that holds somebody's files is left alone
mkdir "$folder/mine" && echo precious >"$folder/mine/notes"
if "$root/scripts/demo" --no-setup --no-build --out "$folder/mine" >"$folder/log" 2>&1; then
  echo "scripts/demo emptied a folder that was not its own"
  exit 1
fi
[ "$(cat "$folder/mine/notes")" = precious ] || { echo "scripts/demo touched somebody's file"; exit 1; }
if "$root/scripts/demo" --seeds none >"$folder/log" 2>&1; then
  echo "scripts/demo took a wrong number of seeds"
  exit 1
fi
echo ok
