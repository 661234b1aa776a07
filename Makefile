# The common tasks by name. Meson and scripts/ do the work; see CONTRIBUTING.md.
#
# B is the build folder, J how many compilers run at once.
B := build
J := $(shell nproc)

.PHONY: help build demo check check-long lint asan tsan fuzz golden bench docs format install clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(B)/build.ninja:
	@scripts/setup
	@meson setup --buildtype=release $(B)

build: $(B)/build.ninja ## build the command and the library into build/
	@ninja -C $(B) -j $(J)

demo: ## build, draw a clip, convert it
	@scripts/demo

check: ## every test, under the sanitizers too; what CI runs
	@scripts/check

check-long: ## check, and the tests that take long
	@scripts/check long

lint: build ## form of the code: format, rooms, sizes, names, spelling, clang-tidy
	@scripts/lint $(B)

asan: ## the tests with address and undefined-behaviour sanitizers
	@scripts/check asan

tsan: ## the tests of threads with the thread sanitizer
	@scripts/check tsan

fuzz: ## a minute of fuzzing for each target (clang)
	@scripts/fuzz

golden: build ## write the checksums of golden frames anew; look at them first
	@$(B)/tests/golden/golden --write tests/golden/frames.txt

bench: build ## speed and memory, beside plain transcoding
	@python3 bench/bench.py --relief $(B)/src/cli/relief

docs: build ## write docs/options.md anew from the option table
	@$(B)/src/cli/relief --help=markdown >docs/options.md

format: ## let clang-format rewrite the C files
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: build ## install; PREFIX is chosen with meson configure, DESTDIR as usual
	@meson install -C $(B)

clean: ## remove all build folders; .deps/ stays
	rm -rf build build-check*
