import Foundation
import SpikeletRuntime
import SpikeletSimulation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Every single bit and every length of model files, with the checksum as it was and corrected, and
/// structured mutations: each mutant is refused, or runs in its bounds and computes what the
/// interpreter reads in it.
///
/// `SPIKELET_CORRUPTION=full` tries all of them (`make corruption`); without it, of LeNet-5 only a part.
/// `SPIKELET_SAMPLES` names a folder that gets a sample of the mutants, for other machines.
@Suite(.serialized) struct CorruptionTests {
  private static let isFull =
    ProcessInfo.processInfo.environment["SPIKELET_CORRUPTION"] == "full"
  private static let samples = ProcessInfo.processInfo.environment["SPIKELET_SAMPLES"]
  private static let threads = min(2, ProcessInfo.processInfo.activeProcessorCount)

  /// What a part of the mutants gave.
  private struct Part: Sendable {
    var tally = CorruptionTally()
    var sample = MutantSample()
    var opened = 0

    /// - Parameters:
    ///   - judgeEvery: of those that open, one in so many goes to the interpreter.
    ///   - isSampled: whether it is kept for the boards.
    mutating func take(
      _ bench: MutantBench, _ mutant: UnsafeMutableRawBufferPointer, _ name: (Int, Int, Int),
      judgeEvery: Int, isSampled: Bool
    ) throws {
      let atEnd = name.2 % 2 == 0
      let outcome = bench.outcome(mutant, atEnd: atEnd, name)
      tally.add(outcome)
      if isSampled { sample.add(mutant, of: bench.base, outcome) }
      guard case .ran = outcome else { return }
      opened += 1
      guard opened % judgeEvery == 0 else { return }
      let verdict = try bench.verdict(mutant, atEnd: atEnd)
      if verdict.isJudged { tally.judged += 1 }
      if let difference = verdict.difference { tally.failures.append("\(name): \(difference)") }
    }
  }

  /// Works on the numbers 0 ..< `count` in threads, reports, and expects no failure.
  private static func run(
    _ what: String, count: Int, _ body: @Sendable (Range<Int>, Int) throws -> Part
  ) throws -> CorruptionTally {
    let parts = try parallelMap(count: count, jobs: threads) { range, _ in
      // The parts begin at different numbers; that numbers the threads.
      try body(range, range.lowerBound == 0 ? 0 : 1)
    }
    let tally = parts.reduce(CorruptionTally()) { $0 + $1.tally }
    tally.report(what, all: isFull)
    for failure in tally.failures.prefix(20) { Issue.record("\(what): \(failure)") }
    if let folder = samples {
      for (index, part) in parts.enumerated() where part.sample.count > 0 {
        let words = what.split { !$0.isLetter && !$0.isNumber }
        let name = words.joined(separator: "-") + "-\(index).mutants"
        try Data(part.sample.bytes).write(to: URL(filePath: folder).appending(path: name))
      }
    }
    return tally
  }

  // MARK: Bits

  /// - Parameter step: one bit in so many is tried.
  private func bits(
    _ what: String, of file: [UInt8], isSealed: Bool, step: Int, judgeEvery: Int, sampleEvery: Int
  ) throws -> CorruptionTally {
    let checksum = LinearChecksum(byteCount: file.count)
    let count = (file.count * 8 + step - 1) / step
    return try Self.run(what, count: count) { range, thread in
      let bench = MutantBench(file, number: thread)
      var part = Part()
      let copies = [true, false].map { bench.place(file.count, atEnd: $0) }
      for number in range {
        let bit = number * step
        // With the checksum corrected, its own bits would give the file back as it was.
        if isSealed, (12 * 8..<16 * 8).contains(bit) { continue }
        // The two places share memory: whole files would overwrite each other, so one is filled anew
        // where they meet.
        let atEnd = number / 64 % 2 == 0
        let mutant = copies[atEnd ? 0 : 1]
        if number == range.lowerBound || number % 64 == 0 { mutant.copyBytes(from: file) }
        let old = UInt32(littleEndian: mutant.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        mutant[bit / 8] ^= 1 << UInt8(bit % 8)
        if isSealed, bit >= 128 {
          let new = old ^ checksum.change(ofBit: bit)
          mutant.storeBytes(of: new.littleEndian, toByteOffset: 12, as: UInt32.self)
        }
        try part.take(
          bench, mutant, (isSealed ? 1 : 0, bit, atEnd ? 0 : 1), judgeEvery: judgeEvery,
          isSampled: number % sampleEvery == 0)
        mutant[bit / 8] ^= 1 << UInt8(bit % 8)
        if isSealed, bit >= 128 {
          mutant.storeBytes(of: old.littleEndian, toByteOffset: 12, as: UInt32.self)
        }
      }
      return part
    }
  }

  // MARK: Lengths

  /// Every length from 0 to 64 bytes more than the file has, zeros behind its end.
  private func lengths(
    _ what: String, of file: [UInt8], isSealed: Bool, step: Int, sampleEvery: Int
  ) throws -> CorruptionTally {
    let long = file + [UInt8](repeating: 0, count: 64)
    return try Self.run(what, count: (long.count + step) / step) { range, thread in
      let bench = MutantBench(file, number: thread)
      var part = Part()
      var checksum = CRC32()
      var summed = 16
      for number in range {
        let length = number * step
        let atEnd = number % 2 == 0
        let mutant = bench.place(length, atEnd: atEnd)
        mutant.copyBytes(from: long[..<length])
        while summed < length {
          checksum.update(long[summed])
          summed += 1
        }
        if isSealed, length >= 16 {
          mutant.storeBytes(of: Int32(length).littleEndian, toByteOffset: 8, as: Int32.self)
          mutant.storeBytes(
            of: checksum.value.littleEndian, toByteOffset: 12, as: UInt32.self)
        }
        if length == file.count { continue }
        try part.take(
          bench, mutant, (isSealed ? 3 : 2, length, atEnd ? 0 : 1), judgeEvery: 1,
          isSampled: number % sampleEvery == 0)
      }
      return part
    }
  }

  // MARK: Structured mutations

  /// Mutants of one file: words at their limits, records exchanged or copied, the checksum corrected,
  /// and every second time what the loader would object to.
  private static func structured(
    _ file: [UInt8], seed: UInt64, rounds: Int, thread: Int, judgeEvery: Int, sampleEvery: Int,
    into part: inout Part
  ) throws {
    let bench = MutantBench(file, number: thread)
    let header = EditableModel(file).header
    var random = SeededRandom(seed: seed ^ 0xC0)
    for round in 0..<rounds {
      var model = EditableModel(file)
      for _ in 0..<random.pick(1...3) { ModelMutator.mutate(&model, header, &random) }
      if random.chance(4) { ModelMutator.rearrange(&model, header, &random) }
      model.seal()
      if round % 2 == 0 { _ = ModelMutator.repair(&model) }
      let atEnd = round % 4 < 2
      let mutant = bench.place(model.bytes.count, atEnd: atEnd)
      mutant.copyBytes(from: model.bytes)
      try part.take(
        bench, mutant, (4, Int(seed), round * 2 + (atEnd ? 0 : 1)), judgeEvery: judgeEvery,
        isSampled: round % sampleEvery == 0)
    }
  }

  @Test func everyBitAndLengthOfASmallModel() throws {
    let file = try SmallModels.zoo()
    let every = TestScale.isFull ? 1 : 7
    for isSealed in [false, true] {
      let name = isSealed ? "small model, checksum corrected" : "small model"
      let bits = try bits(
        "\(name), bits", of: file, isSealed: isSealed, step: every, judgeEvery: 1,
        sampleEvery: 8)
      let all = stride(from: 0, to: file.count * 8, by: every)
      let left = isSealed ? all.count { (12 * 8..<16 * 8).contains($0) } : 0
      #expect(bits.tried == all.count { _ in true } - left)
      #expect(isSealed ? bits.ran > bits.tried / 10 : bits.ran == 0)
      // All but those that ask for very much work.
      #expect(bits.judged * 100 >= bits.ran * 99)
      let lengths = try lengths(
        "\(name), lengths", of: file, isSealed: isSealed, step: every, sampleEvery: 4)
      #expect(lengths.ran == 0)
    }
  }

  @Test func bitsAndLengthsOfLeNet5() throws {
    let file = try BundledModel.build("lenet5-iir-mnist")
    let every = Self.isFull ? 1 : TestScale.isFull ? 211 : 5003
    for isSealed in [false, true] {
      let name = isSealed ? "LeNet-5, checksum corrected" : "LeNet-5"
      let bits = try bits(
        "\(name), bits", of: file, isSealed: isSealed, step: every, judgeEvery: 32,
        sampleEvery: 499)
      #expect(isSealed ? bits.ran > bits.tried / 10 : bits.ran == 0)
      let lengths = try lengths(
        "\(name), lengths", of: file, isSealed: isSealed, step: every, sampleEvery: 199)
      #expect(lengths.ran == 0)
    }
  }

  @Test func structuredMutations() throws {
    let (networks, rounds) = Self.isFull ? (3400, 320) : (TestScale.cases(100), 200)
    let small = try Self.run("structured, random networks", count: networks) { range, thread in
      var part = Part()
      for seed in range {
        guard let file = try? RandomNetwork(seed: UInt64(seed)).compile() else { continue }
        try Self.structured(
          file, seed: UInt64(seed), rounds: rounds, thread: thread, judgeEvery: 16,
          sampleEvery: 50, into: &part)
      }
      return part
    }
    #expect(small.tried > networks * rounds * 9 / 10 && small.ran > small.tried / 10)
    #expect(small.tooLarge < small.tried / 100)
    let file = try BundledModel.build("lenet5-iir-mnist")
    let parts = Self.isFull ? 100 : 2
    let large = try Self.run("structured, LeNet-5", count: parts) { range, thread in
      var part = Part()
      for seed in range {
        try Self.structured(
          file, seed: UInt64(seed), rounds: Self.isFull ? 500 : TestScale.cases(400),
          thread: thread, judgeEvery: 16, sampleEvery: 100, into: &part)
      }
      return part
    }
    #expect(large.ran > large.tried / 10)
  }
}
