# The commands of README.md. Each does its own set-up.

.PHONY: help demo demo-check test cross cross-build lint format knowledge

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

test: ## All tests that need no ARM
	@cross/install-packages test
	swift test

cross-build: ## The Embedded agent for amd64, arm64 and armhf (TARGETS="arm64" for one)
	@cross/install-packages cross
	cross/build $(TARGETS)

cross: cross-build ## cross-build, then its tests under qemu
	cross/check
	cross/gateway-test

lint: ## Formatting and the rules that scripts can check
	swift format lint --strict --recursive --parallel --configuration .swift-format Package.swift Sources Tests

format: ## Apply .swift-format
	swift format format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests
