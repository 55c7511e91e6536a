#!/bin/sh
# Builds or tests the browser console with the machine's Node: build-console.sh build|test
# Skips the npm work when nothing it reads has changed. Without a usable Node the build goes on with a plain page.
set -eu
cd "$(dirname "$0")/ui"

plain_page() {
  echo "millrace console: $1" >&2
  echo "millrace console: install Node 20 or newer with npm (Debian or Ubuntu: apt install nodejs npm), then build again." >&2
  [ ! -f dist/.inputs ] || return 0
  mkdir -p dist
  sed "s|@REASON@|$1|" ../plain-page.html > dist/index.html
}

command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { plain_page "Node and npm were not found"; exit 0; }
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || { plain_page "Node $major is too old"; exit 0; }

dependencies() { cat package.json package-lock.json; node -v; }
inputs() {
  dependencies
  find src index.html ./*.json ./*.ts scripts ../build-console.sh ../../admin-api/openapi.json -type f | LC_ALL=C sort | xargs cat
}
digest() { cksum | tr -d ' \n'; }

install_dependencies() {
  have=$(cat node_modules/.inputs 2>/dev/null || true)
  want=$(dependencies | digest)
  [ "$have" != "$want" ] || return 0
  npm ci --no-audit --no-fund --loglevel=error
  printf %s "$want" > node_modules/.inputs
}

case "${1:-build}" in
build)
  want=$(inputs | digest)
  have=$(cat dist/.inputs 2>/dev/null || true)
  if [ "$want" = "$have" ]; then exit 0; fi
  install_dependencies
  rm -f dist/.inputs
  npm run --silent build
  printf %s "$want" > dist/.inputs
  ;;
test)
  install_dependencies
  npm test --silent
  ;;
*)
  echo "usage: build-console.sh build|test" >&2
  exit 2
  ;;
esac
