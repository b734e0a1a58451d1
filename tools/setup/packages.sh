# The npm packages: `npm ci` once for each package-lock.json, into the cache; a clone gets hard links to them.
# shellcheck shell=sh

install_packages() {
  cp "$root/package.json" "$root/package-lock.json" "$root/.npmrc" "$1/" &&
    follow "Bringing the npm packages, once (about 20 s)" "$cache/packages.log" no_progress \
      npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error &&
    # Clones share the files: nobody may edit one in place.
    find "$1/node_modules" -type f -exec chmod a-w {} +
}

# Whether the clone's packages are those of package-lock.json, whoever put them there. The mark spares reading them all.
packages_fit() {
  [ "$(cat "$root/node_modules/.metalform" 2>/dev/null)" = "$1" ] && return
  [ -f "$root/node_modules/.package-lock.json" ] || return 1
  node "$root/tools/setup/packages-fit.ts" "$root" || return 1
  echo "$1" >"$root/node_modules/.metalform"
}

ensure_packages() {
  packages_hash=$(hash "$root/package-lock.json")
  if packages_fit "$packages_hash"; then return; fi
  [ -d "$cache/packages-$packages_hash" ] || require_npm
  cached "packages-$packages_hash" install_packages
  packages_new=$root/node_modules.new-$$
  rm -rf "$root"/node_modules.new-* "$root"/node_modules.old-*
  # Hard links need the cache and the clone on one file system; otherwise the packages are copied.
  cp -al "$cache/packages-$packages_hash/node_modules" "$packages_new" 2>/dev/null || {
    rm -rf "$packages_new"
    cp -a "$cache/packages-$packages_hash/node_modules" "$packages_new"
  }
  # npm rewrites this one in place: each clone has its own.
  cp "$packages_new/.package-lock.json" "$packages_new/.metalform-lock"
  chmod u+w "$packages_new/.metalform-lock"
  mv -f "$packages_new/.metalform-lock" "$packages_new/.package-lock.json"
  echo "$packages_hash" >"$packages_new/.metalform"
  if [ -d "$root/node_modules" ]; then mv "$root/node_modules" "$root/node_modules.old-$$"; fi
  mv "$packages_new" "$root/node_modules"
  rm -rf "$root/node_modules.old-$$"
}
