# The Pulumi CLI in exactly the version of @pulumi/pulumi: an installed one, else one built from its Go modules
# (pulumi/go.mod). Beside the built one lie the plugin for dynamic providers and a language host, since the full
# distribution would bring both; a build from the Go module has neither.
# shellcheck shell=sh

pulumi_packages=1685 # that `go build` compiles for it

# In tools/pulumi; the CLI looks for the plugins by these names.
pulumi_plugins="language-host.mts provider-preload.cjs pulumi-language-nodejs pulumi-resource-pulumi-nodejs"

count() { grep -c "$1" "$2" 2>/dev/null || :; }

build_progress() {
  if build_compiled=$(count '^[^ :]*$' "$1") && [ "$build_compiled" -gt 0 ]; then
    printf ', %d of %d packages' "$build_compiled" "$pulumi_packages"
  else
    printf ', %d modules fetched' "$(count '^go: downloading' "$1")"
  fi
}

# Without debug information, and without inlining where it does not matter: the cloud SDKs and all else that comes with the
# CLI. What runs at every start keeps it, so the CLI starts as fast as any. The last flag that matches a package counts.
build_pulumi() (
  cd "$root/tools/pulumi" &&
    follow "Building the Pulumi CLI $pulumi_version from its Go modules, once (about 5 min)" "$cache/pulumi.log" build_progress \
      env CGO_ENABLED=0 GOGC=400 GOWORK=off go build -v -buildvcs=false -trimpath -tags osusergo,grpcnotrace \
      -gcflags 'all=-dwarf=false -l' -gcflags 'std=-dwarf=false' \
      -gcflags 'github.com/pulumi/...=-dwarf=false' -gcflags 'google.golang.org/...=-dwarf=false' \
      -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumi_version" -o "$1/" tool
)

require_go() {
  go_advice="Pulumi $pulumi_version (https://www.pulumi.com/docs/install/versions/), or Go 1.26 or newer (https://go.dev/doc/install) to build it"
  if go_found=$(cd / && go env GOVERSION 2>/dev/null); then
    # From 1.21 on Go brings the Go that a go.mod asks for.
    case $go_found in
      go1.[0-9] | go1.[0-9].* | go1.1[0-9] | go1.1[0-9].* | go1.20 | go1.20.*)
        stop "Pulumi is to be built, and ${go_found#go} is too old a Go for that: install $go_advice" ;;
    esac
  elif [ -n "$pulumi_installed" ]; then
    stop "Pulumi $pulumi_installed is installed, but this project needs $pulumi_version: install $go_advice"
  else
    stop "neither Pulumi nor Go is installed: install $go_advice"
  fi
}

plugins_of_dynamic_providers() {
  for plugin in $pulumi_plugins; do cp "$root/tools/pulumi/$plugin" "$1/" || return; done
  chmod 755 "$1/pulumi-resource-pulumi-nodejs" "$1/pulumi-language-nodejs"
}

# The built CLI once more (a hard link), beside the plugins: Pulumi warns about plugins that lie elsewhere.
assemble_pulumi() {
  { ln "$cache/$pulumi_built/pulumi" "$1/pulumi" || cp "$cache/$pulumi_built/pulumi" "$1/pulumi"; } && plugins_of_dynamic_providers "$1"
}

find_installed_pulumi() {
  pulumi_installed='' pulumi_path=$(command -v pulumi 2>/dev/null) || return 1
  case $pulumi_path in "$cache"/*) return 1 ;; esac
  pulumi_installed=$(PULUMI_SKIP_UPDATE_CHECK=true pulumi version 2>/dev/null)
  pulumi_installed=${pulumi_installed#v}
  [ "$pulumi_installed" = "$pulumi_version" ]
}

ensure_pulumi() {
  pulumi_version=$(sed -n 's|.*"@pulumi/pulumi": "\([0-9.]*\)".*|\1|p' "$root/package.json")
  plugins_hash=$(cd "$root/tools/pulumi" && hash $pulumi_plugins)
  if find_installed_pulumi; then
    pulumi_folder=$(dirname "$(readlink -f "$pulumi_path")")
    if [ -x "$pulumi_folder/pulumi-language-nodejs" ] || command -v pulumi-language-nodejs >/dev/null 2>&1; then
      METALFORM_LANGUAGE_HOST=pulumi
      export METALFORM_LANGUAGE_HOST
      return
    fi
    pulumi_entry=pulumi-plugins-$plugins_hash
    cached "$pulumi_entry" plugins_of_dynamic_providers
  else
    pulumi_built=pulumi-$pulumi_version-$(hash "$root/tools/pulumi/go.mod" "$root/tools/pulumi/go.sum")
    pulumi_entry=$pulumi_built-$plugins_hash
    if [ ! -d "$cache/$pulumi_entry" ]; then
      [ -d "$cache/$pulumi_built" ] || require_go
      cached "$pulumi_built" build_pulumi
      cached "$pulumi_entry" assemble_pulumi
    fi
  fi
  PATH=$cache/$pulumi_entry:$PATH
  METALFORM_LANGUAGE_HOST=metalform
  # A plugin that is not here would be fetched from the network in the middle of an `up`; better say that it is missing.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=${PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION:-true}
  export METALFORM_LANGUAGE_HOST PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION
}
