#!/bin/sh
# Puts what an image needs into an empty folder: the packed service, and beside it exactly the dependencies of
# package-lock.json for this kind of machine, without the pinned Node.
#   deploy/assemble.sh FOLDER [TARBALL of npm pack]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:?name an empty folder}"
target=$(cd "$1" && pwd)
[ -z "$(ls -A "$target")" ] || { echo "$target is not empty" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

tarball=${2:-}
if [ -z "$tarball" ]; then
  npm pack --loglevel error --workspace server --pack-destination "$work" >&2
  tarball=$(ls "$work"/*.tgz)
fi

for workspace in . $(node -p 'require("./package.json").workspaces.join(" ")'); do
  mkdir -p "$work/$workspace"
  cp "$workspace/package.json" "$work/$workspace/"
done
cp package-lock.json "$work/"
(cd "$work" && npm ci --loglevel error --omit=dev --ignore-scripts --no-audit --no-fund --workspace server)

rm -rf "$work/node_modules/@espice" "$work/node_modules/.bin"
package=$work/node_modules/@espice/system-service
mkdir -p "$package" "$work/node_modules/.bin"
tar -xzf "$tarball" --strip-components=1 -C "$package"
# Versions that differ from those of another workspace.
[ ! -d "$work/server/node_modules" ] || mv "$work/server/node_modules" "$package/"
ln -s ../@espice/system-service/bin/system-service.js "$work/node_modules/.bin/system-service"
mv "$work/node_modules" "$target/"
