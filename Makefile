# Everything that a developer types. `make run` and `make test` need Swift and nothing else.

DATASETS ?= $(or $(SPIKELET_DATASETS),$(HOME)/.cache/spikelet/datasets)

.PHONY: accuracy boards c-example clean documentation format fuzz hostile instructions kills lint \
  mutations onnxruntime readme recipes run test test-tools verify verify-boards

# Compiles the bundled LeNet-5 and classifies the bundled digits.
run:
	@swift run -c release spikelet run

# Lint, the tests, the golden vectors, and the proof that the runtime stays in the Embedded subset.
test: lint
	swift test -c release
	scripts/check-embedded
	$(MAKE) test-tools
	$(MAKE) verify
	$(MAKE) readme

# The Swift code of README.md, as written, in a package of its own.
readme:
	swift build -c release --product spikelet
	scripts/tool readme

# The Python tools' own tests, where there is a Python; a second.
test-tools:
	@if command -v python3 >/dev/null; then \
	  PYTHONPATH=python python3 -m unittest discover --start-directory python/tests; \
	else echo "no python3: the tests of python/ are skipped"; fi

# Every folder of golden vectors, with the engine and with the C program of docs/.
verify:
	swift build -c release --product spikelet
	scripts/verify-vectors

# Static executables for 64-bit and 32-bit Arm Linux; with MODEL=file.spk, the model is inside.
boards:
	scripts/build-boards $(if $(MODEL),--embedded-model "$(MODEL)")

# The executables under qemu, against the golden vectors and the host.
verify-boards:
	swift build -c release --product spikelet
	scripts/tool boards --data "$(DATASETS)"
	scripts/tool footprint --check

# The C library, its test and examples/c, here and on both Arm targets (in qemu).
c-example:
	swift build -c release --product spikelet
	scripts/tool c-library

# Executed instructions of an inference on both Arm targets (in qemu), by kernel, against the counts
# of Benchmarks/instructions.json.
instructions:
	swift build -c release --product spikelet
	scripts/tool instructions

# The API reference of the runtime and the compiler, without a warning.
documentation:
	scripts/build-documentation

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

# Accuracy on full test sets, against the recorded figures and the tables of docs/results.md.
accuracy:
	swift build -c release --product spikelet
	scripts/tool accuracy --data "$(DATASETS)"
	scripts/tool exit-table --check --data "$(DATASETS)"
	scripts/tool single-timestep-table --check --data "$(DATASETS)"
	scripts/tool option-table --check --data "$(DATASETS)"

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
# make fuzz SECONDS=600 TARGET=onnx
fuzz:
	Tests/fuzz/run "$(or $(SECONDS),60)" $(TARGET)

# Hostile ONNX files through the tool: exit code, time and memory of each.
hostile:
	swift build -c release --product spikelet
	SPIKELET_HOSTILE=.build/hostile swift test -c release --filter isWrittenForMeasurements
	Tests/hostile/measure .build/hostile

# Kills the tool at random writes, COUNT times, and looks for broken files.
kills:
	swift build -c release --product spikelet
	Tests/hostile/kill-writes --count "$(or $(COUNT),200)"

clean:
	rm -rf .build
