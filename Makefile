# Everything that a developer types. `make run` and `make test` need Swift and nothing else.

DATASETS ?= $(or $(SPIKELET_DATASETS),$(HOME)/.cache/spikelet/datasets)

# Where `make install` puts things; DESTDIR comes before it, for those who make packages.
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= lib

# The processor that an installed tool is for: native (this machine's), or baseline (any of its
# architecture), which packages are built for.
INSTRUCTIONS ?= native
STATIC_TOOL = .build/static/$(INSTRUCTIONS)/release/spikelet

.DEFAULT_GOAL := run

.PHONY: accuracy benchmarks boards build c-example clean corruption deadlines documentation examples format \
  fuzz hostile install install-library instructions kills lint mlperf-tiny mutations nir-traces \
  onnxruntime opening packages readme recipes report run sanitize serving shards static test test-tools tutorial \
  uninstall verify verify-boards verify-install verify-linux

# The options for the instruction set of this machine; the packages of others get the baseline.
HOST_FLAGS := $(shell scripts/host-flags)

# .build/release/spikelet, for this machine.
build:
	swift build -c release $(HOST_FLAGS) --product spikelet

# The tool with Swift's libraries inside, so that it runs where there is no Swift.
static:
	swift build -c release $(if $(filter native,$(INSTRUCTIONS)),$(HOST_FLAGS)) \
	  --static-swift-stdlib --scratch-path .build/static/$(INSTRUCTIONS) -Xswiftc -gnone \
	  --product spikelet

# The tool, its man pages, completions and networks, and the C library (docs/install.md).
install: static
	scripts/tool install --tool $(STATIC_TOOL) --library host --prefix "$(PREFIX)" \
	  --destdir "$(DESTDIR)" --libdir "$(LIBDIR)"

# The C library alone, for TARGET: host, aarch64, armv7 or armv7hf (docs/embedding.md).
install-library:
	scripts/tool install --library "$(or $(TARGET),host)" --prefix "$(PREFIX)" \
	  --destdir "$(DESTDIR)" --libdir "$(LIBDIR)"

# Takes away what those two wrote below PREFIX.
uninstall:
	scripts/tool uninstall --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

# Debian packages and archives with their sums in .build/packages; LEVEL=9 packs harder.
packages:
	$(MAKE) static INSTRUCTIONS=baseline
	scripts/tool packages --tool .build/static/baseline/release/spikelet --level "$(or $(LEVEL),6)"

# Installs into clean roots, runs what is installed, and compares packages that are made twice.
verify-install:
	$(MAKE) static INSTRUCTIONS=baseline
	scripts/tool installation --tool .build/static/baseline/release/spikelet

# Compiles the bundled LeNet-5 and classifies the bundled digits.
run:
	@swift run -c release $(HOST_FLAGS) spikelet run

# Lint, the tests, the golden vectors, and the proof that the runtime stays in the Embedded subset.
test: lint
	scripts/swift-test
	scripts/check-embedded
	$(MAKE) test-tools
	$(MAKE) verify
	$(MAKE) readme

# The Swift code of README.md, as written, in a package of its own.
readme: build
	scripts/tool readme

# The page of `spikelet report` about MODEL, in a headless Chromium: widths, contrast, keyboard; writes
# .build/report.html and the pictures of docs/. scripts/install-browser installs Chromium.
report: build
	scripts/tool report-screenshots --model "$(or $(MODEL),lenet5-avg)" --data "$(DATASETS)" \
	  --report .build/report.html --pictures docs

# docs/tutorial-pytorch.md as written, from a clean clone; TUTORIAL=keras follows the other one.
# PYTHON has the packages that it uses; HERE=1 uses this tree instead of a clone.
tutorial:
	scripts/tool tutorial "$(or $(TUTORIAL),pytorch)" --python "$(or $(PYTHON),python3)" \
	  $(if $(HERE),--here)

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

# Every program of examples/ against an installed library, by pkg-config and CMake, here and for each
# board's calling convention (in qemu).
examples: build
	scripts/tool examples

# The executables on Debian's kernels for arm64 and armhf, in small machines (in qemu): golden
# vectors, accuracy, errors, a memory cgroup, resident memory.
verify-linux: build
	scripts/fetch-kernels
	scripts/tool linux --data "$(DATASETS)"

# A million pictures through `spikelet-board --serve` here, some on boards in qemu, and every way that it
# can end; PICTURES=20000 takes less.
serving: build
	scripts/tool serving --pictures "$(or $(PICTURES),1000000)"

# Deadlines on this machine, busy with other work: lateness beside the longest timestep, and scores.
deadlines: build
	scripts/tool deadlines --pictures "$(or $(PICTURES),10000)" --data "$(DATASETS)"

# Executed instructions of an inference on both Arm targets (in qemu), by kernel, against the counts
# of Benchmarks/instructions.json.
instructions: build
	scripts/tool instructions

# Spikelet beside LiteRT, ONNX Runtime, PyTorch and spiking libraries: writes Benchmarks/peers.json
# and docs/benchmarks.md. Half an hour; says what has to be installed.
benchmarks: build
	scripts/tool benchmarks --data "$(DATASETS)"

# Shards by GNU parallel, by Slurm on one node and on a shelf of boards in qemu: figures of the whole.
shards: build
	scripts/tool shards --slurm --boards

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
mutations: build
	scripts/tool mutations

# Coverage-guided fuzzing with the address sanitizer, each target for some seconds, or until so many
# inputs have run: make fuzz SECONDS=600 TARGET="hdf5 events" RUNS=1000000
fuzz:
	Tests/fuzz/run "$(or $(SECONDS),60)" "$(TARGET)" $(RUNS)

# The traces that NIR's paper publishes, from a copy of its repository: TRACES=NIR/paper/01_lif
nir-traces:
	SPIKELET_NIR_TRACES="$(abspath $(TRACES))" scripts/swift-test \
	  --filter NIRTraceTests

# Every bit and every length of two models, and a million structured mutations, between pages that may
# not be touched; then a sample of them here and on both Arm targets (in qemu). Some minutes;
# CORRUPTION=short tries as few as the tests do.
corruption:
	rm -rf .build/corruption && mkdir -p .build/corruption
	SPIKELET_CORRUPTION=$(or $(CORRUPTION),full) SPIKELET_SAMPLES=$(CURDIR)/.build/corruption \
	  scripts/swift-test --filter CorruptionTests
	scripts/tool corruption .build/corruption

# Instructions of opening a model, a byte of it, on aarch64 (in qemu).
opening: build
	scripts/tool opening

# The tests under the address and thread sanitizers, and C under that of undefined behaviour.
sanitize:
	scripts/sanitize

# Hostile ONNX files through the tool: exit code, time and memory of each.
hostile: build
	SPIKELET_HOSTILE=.build/hostile scripts/swift-test --filter isWrittenForMeasurements
	Tests/hostile/measure .build/hostile

# Kills the tool at random writes, COUNT times, and looks for broken files.
kills: build
	Tests/hostile/kill-writes --count "$(or $(COUNT),200)"

clean:
	rm -rf .build
