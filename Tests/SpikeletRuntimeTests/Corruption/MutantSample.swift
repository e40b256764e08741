import SpikeletRuntime

/// Mutants and what the host made of them, for Tests/c/replay-mutants.c: machines that cannot run the
/// interpreter do the same with the same files.
///
/// Little-endian words: 1, the size and the bytes of a base; 2, the size of a mutant, the number of its
/// bytes that differ from the base (or from 0 behind its end), the place and the value of each of them,
/// the five words of the error (all 0 where it opens), and the digest of its run.
struct MutantSample {
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0
  private var base: [UInt8]?

  /// Adds a mutant, unless its run is too large for a board.
  mutating func add(
    _ mutant: UnsafeMutableRawBufferPointer, of base: [UInt8], _ outcome: MutantBench.Outcome
  ) {
    var words: [Int32]
    switch outcome {
    case .tooLarge: return
    case .refused(let error):
      words = [error.reason.rawValue, error.field.rawValue, error.indexWord]
      words += [error.neededWord, error.givenWord]
      words.append(0)
    case .ran(let digest):
      guard let model = try? Model(mutant.bytes).arenaBytes, model <= 1 << 22 else { return }
      words = [0, 0, 0, 0, 0, Int32(bitPattern: digest)]
    }
    if self.base != base {
      self.base = base
      append(1)
      append(Int32(base.count))
      bytes += base
    }
    var patches: [(Int, UInt8)] = []
    for i in mutant.indices where mutant[i] != (i < base.count ? base[i] : 0) {
      patches.append((i, mutant[i]))
    }
    append(2)
    append(Int32(mutant.count))
    append(Int32(patches.count))
    for (place, value) in patches {
      append(Int32(place))
      append(Int32(value))
    }
    for word in words { append(word) }
    count += 1
  }

  private mutating func append(_ word: Int32) {
    withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
  }
}
