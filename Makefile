# The commands of README.md. Each does its own set-up.

.PHONY: help demo demo-check test fuzz bench-agent bench-capture bench-enforcement score cross cross-build lint format

# Built once; `make test` and `make demo-check` share it.
build = swift build --build-tests

# Debian's nft, ip and dnsmasq are where an ordinary user's path does not lead.
export PATH := $(PATH):/usr/sbin:/sbin

# Whoever is not root is root of a user namespace: the tests of enforcement, capture and the lab make network namespaces.
namespaces = $(shell [ "$$(id -u)" = 0 ] || if unshare --user --map-root-user --net true 2>/dev/null; \
	then echo unshare --user --map-root-user; else echo "echo 'no user namespaces here: what needs root is skipped';"; fi)

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## The whole story in a lab of network namespaces; leaves console and lab running until Ctrl-C
	@cross/install-packages test
	$(build)
	.build/debug/gatehouse-demo

demo-check: ## The same once, asserting every step
	@cross/install-packages test
	$(build)
	.build/debug/gatehouse-demo --check

test: .venv-peers/.complete ## All tests that need no ARM, and 100,000 damaged inputs for every decoder
	@cross/install-packages test
	$(build)
	$(namespaces) swift test --skip-build
	GATEHOUSE_BUILD=agent swift build -c release --product gatehouse-decoders --scratch-path .build-agent
	.build-agent/release/gatehouse-decoders prefixes
	.build-agent/release/gatehouse-decoders mutate

fuzz: ## Search for inputs that break a decoder, SECONDS=60 in all (DECODER=dns for one)
	@cross/install-packages build
	Tests/Fuzz/fuzz $(or $(SECONDS),60) $(DECODER)

# Other people's CBOR, COSE and WebSocket implementations, for the tests that ask them.
.venv-peers/.complete: Tests/WireProtocolTests/Peers/requirements.txt
	@cross/install-packages test
	python3 -m venv .venv-peers
	.venv-peers/bin/pip install -q -r $<
	touch $@

bench-capture: ## Decoding beside p0f, prads and ndpiReader, and on an interface of a namespace
	@cross/install-packages bench
	cross/build amd64
	GATEHOUSE_BUILD=agent swift build -c release --product gatehouse-bench --scratch-path .build-agent
	.build-agent/release/gatehouse-bench .build-cross/amd64/gatehouse-agent

bench-agent: ## Memory, processor time and wake-ups of the Embedded agent with 200 devices, beside their budgets
	@cross/install-packages test
	@cross/install-packages cross
	cross/build amd64
	$(build)
	.build/debug/gatehouse-demo --measure-agent 30

bench-enforcement: ## Forwarding, DNS beside dnsmasq, push to proof, withdrawal to cut, scan and flood to quarantine (PART=names for one)
	@cross/install-packages test
	@cross/install-packages bench
	cross/build amd64
	$(build)
	.build/debug/gatehouse-demo --measure-enforcement $(if $(PART),--part $(PART))

score: ## Name the labelled captures of GATEHOUSE_DATA, and count what is right
	@cross/install-packages test
	GATEHOUSE_BUILD=agent swift build --product gatehouse-score --scratch-path .build-agent
	.build-agent/debug/gatehouse-score

cross-build: ## The Embedded agent for amd64, arm64 and armhf (TARGETS="arm64" for one)
	@cross/install-packages cross
	cross/build $(TARGETS)

cross: cross-build .venv-peers/.complete ## cross-build, then its tests under qemu
	@cross/install-packages test
	cross/check
	cross/gateway-test

lint: ## Formatting and the rules that scripts can check
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format: ## Apply .swift-format
	swift format format --in-place --recursive --parallel Package.swift Sources Tests
