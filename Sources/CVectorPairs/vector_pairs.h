// Two rows of weights at a time, for x86-64 with AVX2.
//
// `vpmaddubsw` multiplies bytes and adds neighbours: eight bits times eight bits, as Arm's `smlal`
// does, and two rows in one instruction. Swift has no name for it and LLVM does not find it in a
// loop, so it is said here. Each function is a few instructions, nothing is called, and nothing is
// included: the module belongs to no system.
#ifndef VECTOR_PAIRS_H
#define VECTOR_PAIRS_H

typedef signed char vector_pairs_bytes __attribute__((ext_vector_type(32)));
typedef short vector_pairs_sums __attribute__((ext_vector_type(16)));
typedef unsigned vector_pairs_words __attribute__((ext_vector_type(8)));

#define VECTOR_PAIRS_INLINE static inline __attribute__((always_inline))

/// The counts of two entries of 16 bits, in the three upper bits of each, as neighbouring bytes.
///
/// Both at once in a vector: to put them together in general registers costs more than to multiply.
VECTOR_PAIRS_INLINE vector_pairs_bytes vector_pairs_counts(unsigned entries) {
  vector_pairs_words all = entries;
  // The upper byte of the one and of the other.
  vector_pairs_bytes upper = (vector_pairs_bytes)__builtin_ia32_pshufb256(
      (vector_pairs_bytes)all,
      (vector_pairs_bytes)(vector_pairs_words)0x03010301);
  return (vector_pairs_bytes)((vector_pairs_words)upper >> 5 & 0x07070707);
}

/// The sums `a[i] · counts[even] + b[i] · counts[odd]` of lanes 0…7 and 16…23.
///
/// They must fit 16 bits, or they would be saturated: 2 · 7 · 128 does.
VECTOR_PAIRS_INLINE vector_pairs_sums vector_pairs_low(
    vector_pairs_bytes a, vector_pairs_bytes b, vector_pairs_bytes counts) {
  vector_pairs_bytes both = __builtin_shufflevector(
      a, b, 0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39,
      16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, 55);
  return (vector_pairs_sums)__builtin_ia32_pmaddubsw256(counts, both);
}

/// The same of lanes 8…15 and 24…31.
VECTOR_PAIRS_INLINE vector_pairs_sums vector_pairs_high(
    vector_pairs_bytes a, vector_pairs_bytes b, vector_pairs_bytes counts) {
  vector_pairs_bytes both = __builtin_shufflevector(
      a, b, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47,
      24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63);
  return (vector_pairs_sums)__builtin_ia32_pmaddubsw256(counts, both);
}

/// The first halves of both: lanes 0…15 of the sums of `vector_pairs_low` and `vector_pairs_high`,
/// or of lanes 0…15 and 16…31 what `vector_pairs_low` adds to.
VECTOR_PAIRS_INLINE vector_pairs_sums vector_pairs_first_halves(
    vector_pairs_sums one, vector_pairs_sums other) {
  return __builtin_shufflevector(
      one, other, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/// The second halves: the other lanes, and what `vector_pairs_high` adds to.
VECTOR_PAIRS_INLINE vector_pairs_sums vector_pairs_second_halves(
    vector_pairs_sums one, vector_pairs_sums other) {
  return __builtin_shufflevector(
      one, other, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

#endif
