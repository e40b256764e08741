// What the board executable needs of the system: files, memory, output, time and measurements.
//
// Nothing here uses a heap. Sizes are 32 bits, and 64-bit arithmetic stays on this side, because
// Embedded Swift without allocations refuses 64-bit conversions on armv7.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A range of bytes that is never written.
struct platform_bytes {
  const uint8_t *base;
  size_t count;
};

/// Maps a whole plain file for reading; false if there is no such readable file or it is over 2 GB.
/// A named pipe, a device or a folder is none, and nothing is read from it.
/// With a member, the path names the folder that the member lies in.
bool platform_map(const char *path, const char *member, struct platform_bytes *file);

/// The model that was linked into the executable; no bytes where there is none.
struct platform_bytes platform_embedded_model(void);

/// Opens a plain file for reading from its beginning; −1 if it is not a readable one of at most 2 GB.
int platform_open(const char *path, const char *member, size_t *size);

/// Standard input, which may be a pipe.
int platform_standard_input(void);

/// Reads up to `count` bytes, fewer only at the end of the file or where it cannot be read.
size_t platform_read_some(int file, uint8_t *bytes, size_t count);

/// Pages of zeros from the system, or NULL. They are never given back.
uint8_t *platform_memory(size_t count);

/// Where output goes: as of POSIX's file descriptors.
enum { platform_output = 1, platform_error = 2 };

/// Writes to one of the two streams, through a small buffer.
void platform_put(int stream, const uint8_t *bytes, size_t count);

/// Writes out what is buffered; false if anything could not be written since the start.
bool platform_flush(void);

/// Makes a program that runs for long out of this one: SIGTERM and SIGINT end standard input instead of
/// the process, where reading stands; the second of either ends the process. A reader of standard
/// output that goes away is an error of writing instead of a signal. Both signals are held back until
/// `platform_admit_stop`, so that threads which start in between never take them. False where there is
/// no standard input.
bool platform_serve(void);

/// Lets signals come from now on, to this thread.
void platform_admit_stop(void);

/// The signal that has ended standard input; 0 for none.
int32_t platform_stopped(void);

/// Whether standard input ended because it could not be read.
bool platform_input_failed(void);

/// Whether what could not be written had lost its reader.
bool platform_output_closed(void);

/// Tenths of a microsecond since any moment; begins again at 0 every 7 minutes, so that differences
/// of less are right.
uint32_t platform_ticks(void);

/// Tenths of a microsecond since the first call; stays at the largest number after 7 minutes.
uint32_t platform_elapsed(void);

/// `a` × `scale` ÷ `b` rounded to the nearest, or the largest number where it does not fit.
uint32_t platform_ratio(uint32_t a, uint32_t scale, uint32_t b);

/// Adds to the sum of 64 bits at a position of memory that began as zeros.
void platform_sum_add(uint8_t *sums, size_t position, uint32_t value);

/// That sum ÷ `b` rounded to the nearest, or the largest number where it does not fit.
uint32_t platform_sum_ratio(const uint8_t *sums, size_t position, uint32_t b);

/// Marks the unused stack below, so that `platform_stack_used` sees how deep calls went.
void platform_mark_stack(void);

/// The deepest stack since `platform_mark_stack`, in bytes from its caller's frame down.
size_t platform_stack_used(void);

/// The memory of this process that is resident now, in KiB; 0 where the system is silent.
///
/// Pages of the executable, the stack, the mapped files and the memory that it was given, as the system
/// finds them in its tables. Nothing is ever given back, so at the end of a run this is the most there
/// was, but for pages of files that the system took away.
uint32_t platform_resident(void);

#endif
