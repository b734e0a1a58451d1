# What people type. Every command brings the toolchain first when it is missing (tools/run); arguments go in ARGS.
.DEFAULT_GOAL := help
.PHONY: bench conformance crash destroy down env graph help lab preview setup status test tunnel up

run := @tools/run
without_pulumi := @tools/run --without-pulumi
servers := --debian nginx --debian postgresql
browser := --debian chromium --debian fonts-liberation

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14
	@printf '%s\n' '' 'STACK=name   another stack than dev: Pulumi.name.yaml' 'ARGS="..."   more arguments for the command'

up: ## Bring up the machines of the config, on the embedded lab unless the stack has a MAAS of its own
	$(run) node tools/up.ts $(ARGS)

preview: ## Show what a change of the config would do
	$(run) node tools/preview.ts $(ARGS)

status: ## The stack's machines, as MAAS has them now
	$(run) node tools/status.ts $(ARGS)

graph: ## Draw the stack's rack: .metalform/graph/rack.svg
	$(run) node tools/graph.ts $(ARGS)

destroy: ## Give all machines back, and prove that they are Ready
	$(run) node tools/destroy.ts $(ARGS)

down: ## destroy, then stop the lab
	$(run) node tools/down.ts $(ARGS)

lab: ## Run the lab alone, in this terminal
	$(without_pulumi) node lab/main.ts --port 5240 --time-scale 20 $(ARGS)

tunnel: ## Open the way through main to Django on the first app machine (ARGS=PORT)
	$(run) node tools/tunnel.ts $(ARGS)

env: ## eval "$(make -s env)": the toolchain and the stack's environment in your shell
	$(run) node tools/env.ts

setup: ## Bring the toolchain, and nothing else
	$(run) node tools/setup/versions.ts

test: ## Format, lint, types, unused code, and all tests
	$(run) $(browser) $(servers) node tools/check.ts

bench: ## Requests, wall time, preview time, state size
	$(run) node bench/main.ts $(ARGS)

crash: ## Kill everything everywhere, then converge
	$(run) node test/crash/main.ts $(ARGS)

conformance: ## Replay recordings of a real MAAS against the lab
	$(without_pulumi) node test/conformance/main.ts $(ARGS)
