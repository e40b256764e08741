/* A plugin of qemu's user mode that counts executed instructions, for each function of a static
 * executable and each phase of its run.
 *
 *     qemu-aarch64 -plugin ./count.so,symbols=FILE,out=FILE PROGRAM …
 *
 * `symbols` has a line "ADDRESS NAME" for each function, addresses in hexadecimal and ascending; a
 * function reaches to the next one. Each call of the function named count_phase begins a new phase.
 * `out` receives lines "PHASE COUNT NAME". Counts are exact: they depend on the program and its
 * input and on nothing else. `scripts/tool instructions` does all of this.
 *
 * With `ticks=FILE`, too, each call of the function named platform_ticks, the clock of spikelet-board,
 * writes a line there: all instructions before it but the clock's own. `scripts/tool profile` reads it.
 *
 * qemu's own header is not in every distribution, so the few declarations needed stand here. They
 * are those of plugin API 1 and have not changed since; from qemu 9 on compile with -DAPI=2. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef API
#define API 1
#endif
#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, enum qemu_plugin_op,
                                                void *, uint64_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *,
                                            void (*)(unsigned int, void *),
                                            enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);

enum { PHASES = 16, NAME = 512 };

struct function {
  uint64_t address;
  char *name;
  bool is_clock;
  uint64_t total; /* counted in the translated code itself */
  uint64_t before; /* the total when the phase began */
  uint64_t counts[PHASES];
};

static struct function *functions;
static size_t function_count;
static unsigned phase;
static const char *out_path;
static FILE *ticks;

EXPORT int qemu_plugin_version = API;

static void fail(const char *what, const char *which) {
  fprintf(stderr, "count.so: %s: %s\n", which, what);
  exit(2);
}

static bool is_clock(const char *name) {
  static const char *const names[] = {"platform_ticks", "clock_gettime", "__clock_gettime",
                                      "__clock_gettime64", "cgt_init", "__vdsosym"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static void read_symbols(const char *path) {
  char name[NAME];
  unsigned long long address;
  size_t room = 0;
  FILE *file = fopen(path, "r");
  if (!file) fail("cannot be opened", path);
  while (fscanf(file, "%llx %511s", &address, name) == 2) {
    if (function_count == room) {
      room = room ? room * 2 : 1024;
      functions = realloc(functions, room * sizeof *functions);
      if (!functions) fail("out of memory", path);
    }
    if (function_count > 0 && functions[function_count - 1].address >= address)
      fail("addresses must ascend", path);
    memset(&functions[function_count], 0, sizeof *functions);
    functions[function_count].address = address;
    functions[function_count].is_clock = is_clock(name);
    functions[function_count++].name = strdup(name);
  }
  if (!feof(file) || function_count == 0) fail("a line is not ADDRESS NAME", path);
  fclose(file);
}

/* The last function that begins at or before an address; the first for addresses before all. */
static struct function *function_at(uint64_t address) {
  size_t low = 0, high = function_count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (functions[middle].address <= address) low = middle;
    else high = middle;
  }
  return &functions[low];
}

/* Books what has been counted since the phase began. */
static void end_phase(void) {
  for (size_t i = 0; i < function_count; i++) {
    functions[i].counts[phase] = functions[i].total - functions[i].before;
    functions[i].before = functions[i].total;
  }
}

static void begin_phase(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  end_phase();
  if (++phase == PHASES) fail("too many phases", "count_phase");
}

static void write_tick(unsigned cpu, void *data) {
  uint64_t sum = 0;
  (void)cpu, (void)data;
  for (size_t i = 0; i < function_count; i++)
    if (!functions[i].is_clock) sum += functions[i].total;
  fprintf(ticks, "%llu\n", (unsigned long long)sum);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
    uint64_t address = qemu_plugin_insn_vaddr(instruction);
    struct function *function = function_at(address);
    if (address == function->address && strcmp(function->name, "count_phase") == 0)
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, begin_phase, QEMU_PLUGIN_CB_NO_REGS,
                                             NULL);
    if (ticks && address == function->address && strcmp(function->name, "platform_ticks") == 0)
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, write_tick, QEMU_PLUGIN_CB_NO_REGS,
                                             NULL);
    /* An addition in the translated code; a callback for each instruction is many times slower. */
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64,
                                               &function->total, 1);
  }
}

static void write_counts(qemu_plugin_id_t id, void *data) {
  FILE *file = fopen(out_path, "w");
  (void)id, (void)data;
  if (!file) fail("cannot be written", out_path);
  end_phase();
  if (ticks && fclose(ticks) != 0) fail("cannot be written", "ticks");
  for (unsigned p = 0; p <= phase; p++)
    for (size_t i = 0; i < function_count; i++)
      if (functions[i].counts[p] > 0)
        fprintf(file, "%u %llu %s\n", p, (unsigned long long)functions[i].counts[p],
                functions[i].name);
  fclose(file);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                               char **argv) {
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "symbols=", 8) == 0) read_symbols(argv[i] + 8);
    else if (strncmp(argv[i], "out=", 4) == 0) out_path = strdup(argv[i] + 4);
    else if (strncmp(argv[i], "ticks=", 6) == 0) {
      ticks = fopen(argv[i] + 6, "w");
      if (!ticks) fail("cannot be written", argv[i] + 6);
    } else fail("is not an option", argv[i]);
  }
  if (!functions || !out_path) fail("needs symbols=FILE,out=FILE", "options");
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, write_counts, NULL);
  return 0;
}
