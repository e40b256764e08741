# Everything that a developer types. `make run` and `make test` need Swift and nothing else.

DATASETS ?= $(or $(SPIKELET_DATASETS),$(HOME)/.cache/spikelet/datasets)

.DEFAULT_GOAL := run

.PHONY: accuracy benchmarks boards build c-example clean corruption documentation format fuzz \
  hostile instructions kills lint mlperf-tiny mutations onnxruntime opening readme recipes run \
  sanitize test test-tools tutorial verify verify-boards

# The options for the instruction set of this machine; the packages of others get the baseline.
HOST_FLAGS := $(shell scripts/host-flags)

# .build/release/spikelet, for this machine.
build:
	swift build -c release $(HOST_FLAGS) --product spikelet

# Compiles the bundled LeNet-5 and classifies the bundled digits.
run:
	@swift run -c release $(HOST_FLAGS) spikelet run

# Lint, the tests, the golden vectors, and the proof that the runtime stays in the Embedded subset.
test: lint
	swift test -c release $(HOST_FLAGS)
	scripts/check-embedded
	$(MAKE) test-tools
	$(MAKE) verify
	$(MAKE) readme

# The Swift code of README.md, as written, in a package of its own.
readme: build
	scripts/tool readme

# docs/tutorial-pytorch.md as written, from a clean clone; TUTORIAL=keras follows the other one.
# PYTHON has the packages that it uses.
tutorial:
	scripts/tool tutorial "$(or $(TUTORIAL),pytorch)" --python "$(or $(PYTHON),python3)"

# The Python tools' own tests, where there is a Python; a second.
test-tools:
	@if command -v python3 >/dev/null; then \
	  PYTHONPATH=python python3 -m unittest discover --start-directory python/tests && \
	  scripts/tool benchmarks --check; \
	else echo "no python3: the tests of python/ are skipped"; fi

# Every folder of golden vectors, with the engine and with the C program of docs/.
verify: build
	scripts/verify-vectors

# Static executables for 64-bit and 32-bit Arm Linux; with MODEL=file.spk, the model is inside.
boards: $(if $(MODEL),build)
	scripts/build-boards $(if $(MODEL),--embedded-model "$(MODEL)")

# The executables under qemu, against the golden vectors and the host.
verify-boards: build
	scripts/tool boards --data "$(DATASETS)"
	scripts/tool footprint --check

# The C library, its test and examples/c, here and on both Arm targets (in qemu).
c-example: build
	scripts/tool c-library

# Executed instructions of an inference on both Arm targets (in qemu), by kernel, against the counts
# of Benchmarks/instructions.json.
instructions: build
	scripts/tool instructions

# Spikelet beside LiteRT, ONNX Runtime, PyTorch and spiking libraries: writes Benchmarks/peers.json
# and docs/benchmarks.md. Half an hour; says what has to be installed.
benchmarks: build
	scripts/tool benchmarks --data "$(DATASETS)"

# The API reference of the runtime and the compiler, without a warning.
documentation:
	scripts/build-documentation

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

# Accuracy on full test sets, against the recorded figures and the tables of docs/results.md.
accuracy: build
	scripts/tool accuracy --data "$(DATASETS)"
	scripts/tool exit-table --check --data "$(DATASETS)"
	scripts/tool single-timestep-table --check --data "$(DATASETS)"
	scripts/tool option-table --check --data "$(DATASETS)"

# The networks of MLPerf Tiny, exported from FRAMEWORK (torch or keras), the whole way to a model.
mlperf-tiny: build
	scripts/tool mlperf-tiny "$(or $(FRAMEWORK),torch)"

# The same test sets by ONNX Runtime, which must give the engine's scores to the last bit.
onnxruntime:
	scripts/tool onnxruntime --data "$(DATASETS)"

# The training recipes on random networks; needs `pip install -e 'python[training]'`.
recipes:
	scripts/tool recipes
	scripts/tool recipes-cifar10

# Breaks the kernels one by one and demands that the golden vectors find it; some minutes.
mutations:
	scripts/tool mutations

# Coverage-guided fuzzing with the address sanitizer, each target for some seconds:
# make fuzz SECONDS=600 TARGET=model
fuzz:
	Tests/fuzz/run "$(or $(SECONDS),60)" $(TARGET)

# Every bit and every length of two models, and a million structured mutations, between pages that may
# not be touched; then a sample of them here and on both Arm targets (in qemu). Some minutes;
# CORRUPTION=short tries as few as the tests do.
corruption:
	rm -rf .build/corruption && mkdir -p .build/corruption
	SPIKELET_CORRUPTION=$(or $(CORRUPTION),full) SPIKELET_SAMPLES=$(CURDIR)/.build/corruption \
	  swift test -c release $(HOST_FLAGS) --filter CorruptionTests
	scripts/tool corruption .build/corruption

# Instructions of opening a model, a byte of it, on both Arm targets (in qemu).
opening: build
	scripts/tool opening

# The tests under the address and thread sanitizers, and C under that of undefined behaviour.
sanitize:
	scripts/sanitize

# Hostile ONNX files through the tool: exit code, time and memory of each.
hostile: build
	SPIKELET_HOSTILE=.build/hostile swift test -c release $(HOST_FLAGS) --filter isWrittenForMeasurements
	Tests/hostile/measure .build/hostile

# Kills the tool at random writes, COUNT times, and looks for broken files.
kills: build
	Tests/hostile/kill-writes --count "$(or $(COUNT),200)"

clean:
	rm -rf .build
