#!/usr/bin/env bash
set -euo pipefail
if [[ ${1:-} == --help ]]; then
  cat <<'HELP'
Installs what test/browser/run.ts needs on a bare Debian: Chromium, and a font for it.

  sudo test/browser/install.sh

Does nothing where Chromium is there already. Takes no options.
HELP
  exit 0
fi
command -v chromium >/dev/null 2>&1 && exit 0
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core
