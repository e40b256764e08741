import SpikeletClassifier
import SpikeletEvaluation
import SpikeletReport
import SpikeletRuntime
import SpikeletSimulation
import SpikeletTestSupport
import Testing

/// Reports account for every byte, and numbers read well.
@Suite struct ReportTests {
  private func summaries(_ seeds: Range<UInt64>) -> [ModelSummary] {
    seeds.compactMap { seed in
      guard let bytes = try? RandomNetwork(seed: seed).compile(),
        let file = try? ModelFile(bytes: bytes, name: "random")
      else { return nil }
      return ModelSummary(file)
    }
  }

  @Test func buffersAndGapsCoverTheArenaExactly() {
    let summaries = summaries(8000..<8150)
    #expect(summaries.count > 100)
    for summary in summaries {
      var isCovered = [Bool](repeating: false, count: summary.arenaBytes)
      for buffer in summary.buffers {
        for i in buffer.offset..<buffer.offset + buffer.bytes { isCovered[i] = true }
      }
      #expect(summary.gapBytes == isCovered.count { !$0 })
      #expect(summary.lowerBound <= summary.arenaBytes)
    }
  }

  @Test func theMemoryTableListsEveryBufferAndTheTotal() throws {
    for summary in summaries(8000..<8020) {
      let lines = summary.memoryTable.split(separator: "\n").map(String.init)
      #expect(lines.count == summary.buffers.count + 3)
      for buffer in summary.buffers {
        #expect(lines.contains { $0.hasPrefix(buffer.name + " ") })
      }
      let last = try #require(lines.last)
      #expect(last.contains(" \(summary.arenaBytes.grouped)  "))
      #expect(last.hasSuffix("lower bound \(summary.lowerBound.grouped)"))
    }
  }

  @Test func theSectionsAddUpToTheFile() {
    for summary in summaries(8000..<8100) {
      #expect(summary.sections.reduce(0) { $0 + $1.bytes } == summary.modelBytes)
      #expect(summary.sections.allSatisfy { $0.bytes >= 0 })
      // Alignment is padding between seven sections of at most 63 bytes each.
      #expect(summary.sections.last!.name == "alignment" && summary.sections.last!.bytes < 7 * 64)
    }
  }

  @Test func aLayersNeuronsAndWeightsAreCounted() throws {
    let project = try TinyProject()
    try project.build()
    let summary = ModelSummary(
      try ModelFile(bytes: project.read("tiny.spk"), name: "tiny"))
    #expect(summary.layers.map(\.name) == ["hidden", "scores"])
    #expect(summary.layers.map(\.kind) == ["dense", "dense"])
    #expect(summary.layers.map(\.neurons) == [8, 10])
    #expect(summary.operations.dense == 784 * 8 + 8 * 10)
    #expect(summary.operations.direct == 784 * 8)
    #expect(summary.heading.hasPrefix("tiny: 1×28×28 direct input, timesteps 8 (at most 255)"))
  }

  @Test func tablesAlignNumbersRightAndWordsLeft() {
    var table = TextTable(["name", "bytes", "note"], right: [1])
    table.add(["a", "1", "x"])
    table.add(["longer", "1,000", ""])
    #expect(
      table.text == """
        name    bytes  note
        a           1  x
        longer  1,000
        """)
  }

  @Test func numbersAreGroupedAndRounded() {
    #expect(
      [0, 7, 999, 1000, 1_234_567].map(\.grouped) == ["0", "7", "999", "1,000", "1,234,567"])
    #expect((-12345).grouped == "−12,345")
    #expect(Int.min.grouped == "−9,223,372,036,854,775,808")
    #expect(3.14159.fixed(2) == "3.14")
    #expect(2.0.fixed(0) == "2")
    #expect(0.999.fixed(2) == "1.00")
    #expect((-0.001).fixed(2) == "0.00")
    #expect((-1.5).fixed(1) == "−1.5")
    #expect(0.05.fixed(2) == "0.05")
    #expect(Double.infinity.fixed(2) == "inf")
    #expect(
      [1.0, 12.345, 123.456, 1234.5, 0.0012345].map(\.brief)
        == ["1.000", "12.35", "123.5", "1235", "0.001235"])
    #expect(0.0.brief == "0.0")
  }

  @Test func aPlainPictureUsesARampOfCharacters() {
    let picture = TerminalPicture(isPlain: true)
    let pixels: [UInt8] = [0, 255, 0, 255, 0, 255, 255, 255, 0]
    // Rows in pairs; a missing last row is black.
    #expect(picture.lines(pixels[...], height: 3, width: 3) == ["===", "== "])
    #expect(picture.lines([255, 0, 255, 0, 255, 64][...], height: 3, width: 2) == ["@ ", "=."])
  }

  @Test func aColouredPictureResetsEveryLine() {
    let picture = TerminalPicture(isPlain: false)
    let lines = picture.lines([0, 255, 128, 64][...], height: 2, width: 2)
    #expect(lines.count == 1)
    #expect(
      lines[0]
        == "\u{1B}[38;5;232m\u{1B}[48;5;243m▀\u{1B}[38;5;255m\u{1B}[48;5;237m▀\u{1B}[0m")
  }

  @Test func errorsReadAsSentences() {
    let cases: [(SpikeletError, String)] = [
      (
        SpikeletError(.mismatch, .weights, index: 3, needed: 72, given: 71),
        "connection 3: weights does not match the shapes around it: needed 72, given 71"
      ),
      (
        SpikeletError(.overlap, .bufferRange, index: 9),
        "buffer 9: range overlaps another one that is alive at the same time"
      ),
      (
        SpikeletError(.wrongMagic, .file),
        "file does not begin with SPKL: it is not a Spikelet model"
      ),
      (
        SpikeletError(.wrongChecksum, .file, needed: -1, given: 0x1A),
        "file is damaged: the checksum does not match (written ffffffff, found 1a); "
          + "copy the file again"
      ),
      (
        SpikeletError(.arenaTooSmall, .arena, needed: 100, given: 99),
        "arena is too small: needed 100, given 99"
      ),
    ]
    for (error, text) in cases { #expect(error.description == text) }
  }
}
