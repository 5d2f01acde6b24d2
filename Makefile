# The commands of README.md. Each does its own set-up.

.PHONY: help demo demo-check test score cross cross-build lint format

# Built once; `make test` and `make demo-check` share it.
build = swift build --build-tests

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

test: .venv-peers/.complete ## All tests that need no ARM
	@cross/install-packages test
	$(build)
	swift test --skip-build

# Other people's CBOR, COSE and WebSocket implementations, for the tests that ask them.
.venv-peers/.complete: Tests/WireProtocolTests/Peers/requirements.txt
	@cross/install-packages test
	python3 -m venv .venv-peers
	.venv-peers/bin/pip install -q -r $<
	touch $@

score: ## Name the labelled captures of GATEHOUSE_DATA, and count what is right
	GATEHOUSE_BUILD=agent swift build --product gatehouse-score --scratch-path .build-agent
	.build-agent/debug/gatehouse-score

cross-build: ## The Embedded agent for amd64, arm64 and armhf (TARGETS="arm64" for one)
	@cross/install-packages cross
	cross/build $(TARGETS)

cross: cross-build ## cross-build, then its tests under qemu
	cross/check
	cross/gateway-test

lint: ## Formatting and the rules that scripts can check
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format: ## Apply .swift-format
	swift format format --in-place --recursive --parallel Package.swift Sources Tests
