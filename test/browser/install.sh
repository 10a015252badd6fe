#!/usr/bin/env bash
# Installs what test/browser/run.ts needs on a bare Debian: Chromium, and a font for it. Needs root.
set -euo pipefail
command -v chromium >/dev/null 2>&1 && exit 0
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core
