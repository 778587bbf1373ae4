# Everything a newcomer, a deployer or CI runs. `make` lists it.

PORT  ?= 3000
STATE ?= .local
CASES ?= 20
# The chaos run: the same seed, the same faults as far as threads allow. In full: CLIENTS=200 ROOMS=20 MESSAGES=100000.
SEED     ?= 1
CLIENTS  ?= 24
ROOMS    ?= 4
MESSAGES ?= 2000
# Random orders in which deals are tried: `make test` tries some, `make schedules` these.
SCHEDULES ?= 20000
PYTHON ?= python3
# Tools from PyPI: each in target/venv-…, and nowhere else on the machine.
SCHEMATHESIS := 4.32.5
CARGO_LAMBDA := 1.9.2
SAM          := 1.170.0
CFN_LINT     := 1.58.0
# From npm, in target/asyncapi.
ASYNCAPI     := 3.6.3

# What is deployed where: `make deploy STAGE=dev`. arm64 costs least; without its Rust target, this machine's own is taken.
STAGE ?= dev
ARCHITECTURE ?= arm64

.PHONY: help run test check fuzz chaos schedules page web generate asyncapi events template package deploy destroy test-deploy bench deny clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## the whole of Madang on http://127.0.0.1:3000 (PORT=…, STATE=folder)
	cargo run --package local -- --port $(PORT) --state $(STATE)

test: ## every test, and that each function used what its row declares and nothing else
	rm -rf target/calls
	MADANG_CALLS=$(CURDIR)/target/calls cargo test --workspace
	cargo xtask privileges target/calls

check: ## what else must hold: format, lints, generated files, Terraform, AsyncAPI, event files, a short fuzz of the API, a small chaos run, the page
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo xtask check
	infra/cost/cost.py --check
	infra/terraform/check.sh
	$(MAKE) template asyncapi events fuzz chaos page

fuzz: target/venv-schemathesis/bin/schemathesis ## CASES=20 hostile requests an operation, made from the OpenAPI document
	cargo build --workspace
	tests/fuzz/run.sh target/venv-schemathesis/bin/schemathesis $(CASES)

# Everything from the lockfile, without scripts of packages.
node_modules/.package-lock.json: package-lock.json package.json
	npm ci

chaos: node_modules/.package-lock.json ## people writing while things go wrong: SEED=1 CLIENTS=24 ROOMS=4 MESSAGES=2000
	npm test --workspace tests/chaos
	npm run build --workspace clients/typescript
	cargo build --package local
	node tests/chaos/run.mjs --program $${CARGO_TARGET_DIR:-target}/debug/local --seed $(SEED) --clients $(CLIENTS) \
		--rooms $(ROOMS) --messages $(MESSAGES)

schedules: ## deals in SCHEDULES=20000 random orders, with conflicts, throttling and crashes, by SEED=1
	SCHEDULES=$(SCHEDULES) SEED=$(SEED) cargo test --release --package tests -- --nocapture whatever_the_order

page: node_modules/.package-lock.json ## two people on the page, in Chromium, on the laptop cloud; pictures in target/web
	@command -v "$${CHROMIUM:-/usr/bin/chromium}" >/dev/null || \
		{ echo "Chromium is missing (on Debian: apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji)" >&2; exit 1; }
	npm run check
	cargo build --package local
	node tests/web/page.mjs --program $${CARGO_TARGET_DIR:-target}/debug/local --pictures target/web

web: node_modules/.package-lock.json ## write what the page is made of: the client's types from the documents, web/dist from web/src
	npm run generate --workspace clients/typescript
	npm run build --workspace web

generate: ## write what is made from the routes: OpenAPI, AsyncAPI, routes.json, events, the key chart
	cargo xtask

asyncapi: target/asyncapi/node_modules/@asyncapi/parser/package.json ## whether docs/asyncapi.json is AsyncAPI 3
	node tests/asyncapi/check.mjs target/asyncapi/node_modules docs/asyncapi.json

events: target/venv-cargo-lambda/bin/cargo-lambda ## try every event file: in process, by cargo lambda, in processes of their own
	cargo build --workspace
	tests/events/three-ways.sh target/venv-cargo-lambda/bin/cargo-lambda

template: target/venv-sam/bin/sam target/venv-cfn-lint/bin/cfn-lint ## validate template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=ap-northeast-2 target/venv-sam/bin/sam validate --lint --template template.yaml
	target/venv-cfn-lint/bin/cfn-lint template.yaml

package: ## one zip a context in target/package, the same bytes from the same sources
	$(PYTHON) infra/package.py $(ARCHITECTURE)

deploy: package ## put a stage on AWS and try it: STAGE=dev; YES=1 does not ask
	infra/deploy.sh $(STAGE)

destroy: ## take a stage away again: STAGE=dev
	infra/deploy.sh $(STAGE) destroy

# The emulator runs functions as processes of this machine.
test-deploy: ARCHITECTURE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
test-deploy: package ## the end-to-end tests on an emulator of AWS that the real Terraform deployed to
	tests/deploy/run.sh

bench: ## the figures of docs/performance.md
	tests/bench/run.sh

deny: ## licences, bans and sources of dependencies (needs cargo-deny)
	cargo deny check bans licenses sources

clean: ## forget builds and the laptop's state
	cargo clean
	rm -rf $(STATE)

# One environment a tool: the SAM CLI and cfn-lint want different versions of what they share.
target/venv%/bin/pip:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3 is missing (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv target/venv$*

PIP_INSTALL = $(@D)/pip install --quiet --disable-pip-version-check

target/venv-schemathesis/bin/schemathesis: | target/venv-schemathesis/bin/pip
	$(PIP_INSTALL) schemathesis==$(SCHEMATHESIS)

target/venv-cargo-lambda/bin/cargo-lambda: | target/venv-cargo-lambda/bin/pip
	$(PIP_INSTALL) cargo-lambda==$(CARGO_LAMBDA)

target/venv-sam/bin/sam: | target/venv-sam/bin/pip
	$(PIP_INSTALL) aws-sam-cli==$(SAM)

target/venv-cfn-lint/bin/cfn-lint: | target/venv-cfn-lint/bin/pip
	$(PIP_INSTALL) cfn-lint==$(CFN_LINT)

target/asyncapi/node_modules/@asyncapi/parser/package.json:
	@command -v npm >/dev/null || { echo "npm is missing (on Debian: apt-get install npm)" >&2; exit 1; }
	npm install --silent --no-save --no-fund --no-audit --prefix target/asyncapi @asyncapi/parser@$(ASYNCAPI)
