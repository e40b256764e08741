# Everything that a developer types. `make run` and `make test` need Swift and nothing else.

DATASETS ?= $(or $(SPIKELET_DATASETS),$(HOME)/.cache/spikelet/datasets)

.PHONY: run test lint format accuracy clean

# Compiles the bundled LeNet-5 and classifies the bundled digits.
run:
	@swift run -c release spikelet run

# Lint, the tests, and the proof that the runtime stays in the Embedded subset.
test: lint
	swift test -c release
	scripts/check-embedded

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

# Accuracy and speed on the full MNIST test set, against the figures of docs/results.md.
accuracy:
	swift build -c release --product spikelet
	scripts/check-accuracy --data "$(DATASETS)"

clean:
	rm -rf .build .build-embedded
